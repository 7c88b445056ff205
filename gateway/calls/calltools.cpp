// SPDX-License-Identifier: GPL-3.0-or-later
// Call: keys that the caller presses, and what the agent may do beside talking.
#include "calls/call.h"

#include "telemetry/log.h"

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcCall;

namespace {

constexpr int kDigitPauseMs = 1500;

} // namespace

void Call::onDigit(QChar digit)
{
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
    m_link->createMessage(true, u"[The caller pressed these keys: %1]"_s.arg(std::exchange(m_digits, {})));
    m_replyOwed = true;
    if (m_speech.activeResponse().isEmpty())
        m_link->createResponse({});
    else
        m_replyWanted = true; // only one response at a time
}

// The agent wants to leave, or to pass the caller on. It may have words on their way: those are heard first.
void Call::on(const speech::ToolCall &tool)
{
    if (!m_settings.tools.contains(tool.name)) {
        m_link->answerTool(tool.callId, u"There is no such tool."_s);
        m_replyWanted = true; // the model waits for the answer before it speaks
        return;
    }
    qCInfo(lcCall).noquote() << callSid() << "the agent calls" << tool.name;
    m_farewell = Farewell{tool.name == speech::kTransferCall ? EndReason::Transferred : EndReason::AgentHangup,
                          tool.callId};
    leaveOnceHeard();
}

void Call::leaveOnceHeard()
{
    if (m_farewell && !m_speech.busy())
        end(m_farewell->reason, {});
}

// The caller has something to say after all.
void Call::callOffFarewell()
{
    if (m_farewell)
        m_link->answerTool(m_farewell->callId, u"Not done: the caller went on talking. The call continues."_s);
    m_farewell.reset();
}

} // namespace takt::calls
