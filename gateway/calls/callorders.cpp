// SPDX-License-Identifier: GPL-3.0-or-later
// Call: what operators order of it. A sentence takes the place of what the agent says or is about to say, and waits for a
// caller who is speaking. A muted agent goes on listening; the server is told to answer nothing, and what it has begun is
// cut off as if the caller had interrupted it.
#include "calls/call.h"

#include "shared/controlprotocol.h"
#include "telemetry/log.h"

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;
using control::kLongestSentence;
using telemetry::lcCall;

namespace {

constexpr std::size_t kMostSentences = 8; // waiting
constexpr int kMostAttempts = 4;          // at one sentence
constexpr int kAgainMs = 300;
constexpr qsizetype kSaidKept = 16;

} // namespace

// Sentences ------------------------------------------------------------------------------------------------------------

QString Call::say(const QString &text)
{
    const QString sentence = text.simplified();
    if (sentence.isEmpty() || sentence.size() > kLongestSentence)
        return u"a sentence has 1 to %1 characters"_s.arg(kLongestSentence);
    if (isLeaving())
        return u"the call is ending already"_s;
    if (m_muted)
        return u"the agent is muted"_s;
    if (!m_link->ready())
        return u"the model is not there at the moment"_s;
    if (m_sentences.size() >= kMostSentences)
        return u"too many sentences wait to be said"_s;
    note("say"_L1, sentence);
    m_sentences.push_back({sentence});
    sayNext();
    return {};
}

// Called whenever something has ended that a sentence may have waited for.
void Call::sayNext()
{
    if (m_sentences.empty() || m_saying || m_cutting || m_muted || m_input.speaking() || !m_link->ready())
        return;
    if (m_speech.isDiscarded(m_speech.activeResponse()))
        return; // one response at a time: the end of this one is on its way
    if (m_speech.busyBeside(m_said))
        return cut();
    m_saying = m_sentences.front();
    m_sentences.pop_front();
    ++m_saying->attempts;
    m_saying->responseId.clear();
    m_saying->eventId = m_link->sayExactly(m_saying->text);
}

void Call::onSentenceTaken(const QString &responseId)
{
    if (!m_saying || !m_saying->responseId.isEmpty())
        return;
    m_saying->responseId = responseId;
    m_said.append(responseId);
    if (m_said.size() > kSaidKept)
        m_said.removeFirst();
}

// Mostly because the server had begun an answer of its own, which we took for the sentence: that is cut off then.
void Call::onSentenceRefused(const speech::ErrorEvent &why)
{
    const Sentence sentence = *std::exchange(m_saying, std::nullopt);
    m_said.removeOne(sentence.responseId);
    if (why.code == "conversation_already_has_active_response"_L1
        || speech::classify(why) == speech::Severity::Retryable)
        sayAgain(sentence);
    else
        note("say_failed"_L1, sentence.text);
}

void Call::sayAgain(Sentence sentence)
{
    if (sentence.attempts >= kMostAttempts) {
        note("say_failed"_L1, sentence.text);
        return;
    }
    m_sentences.push_front(std::move(sentence));
    QTimer::singleShot(kAgainMs, this, &Call::sayNext);
}

// Of a response that is done; nothing if it was no operator's.
std::optional<Call::Sentence> Call::takeSaid(const QString &responseId)
{
    if (!m_saying || m_saying->responseId != responseId)
        return std::nullopt;
    return std::exchange(m_saying, std::nullopt);
}

// Silence --------------------------------------------------------------------------------------------------------------

QString Call::setMuted(bool muted)
{
    if (m_machine.state() == State::Draining || m_machine.state() == State::Ended)
        return u"the call is ending already"_s;
    if (std::exchange(m_muted, muted) == muted)
        return {};
    note("mute"_L1, muted ? u"on"_s : u"off"_s);
    m_link->setAnswering(!muted);
    if (!muted) {
        m_unmutedMeanwhile = m_input.speaking();
        answerIfOwed();
        return {};
    }
    m_sentences.clear();
    if (m_saying) // should the server refuse it, it is not said later either
        m_saying->attempts = kMostAttempts;
    callOffFarewell(); // whoever silences a goodbye wants the caller to stay
    if (m_speech.busy())
        cut();
    m_machine.on(Event::GreetingOver);
    return {};
}

// The caller has spoken while the agent was not to answer.
void Call::answerIfOwed()
{
    if (!m_replyOwed || m_muted || m_input.speaking())
        return;
    if (m_speech.activeResponse().isEmpty())
        ask(m_transcript.turns().empty() ? m_settings.greeting : QString());
    else if (m_speech.isDiscarded(m_speech.activeResponse()))
        m_replyWanted = true;
}

void Call::ask(const QString &instructions)
{
    if (m_muted)
        m_replyOwed = true;
    else
        m_link->createResponse(instructions);
}

// As in a barge-in, but the server does not know of it yet: onInterrupted() tells it.
void Call::cut()
{
    const quint32 generation = m_media->playout.bumpGeneration();
    m_speech.interrupt(generation);
    m_cutting = generation;
    m_host.interruptLane(m_lane, generation);
}

void Call::onCut(quint32 generation)
{
    if (m_cutting == generation)
        m_cutting.reset();
    sayNext();
}

// Passing on -----------------------------------------------------------------------------------------------------------

bool Call::isLeaving() const
{
    return m_machine.state() == State::Draining || m_machine.state() == State::Ended || m_farewell
           || !m_transferTo.isEmpty();
}

QString Call::beginTransfer(const QString &target)
{
    if (isLeaving())
        return u"the call is ending already"_s;
    m_transferTo = target;
    note("transfer"_L1, target);
    qCInfo(lcCall).noquote() << callSid() << "an operator passes the caller on to" << telemetry::redact(target);
    return {};
}

void Call::onTransferRefused(const QString &why)
{
    m_transferTo.clear();
    note("transfer_failed"_L1, why);
}

} // namespace takt::calls
