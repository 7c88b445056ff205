// SPDX-License-Identifier: GPL-3.0-or-later
// What counts as work after calls that disturbed them.
#include "bench/workduel.h"

#include <QTest>

using namespace takt::bench;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kCalls = 10;
constexpr int kRecordings = 20;

RunResult calm(bool working, double p999 = 1)
{
    RunResult run;
    run.plan = {Program::Gateway, kCalls, 1, working};
    run.figures.gapP999 = p999;
    run.work.emplace();
    run.work->released = working ? 1 : 0;
    run.work->recordings = kRecordings;
    run.work->converted = run.work->transcribed = run.work->callsDone = working ? kRecordings : 0;
    return run;
}

QStringList broken(const std::vector<RunResult> &runs)
{
    QStringList names;
    const WorkDuel result = workDuel(runs, kCalls);
    for (const Limit &limit : result.limits) {
        if (!limit.held)
            names << limit.name;
    }
    return result.held() == names.isEmpty() ? names : QStringList{u"held() disagrees"_s};
}

} // namespace

class TestWorkDuel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void equalRunsHold() { QCOMPARE(broken({calm(false), calm(true)}), QStringList()); }
    void stallsAndBursts()
    {
        RunResult working = calm(true);
        working.figures.stalls = 1;
        working.figures.bursts = 1;
        working.work->ownStalls = 1;
        QCOMPARE(broken({calm(false), working}),
                 (QStringList{u"stalls > 120 ms"_s, u"bursts < 10 ms"_s, u"stalls that the gateway counts"_s}));
    }
    // Of each repeat with its own other half, whichever ran first; one that a foreign process has spoilt decides nothing.
    void lateness()
    {
        const QStringList late{u"p99.9 |gap - 20 ms|, ratio"_s};
        QCOMPARE(broken({calm(false, 2), calm(true, 3)}), QStringList());
        QCOMPARE(broken({calm(false, 2), calm(true, 3.1)}), late);
        QCOMPARE(broken({calm(false, 2), calm(true, 2), calm(true, 9), calm(false, 2), calm(false, 4), calm(true, 5)}),
                 QStringList());
    }
    void workThatIsNotDoneProvesNothing()
    {
        RunResult working = calm(true);
        working.work->converted = kRecordings - 1;
        working.work->callsDone = 0;
        QCOMPARE(broken({calm(false), working}),
                 (QStringList{u"recordings converted"_s, u"calls with all work done"_s}));
    }
    void halfAPairProvesNothing() { QVERIFY(!workDuel({calm(true)}, kCalls).held()); }
};

QTEST_APPLESS_MAIN(TestWorkDuel)
#include "tst_bench_workduel.moc"
