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

std::optional<TxWatch::Stall> TxWatch::onTick(qint64 nowNs)
{
    const auto over = tell(m_stalls.observe(look(nowNs)), nowNs);
    if (m_secondNs == 0)
        m_secondNs = nowNs;
    if (nowNs - m_secondNs >= kSecondNs) {
        m_secondNs = nowNs;
        onSecond(nowNs);
    }
    return over;
}

std::optional<TxWatch::Stall> TxWatch::onEnd(qint64 nowNs)
{
    return tell(m_stalls.end(look(nowNs)), nowNs);
}

media::StallObserver::Look TxWatch::look(qint64 nowNs) const
{
    const media::TxHealth &health = m_media->health;
    return {nowNs, m_media->playout.depth(), health.lastSentNs(), health.slotsFull(), health.lastStall()};
}

std::optional<TxWatch::Stall> TxWatch::tell(const std::optional<Stall> &event, qint64 nowNs)
{
    if (!event)
        return {};
    const qint64 ms = event->durationNs / media::kNsPerMs;
    if (event->found) {
        count(Counter::TxStalls);
        m_media->flight->call.note<FlightKind::StallFound>(nowNs, ms, qint64(event->cause));
    }
    if (!event->over) // only then it is known how long it was: one line a stall
        return {};
    m_media->flight->call.note<FlightKind::StallOver>(nowNs, ms, qint64(event->cause));
    qCWarning(lcTx).noquote() << m_callSid << "TX_STALL:" << text(*event);
    return event;
}

QString TxWatch::text(const Stall &stall)
{
    return u"%1 ms, %2"_s.arg(stall.durationNs / media::kNsPerMs).arg(name(stall.cause));
}

void TxWatch::onSecond(qint64 nowNs)
{
    const qint64 gapNs = m_media->health.takeWorstGapNs();
    m_media->flight->call.note<FlightKind::Second>(nowNs, gapNs / media::kNsPerMs, m_media->playout.depth());
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
