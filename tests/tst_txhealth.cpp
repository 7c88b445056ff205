// SPDX-License-Identifier: GPL-3.0-or-later
// What one lane's slots add up to: counts, lateness, gaps, and the stalls that ended with a frame. A simulated clock.
#include "media/txhealth.h"

#include <QTest>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using media::TxHealth;

namespace {

constexpr qint64 kMs = 1'000'000;

// A lane whose slots come every 20 ms. Letters: s sent, e empty, f full, i the item is over, c clear, C empty because of a
// clear that is on its way, r audio comes to the empty queue; a number: the milliseconds before the next of these.
struct Lane {
    void run(const QString &script)
    {
        int wait = 20;
        for (const QString &word : script.split(u' ')) {
            bool isNumber = false;
            if (const int n = word.toInt(&isNumber); isNumber) {
                wait = n;
                continue;
            }
            const qint64 lateNs = (wait - 20) * kMs;
            const int step = wait;
            now += wait * kMs;
            wait = 20;
            if (word == u's')
                health.noteSent({now, lateNs, 0, readyNs, backlog});
            else if (word == u'e' || word == u'C')
                health.noteEmpty(lateNs, false, word == u'C');
            else if (word == u'f')
                health.noteFull(lateNs, 330);
            else if (word == u'i')
                health.noteItemOver();
            else if (word == u'c')
                health.noteCleared(now - (step == 20 ? 20 * kMs : 0));
            else if (word == u'r')
                readyNs = now - (step == 20 ? 20 * kMs : 0);
            if (step == 20 && (word == u'i' || word == u'c' || word == u'r'))
                now -= 20 * kMs; // no slot of its own
        }
    }
    TxHealth health;
    qint64 now = 1000 * kMs;
    qint64 readyNs = now;
    int backlog = 0;
};

} // namespace

class TestTxHealth : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stalls_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<int>("stalls");
        QTest::addColumn<int>("lastMs");
        QTest::addColumn<QString>("cause");
        QTest::addColumn<int>("worstGapMs");
        const auto row = [](const char *title, const char *script, int stalls, int lastMs, const char *cause,
                            int gapMs) {
            QTest::newRow(title) << QString::fromLatin1(script) << stalls << lastMs << QString::fromLatin1(cause)
                                 << gapMs;
        };
        row("happy: speech", "s s s s i", 0, 0, "", 20);
        row("happy: the limit", "s 120 s", 0, 0, "", 120);
        row("happy: a pause between items", "s i e 500 e r s i", 0, 0, "", 0);
        row("happy: a long pause without a look", "s i e e 5000 e r s", 0, 0, "", 0);
        row("happy: a worker that slept, with nothing to send", "s i 500 r s", 0, 0, "", 0);
        row("happy: the socket is full, with nothing to send", "s i f f f f f f r s", 0, 0, "", 0);
        row("happy: the item's end came late", "s e e e e e e e e e i e r s", 0, 0, "", 0);
        row("happy: a clear, then the next reply", "s s c e e e e e e e e r s", 0, 0, "", 20);
        row("happy: a clear while the socket was full", "s f f f f c f f f f r s", 0, 0, "", 0);
        row("happy: a clear on its way", "s s C C c e e r s", 0, 0, "", 20);
        row("happy: the next item was there already", "s s r i s", 0, 0, "", 20);
        row("rainy: the worker came late", "s 121 s", 1, 121, "worker late", 121);
        row("rainy: ... and found nothing first", "s 180 e s", 1, 200, "worker late", 200);
        row("rainy: ... and a full socket first", "s 180 f s", 1, 200, "worker late", 200);
        row("rainy: the socket was full", "s f f f f f f s", 1, 140, "socket full", 140);
        row("rainy: ... and the worker a little late", "s f f 60 f f f s", 1, 160, "socket full", 160);
        row("rainy: the model ran dry", "s e e e e e e s", 1, 140, "queue starved", 140);
        row("rainy: ... and the caller interrupted", "s e e e e e e e c e e", 1, 140, "queue starved", 140);
        row("rainy: the worker was late, and a clear ended it", "s 200 c e e", 1, 200, "worker late", 200);
        row("rainy: speech began late", "e r 200 s", 1, 200, "worker late", 200);
        row("rainy: ... after another item", "s i e e r 200 s", 1, 200, "worker late", 200);
        row("rainy: ... into a full socket", "s i e r f f f f f f f s", 1, 160, "socket full", 160);
        row("rainy: ... by a worker that was late before there was anything", "s i 300 f e r f f f f f f f s", 1, 160,
            "socket full", 160);
        row("rainy: full once, dry later", "s f s e e e e e e s", 1, 140, "queue starved", 140);
        row("rainy: dry for a moment", "s e e s", 0, 0, "", 60);
        row("rainy: two of them", "s 200 s s f f f f f f f s", 2, 160, "socket full", 200);
        row("rainy: full once, late later", "s f s 150 s", 1, 150, "worker late", 150);
    }
    void stalls()
    {
        QFETCH(QString, script);
        QFETCH(int, stalls);
        QFETCH(int, lastMs);
        QFETCH(QString, cause);
        QFETCH(int, worstGapMs);
        Lane lane;
        lane.run(script);
        const TxHealth::Stall last = lane.health.lastStall();
        QCOMPARE(int(last.number), stalls);
        QCOMPARE(int(last.durationNs / kMs), lastMs);
        if (stalls > 0)
            QCOMPARE(QString(name(last.cause)), cause);
        QCOMPARE(int(lane.health.facts().worstGapUs), worstGapMs * 1000);
        QCOMPARE(int(lane.health.takeWorstGapNs() / kMs), worstGapMs);
        QCOMPARE(int(lane.health.takeWorstGapNs()), 0); // since the last time
    }

    void counts()
    {
        Lane lane;
        lane.backlog = 49;
        lane.run(u"e e s"_s);
        lane.backlog = 7;
        lane.run(u"21 s e e s i e f f s C c"_s);
        lane.health.noteEmpty(0, true, false);
        const TxFacts facts = lane.health.facts();
        QCOMPARE(facts.framesSent, 4);
        QCOMPARE(facts.slotsSkipped, 6);
        QCOMPARE(facts.framesSilent, 1);
        QCOMPARE(facts.slotsFull, 2);
        QCOMPARE(facts.backlogMaxMs, 1000); // the frame itself as well
        QCOMPARE(facts.unsentMaxBytes, 330);
        QCOMPARE(facts.underruns, 1); // two empty slots, one time; and none because of a clear on its way
        QCOMPARE(facts.worstLateUs, 1000);
        QCOMPARE(facts.lateP50Us, 16); // the first bucket's bound
        QVERIFY(facts.lateP99Us >= 1000 && facts.lateP99Us <= 1125);
        QCOMPARE(facts.stalledMs, 0);
    }

    // Two frames at once, whatever came before them.
    void bursts()
    {
        Lane lane;
        const auto send = [&lane](qint64 atNs, qint64 readyNs) { lane.health.noteSent({atNs, 0, 0, readyNs, 0}); };
        send(1'000'000'000, 999'000'000);
        send(1'009'000'000, 999'000'000); // as a lead is built, and a little early
        QCOMPARE(lane.health.facts().bursts, 0);
        send(1'017'999'999, 999'000'000);
        QCOMPARE(lane.health.facts().bursts, 1);
        lane.health.noteCleared(1'017'999'999);
        send(1'018'000'001, 1'018'000'000); // after a clear it is no running speech
        QCOMPARE(lane.health.facts().bursts, 1);
    }

    void factsAsJson()
    {
        Lane lane;
        lane.run(u"e s 300 s e s i"_s);
        const TxFacts facts = lane.health.facts();
        QJsonObject json;
        facts.addTo(json);
        QCOMPARE(json["stalled_ms"_L1].toInt(), 300);
        QVERIFY(TxFacts::fromJson(json) == facts);
        QVERIFY(TxFacts::fromJson({}) == TxFacts());
    }
};

QTEST_GUILESS_MAIN(TestTxHealth)
#include "tst_txhealth.moc"
