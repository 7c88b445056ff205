// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/call.h"

#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QDateTime>
#include <QTimer>

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcCall;

namespace {

constexpr int kMaxSessions = 4; // the first and three that took over
constexpr int kMaxRetries = 2;  // of a response that failed by the service's fault
constexpr int kRetryMs = 500;
constexpr int kDrainLimitMs = 30'000;
constexpr qsizetype kTurnsToldAgain = 20; // to a session that takes over
constexpr int kTurnMs = 300;              // within which a server that answers turns has begun to

} // namespace

Call::Call(LaneId lane, const carrier::StreamStart &start, const carrier::Pass &pass, media::CallMediaPtr media,
           speech::RealtimeCodec &codec, Host &host, QObject *parent)
    : QObject(parent)
    , m_lane(lane)
    , m_start(start)
    , m_pass(pass)
    , m_media(std::move(media))
    , m_tx(m_start.callSid, m_media)
    , m_settings(m_pass.business->speech)
    , m_host(host)
    , m_link(new speech::Link(m_settings, codec, *this, this))
    , m_startedAtMs(QDateTime::currentMSecsSinceEpoch())
{
    m_digitTimer.setSingleShot(true);
    connect(&m_digitTimer, &QTimer::timeout, this, &Call::tellDigits);
}

void Call::begin()
{
    m_machine.on(Event::StreamStarted);
    m_link->open();     // first of all: the caller is waiting
    m_replyOwed = true; // the greeting
    m_link->createResponse(m_settings.greeting);
    count(Counter::CallsStarted);
    note("started"_L1);
    qCInfo(lcCall).noquote() << callSid() << "started, caller" << telemetry::redact(from());
    m_host.recordStart({m_start.callSid, m_start.streamSid, m_start.accountSid, m_pass.business->name, m_pass.direction,
                        from(), to(), m_startedAtMs});
}

void Call::end(EndReason reason, const QString &detail)
{
    if (!m_machine.on(Event::End))
        return; // ended before
    m_digitTimer.stop();
    m_link->close();
    if (const auto stall = m_tx.onEnd(media::BeatDispatcher::nowNs()))
        onStallOver(*stall);
    const TxFacts tx = m_tx.facts();
    // Where it is we who end the call, the lane's own account comes too late: what still waits was not heard.
    settleSpeech(m_speech.estimate(qint64(m_media->playout.depth()) * media::kFrameMs));
    m_host.closeLane(m_lane, reason); // now: it empties the queue, and counts what waited in vain itself
    recordTurns(m_transcript.takeRest());
    count(Counter::CallsEnded);
    const bool passedOn = reason == EndReason::Transferred && !m_transferTo.isEmpty(); // the detail has the number
    qCInfo(lcCall).noquote() << callSid() << "ended:" << name(reason)
                             << (passedOn ? telemetry::redact(m_transferTo) : detail);
    CallEnded ended;
    ended.callSid = m_start.callSid;
    ended.streamSid = m_start.streamSid;
    ended.reason = reason;
    ended.detail = detail;
    ended.interruptions = m_interruptions;
    ended.tx = tx;
    ended.usage = m_usage;
    ended.cost = costOf(m_usage, m_settings.prices);
    ended.atMs = QDateTime::currentMSecsSinceEpoch();
    m_host.recordEnd(ended);
    m_host.callOver(m_lane);
}

// The carrier's side ---------------------------------------------------------------------------------------------------

void Call::onCallerAudio(QByteArrayView audio, qint64 nowNs)
{
    m_input.onAudio(nowNs);
    m_link->appendAudio(audio);
}

void Call::onCallerHole(int missingMs)
{
    m_link->appendSilence(m_input.onHole(missingMs));
}

void Call::onItemHeard(media::ItemNumber number)
{
    const auto item = m_speech.onHeard(number);
    if (!item)
        return;
    m_transcript.heard(item->itemId, item->bytes / media::kBytesPerMs);
    recordTurns(m_transcript.takeFinished());
    if (!m_speech.busy())
        m_machine.on(Event::GreetingOver);
    leaveOnceHeard();
}

void Call::onLaneEnded(EndReason reason, const QString &detail, const std::vector<media::ItemPlayback> &played)
{
    settleSpeech(played);
    if (m_machine.state() == State::Draining)
        end(m_drainReason, m_drainDetail);
    else if (!m_transferTo.isEmpty() && (reason == EndReason::CarrierStop || reason == EndReason::CarrierClosed))
        end(EndReason::Transferred, u"by an operator, to "_s + m_transferTo);
    else
        end(reason, detail);
}

void Call::onTick(qint64 nowNs)
{
    if (const auto stall = m_tx.onTick(nowNs))
        onStallOver(*stall);
    if (const int ms = m_input.onTick(nowNs); ms > 0)
        m_link->appendSilence(ms);
}

// Barge-in. The order is the point: the beat stops first, then the carrier's buffer is emptied, then the model is told.
// The generation stops TX on its very next slot; the lane answers interrupt() with onInterrupted() once `clear` is out.

void Call::bargeIn()
{
    ++m_interruptions;
    count(Counter::BargeIns);
    note("barge_in"_L1);
    trace<FlightKind::BargeIn>();
    m_machine.on(Event::BargeIn);
    m_replyWanted = false; // what the caller is saying now will be answered
    const quint32 generation = m_media->playout.bumpGeneration();
    m_speech.interrupt(generation);
    m_host.interruptLane(m_lane, generation);
}

void Call::onInterrupted(quint32 generation, const std::vector<media::ItemPlayback> &played)
{
    // With interrupt_response the server has cancelled already; a second cancel would only draw an error.
    const bool toBeTold = !m_settings.turnDetection.interruptResponse || m_cutting == generation;
    if (toBeTold && !m_speech.interruptedResponse().isEmpty())
        m_link->cancelResponse(m_speech.interruptedResponse());
    for (const AgentSpeech::Cut &cut : m_speech.resolve(generation, played)) {
        if (cut.truncate)
            m_link->truncateItem(cut.itemId, cut.heardMs);
        noteHeard(cut);
    }
    recordTurns(m_transcript.takeFinished());
    onCut(generation);
}

void Call::noteHeard(const AgentSpeech::Cut &cut)
{
    if (cut.heardMs < cut.generatedMs)
        m_transcript.interrupted(cut.itemId, cut.generatedMs, cut.heardMs);
    else
        m_transcript.heard(cut.itemId, cut.generatedMs);
}

// The call is over in the middle of the agent's words: what of them was heard?
void Call::settleSpeech(const std::vector<media::ItemPlayback> &played)
{
    const quint32 generation = m_media->playout.bumpGeneration();
    m_speech.interrupt(generation);
    for (const AgentSpeech::Cut &cut : m_speech.resolve(generation, played))
        noteHeard(cut);
}

// The model's side -----------------------------------------------------------------------------------------------------

void Call::onSessionReady()
{
    ++m_sessions;
    note("model_ready"_L1);
    trace<FlightKind::ModelReady>();
    if (m_sessions > 1)
        return resume();
    m_machine.on(Event::SessionReady);
    if (m_muted)
        m_link->setAnswering(false);
}

// A new session knows nothing: it is told what was said, and answers where an answer is due.
void Call::resume()
{
    m_machine.on(Event::SessionResumed);
    m_speech.onNewSession();
    const auto &turns = m_transcript.turns();
    const std::size_t skip = turns.size() > std::size_t(kTurnsToldAgain) ? turns.size() - std::size_t(kTurnsToldAgain)
                                                                         : 0;
    for (std::size_t i = skip; i < turns.size(); ++i) {
        const QString text = turns[i].heardText();
        if (!text.isEmpty())
            m_link->createMessage(turns[i].speaker == Speaker::Caller, text);
    }
    m_replyWanted = false;
    if (m_muted)
        m_link->setAnswering(false);
    if (m_replyOwed && m_sentences.empty())
        ask(turns.empty() ? m_settings.greeting : QString());
    sayNext();
}

void Call::onSessionLost(bool fatal, const QString &why)
{
    if (m_machine.state() == State::Ended || m_machine.state() == State::Draining)
        return;
    const bool wasTalking = m_machine.on(Event::SessionLost);
    if (wasTalking) {
        count(Counter::ModelLost);
        note("model_lost"_L1);
        trace<FlightKind::ModelLost>();
    }
    m_replyOwed |= !m_speech.activeResponse().isEmpty();
    m_saying.reset(); // what was heard of it stands in the transcript
    for (const media::ItemNumber item : m_speech.onResponseDone(m_speech.activeResponse()))
        finishItem(item); // what we have of it is all there will be
    if (leaveOnceHeard())
        return;
    if (wasTalking && !fatal && m_sessions < kMaxSessions) {
        qCWarning(lcCall).noquote() << callSid() << "model session lost, opening another:" << why;
        m_link->open();
        return;
    }
    m_drainReason = m_sessions == 0 ? EndReason::ModelUnavailable : EndReason::ModelFailed;
    m_drainDetail = why;
    qCWarning(lcCall).noquote() << callSid() << "no model session:" << why;
    if (m_speech.busy()) {
        m_machine.on(Event::Drain);
        m_host.closeLaneAfterPlayout(m_lane, m_drainReason, kDrainLimitMs);
    } else {
        end(m_drainReason, why);
    }
}

void Call::onServerEvent(const speech::ServerEvent &event)
{
    if (m_machine.state() != State::Ended)
        std::visit([this](const auto &e) { on(e); }, event);
}

void Call::on(const speech::SpeechStarted &event)
{
    m_input.onSpeech(true);
    trace<FlightKind::CallerSpeaks>();
    m_timeline.onCallerBegins(QDateTime::currentMSecsSinceEpoch());
    m_transcript.begin(event.itemId, Speaker::Caller);
    m_replyOwed = true;
    callOffFarewell();
    if (m_speech.busy() && !m_muted)
        bargeIn();
    else
        m_machine.on(Event::GreetingOver);
}

void Call::on(const speech::SpeechStopped &)
{
    m_input.onSpeech(false);
    trace<FlightKind::CallerStops>();
    m_timeline.onCallerEnds(QDateTime::currentMSecsSinceEpoch());
    if (std::exchange(m_unmutedMeanwhile, false))
        QTimer::singleShot(kTurnMs, this, &Call::answerIfOwed);
    if (!m_sentences.empty()) // they wait for the caller; in the place of the answer that the server begins now
        QTimer::singleShot(kTurnMs, this, &Call::sayNext);
}

void Call::on(const speech::InputCommitted &event)
{
    m_transcript.begin(event.itemId, Speaker::Caller);
}

void Call::on(const speech::ResponseCreated &event)
{
    trace<FlightKind::ResponseBegins>();
    m_speech.onResponseCreated(event.responseId);
    onSentenceTaken(event.responseId);
    if (m_muted)
        cut();
    else
        sayNext();
}

void Call::on(const speech::ResponseDone &event)
{
    trace<FlightKind::ResponseEnds>();
    m_usage += event.usage;
    for (const media::ItemNumber item : m_speech.onResponseDone(event.responseId))
        finishItem(item);
    const std::optional<Sentence> said = takeSaid(event.responseId);
    if (event.status == "failed"_L1) {
        if (leaveOnceHeard()) // it had said what it wanted to
            return;
        qCWarning(lcCall).noquote() << callSid() << "the model failed to answer:" << event.errorCode;
        speech::ErrorEvent error;
        error.code = event.errorCode;
        error.type = event.errorType;
        switch (speech::classify(error)) {
        case speech::Severity::Retryable: said ? sayAgain(*said) : askAgain(); break;
        case speech::Severity::Benign: m_machine.on(Event::GreetingOver); break;
        case speech::Severity::Fatal: // no money, no access: every further answer would fail as well
            m_link->close();
            onSessionLost(true, event.errorCode);
            break;
        }
        return;
    }
    m_retries = 0;
    if (event.status == "completed"_L1 || event.status == "incomplete"_L1)
        m_replyOwed = false;
    if (m_sentences.empty() && std::exchange(m_replyWanted, false))
        ask({});
    if (!m_speech.busy())
        m_machine.on(Event::GreetingOver);
    if (!leaveOnceHeard())
        sayNext();
}

void Call::on(const speech::AudioDelta &event)
{
    if (event.audio.isEmpty())
        return;
    if (m_muted) {
        count(Counter::ModelLateDeltas);
        return;
    }
    const auto item = m_speech.onAudio(event.responseId, event.itemId, event.audio.size());
    if (!item) {
        count(Counter::ModelLateDeltas);
        trace<FlightKind::DeltaLate>(event.audio.size());
        return;
    }
    trace<FlightKind::Delta>(event.audio.size(), *item);
    m_machine.on(Event::AgentSpeaks);
    m_timeline.onAgentAudio(QDateTime::currentMSecsSinceEpoch());
    m_transcript.begin(event.itemId, Speaker::Agent);
    if (const int refused = m_media->append(*item, event.audio, media::BeatDispatcher::nowNs()); refused > 0) {
        count(Counter::FramesRefused, refused);
        qCWarning(lcCall).noquote() << callSid() << "TX stands still: frames refused";
    }
}

void Call::on(const speech::AudioDone &event)
{
    if (const auto item = m_speech.onAudioDone(event.itemId))
        finishItem(*item);
}

void Call::on(const speech::AgentText &event)
{
    if (event.whole)
        m_transcript.completeText(event.itemId, Speaker::Agent, event.text);
    else
        m_transcript.appendText(event.itemId, Speaker::Agent, event.text);
    recordTurns(m_transcript.takeFinished());
}

void Call::on(const speech::CallerText &event)
{
    m_usage += event.usage;
    if (event.whole)
        m_transcript.completeText(event.itemId, Speaker::Caller, event.text);
    else
        m_transcript.appendText(event.itemId, Speaker::Caller, event.text);
    recordTurns(m_transcript.takeFinished());
}

void Call::on(const speech::ErrorEvent &event)
{
    if (m_saying && event.eventId == m_saying->eventId)
        onSentenceRefused(event);
    else if (event.eventId.startsWith("response-"_L1) && speech::classify(event) == speech::Severity::Retryable)
        askAgain();
}

void Call::finishItem(media::ItemNumber item)
{
    trace<FlightKind::AudioDone>(0, item);
    m_media->playout.finish(item);
}

// The service failed to answer by its own fault: the caller should not have to notice.
void Call::askAgain()
{
    if (++m_retries > kMaxRetries) {
        m_machine.on(Event::GreetingOver);
        return;
    }
    const QString instructions = m_machine.state() == State::Greeting ? m_settings.greeting : QString();
    QTimer::singleShot(kRetryMs << (m_retries - 1), this, [this, instructions] {
        if (m_speech.activeResponse().isEmpty() && m_machine.state() != State::Ended)
            ask(instructions);
    });
}

void Call::recordTurns(const std::vector<Transcript::Turn> &turns)
{
    for (const Transcript::Turn &turn : turns) {
        const QString text = turn.heardText();
        if (text.isEmpty() && turn.generatedMs == 0)
            continue; // a noise that became no words
        m_host.recordTurn({m_start.callSid, m_start.streamSid, turn.itemId, turn.speaker, text, turn.interrupted,
                           turn.generatedMs, turn.heardMs, turn.position, QDateTime::currentMSecsSinceEpoch()});
    }
}

} // namespace takt::calls
