// SPDX-License-Identifier: GPL-3.0-or-later
// Caller audio on its way from one TX worker to the call worker: one bounded lock-free ring for all lanes of the
// worker, and one bell. One ring per worker rather than one per call: the consumer then needs no search for the calls
// that have something, and a wake-up carries the audio of many calls.
#pragma once

#include "media/frame.h"
#include "shared/callfacts.h"

#include <QByteArrayView>

#include <readerwriterqueue/readerwriterqueue.h>

class QAbstractEventDispatcher;

namespace takt::media {

// Up to 160 bytes of a lane's audio; or, with `silentMs` > 0, that much missing audio to be filled with silence.
struct CallerChunk {
    LaneId lane = 0;
    quint16 bytes = 0;
    quint16 silentMs = 0;
    Frame audio{};
};

class CallerAudioRing
{
public:
    // `consumer` is woken by ring(); it must outlive the producer's last ring().
    explicit CallerAudioRing(QAbstractEventDispatcher *consumer);

    // Producer (TX worker). False when the ring is full and the audio was dropped.
    bool push(LaneId lane, QByteArrayView audio);
    bool pushSilence(LaneId lane, int ms);
    // Wakes the consumer.
    void ring();

    // Consumer (call worker). Null when empty; valid until pop().
    const CallerChunk *front() const { return m_chunks.peek(); }
    void pop() { m_chunks.pop(); }

private:
    moodycamel::ReaderWriterQueue<CallerChunk> m_chunks{8192}; // over a second of 150 calls; 1.5 MB
    QAbstractEventDispatcher *m_consumer;
};

} // namespace takt::media
