// SPDX-License-Identifier: GPL-3.0-or-later
// What was sent of a topic, applied in order, is the topic.
#include "shared/topic.h"

#include <QJsonDocument>
#include <QRandomGenerator>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

// As it arrives: through the bytes of the wire.
TopicUpdate overTheWire(const TopicUpdate &update)
{
    const QByteArray line = QJsonDocument(update.toJson(u"t"_s)).toJson(QJsonDocument::Compact);
    return TopicUpdate::fromJson(QJsonDocument::fromJson(line).object());
}

TopicState randomState(QRandomGenerator &random)
{
    TopicState state;
    for (int i = 0; i < 3; ++i) {
        if (random.bounded(3) > 0)
            state.head.insert(u"fact%1"_s.arg(i), int(random.bounded(3)));
    }
    for (int i = 0; i < 8; ++i) {
        if (random.bounded(3) == 0)
            continue;
        QJsonObject row;
        for (int j = 0; j < 3; ++j) {
            if (random.bounded(3) > 0)
                row.insert(u"k%1"_s.arg(j), int(random.bounded(3)));
        }
        state.rows.insert(u"row%1"_s.arg(i), row);
    }
    return state;
}

} // namespace

class TestTopic : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void onlyWhatIsNewIsSent()
    {
        const TopicState before{{{"a"_L1, 1}, {"b"_L1, 2}},
                                {{u"x"_s, {{"n"_L1, 1}, {"m"_L1, 1}}}, {u"y"_s, {{"n"_L1, 1}}}}};
        TopicState after = before;
        QVERIFY(difference(before, after).isEmpty());
        after.head["b"_L1] = 3;
        after.rows[u"x"_s]["n"_L1] = 2;
        after.rows.remove(u"y"_s);
        const TopicUpdate update = difference(before, after);
        QCOMPARE(update.head, (QJsonObject{{"b"_L1, 3}}));
        QCOMPARE(update.rows, (QJsonObject{{"x"_L1, QJsonObject{{"n"_L1, 2}}}}));
        QCOMPARE(update.removed, QStringList{u"y"_s});
    }

    void whoAppliesAllHasTheState()
    {
        QRandomGenerator random(7);
        TopicState truth;
        TopicState copy;
        for (int i = 0; i < 2000; ++i) {
            const TopicState next = randomState(random);
            if (random.bounded(20) == 0) {
                for (const TopicUpdate &piece : snapshotOf(next))
                    apply(copy, overTheWire(piece));
            } else {
                apply(copy, overTheWire(difference(truth, next)));
            }
            truth = next;
            QCOMPARE(copy.head, truth.head);
            QCOMPARE(copy.rows, truth.rows);
        }
    }

    void aLongSnapshotComesInPieces()
    {
        TopicState state;
        for (int i = 0; i < 1000; ++i)
            state.rows.insert(QString::number(i), {{"n"_L1, i}});
        const QList<TopicUpdate> pieces = snapshotOf(state);
        QCOMPARE(pieces.size(), 10);
        TopicState copy{{{"old"_L1, 1}}, {{u"old"_s, {}}}};
        for (qsizetype i = 0; i < pieces.size(); ++i) {
            QCOMPARE(pieces[i].snapshot, i == 0);
            QCOMPARE(pieces[i].more, i < 9);
            apply(copy, overTheWire(pieces[i]));
        }
        QCOMPARE(copy.rows, state.rows);
        QVERIFY(copy.head.isEmpty());
    }

    void anEmptyTopicHasASnapshotToo()
    {
        QCOMPARE(snapshotOf({}).size(), 1);
        QVERIFY(overTheWire(snapshotOf({}).front()).snapshot);
    }

    void nonsenseIsHarmless()
    {
        TopicState state{{}, {{u"x"_s, {{"n"_L1, 1}}}}};
        apply(state, TopicUpdate::fromJson({{"head"_L1, 3}, {"rows"_L1, u"no"_s}, {"removed"_L1, QJsonObject()}}));
        QCOMPARE(state.rows.size(), 1);
        apply(state, TopicUpdate::fromJson({{"rows"_L1, QJsonObject{{"x"_L1, 5}}}}));
        QCOMPARE(state.rows.size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestTopic)
#include "tst_topic.moc"
