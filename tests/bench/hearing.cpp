// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/hearing.h"

#include <algorithm>

namespace takt::bench {

using load::Arrival;
using load::Trace;
using sim::Nanos;

namespace {

constexpr Nanos kFrame = 20 * sim::kMillisecond;

// The carrier's buffer of one call.
class Playout
{
public:
    // Of the frame that comes: how long nothing was played within speech, and what was still to be played.
    struct Found {
        Nanos silence = 0;
        Nanos cushion = 0;
    };
    Found frame(Nanos at)
    {
        Found found;
        if (m_speaking) {
            found.silence = std::max<Nanos>(0, at - m_end);
            found.cushion = std::max<Nanos>(0, m_end - at);
        }
        m_endBefore = m_speaking ? m_end : at;
        m_lastAt = at;
        m_end = std::max(at, m_speaking ? m_end : at) + kFrame;
        m_speaking = true;
        return found;
    }
    // What was still to be played at that time; no more than one frame has come since.
    [[nodiscard]] Nanos left(Nanos at) const
    {
        if (!m_speaking)
            return 0;
        return std::max<Nanos>(0, (at < m_lastAt ? m_endBefore : m_end) - at);
    }
    void clear() { m_speaking = false; }

private:
    bool m_speaking = false;
    Nanos m_end = 0;       // when all that has come will have been played
    Nanos m_endBefore = 0; // ... all but the last frame
    Nanos m_lastAt = 0;
};

// Calls `onFrame` and `onClear` with each arrival and the buffer that it finds.
template <typename OnFrame, typename OnClear>
void play(const Trace &trace, OnFrame onFrame, OnClear onClear)
{
    Playout playout;
    for (const Arrival &arrival : trace) {
        if (arrival.kind == Arrival::Kind::Frame) {
            onFrame(arrival, playout.frame(arrival.at));
        } else {
            onClear(arrival, playout);
            playout.clear();
        }
    }
}

} // namespace

Hearing hear(const std::vector<Trace> &calls, Nanos from, Nanos to)
{
    Hearing hearing;
    const auto counts = [&](const Arrival &arrival) { return arrival.at >= from && arrival.at < to; };
    const auto onFrame = [&](const Arrival &arrival, const Playout::Found &found) {
        if (!counts(arrival))
            return;
        hearing.speechSeconds += sim::toMs(kFrame) / 1000;
        hearing.silentMs += sim::toMs(found.silence);
        hearing.longestMs = std::max(hearing.longestMs, sim::toMs(found.silence));
        hearing.gaps += found.silence >= kAudible ? 1 : 0;
    };
    const auto onClear = [&](const Arrival &arrival, const Playout &playout) {
        if (!counts(arrival) || arrival.firedAt == 0)
            return;
        hearing.leftMs.push_back(sim::toMs(playout.left(arrival.at)));
        hearing.aheadMs.push_back(sim::toMs(playout.left(arrival.firedAt)));
    };
    for (const Trace &trace : calls)
        play(trace, onFrame, onClear);
    return hearing;
}

std::vector<double> cushionMsBySecond(const std::vector<Trace> &calls, Nanos from, int seconds)
{
    std::vector<double> sums(std::size_t(seconds), 0.0);
    std::vector<double> counts(std::size_t(seconds), 0.0);
    const auto onFrame = [&](const Arrival &arrival, const Playout::Found &found) {
        const Nanos second = (arrival.at - from) / sim::kSecond;
        if (arrival.at < from || second >= seconds)
            return;
        sums[std::size_t(second)] += sim::toMs(found.cushion);
        ++counts[std::size_t(second)];
    };
    for (const Trace &trace : calls)
        play(trace, onFrame, [](const Arrival &, const Playout &) {});
    double last = 0;
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] = last = counts[i] > 0 ? sums[i] / counts[i] : last;
    return sums;
}

} // namespace takt::bench
