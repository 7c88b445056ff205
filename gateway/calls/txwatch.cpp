// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/txwatch.h"

#include "media/frame.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <algorithm>
#include <utility>

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
    media::StallObserver::Look look;
    look.nowNs = nowNs;
    look.backlogFrames = m_media->playout.depth();
    look.readySinceNs = m_media->readySinceNs();
    look.lastSentNs = health.lastSentNs();
    look.inItem = health.inItem();
    look.starved = health.starved();
    look.slotsFull = health.slotsFull();
    look.lastStall = health.lastStall(); // after lastSentNs()
    return look;
}

std::optional<TxWatch::Stall> TxWatch::tell(const std::optional<Stall> &event, qint64 nowNs)
{
    if (!event)
        return {};
    const qint64 ms = event->durationNs / media::kNsPerMs;
    count(Counter::TxStalls, event->before + (event->found ? 1 : 0));
    if (event->found) {
        m_media->flight->call.note<FlightKind::StallFound>(nowNs, ms, qint64(event->cause));
    }
    if (!event->over) // only then it is known how long it was: one line a stall
        return {};
    if (!event->byLane) {
        ++m_unseenStalls;
        m_unseenNs += event->durationNs;
        m_unseenWorstNs = std::max(m_unseenWorstNs, event->durationNs);
    }
    m_media->flight->call.note<FlightKind::StallOver>(nowNs, ms, qint64(event->cause));
    qCWarning(lcTx).noquote() << m_callSid << "TX_STALL:" << text(*event);
    return event;
}

QString TxWatch::text(const Stall &stall)
{
    const QString before = stall.before > 0 ? u" (and %1 right before it)"_s.arg(stall.before) : QString();
    return u"%1 ms, %2%3"_s.arg(stall.durationNs / media::kNsPerMs).arg(name(stall.cause), before);
}

void TxWatch::onSecond(qint64 nowNs)
{
    // Silence that goes on is a gap already.
    const qint64 gapNs = std::max(m_media->health.takeWorstGapNs(), m_stalls.openForNs(nowNs));
    m_media->flight->call.note<FlightKind::Second>(nowNs, gapNs / media::kNsPerMs, m_media->playout.depth());
    const qint64 sent = m_media->health.framesSent();
    const bool spoke = std::exchange(m_sentBefore, sent) != sent || gapNs > 0;
    // A second of an idle line is neither good nor bad.
    if (const auto degraded = spoke ? m_quality.degradedBy(gapNs) : std::nullopt) {
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
    facts.framesDropped = m_media->playout.overflowed() + m_media->refused();
    facts.stalls += m_unseenStalls;
    facts.stalledMs += m_unseenNs / media::kNsPerMs;
    facts.worstGapUs = std::max(facts.worstGapUs, m_unseenWorstNs / media::kNsPerUs);
    return facts;
}

} // namespace takt::calls
