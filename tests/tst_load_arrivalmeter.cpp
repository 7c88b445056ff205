// SPDX-License-Identifier: GPL-3.0-or-later
// The meter on a made-up clock: what it blames the program under test for, and what it does not.
#include "load/arrivalmeter.h"
#include "load/wiretext.h"

#include <QTest>

using namespace takt::load;
using takt::sim::Nanos;
using takt::sim::kMillisecond;

namespace {

constexpr Nanos kStart = 1'000 * kMillisecond;
constexpr std::size_t kBytes = 160;

ArrivalMeter::Message alone(double ms)
{
    const Nanos at = kStart + Nanos(ms * double(kMillisecond));
    return {at, false, at - kMillisecond / 10, at, true};
}
// One of several that came out of a read at `ms`, of a socket that was empty at `emptyMs`.
ArrivalMeter::Message together(double ms, double emptyMs, bool first)
{
    ArrivalMeter::Message message = alone(ms);
    message.shared = !first;
    message.emptyAt = kStart + Nanos(emptyMs * double(kMillisecond));
    return message;
}

} // namespace

class TestArrivalMeter : public QObject
{
    Q_OBJECT
    ArrivalFigures m_figures;

private Q_SLOTS:
    void init() { m_figures = ArrivalFigures(); }

    void steadyFramesAreFaultless()
    {
        ArrivalMeter meter(m_figures);
        for (int i = 0; i < 50; ++i)
            meter.frame(alone(20 * i), kBytes);
        meter.end(kStart + 50 * kInterval);
        QCOMPARE(m_figures.frames, 50U);
        QCOMPARE(m_figures.gaps, 49U);
        QCOMPARE(m_figures.deviation.total(), 49U);
        QCOMPARE(m_figures.deviation.maxMs(), 0.0);
        QCOMPARE(m_figures.speaking, 49 * kInterval);
        QCOMPARE(m_figures.bursts + m_figures.stalls + m_figures.wrongSize + m_figures.notMeasurable, 0U);
        QCOMPARE(m_figures.silence, 0);
    }
    void stallAndBurst()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), kBytes);
        meter.frame(alone(121), kBytes);
        meter.frame(alone(130.5), kBytes);
        meter.end(kStart + 140 * kMillisecond);
        QCOMPARE(m_figures.stalls, 1U);
        QCOMPARE(m_figures.bursts, 1U);
        QCOMPARE(m_figures.silence, 101 * kMillisecond);
    }
    // 160 bytes are 20 ms of audio and not a microsecond more: late frames are heard as silence once each.
    void silenceIsWhatTheBufferDidNotCover()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), kBytes);
        meter.frame(alone(23), kBytes);
        meter.frame(alone(42), kBytes); // within what the 3 ms moved
        meter.frame(alone(64), kBytes);
        meter.end(kStart + 70 * kMillisecond);
        QCOMPARE(m_figures.silence, 4 * kMillisecond);
    }
    // The bench was away for 25 ms: two frames in one read may have come at any time of these.
    void gapsSeenTooLateAreNotMeasurable()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), kBytes);
        meter.frame(together(40, 15, true), kBytes);
        meter.frame(together(40, 15, false), kBytes);
        meter.frame(alone(60), kBytes);
        meter.end(kStart + 70 * kMillisecond);
        QCOMPARE(m_figures.gaps, 3U);
        QCOMPARE(m_figures.notMeasurable, 2U);
        QCOMPARE(m_figures.bursts, 0U);
        QCOMPARE(m_figures.plainBursts, 1U);
        QCOMPARE(m_figures.deviation.maxMs(), 0.0);
        QCOMPARE(m_figures.silence, 0);
    }
    // Two frames in one read although the socket had been empty just before: a burst, whatever the stamps say.
    void burstInOneReadIsABurst()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), kBytes);
        meter.frame(together(20, 19.5, true), kBytes);
        meter.frame(together(20, 19.5, false), kBytes);
        meter.end(kStart + 30 * kMillisecond);
        QCOMPARE(m_figures.bursts, 1U);
        QCOMPARE(m_figures.notMeasurable, 0U);
    }
    // A mark behind a frame in the same read makes the frame's time as uncertain as a second frame would.
    void otherMessagesOfTheReadCount()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), kBytes);
        meter.frame(together(40, 15, true), kBytes);
        meter.other(together(40, 15, false));
        meter.end(kStart + 45 * kMillisecond);
        QCOMPARE(m_figures.notMeasurable, 1U);
    }
    void silenceAfterClearIsNobodysFault()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), kBytes);
        meter.clear(alone(5));
        meter.frame(alone(700), kBytes);
        meter.frame(alone(720), kBytes);
        meter.end(kStart + 730 * kMillisecond);
        QCOMPARE(m_figures.gaps, 1U);
        QCOMPARE(m_figures.stalls, 0U);
        QCOMPARE(m_figures.silence, 0);
        QCOMPARE(m_figures.speaking, kInterval);
    }
    void speechThatBreaksOffIsAStall()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), kBytes);
        meter.end(kStart + 500 * kMillisecond);
        QCOMPARE(m_figures.stalls, 1U);
        QCOMPARE(m_figures.speaking, 500 * kMillisecond);
    }
    void wrongSize()
    {
        ArrivalMeter meter(m_figures);
        meter.frame(alone(0), 161);
        QCOMPARE(m_figures.wrongSize, 1U);
    }
    void readsJson()
    {
        QVERIFY(textOf("{\"a\": \"b\"}", "\"a\"") == "b");
        QVERIFY(textOf("{\"a\":1}", "\"a\"").empty());
        QVERIFY(textOf("{\"a", "\"a\"").empty());
        QVERIFY(objectOf("{\"s\": {\"t\":\"}\",\"u\":{}} }", "\"s\"") == "{\"t\":\"}\",\"u\":{}}");
        QVERIFY(objectOf("{\"s\":{", "\"s\"").empty());
        QCOMPARE(decodedSize("AAAA"), 3U);
        QCOMPARE(decodedSize("AAA="), 2U);
        QCOMPARE(decodedSize("AA=="), 1U);
        QCOMPARE(decodedSize(""), 0U);
    }
};

QTEST_APPLESS_MAIN(TestArrivalMeter)
#include "tst_load_arrivalmeter.moc"
