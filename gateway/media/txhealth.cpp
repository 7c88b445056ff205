// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/txhealth.h"

#include <cmath>

namespace takt::media {

namespace {

constexpr qint64 kNsPerUs = 1000;
constexpr qint64 kNsPerMs = 1'000'000;

} // namespace

void TxHealth::noteGap(qint64 gapNs)
{
    raise(m_worstGapNs, gapNs);
    raise(m_recentGapNs, gapNs);
    if (gapNs < kBurstNs)
        add(m_bursts, 1);
    if (gapNs <= kStallNs)
        return;
    m_stallNs.store(gapNs, std::memory_order_relaxed);
    m_stallCause.store(m_wasFull   ? StallCause::SocketFull
                       : m_starved ? StallCause::Starved
                                   : StallCause::WorkerLate,
                       std::memory_order_relaxed);
    add(m_stalledNs, gapNs);
    m_stalls.store(get(m_stalls) + 1, std::memory_order_release);
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
