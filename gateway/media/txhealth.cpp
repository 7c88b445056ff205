// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/txhealth.h"

#include "media/frame.h"

#include <cmath>

namespace takt::media {

void TxHealth::noteGap(qint64 gapNs)
{
    raise(m_worstGapNs, gapNs);
    raise(m_recentGapNs, gapNs);
    if (gapNs < kBurstNs)
        add(m_bursts, 1);
    if (gapNs > kStallNs)
        noteStall(gapNs);
}

void TxHealth::noteStall(qint64 durationNs)
{
    // A worker that slept explains most of the time, whatever the one slot then found that it did serve.
    const StallCause cause = m_lateNs > durationNs / 2 ? StallCause::WorkerLate
                             : m_wasFull               ? StallCause::SocketFull
                             : starved()               ? StallCause::Starved
                                                       : StallCause::WorkerLate;
    m_stallNs.store(durationNs, std::memory_order_relaxed);
    m_stallCause.store(cause, std::memory_order_relaxed);
    raise(m_worstGapNs, durationNs);
    raise(m_recentGapNs, durationNs);
    add(m_stalledNs, durationNs);
    m_stalls.store(get(m_stalls) + 1, std::memory_order_release);
}

void TxHealth::noteCleared(qint64 nowNs)
{
    const qint64 silentNs = nowNs - get(m_lastSentNs);
    if (inItem() && silentNs > kStallNs)
        noteStall(silentNs);
    nothingOwed();
}

TxHealth::Stall TxHealth::lastStall() const
{
    const qint64 number = m_stalls.load(std::memory_order_acquire);
    return {number, get(m_stallNs), m_stallCause.load(std::memory_order_relaxed)};
}

TxFacts TxHealth::facts() const
{
    const LatenessHistogram::Snapshot lateness = m_lateness.snapshot();
    const auto percentileUs = [&](double p) { return qint64(std::lround(lateness.percentileMs(p) * 1000)); };
    TxFacts facts;
    facts.framesSent = get(m_framesSent);
    facts.framesSilent = get(m_framesSilent);
    facts.slotsSkipped = get(m_slotsSkipped);
    facts.slotsFull = get(m_slotsFull);
    facts.underruns = get(m_underruns);
    facts.unsentMaxBytes = get(m_unsentMaxBytes);
    facts.bursts = get(m_bursts);
    facts.backlogMaxMs = get(m_backlogMaxFrames) * kFrameMs;
    facts.stalls = get(m_stalls);
    facts.stalledMs = get(m_stalledNs) / kNsPerMs;
    facts.lateP50Us = percentileUs(0.5);
    facts.lateP99Us = percentileUs(0.99);
    facts.lateP999Us = percentileUs(0.999);
    facts.worstLateUs = get(m_worstLateNs) / kNsPerUs;
    facts.leadMs = get(m_leadNs) / kNsPerMs;
    facts.leadMaxMs = get(m_leadMaxNs) / kNsPerMs;
    facts.worstGapUs = get(m_worstGapNs) / kNsPerUs;
    return facts;
}

} // namespace takt::media
