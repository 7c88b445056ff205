// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/calleraudio.h"

#include <QAbstractEventDispatcher>

#include <algorithm>

namespace takt::media {

CallerAudioRing::CallerAudioRing(QAbstractEventDispatcher *consumer)
    : m_consumer(consumer)
{
}

bool CallerAudioRing::push(LaneId lane, QByteArrayView audio)
{
    CallerChunk chunk;
    chunk.lane = lane;
    while (!audio.isEmpty()) {
        const qsizetype n = std::min<qsizetype>(audio.size(), kFrameBytes);
        std::copy_n(audio.data(), n, chunk.audio.data());
        chunk.bytes = quint16(n);
        if (!m_chunks.try_enqueue(chunk))
            return false;
        audio = audio.sliced(n);
    }
    return true;
}

bool CallerAudioRing::pushSilence(LaneId lane, int ms)
{
    CallerChunk chunk;
    chunk.lane = lane;
    chunk.silentMs = quint16(ms);
    return m_chunks.try_enqueue(chunk);
}

void CallerAudioRing::ring()
{
    m_consumer->wakeUp();
}

} // namespace takt::media
