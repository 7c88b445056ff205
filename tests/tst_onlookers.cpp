// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody looks at all live calls, of which there are many: he sees each of them once, and the calls go on meanwhile.
#include "support/callrig.h"

#include <QSet>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

constexpr int kInARound = calls::CallWorker::kSeenInARound;

class Rig : public test::CallRig
{
public:
    // `count` calls, CA0 and so on.
    explicit Rig(int count)
    {
        run([&](calls::CallWorker &w) {
            for (int i = 0; i < count; ++i) {
                carrier::StreamStart call = test::streamStart();
                call.callSid = u"CA%1"_s.arg(i);
                w.onStarted(LaneId(i + 1), call, pass, std::make_shared<media::CallMedia>(100));
            }
        });
    }
    // What he sees who looks now. In each round of the calls' event loop from then on `eachRound` is called.
    QStringList look(const std::function<void(calls::CallWorker &)> &eachRound = {})
    {
        QStringList seen;
        std::atomic<bool> told = false;
        run([&](calls::CallWorker &w) {
            auto *rounds = new QTimer(&w);
            connect(rounds, &QTimer::timeout, &w, [&] {
                if (eachRound)
                    eachRound(w);
            });
            rounds->start(0);
            w.tellAll([&, rounds](const QList<CallSnapshot> &calls) {
                delete rounds;
                for (const CallSnapshot &call : calls)
                    seen << call.callSid;
                told = true;
            });
        });
        return QTest::qWaitFor([&] { return told.load(); }) ? seen : QStringList{u"nothing was told"_s};
    }
};

} // namespace

class TestOnlookers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void eachCallIsSeenOnce_data()
    {
        QTest::addColumn<int>("count");
        for (const int count : {0, 1, kInARound, kInARound + 1, 3 * kInARound})
            QTest::addRow("%d", count) << count;
    }
    void eachCallIsSeenOnce()
    {
        QFETCH(int, count);
        Rig rig(count);
        QStringList seen = rig.look();
        QCOMPARE(seen.size(), count);
        QCOMPARE(QSet<QString>(seen.begin(), seen.end()).size(), count);
    }

    void theCallsGoOnMeanwhile()
    {
        Rig rig(3 * kInARound);
        int rounds = 0;
        QCOMPARE(rig.look([&](auto &) { ++rounds; }).size(), 3 * kInARound);
        QVERIFY2(rounds >= 2, qPrintable(QString::number(rounds)));
    }

    void aCallMayEndWhileItIsLookedFor()
    {
        Rig rig(2 * kInARound);
        bool first = true;
        const QStringList seen = rig.look([&](calls::CallWorker &w) {
            if (std::exchange(first, false))
                w.endAll(EndReason::Shutdown);
        });
        QVERIFY2(seen.size() <= kInARound, qPrintable(QString::number(seen.size())));
    }

    void severalMayLookAtOnce()
    {
        Rig rig(2 * kInARound);
        QList<qsizetype> told;
        std::atomic<int> done = 0;
        rig.run([&](calls::CallWorker &w) {
            for (int i = 0; i < 3; ++i) {
                w.tellAll([&](const QList<CallSnapshot> &calls) {
                    told << calls.size();
                    ++done;
                });
            }
        });
        QTRY_COMPARE(done.load(), 3);
        QCOMPARE(told, (QList<qsizetype>{2 * kInARound, 2 * kInARound, 2 * kInARound}));
    }

    // Who asks again as soon as he was told is served as well, and does not hold up the calls' thread.
    void oneMayAskAgainFromWithin()
    {
        Rig rig(kInARound + 1);
        std::atomic<int> done = 0;
        rig.run([&](calls::CallWorker &w) {
            w.tellAll([&](const QList<CallSnapshot> &) {
                ++done;
                w.tellAll([&](const QList<CallSnapshot> &calls) { done += int(calls.size()); });
            });
        });
        QTRY_COMPARE(done.load(), 1 + kInARound + 1);
    }

    void whoWaitsWhenAllEndsIsNotTold()
    {
        Rig rig(2 * kInARound);
        std::atomic<int> told = 0;
        rig.run([&](calls::CallWorker &w) {
            w.tellAll([&](const QList<CallSnapshot> &) { ++told; });
            rig.worker.reset();
        });
        QTest::qWait(20);
        QCOMPARE(told.load(), 0);
    }
};

QTEST_GUILESS_MAIN(TestOnlookers)
#include "tst_onlookers.moc"
