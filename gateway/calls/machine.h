// SPDX-License-Identifier: GPL-3.0-or-later
// What a call is doing: a table of states and events, and nothing else. Pure; any thread.
#pragma once

#include <QLatin1StringView>

namespace takt::calls {

enum class State {
    Connected,   // the carrier's socket is there, the stream not yet
    Gate,        // the stream has started; waiting for a validated model session
    Greeting,    // the model speaks first
    Talking,     // the conversation
    Interrupted, // the caller spoke over the agent: until the agent speaks again
    Draining,    // no model any more: what it had said is played to its end
    Ended,
};
[[nodiscard]] QLatin1StringView name(State state);

enum class Event {
    StreamStarted,
    SessionReady,   // for the first time
    SessionResumed, // a new session took over in mid-call
    SessionLost,
    GreetingOver, // heard to its end, or nothing came of it
    BargeIn,
    AgentSpeaks,
    Drain,
    End,
};

class Machine
{
public:
    [[nodiscard]] State state() const { return m_state; }
    // False, and no change, when the event means nothing in this state.
    bool on(Event event);

private:
    State m_state = State::Connected;
};

} // namespace takt::calls
