// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/arrivalmeter.h"

#include <algorithm>
#include <cstdlib>

namespace takt::load {

using sim::Nanos;

namespace {

constexpr std::size_t kFrameBytes = 160;
constexpr Nanos kNsPerByte = 125'000;           // 8000 a second
constexpr Nanos kTolerance = sim::kMillisecond; // a gap that is known no better is not measurable

} // namespace

void ArrivalMeter::frame(const Message &message, std::size_t bytes)
{
    widenLast(message);
    settleLast();
    const Nanos duration = Nanos(bytes) * kNsPerByte;
    m_last = {message.stamp, message.stamp, duration, message.counted};
    m_haveLast = true;
    m_lastInThisRead = true;
    if (message.counted) {
        ++m_framesCounted;
        ++m_figures.frames;
        if (bytes != kFrameBytes)
            ++m_figures.wrongSize;
        if (m_plainPlayoutEnd != 0)
            m_figures.plainSilence += std::max<Nanos>(0, message.handledAt - m_plainPlayoutEnd);
    }
    m_plainPlayoutEnd = std::max(message.handledAt, m_plainPlayoutEnd) + duration;
}

void ArrivalMeter::clear(const Message &message)
{
    widenLast(message);
    settleLast();
    m_haveSettled = false; // the agent falls silent: until the next frame there is no speech
    m_playoutEnd = 0;
    m_plainPlayoutEnd = 0;
}

void ArrivalMeter::end(Nanos now)
{
    settleLast();
    if (!m_haveSettled)
        return;
    const Nanos unanswered = now - m_settled.to;
    if (unanswered <= kInterval)
        return;
    m_figures.speaking += unanswered; // speech that broke off has missing frames and no further gap
    if (unanswered > kStall) {
        ++m_figures.stalls;
        ++m_figures.plainStalls;
    }
}

// A message that comes after the last frame in the same read: the stamp is of this message, that frame came before.
void ArrivalMeter::widenLast(const Message &message)
{
    if (!message.shared)
        m_lastInThisRead = false;
    if (!m_haveLast || !m_lastInThisRead)
        return;
    m_last.from = std::min(m_last.to, std::max(message.emptyAt, m_haveSettled ? m_settled.from : 0));
}

void ArrivalMeter::settleLast()
{
    if (!m_haveLast)
        return;
    if (m_haveSettled && m_last.counted)
        countGap(m_settled, m_last);
    if (m_playoutEnd != 0 && m_last.counted)
        m_figures.silence += std::max<Nanos>(0, m_last.from - m_playoutEnd);
    m_playoutEnd = std::max(m_last.from, m_playoutEnd) + m_last.duration;
    m_settled = m_last;
    m_haveSettled = true;
    m_haveLast = false;
}

void ArrivalMeter::countGap(const Arrival &older, const Arrival &newer)
{
    const Nanos plain = newer.to - older.to;
    const Nanos least = std::max<Nanos>(0, newer.from - older.to);
    const Nanos most = newer.to - older.from;
    ++m_figures.gaps;
    m_figures.speaking += plain;
    m_figures.plainDeviation.add(std::abs(plain - kInterval));
    if (most - (newer.from - older.to) <= kTolerance)
        m_figures.deviation.add(std::abs(plain - kInterval));
    else
        ++m_figures.notMeasurable;
    m_figures.stalls += least > kStall ? 1U : 0U;
    m_figures.plainStalls += plain > kStall ? 1U : 0U;
    m_figures.bursts += most < kBurst ? 1U : 0U;
    m_figures.plainBursts += plain < kBurst ? 1U : 0U;
    m_figures.late += least > kLate ? 1U : 0U;
}

} // namespace takt::load
