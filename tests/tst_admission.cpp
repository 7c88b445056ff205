// SPDX-License-Identifier: GPL-3.0-or-later
// Who may come in: each limit, the beat's lateness, draining; and that a slot is free again whoever lets go of it, where.
#include "frontdoor/admission.h"
#include "support/reception.h"
#include "telemetry/counters.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <thread>

using namespace takt;
using namespace takt::frontdoor;
using namespace Qt::Literals::StringLiterals;
using config::AdmissionSettings;
using telemetry::Counter;
using telemetry::counted;
using test::business;

namespace {

constexpr Direction kIn = Direction::Inbound;
constexpr Direction kOut = Direction::Outbound;

struct Counts {
    qint64 admitted = counted(Counter::CallsAdmitted);
    qint64 limit = counted(Counter::CallsRefusedLimit);
    qint64 late = counted(Counter::CallsRefusedLate);
    qint64 draining = counted(Counter::CallsRefusedDraining);
};

} // namespace

class TestAdmission : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void limits_data()
    {
        QTest::addColumn<int>("maxCalls");
        QTest::addColumn<int>("maxOutbound");
        QTest::addColumn<int>("ownCalls");
        QTest::addColumn<int>("ownOutbound");
        QTest::addColumn<int>("inbound"); // that are let in, of ten
        QTest::addColumn<int>("outbound");
        QTest::addColumn<Refusal>("inboundRefusal");
        QTest::addColumn<Refusal>("outboundRefusal");
        const Refusal none = Refusal::None;
        QTest::newRow("no limits") << 0 << 0 << 0 << 0 << 10 << 10 << none << none;
        QTest::newRow("of the gateway") << 3 << 0 << 0 << 0 << 3 << 3 << Refusal::Limit << Refusal::Limit;
        QTest::newRow("of outbound calls") << 0 << 2 << 0 << 0 << 10 << 2 << none << Refusal::OutboundLimit;
        QTest::newRow("of the business") << 0 << 0 << 4 << 0 << 4 << 4 << Refusal::BusinessLimit
                                         << Refusal::BusinessLimit;
        QTest::newRow("of the business's outbound calls")
            << 0 << 0 << 0 << 1 << 10 << 1 << none << Refusal::OutboundLimit;
        QTest::newRow("the gateway's before the business's")
            << 2 << 0 << 2 << 0 << 2 << 2 << Refusal::Limit << Refusal::Limit;
        QTest::newRow("the smaller of both outbound")
            << 9 << 3 << 8 << 2 << 8 << 2 << Refusal::BusinessLimit << Refusal::OutboundLimit;
        QTest::newRow("one") << 1 << 1 << 1 << 1 << 1 << 1 << Refusal::Limit << Refusal::Limit;
    }
    void limits()
    {
        QFETCH(int, maxCalls);
        QFETCH(int, maxOutbound);
        QFETCH(int, ownCalls);
        QFETCH(int, ownOutbound);
        const auto shop = business(u"shop"_s, {}, {ownCalls, ownOutbound});
        for (const Direction direction : {kIn, kOut}) {
            QFETCH(int, inbound);
            QFETCH(int, outbound);
            QFETCH(Refusal, inboundRefusal);
            QFETCH(Refusal, outboundRefusal);
            Admission admission({maxCalls, maxOutbound, 0, 1});
            const Counts before;
            std::vector<Slot> slots;
            Refusal why = Refusal::None;
            for (int i = 0; i < 10; ++i) {
                const Admission::Verdict verdict = admission.admit(*shop, direction);
                QCOMPARE(verdict.slot == nullptr, verdict.refusal != Refusal::None);
                if (verdict.slot != nullptr)
                    slots.push_back(verdict.slot);
                else
                    why = verdict.refusal;
            }
            const int expected = direction == kIn ? inbound : outbound;
            QCOMPARE(int(slots.size()), expected);
            QCOMPARE(admission.held(), expected);
            QCOMPARE(admission.held(u"shop"_s), expected);
            QCOMPARE(why, direction == kIn ? inboundRefusal : outboundRefusal);
            const Counts after;
            QCOMPARE(after.admitted - before.admitted, expected);
            QCOMPARE(after.limit - before.limit, 10 - expected);
            QCOMPARE(after.late + after.draining, before.late + before.draining);
            slots.clear();
            QCOMPARE(admission.held(), 0);
            QVERIFY(admission.admit(*shop, direction).slot != nullptr); // and lost at once
            QCOMPARE(admission.held(u"shop"_s), 0);
        }
    }

    // Inbound calls take nothing from the outbound limit, and one business nothing from another's.
    void kindsAndBusinessesAreCountedApart()
    {
        Admission admission({0, 2, 0, 1});
        const auto shop = business(u"shop"_s, {}, {3, 1});
        const auto bank = business(u"bank"_s, {}, {3, 0});
        std::vector<Slot> slots;
        const auto admit = [&](const config::BusinessPtr &whose, Direction direction) {
            slots.push_back(admission.admit(*whose, direction).slot);
            return slots.back() != nullptr;
        };
        QVERIFY(admit(shop, kIn));
        QVERIFY(admit(shop, kOut));
        QVERIFY(!admit(shop, kOut)); // the shop's own
        QVERIFY(admit(shop, kIn));
        QVERIFY(!admit(shop, kIn));
        QVERIFY(admit(bank, kOut));
        QVERIFY(!admit(bank, kOut)); // the gateway's: two
        QVERIFY(admit(bank, kIn));
        QCOMPARE(admission.held(u"shop"_s), 3);
        QCOMPARE(admission.held(u"bank"_s), 2);
        QCOMPARE(admission.held(u"nobody"_s), 0);
        QCOMPARE(admission.held(), 5);
        slots[1].reset(); // the shop's outbound call
        QVERIFY(!admit(business(u"bank"_s, {}, {2, 0}), kOut));
        QVERIFY(admit(shop, kOut));
    }

    void aLimitThatShrinksEndsNoCall()
    {
        Admission admission({5, 0, 0, 1});
        const auto shop = business(u"shop"_s, {});
        std::vector<Slot> slots;
        for (int i = 0; i < 5; ++i)
            slots.push_back(admission.admit(*shop, kIn).slot);
        admission.configure({2, 0, 0, 1});
        QCOMPARE(admission.held(), 5);
        slots.resize(2);
        QCOMPARE(admission.refusal(), Refusal::Limit);
        slots.resize(1);
        QCOMPARE(admission.refusal(), Refusal::None);
    }

    // A slot has several holders (a token, a lane, a call); it counts as one, and is free with the last.
    void aSlotIsFreeWithItsLastHolder()
    {
        Admission admission({1, 0, 0, 1});
        const auto shop = business(u"shop"_s, {});
        Slot first = admission.admit(*shop, kIn).slot;
        Slot second = first;
        first.reset();
        QCOMPARE(admission.held(), 1);
        QCOMPARE(admission.admit(*shop, kIn).refusal, Refusal::Limit);
        second.reset();
        QCOMPARE(admission.held(), 0);
    }

    void slotsEndInAnyThreadAndOutliveTheDoor()
    {
        auto admission = std::make_unique<Admission>(AdmissionSettings{40, 0, 0, 1});
        const auto shop = business(u"shop"_s, {});
        std::vector<std::thread> threads;
        int most = 0;
        for (int round = 0; round < 50; ++round) {
            std::vector<Slot> slots;
            while (Slot slot = admission->admit(*shop, round % 2 == 0 ? kIn : kOut).slot)
                slots.push_back(slot);
            most = std::max(most, admission->held());
            threads.emplace_back([slots = std::move(slots)]() mutable {
                for (Slot &slot : slots)
                    slot.reset();
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(most, 40);
        QCOMPARE(admission->held(), 0);
        QCOMPARE(admission->held(u"shop"_s), 0);
        Slot last = admission->admit(*shop, kOut).slot;
        admission.reset();
        last.reset();
    }

    void draining()
    {
        Admission admission({});
        const auto shop = business(u"shop"_s, {});
        const Slot slot = admission.admit(*shop, kIn).slot;
        admission.setDraining(true);
        const Counts before;
        QCOMPARE(admission.admit(*shop, kIn).refusal, Refusal::Draining);
        QCOMPARE(admission.admit(*shop, kOut).refusal, Refusal::Draining);
        QCOMPARE(Counts().draining - before.draining, 2);
        QCOMPARE(admission.held(), 1);
        QVERIFY(admission.draining());
        admission.setDraining(false);
        QCOMPARE(admission.refusal(), Refusal::None);
    }

    void lateness_data()
    {
        QTest::addColumn<int>("maxLateMs");
        QTest::addColumn<int>("lateSeconds");
        QTest::addColumn<QList<double>>("seconds");
        QTest::addColumn<QString>("late"); // after each
        QTest::newRow("a stumble") << 20 << 3 << QList<double>{21, 21, 0, 21, 21, 0} << u"------"_s;
        QTest::newRow("up at the third") << 20 << 3 << QList<double>{21, 21, 21, 21} << u"--LL"_s;
        QTest::newRow("exactly the limit is not late") << 20 << 1 << QList<double>{20, 20.001} << u"-L"_s;
        QTest::newRow("down at the third") << 20 << 3 << QList<double>{21, 21, 21, 20, 0, 20, 0} << u"--LLL--"_s;
        QTest::newRow("flicker keeps it up")
            << 20 << 2 << QList<double>{99, 99, 0, 99, 0, 99, 0, 0, 99, 0} << u"-LLLLLL---"_s;
        QTest::newRow("a stumble after good seconds") << 20 << 3 << QList<double>{0, 0, 21, 0, 0, 21} << u"------"_s;
        QTest::newRow("a good second after bad ones")
            << 20 << 3 << QList<double>{21, 21, 21, 21, 21, 0, 21} << u"--LLLLL"_s;
        QTest::newRow("one second") << 5 << 1 << QList<double>{6, 4, 6, 4} << u"L-L-"_s;
        QTest::newRow("off") << 0 << 1 << QList<double>{1e9, 1e9, 1e9} << u"---"_s;
        QTest::newRow("nonsense") << 20 << 1 << QList<double>{std::nan(""), -1, std::numeric_limits<double>::infinity()}
                                  << u"--L"_s;
    }
    void lateness()
    {
        QFETCH(int, maxLateMs);
        QFETCH(int, lateSeconds);
        QFETCH(QList<double>, seconds);
        QFETCH(QString, late);
        Admission admission({0, 0, maxLateMs, lateSeconds});
        const auto shop = business(u"shop"_s, {});
        for (qsizetype i = 0; i < seconds.size(); ++i) {
            admission.onSecond(seconds[i]);
            const Counts before;
            QCOMPARE(admission.late() ? u'L' : u'-', late[i].unicode());
            QCOMPARE(admission.admit(*shop, kIn).refusal, admission.late() ? Refusal::Late : Refusal::None);
            QCOMPARE(Counts().late - before.late, admission.late() ? 1 : 0);
        }
    }

    void latenessSwitchedOffTakesCallsAgain()
    {
        Admission admission({0, 0, 20, 1});
        admission.onSecond(50);
        QVERIFY(admission.late());
        admission.configure({0, 0, 0, 1});
        admission.onSecond(50);
        QVERIFY(!admission.late());
    }

    void eachRefusalHasItsWords()
    {
        QSet<QString> all;
        for (const Refusal refusal : {Refusal::None, Refusal::Number, Refusal::Limit, Refusal::BusinessLimit,
                                      Refusal::OutboundLimit, Refusal::Late, Refusal::Draining})
            all << QString(name(refusal));
        QCOMPARE(all.size(), 7);
    }
};

QTEST_GUILESS_MAIN(TestAdmission)
#include "tst_admission.moc"
