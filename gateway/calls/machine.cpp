// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/machine.h"

#include <algorithm>
#include <iterator>

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Row {
    State from;
    Event event;
    State to;
};

constexpr Row kTable[] = {
    {State::Connected, Event::StreamStarted, State::Gate},
    {State::Gate, Event::SessionReady, State::Greeting},
    {State::Gate, Event::SessionResumed, State::Talking},
    {State::Greeting, Event::GreetingOver, State::Talking},
    {State::Greeting, Event::BargeIn, State::Interrupted},
    {State::Talking, Event::BargeIn, State::Interrupted},
    {State::Interrupted, Event::BargeIn, State::Interrupted},
    {State::Interrupted, Event::AgentSpeaks, State::Talking},
    {State::Greeting, Event::SessionLost, State::Gate},
    {State::Talking, Event::SessionLost, State::Gate},
    {State::Interrupted, Event::SessionLost, State::Gate},
    {State::Gate, Event::Drain, State::Draining},
    {State::Greeting, Event::Drain, State::Draining},
    {State::Talking, Event::Drain, State::Draining},
    {State::Interrupted, Event::Drain, State::Draining},
    {State::Connected, Event::End, State::Ended},
    {State::Gate, Event::End, State::Ended},
    {State::Greeting, Event::End, State::Ended},
    {State::Talking, Event::End, State::Ended},
    {State::Interrupted, Event::End, State::Ended},
    {State::Draining, Event::End, State::Ended},
};

} // namespace

QLatin1StringView name(State state)
{
    switch (state) {
    case State::Connected: return "connected"_L1;
    case State::Gate: return "gate"_L1;
    case State::Greeting: return "greeting"_L1;
    case State::Talking: return "talking"_L1;
    case State::Interrupted: return "interrupted"_L1;
    case State::Draining: return "draining"_L1;
    case State::Ended: return "ended"_L1;
    }
    return "unknown"_L1;
}

bool Machine::on(Event event)
{
    const auto row = std::find_if(std::begin(kTable), std::end(kTable),
                                  [&](const Row &r) { return r.from == m_state && r.event == event; });
    if (row == std::end(kTable))
        return false;
    m_state = row->to;
    return true;
}

} // namespace takt::calls
