// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/playoutqueue.h"

#include "media/g711.h"

#include <algorithm>

namespace takt::media {

PlayoutQueue::PlayoutQueue(int capacityFrames)
    : m_capacity(capacityFrames)
{
}

int PlayoutQueue::append(ItemNumber item, QByteArrayView audio)
{
    int refused = 0;
    if (m_filled > 0 && m_partial.item != item)
        refused += padAndPush() ? 0 : 1;
    m_partial.item = item;
    while (!audio.isEmpty()) {
        const qsizetype n = std::min<qsizetype>(audio.size(), kFrameBytes - m_filled);
        std::copy_n(audio.data(), n, m_partial.audio.data() + m_filled);
        m_filled += int(n);
        audio = audio.sliced(n);
        if (m_filled == kFrameBytes)
            refused += pushPartial() ? 0 : 1;
    }
    return refused;
}

void PlayoutQueue::finish(ItemNumber item)
{
    if (m_filled > 0 && m_partial.item == item)
        padAndPush();
    PlayoutFrame end;
    end.generation = generation();
    end.item = item;
    end.end = true;
    m_frames.enqueue(end);
}

quint32 PlayoutQueue::bumpGeneration()
{
    m_filled = 0; // what was not yet a frame is stale as well
    return m_generation.fetch_add(1, std::memory_order_acq_rel) + 1;
}

const PlayoutFrame *PlayoutQueue::front()
{
    for (;;) {
        const PlayoutFrame *frame = m_frames.peek();
        if (frame == nullptr)
            return nullptr;
        if (frame->generation != generation()) {
            noteUnsent(*frame);
            discardFront();
        } else if (!frame->end && depth() > m_capacity) {
            m_overflowed.fetch_add(1, std::memory_order_relaxed);
            discardFront();
        } else {
            return frame;
        }
    }
}

void PlayoutQueue::pop()
{
    discardFront();
}

std::vector<Unsent> PlayoutQueue::flushStale()
{
    front();
    return std::exchange(m_unsent, {});
}

std::vector<Unsent> PlayoutQueue::flushAll()
{
    while (const PlayoutFrame *frame = m_frames.peek()) {
        noteUnsent(*frame);
        discardFront();
    }
    return std::exchange(m_unsent, {});
}

bool PlayoutQueue::padAndPush()
{
    std::fill(m_partial.audio.begin() + m_filled, m_partial.audio.end(), kSilence);
    return pushPartial();
}

bool PlayoutQueue::pushPartial()
{
    m_filled = 0;
    if (depth() >= 2 * m_capacity)
        return false;
    m_partial.generation = generation();
    m_depth.fetch_add(1, std::memory_order_relaxed); // before the frame can be seen and counted down
    m_frames.enqueue(m_partial);
    return true;
}

void PlayoutQueue::discardFront()
{
    if (!m_frames.peek()->end)
        m_depth.fetch_sub(1, std::memory_order_relaxed);
    m_frames.pop();
}

void PlayoutQueue::noteUnsent(const PlayoutFrame &frame)
{
    if (m_unsent.empty() || m_unsent.back().item != frame.item)
        m_unsent.push_back({frame.item, 0});
    if (!frame.end)
        ++m_unsent.back().frames;
}

} // namespace takt::media
