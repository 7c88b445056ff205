// SPDX-License-Identifier: GPL-3.0-or-later
// A caller who listens, speaks and interrupts, on a clock of the test's own.
#include "sim/carrier/caller.h"

#include <QTest>

using namespace takt::sim;

namespace {

constexpr Nanos kFrame = 20 * kMillisecond;

// Lives through that long; the agent is audible when it says so.
struct Life {
    Voices voices = Voices::synthetic();
    Caller caller;
    Nanos now = kSecond;
    int speechFrames = 0;
    int began = 0;
    int ended = 0;
    bool hungUp = false;
    std::string keys;

    Life(Script script, double interrupt)
        : caller(voices, std::move(script), interrupt, 5)
    {
    }
    void live(int ms, bool agent)
    {
        PhoneFrame frame;
        for (int t = 0; t < ms; t += 20, now += kFrame) {
            const auto moment = caller.next(now, agent, frame);
            speechFrames += moment.speaking ? 1 : 0;
            began += moment.began ? 1 : 0;
            ended += moment.ended ? 1 : 0;
            hungUp = hungUp || moment.hangUp;
            if (moment.digit)
                keys += *moment.digit;
        }
    }
};

} // namespace

class TestSimCaller : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waitsForTheAgentToEnd();
    void interrupts();
    void losesPatience();
    void followsAScript();
};

void TestSimCaller::waitsForTheAgentToEnd()
{
    Life life({}, 0);
    life.live(1000, false);
    life.live(3000, true);
    life.live(200, false); // a short pause of the agent's is no end
    life.live(2000, true);
    QCOMPARE(life.began, 0);
    life.live(1100, false);
    QCOMPARE(life.began, 1);
    QVERIFY(!life.caller.text().empty());
    life.live(5000, false);
    QCOMPARE(life.ended, 1);
    QVERIFY(life.speechFrames * 20 >= 900);
}

void TestSimCaller::interrupts()
{
    Life life({}, 1);
    life.live(500, false);
    life.live(2700, true);
    QCOMPARE(life.began, 1); // while the agent speaks
    life.live(1500, false);
    QVERIFY(life.speechFrames * 20 >= 1000);
}

void TestSimCaller::losesPatience()
{
    Life life({}, 0);
    life.live(7000, false);
    QCOMPARE(life.began, 0);
    life.live(4000, false);
    QCOMPARE(life.began, 1);
}

void TestSimCaller::followsAScript()
{
    Life life({{Step::Kind::Pause, 500, {}, '1'},
               {Step::Kind::Press, 0, {}, '7'},
               {Step::Kind::Say, 0, {1}, '1'},
               {Step::Kind::HangUp, 0, {}, '1'}},
              1);
    life.live(480, true);
    QVERIFY(life.keys.empty());
    life.live(100, true);
    QCOMPARE(life.keys, std::string("7"));
    QCOMPARE(life.caller.text(), std::string("caller phrase 1"));
    QVERIFY(!life.hungUp);
    life.live(2000, true);
    QVERIFY(life.hungUp);
}

QTEST_GUILESS_MAIN(TestSimCaller)
#include "tst_sim_caller.moc"
