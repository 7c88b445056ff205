// SPDX-License-Identifier: GPL-3.0-or-later
// The only queue between the speech model and the caller: audio of arbitrary chunk sizes in, frames of 160 bytes out.
// Single producer (the call worker), single consumer (the TX worker); lock-free. Every frame carries the generation it
// was made for; bumping the generation makes all queued frames stale at once, and the consumer never sees a stale one.
#pragma once

#include "media/frame.h"

#include <QByteArrayView>

#include <readerwriterqueue/readerwriterqueue.h>

#include <atomic>
#include <vector>

namespace takt::media {

// Number of a model item within its call, from 1; the call keeps which item id it stands for.
using ItemNumber = quint32;

struct PlayoutFrame {
    quint32 generation = 0;
    ItemNumber item = 0;
    bool end = false; // no audio: all of the item's frames came before this one
    Frame audio{};
};

// Frames of one item that were queued and never left.
struct Unsent {
    ItemNumber item = 0;
    int frames = 0;
};

class PlayoutQueue
{
public:
    // Holds `capacityFrames`; beyond it the oldest frames are dropped. Default: two minutes, longer than any reply.
    explicit PlayoutQueue(int capacityFrames = 120 * kFramesPerSecond);

    // Producer side ------------------------------------------------------------------------------------------------
    // Appends audio of an item. What does not fill a frame waits for more; another item's audio or finish() pads it
    // with silence. Returns the frames refused because even twice the capacity was full (the consumer stands still).
    int append(ItemNumber item, QByteArrayView audio);
    // No more audio will come for the item.
    void finish(ItemNumber item);
    // Makes all that is queued stale; the consumer stops sending it on its very next slot. Returns the new generation.
    quint32 bumpGeneration();

    // Consumer side ------------------------------------------------------------------------------------------------
    // The next frame of the current generation, or null. Valid until pop(). Drops stale frames, and the oldest ones
    // beyond the capacity.
    const PlayoutFrame *front();
    void pop();
    // Removes everything that is stale and says what it was, oldest first.
    std::vector<Unsent> flushStale();
    // Removes everything: the lane is over. Says what it was, oldest first.
    std::vector<Unsent> flushAll();
    // Frames dropped by overflow so far.
    [[nodiscard]] qint64 overflowed() const { return m_overflowed.load(std::memory_order_relaxed); }

    // Any thread -----------------------------------------------------------------------------------------------------
    [[nodiscard]] quint32 generation() const { return m_generation.load(std::memory_order_acquire); }
    // Frames with audio in the queue, stale ones included until the consumer has looked.
    [[nodiscard]] int depth() const { return m_depth.load(std::memory_order_relaxed); }
    [[nodiscard]] int capacity() const { return m_capacity; }

private:
    bool pushPartial();
    bool padAndPush();
    void discardFront();
    void noteUnsent(const PlayoutFrame &frame);

    // Small blocks: a quiet call holds one of them, and a long reply wastes the ends of two.
    moodycamel::ReaderWriterQueue<PlayoutFrame, 16> m_frames{15};
    std::atomic<quint32> m_generation{1};
    std::atomic<int> m_depth{0};
    std::atomic<qint64> m_overflowed{0};
    const int m_capacity;

    PlayoutFrame m_partial; // producer only: the frame being filled
    int m_filled = 0;
    std::vector<Unsent> m_unsent; // consumer only: stale frames seen since the last flushStale()
};

} // namespace takt::media
