// SPDX-License-Identifier: GPL-3.0-or-later
// Call: keys that the caller presses, and what the agent may do beside talking.
#include "calls/call.h"

#include "telemetry/log.h"

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcCall;

namespace {

constexpr int kDigitPauseMs = 1500;
constexpr int kFarewellMs = 15'000; // beyond what waits to be played

} // namespace

void Call::onDigit(QChar digit)
{
    trace<FlightKind::Digit>(); // which one is nobody's business
    m_digits += digit;
    m_digitTimer.start(kDigitPauseMs);
}

// The model hears no tones: it is told, once the caller has stopped pressing keys.
void Call::tellDigits()
{
    if (!m_link->ready()) {
        m_digitTimer.start(kDigitPauseMs);
        return;
    }
    note("digits"_L1, QString::number(m_digits.size())); // which ones is nobody's business: it may be a PIN
    m_link->createMessage(true, u"[The caller pressed these keys: %1]"_s.arg(std::exchange(m_digits, {})));
    m_replyOwed = true;
    if (m_speech.activeResponse().isEmpty())
        ask({});
    else
        m_replyWanted = true; // only one response at a time
}

// The agent wants to leave, or to pass the caller on. It may have words on their way: those are heard first.
void Call::on(const speech::ToolCall &tool)
{
    note("tool"_L1, tool.name);
    trace<FlightKind::Tool>();
    if (!m_settings.tools.contains(tool.name)) {
        m_link->answerTool(tool.callId, u"There is no such tool."_s);
        m_replyWanted = true; // the model waits for the answer before it speaks
        return;
    }
    if (!m_transferTo.isEmpty()) { // an operator was quicker
        m_link->answerTool(tool.callId, u"Not done: a colleague is passing the caller on."_s);
        return;
    }
    m_farewell = Farewell{tool.name == speech::kTransferCall ? EndReason::Transferred : EndReason::AgentHangup,
                          tool.callId};
    if (m_input.speaking() || m_speech.isDiscarded(tool.responseId)) {
        callOffFarewell(); // decided before the caller went on
        return;
    }
    qCInfo(lcCall).noquote() << callSid() << "the agent calls" << tool.name;
    // Should the carrier never say that the last words were heard.
    const int limitMs = int(m_media->playout.depth()) * media::kFrameMs + kFarewellMs;
    QTimer::singleShot(limitMs, this, [this, callId = tool.callId] {
        if (m_farewell && m_farewell->callId == callId)
            end(m_farewell->reason, u"its last words were not confirmed"_s);
    });
    leaveOnceHeard();
}

// True: the call has ended.
bool Call::leaveOnceHeard()
{
    if (!m_farewell || m_speech.busy())
        return false;
    end(m_farewell->reason, {});
    return true;
}

// Somebody has something to say after all.
void Call::callOffFarewell()
{
    if (m_farewell)
        m_link->answerTool(m_farewell->callId, u"Not done: the conversation went on. The call continues."_s);
    m_farewell.reset();
}

} // namespace takt::calls
