// SPDX-License-Identifier: GPL-3.0-or-later
// What counts as a call that abuse has cost something, and as a wrong end of abuse.
#include "bench/abuse.h"
#include "bench/duel.h"

#include <QTest>

using namespace takt::bench;
using takt::load::Door;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kCalls = 10;

RunResult calm(bool attacked)
{
    RunResult run;
    run.plan = {Program::Gateway, kCalls, 1, attacked};
    run.figures.gapP999 = 1;
    run.attack.emplace();
    run.attack->attacked = attacked;
    run.attack->seconds = 10;
    run.attack->kinds[0].opened = attacked ? 5000 : 0;
    return run;
}

QStringList broken(const RunResult &undisturbed, const RunResult &attacked)
{
    QStringList names;
    const Duel result = duel({undisturbed, attacked}, Options(), kCalls);
    for (const Limit &limit : result.limits) {
        if (!limit.held)
            names << limit.name;
    }
    return result.held() == names.isEmpty() ? names : QStringList{u"held() disagrees"_s};
}

} // namespace

class TestDuel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void equalRunsHold() { QCOMPARE(broken(calm(false), calm(true)), QStringList()); }

    void whatTheUndisturbedHadTooIsNoFault()
    {
        RunResult undisturbed = calm(false);
        RunResult attacked = calm(true);
        undisturbed.figures.stalls = 2;
        attacked.figures.stalls = 2;
        QCOMPARE(broken(undisturbed, attacked), QStringList());
        attacked.figures.stalls = 3;
        QCOMPARE(broken(undisturbed, attacked), QStringList{u"stalls > 120 ms"_s});
    }
    void burstsAndLostCalls()
    {
        RunResult attacked = calm(true);
        attacked.figures.bursts = 1;
        attacked.figures.callsDropped = 1;
        QCOMPARE(broken(calm(false), attacked), (QStringList{u"calls lost or silent"_s, u"bursts < 10 ms"_s}));
    }
    // Half as much again and a whole millisecond more: of small times either alone is noise.
    void latenessHasToBeBoth()
    {
        RunResult undisturbed = calm(false);
        RunResult attacked = calm(true);
        attacked.figures.gapP999 = 1.9;
        QCOMPARE(broken(undisturbed, attacked), QStringList());
        attacked.figures.gapP999 = 2.1;
        QCOMPARE(broken(undisturbed, attacked), QStringList{u"p99.9 |gap - 20 ms|, ms"_s});
        undisturbed.figures.gapP999 = 10;
        attacked.figures.gapP999 = 14;
        QCOMPARE(broken(undisturbed, attacked), QStringList());
    }
    void wrongEndsAndHonestFailures()
    {
        RunResult attacked = calm(true);
        attacked.attack->kinds[3].wrong = 1;
        attacked.attack->honest.failed = 1;
        QCOMPARE(broken(calm(false), attacked), (QStringList{u"wrong ends of abuse"_s, u"honest requests failed"_s}));
    }
    void anAttackThatDidNotComeProvesNothing()
    {
        RunResult attacked = calm(true);
        attacked.attack->kinds[0].opened = 4000;
        QCOMPARE(broken(calm(false), attacked), QStringList{u"connections/s of the attack"_s});
    }
    void rightStatuses()
    {
        const Door open{1, {}};
        const Door closed{1, "token"};
        QVERIFY(isRight(AttackKind::SlowHead, open, 408));
        QVERIFY(!isRight(AttackKind::SlowHead, open, 0));
        QVERIFY(!isRight(AttackKind::HugeBody, open, 200));
        QVERIFY(isRight(AttackKind::EndlessChunkLine, open, 431));
        QVERIFY(isRight(AttackKind::UnsignedWebhook, open, 200));
        QVERIFY(!isRight(AttackKind::UnsignedWebhook, closed, 200));
        QVERIFY(isRight(AttackKind::UnsignedWebhook, closed, 403));
    }
    void sharesAreAHundred()
    {
        int total = 0;
        for (const AttackKindFacts &kind : kAttackKinds)
            total += kind.share;
        QCOMPARE(total, 100);
    }
};

QTEST_APPLESS_MAIN(TestDuel)
#include "tst_bench_duel.moc"
