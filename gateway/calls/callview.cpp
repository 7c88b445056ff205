// SPDX-License-Identifier: GPL-3.0-or-later
// Call: what those see who watch it.
#include "calls/call.h"

#include <QDateTime>

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::size_t kTurnsShown = 400; // of a long call the oldest stand in the records

} // namespace

void Call::note(QLatin1StringView what, const QString &detail)
{
    m_timeline.note(what, QDateTime::currentMSecsSinceEpoch(), detail);
}

void Call::onStallOver(const TxWatch::Stall &stall)
{
    note("stall"_L1, TxWatch::text(stall));
    m_host.stallOver({m_media, stall.durationNs, stall.cause, media::BeatDispatcher::nowNs()});
}

CallSnapshot Call::snapshot() const
{
    CallSnapshot s;
    s.callSid = m_start.callSid;
    s.streamSid = m_start.streamSid;
    s.business = m_pass.business->name;
    s.direction = name(m_pass.direction);
    s.from = from();
    s.to = to();
    s.state = name(m_machine.state());
    s.startedAtMs = m_startedAtMs;
    s.backlogMs = qint64(m_media->playout.depth()) * media::kFrameMs;
    s.txWorker = workerOf(m_lane);
    s.tx = m_tx.facts();
    s.muted = m_muted;
    s.usage = m_usage;
    s.cost = costOf(m_usage, m_settings.prices);
    s.interruptions = m_interruptions;
    s.modelLatencyMs = m_timeline.latencyMs();
    if (m_input.speaking())
        s.speaking = name(Speaker::Caller);
    else if (s.backlogMs > 0)
        s.speaking = name(Speaker::Agent);
    const auto &turns = m_transcript.turns();
    const auto spoken = std::find_if(turns.rbegin(), turns.rend(), [](const auto &t) { return !t.text.isEmpty(); });
    if (spoken != turns.rend()) {
        s.lastSpeaker = name(spoken->speaker);
        s.lastText = spoken->text;
    }
    return s;
}

CallDetail Call::detail() const
{
    CallDetail d;
    d.live = true;
    const auto &turns = m_transcript.turns();
    for (std::size_t i = turns.size() > kTurnsShown ? turns.size() - kTurnsShown : 0; i < turns.size(); ++i) {
        const Transcript::Turn &turn = turns[i];
        if (!turn.text.isEmpty())
            d.turns.append({turn.position, name(turn.speaker), turn.heardText(), turn.interrupted});
    }
    d.events = QList<CallEvent>(m_timeline.events().begin(), m_timeline.events().end());
    return d;
}

} // namespace takt::calls
