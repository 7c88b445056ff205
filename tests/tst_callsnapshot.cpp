// SPDX-License-Identifier: GPL-3.0-or-later
// What is new of a live call is what differs in its JSON, whichever fact it is.
#include "control/picture.h"

#include <QRandomGenerator>
#include <QTest>

#include <array>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

constexpr std::array kTexts{&CallSnapshot::callSid,   &CallSnapshot::streamSid, &CallSnapshot::business,
                            &CallSnapshot::direction, &CallSnapshot::from,      &CallSnapshot::to,
                            &CallSnapshot::state,     &CallSnapshot::speaking,  &CallSnapshot::lastSpeaker,
                            &CallSnapshot::lastText};
constexpr std::array kNumbers{&CallSnapshot::startedAtMs, &CallSnapshot::backlogMs, &CallSnapshot::interruptions,
                              &CallSnapshot::modelLatencyMs};
constexpr std::array kBeat{&TxFacts::framesSent, &TxFacts::stalls, &TxFacts::lateP50Us, &TxFacts::leadMaxMs};

// Each fact is one of two, so that some stay as they were.
CallSnapshot randomCall(QRandomGenerator &random)
{
    const auto coin = [&random] { return random.bounded(2) == 1; };
    CallSnapshot c;
    for (const auto text : kTexts)
        c.*text = coin() ? u"one"_s : u"other"_s;
    for (const auto number : kNumbers)
        c.*number = coin();
    c.txWorker = coin();
    c.muted = coin();
    for (qint64 &amount : c.usage.amounts)
        amount = random.bounded(20) == 0;
    if (coin())
        c.cost = Cost{coin(), coin() ? u"USD"_s : u"EUR"_s};
    for (const auto fact : kBeat)
        c.tx.*fact = coin();
    return c;
}

} // namespace

class TestCallSnapshot : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void newsAreWhatDiffersInJson()
    {
        QRandomGenerator random(11);
        CallSnapshot before = randomCall(random);
        for (int i = 0; i < 1000; ++i) {
            const CallSnapshot after = randomCall(random);
            QCOMPARE(after.newsSince(before), news(before.toJson(), after.toJson()));
            before = after;
        }
        QVERIFY(before.newsSince(before).isEmpty());
    }

    void allOfACallSurvivesTheWire()
    {
        QRandomGenerator random(10);
        for (int i = 0; i < 100; ++i) {
            const CallSnapshot call = randomCall(random);
            const CallSnapshot copy = CallSnapshot::fromJson(call.toJson());
            for (const auto text : kTexts)
                QCOMPARE(copy.*text, call.*text);
            for (const auto number : kNumbers)
                QCOMPARE(copy.*number, call.*number);
            QCOMPARE(copy.txWorker, call.txWorker);
            QCOMPARE(copy.muted, call.muted);
            QCOMPARE(copy.usage, call.usage);
            QCOMPARE(copy.cost, call.cost);
            QCOMPARE(copy.tx, call.tx);
        }
    }

    // A picture of calls differs from another one as their JSON does.
    void picturesOfCallsDifferAsTheirJsonDoes()
    {
        QRandomGenerator random(12);
        control::Picture before;
        for (int i = 0; i < 200; ++i) {
            QList<CallSnapshot> calls;
            for (int j = 0; j < 6; ++j) {
                if (random.bounded(3) == 0)
                    continue;
                calls << randomCall(random);
                calls.back().callSid = u"CA%1"_s.arg(j);
            }
            const control::Picture after = control::pictureOf(calls);
            QCOMPARE(after.rows.size(), calls.size());
            TopicUpdate update = difference(before, after);
            TopicUpdate wanted = difference(stateOf(before), stateOf(after));
            update.removed.sort();
            wanted.removed.sort();
            QCOMPARE(update.toJson(u"calls"_s), wanted.toJson(u"calls"_s));
            before = after;
        }
    }

    // A source may tell a row once as a call and once as JSON.
    void aRowMayChangeItsKind()
    {
        QRandomGenerator random(13);
        const CallSnapshot call = randomCall(random);
        QJsonObject facts = call.toJson();
        QVERIFY(control::news(control::Row{facts}, control::Row{call}).isEmpty());
        facts.insert("more"_L1, 1);
        QCOMPARE(control::news(control::Row{call}, control::Row{facts}), (QJsonObject{{"more"_L1, 1}}));
    }
};

QTEST_GUILESS_MAIN(TestCallSnapshot)
#include "tst_callsnapshot.moc"
