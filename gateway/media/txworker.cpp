// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/txworker.h"

#include "telemetry/counters.h"

namespace takt::media {

using telemetry::Counter;
using telemetry::count;

TxWorker::TxWorker(BeatDispatcher *dispatcher, const Pacer::Config &config, std::shared_ptr<CallerAudioRing> ring,
                   bool autoLead)
    : m_dispatcher(dispatcher)
    , m_pacer(config)
    , m_ring(std::move(ring))
    , m_leadNs(config.leadNs)
{
    if (autoLead)
        setLead(m_autoLead.emplace().leadNs());
    m_dispatcher->setBeat(this);
}

TxWorker::~TxWorker()
{
    m_dispatcher->setBeat(nullptr);
}

int TxWorker::add(TxLane *lane)
{
    const int number = m_pacer.add(nowNs());
    if (std::size_t(number) >= m_lanes.size())
        m_lanes.resize(std::size_t(number) + 1);
    m_lanes[std::size_t(number)] = lane;
    return number;
}

void TxWorker::remove(int number)
{
    m_pacer.remove(number);
    m_lanes[std::size_t(number)] = nullptr;
}

void TxWorker::pushCallerAudio(LaneId lane, QByteArrayView audio)
{
    noteResult(m_ring->push(lane, audio));
}

void TxWorker::pushCallerSilence(LaneId lane, int ms)
{
    noteResult(m_ring->pushSilence(lane, ms));
}

void TxWorker::noteResult(bool pushed)
{
    if (pushed)
        m_bellWanted = true;
    else
        count(Counter::CallerAudioDropped);
}

Pacer::Outcome TxWorker::onSlot(int lane, qint64 lateNs)
{
    m_lateness.record(lateNs);
    if (m_autoLead)
        setLead(m_autoLead->onSlot(m_slotNs, lateNs));
    const Pacer::Outcome outcome = m_lanes[std::size_t(lane)]->onSlot(m_slotNs, lateNs);
    if (outcome.sent && lateNs > m_worstLateNs.load(std::memory_order_relaxed))
        m_worstLateNs.store(lateNs, std::memory_order_relaxed);
    return outcome;
}

void TxWorker::setLead(qint64 leadNs)
{
    m_leadNs = leadNs;
    m_pacer.setLead(leadNs);
}

qint64 TxWorker::nextBeatNs()
{
    return m_pacer.nextDeadlineNs();
}

void TxWorker::onBeat(qint64 nowNs)
{
    m_slotNs = nowNs;
    if (m_pacer.serve(nowNs, *this) && m_pacer.resyncs() != m_resyncsSeen) {
        count(Counter::TxResyncs, m_pacer.resyncs() - m_resyncsSeen);
        m_resyncsSeen = m_pacer.resyncs();
    }
}

void TxWorker::onRound()
{
    if (std::exchange(m_bellWanted, false))
        m_ring->ring();
}

} // namespace takt::media
