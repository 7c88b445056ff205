// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/txwatch.h"

#include "media/frame.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcTx;
using telemetry::lcTxDebug;

namespace {

constexpr qint64 kSecondNs = 1'000'000'000;
constexpr int kHeartbeatSeconds = 5;

} // namespace

TxWatch::TxWatch(const QString &callSid, media::CallMediaPtr media)
    : m_callSid(callSid)
    , m_media(std::move(media))
{
}

QString TxWatch::onTick(qint64 nowNs)
{
    QString told;
    if (const auto event = m_stalls.observe(look(nowNs)))
        told = tell(*event);
    if (m_secondNs == 0)
        m_secondNs = nowNs;
    if (nowNs - m_secondNs >= kSecondNs) {
        m_secondNs = nowNs;
        onSecond(nowNs);
    }
    return told;
}

void TxWatch::onEnd(qint64 nowNs)
{
    if (const auto event = m_stalls.end(look(nowNs)))
        tell(*event);
}

media::StallObserver::Look TxWatch::look(qint64 nowNs) const
{
    const media::TxHealth &health = m_media->health;
    return {nowNs, m_media->playout.depth(), health.lastSentNs(), health.slotsFull(), health.lastStall()};
}

QString TxWatch::tell(const media::StallObserver::Event &event)
{
    if (event.found)
        count(Counter::TxStalls);
    if (!event.over) // only then it is known how long it was: one line a stall
        return {};
    const QString stall = u"%1 ms, %2"_s.arg(event.durationNs / media::kNsPerMs).arg(name(event.cause));
    qCWarning(lcTx).noquote() << m_callSid << "TX_STALL:" << stall;
    return stall;
}

void TxWatch::onSecond(qint64 nowNs)
{
    const qint64 gapNs = m_media->health.takeWorstGapNs();
    if (const auto degraded = m_quality.degradedBy(gapNs)) {
        if (*degraded) {
            m_degradedSinceNs = nowNs;
            count(Counter::TxDegraded);
            qCWarning(lcTx).noquote() << m_callSid << "TX_QUALITY DEGRADED: the longest gap of the last second was"
                                      << gapNs / media::kNsPerMs << "ms";
        } else {
            qCWarning(lcTx).noquote() << m_callSid << "TX_QUALITY RECOVERED after"
                                      << (nowNs - m_degradedSinceNs) / kSecondNs << "s";
        }
    }
    if (!lcTxDebug().isDebugEnabled())
        return;
    const int backlog = m_media->playout.depth();
    const int percent = 100 * backlog / m_media->playout.capacity();
    if (percent > 70 || gapNs > media::TxHealth::kStallNs)
        qCDebug(lcTxDebug).noquote() << m_callSid << "TX_METRICS: backlog" << percent << "%, longest gap"
                                     << gapNs / media::kNsPerMs << "ms";
    if (++m_seconds % kHeartbeatSeconds != 0)
        return;
    const TxFacts now = facts();
    qCDebug(lcTxDebug).noquote() << m_callSid << "TX_HEARTBEAT: sent" << now.framesSent << "backlog"
                                 << qint64(backlog) * media::kFrameMs << "ms, late p99" << now.lateP99Us << "us, worst"
                                 << now.worstLateUs << "us, underruns" << now.underruns << "stalls" << now.stalls;
}

TxFacts TxWatch::facts() const
{
    TxFacts facts = m_media->health.facts();
    facts.framesDropped = m_media->playout.overflowed();
    return facts;
}

} // namespace takt::calls
