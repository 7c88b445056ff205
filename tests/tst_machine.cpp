// SPDX-License-Identifier: GPL-3.0-or-later
// The call's states: every pair of state and event, the possible and the impossible ones.
#include "calls/machine.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <vector>

using namespace takt::calls;
using S = State;
using E = Event;

namespace {

constexpr std::array kStates{S::Connected, S::Gate, S::Greeting, S::Talking, S::Interrupted, S::Draining, S::Ended};
constexpr std::array kEvents{E::StreamStarted, E::SessionReady, E::SessionResumed, E::SessionLost, E::GreetingOver,
                             E::BargeIn,       E::AgentSpeaks,  E::Drain,          E::End};
constexpr std::array kEventNames{"StreamStarted", "SessionReady", "SessionResumed", "SessionLost", "GreetingOver",
                                 "BargeIn",       "AgentSpeaks",  "Drain",          "End"};
static_assert(kEvents.size() == kEventNames.size());

// The shortest way to each state.
std::vector<Event> wayTo(State state)
{
    switch (state) {
    case S::Connected: return {};
    case S::Gate: return {E::StreamStarted};
    case S::Greeting: return {E::StreamStarted, E::SessionReady};
    case S::Talking: return {E::StreamStarted, E::SessionReady, E::GreetingOver};
    case S::Interrupted: return {E::StreamStarted, E::SessionReady, E::BargeIn};
    case S::Draining: return {E::StreamStarted, E::Drain};
    case S::Ended: return {E::End};
    }
    return {};
}

// A row a state, in the order of kStates; a column an event, in the order of kEvents: Start Ready Resumed Lost Over
// Barge Speaks Drain End. What becomes of the state (Connected, Gate, gReeting, Talking, Interrupted, Draining, Ended),
// or '.' for an event that means nothing there.
constexpr std::array kExpected{
    "G.......E", // connected
    ".RT....DE", // gate
    "...GTI.DE", // greeting
    "...G.I.DE", // talking
    "...G.ITDE", // interrupted
    "........E", // draining
    ".........", // ended
};
constexpr char kLetters[] = "CGRTIDE";

} // namespace

class TestMachine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyPair_data();
    void everyPair();
    void beginsConnected();
    void wholeLife();
    void endIsIdempotent();
    void namesAreStableAndDifferent();
};

void TestMachine::everyPair_data()
{
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("event");
    QTest::addColumn<int>("to"); // -1: refused
    for (const bool happy : {true, false}) {
        for (std::size_t from = 0; from < kStates.size(); ++from) {
            for (std::size_t event = 0; event < kEvents.size(); ++event) {
                const char letter = kExpected[from][event];
                if ((letter != '.') != happy)
                    continue;
                const int to = happy ? int(std::find(kLetters, kLetters + 7, letter) - kLetters) : -1;
                QTest::addRow("%s: %s, %s", happy ? "happy" : "rainy", name(kStates[from]).data(), kEventNames[event])
                    << int(from) << int(event) << to;
            }
        }
    }
}

void TestMachine::everyPair()
{
    QFETCH(int, from);
    QFETCH(int, event);
    QFETCH(int, to);
    Machine machine;
    for (const Event step : wayTo(kStates[std::size_t(from)]))
        QVERIFY(machine.on(step));
    QCOMPARE(machine.state(), kStates[std::size_t(from)]);
    QCOMPARE(machine.on(kEvents[std::size_t(event)]), to >= 0);
    QCOMPARE(machine.state(), kStates[std::size_t(to >= 0 ? to : from)]);
}

void TestMachine::beginsConnected()
{
    QCOMPARE(Machine().state(), S::Connected);
}

void TestMachine::wholeLife()
{
    Machine machine;
    const std::vector<std::pair<Event, State>> life{
        {E::StreamStarted, S::Gate},  {E::SessionReady, S::Greeting},  {E::GreetingOver, S::Talking},
        {E::BargeIn, S::Interrupted}, {E::BargeIn, S::Interrupted},    {E::AgentSpeaks, S::Talking},
        {E::SessionLost, S::Gate},    {E::SessionResumed, S::Talking}, {E::BargeIn, S::Interrupted},
        {E::SessionLost, S::Gate},    {E::SessionResumed, S::Talking}, {E::Drain, S::Draining},
        {E::End, S::Ended},
    };
    for (const auto &[event, state] : life) {
        QVERIFY(machine.on(event));
        QCOMPARE(machine.state(), state);
    }
}

// Every way out leads to End, and some calls are on several of them at once.
void TestMachine::endIsIdempotent()
{
    for (const State state : kStates) {
        Machine machine;
        for (const Event step : wayTo(state))
            QVERIFY(machine.on(step));
        QCOMPARE(machine.on(E::End), state != S::Ended);
        for (int again = 0; again < 3; ++again) {
            QVERIFY(!machine.on(E::End));
            QCOMPARE(machine.state(), S::Ended);
        }
    }
}

void TestMachine::namesAreStableAndDifferent()
{
    constexpr std::array kNames{"connected", "gate", "greeting", "talking", "interrupted", "draining", "ended"};
    for (std::size_t i = 0; i < kStates.size(); ++i)
        QCOMPARE(name(kStates[i]), QLatin1StringView(kNames[i]));
    QCOMPARE(name(static_cast<State>(99)), QLatin1StringView("unknown"));
}

QTEST_APPLESS_MAIN(TestMachine)
#include "tst_machine.moc"
