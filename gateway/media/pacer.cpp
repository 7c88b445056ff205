// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pacer.h"

#include <algorithm>

namespace takt::media {

namespace {

// Lanes of one step always in the same order: each is as far behind the step as the last time, and nobody hears it.
constexpr auto kLater = [](const auto &a, const auto &b) {
    return a.dueNs != b.dueNs ? a.dueNs > b.dueNs : a.lane > b.lane;
};

qint64 positiveModulo(qint64 a, qint64 b)
{
    const qint64 m = a % b;
    return m < 0 ? m + b : m;
}

} // namespace

Pacer::Pacer()
    : Pacer(Config())
{
}

Pacer::Pacer(const Config &config)
    : m_config(config)
{
}

int Pacer::add(qint64 nowNs)
{
    Lane lane;
    lane.active = true;
    lane.serial = ++m_serial;
    lane.phaseNs = freePhase();
    lane.gridNs = lane.dueNs = slotAfter(lane, nowNs);

    const auto free = std::find_if(m_lanes.begin(), m_lanes.end(), [](const Lane &l) { return !l.active; });
    const int number = int(free - m_lanes.begin());
    if (free != m_lanes.end())
        *free = lane;
    else
        m_lanes.push_back(lane);
    m_heap.reserve(m_lanes.size()); // so that schedule() never allocates
    schedule(number);
    return number;
}

void Pacer::remove(int lane)
{
    m_lanes[std::size_t(lane)].active = false;
    if (std::erase_if(m_heap, [lane](const Entry &e) { return e.lane == lane; }) > 0)
        std::make_heap(m_heap.begin(), m_heap.end(), kLater);
}

qint64 Pacer::nextDeadlineNs() const
{
    return m_heap.empty() ? kNever : m_heap.front().dueNs;
}

bool Pacer::serve(qint64 nowNs, Sink &sink)
{
    if (m_heap.empty() || m_heap.front().dueNs > nowNs)
        return false;
    const int number = m_heap.front().lane;
    std::pop_heap(m_heap.begin(), m_heap.end(), kLater);
    m_heap.pop_back();

    const quint64 serial = m_lanes[std::size_t(number)].serial;
    const qint64 lateNs = nowNs - m_lanes[std::size_t(number)].dueNs;
    const Outcome outcome = sink.onSlot(number, lateNs);

    Lane &lane = m_lanes[std::size_t(number)]; // only now: the sink may have added lanes
    if (!lane.active || lane.serial != serial)
        return true;
    if (outcome.sent) {
        if (nowNs - lane.gridNs > m_config.intervalNs) {
            lane.gridNs = nowNs; // too late to keep the grid: what was missed stays missed
            ++m_resyncs;
        }
        lane.gridNs = glide(lane, lane.gridNs + m_config.intervalNs);
        lane.lastNs = std::max(nowNs, outcome.atNs);
        lane.everSent = true;
        lane.dueNs = std::max(lane.gridNs - (outcome.silence ? 0 : m_config.leadNs), earliest(lane));
    } else {
        // Nothing to send costs nothing: the lane looks again on its next slot, and its lead melts meanwhile.
        const qint64 next = slotAfter(lane, nowNs);
        if (lane.gridNs <= nowNs)
            lane.gridNs = next;
        lane.dueNs = std::max({lane.gridNs - m_config.leadNs, next, earliest(lane)});
    }
    schedule(number);
    return true;
}

qint64 Pacer::freePhase() const
{
    const Place place = freePlace(m_config.phaseStepNs);
    return place.lanes < m_config.crowd ? place.phaseNs : freePlace(m_config.phaseStepNs / 2).phaseNs;
}

Pacer::Place Pacer::freePlace(qint64 stepNs) const
{
    const qint64 steps = std::max<qint64>(1, m_config.intervalNs / stepNs); // whatever the two are
    std::vector<int> lanes(std::size_t(steps), 0);
    for (const Lane &lane : m_lanes) {
        if (lane.active)
            ++lanes[std::size_t(std::min(lane.phaseNs / stepNs, steps - 1))];
    }
    const int fewest = *std::min_element(lanes.begin(), lanes.end());
    // Around the circle: how far is it from this step to the next one with more lanes, the nearer side counting.
    const auto distance = [&](qint64 step) {
        for (qint64 d = 1; d <= steps / 2; ++d) {
            if (lanes[std::size_t((step + d) % steps)] > fewest
                || lanes[std::size_t((step - d + steps) % steps)] > fewest)
                return d;
        }
        return steps;
    };
    qint64 best = -1;
    for (qint64 step = 0; step < steps; ++step) {
        if (lanes[std::size_t(step)] == fewest && (best < 0 || distance(step) > distance(best)))
            best = step;
    }
    return {best * stepNs, fewest};
}

// The first slot of the lane's phase that lies after now.
qint64 Pacer::slotAfter(const Lane &lane, qint64 nowNs) const
{
    return nowNs + m_config.intervalNs - positiveModulo(nowNs - lane.phaseNs, m_config.intervalNs);
}

// Moves a grid point towards the lane's phase, by a step that nobody hears.
qint64 Pacer::glide(const Lane &lane, qint64 gridNs) const
{
    const qint64 half = m_config.intervalNs / 2;
    const qint64 off = positiveModulo(gridNs - lane.phaseNs + half, m_config.intervalNs) - half;
    return gridNs - std::clamp(off, -m_config.slewNs, m_config.slewNs);
}

qint64 Pacer::earliest(const Lane &lane) const
{
    return lane.everSent ? lane.lastNs + m_config.minGapNs : lane.dueNs;
}

void Pacer::schedule(int lane)
{
    m_heap.push_back({m_lanes[std::size_t(lane)].dueNs, lane});
    std::push_heap(m_heap.begin(), m_heap.end(), kLater);
}

} // namespace takt::media
