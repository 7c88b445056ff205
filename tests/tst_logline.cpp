// SPDX-License-Identifier: GPL-3.0-or-later
// How a line of the log looks, and which of those that repeat each other are shown, on a simulated clock.
#include "telemetry/log.h"
#include "telemetry/logsampler.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace takt::telemetry;
using namespace Qt::Literals::StringLiterals;

namespace {

LogLine line(const QString &text, quint64 sameAs = 0, QtMsgType type = QtWarningMsg)
{
    return {1'700'000'000'123, type, u"takt.test"_s, text, sameAs};
}

LogLine named(quint64 sameAs, quint64 kind)
{
    LogLine one = line(u"a"_s, sameAs);
    one.kind = kind;
    return one;
}

} // namespace

class TestLogLine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void formats()
    {
        QCOMPARE(formatted(line(u"a שלום"_s), LogFormat::Text),
                 QByteArray("2023-11-14T22:13:20.123Z warn takt.test: a שלום\n"));
        QCOMPARE(formatted(line(u"a"_s), LogFormat::Text, 3),
                 QByteArray("2023-11-14T22:13:20.123Z warn takt.test: a (and 3 like it)\n"));
        QCOMPARE(formatted(line(u"a"_s), LogFormat::Journal), QByteArray("<4>takt.test: a\n"));
        QCOMPARE(formatted(line(u"a"_s, 0, QtInfoMsg), LogFormat::Journal, 1),
                 QByteArray("<6>takt.test: a (and 1 like it)\n"));
        const QByteArray json = formatted(line(u"\"a\"\nb"_s, 0, QtCriticalMsg), LogFormat::Json, 2);
        QCOMPARE(json.count('\n'), 1);
        const QJsonObject object = QJsonDocument::fromJson(json).object();
        QCOMPARE(object, (QJsonObject{{u"time"_s, u"2023-11-14T22:13:20.123Z"_s},
                                      {u"level"_s, u"error"_s},
                                      {u"category"_s, u"takt.test"_s},
                                      {u"message"_s, u"\"a\"\nb"_s},
                                      {u"repeats"_s, 2}}));
        // The journal takes the priority off, and what it keeps is the object.
        QCOMPARE(formatted(line(u"\"a\"\nb"_s, 0, QtCriticalMsg), LogFormat::JournalJson, 2), "<3>" + json);
    }
    // A stranger's text forges no second line, and no terminal obeys it.
    void strangersText()
    {
        const QByteArray text = formatted(line(u"a\n2023-11-14 forged\r\x1b[31m"_s), LogFormat::Text);
        QCOMPARE(text, QByteArray("2023-11-14T22:13:20.123Z warn takt.test: a\\n2023-11-14 forged\\x0d\\x1b[31m\n"));
    }
    void oneASecond()
    {
        LogSampler sampler;
        QVERIFY(sampler.admit(line(u"a"_s, 1), 0));
        QVERIFY(!sampler.admit(line(u"b"_s, 1), 10));
        QVERIFY(sampler.admit(line(u"other"_s, 2), 10));
        QVERIFY(!sampler.admit(line(u"c"_s, 1), 999));
        QVERIFY(sampler.due(999).empty());
        QVERIFY(!sampler.admit(line(u"d"_s, 1), 1000)); // those before it were not told of yet
        const auto due = sampler.due(1000);
        QCOMPARE(int(due.size()), 1);
        QCOMPARE(due[0].line.text, u"d"_s);
        QCOMPARE(due[0].more, 2);
        QVERIFY(!sampler.admit(line(u"e"_s, 1), 1500)); // that was this second's line
        QCOMPARE(int(sampler.due(2000).size()), 1);
        QVERIFY(sampler.due(2999).empty());
        QVERIFY(sampler.due(3000).empty());
        QVERIFY(!sampler.pending()); // what did not repeat is forgotten
        QVERIFY(sampler.admit(line(u"f"_s, 1), 3001));
    }
    // A thousand calls that stall together are a thousand lines each second, and all of them are read.
    void eachCallForItself()
    {
        LogSampler sampler;
        constexpr quint64 kKinds = 3;
        for (qint64 nowMs = 0; nowMs < 10'000; nowMs += LogSampler::kSecondMs) {
            for (quint64 call = 1000; call < 2000; ++call) {
                for (quint64 kind = 1; kind <= kKinds; ++kind)
                    QVERIFY(sampler.admit(named(call * 10 + kind, kind), nowMs));
            }
            QVERIFY(sampler.due(nowMs + LogSampler::kSecondMs).empty());
        }
        QVERIFY(!sampler.pending());
    }
    // Invented names make neither the log nor the table longer than is bearable, and are counted; who had been heard
    // before goes on to be told apart.
    void inventedNames()
    {
        constexpr int kInvented = 100'000;
        LogSampler sampler;
        QVERIFY(sampler.admit(named(7, 1), 0));
        int shown = 0;
        for (quint64 i = 0; i < kInvented; ++i)
            shown += sampler.admit(named(1000 + i, 2), 10) ? 1 : 0;
        QCOMPARE(shown, int(LogSampler::kMost)); // with one for all the others
        QVERIFY(sampler.admit(named(8, 1), 20)); // another kind
        QVERIFY(!sampler.admit(named(9, 1), 20));
        QVERIFY(!sampler.admit(named(7, 1), 20));
        const auto due = sampler.due(2000);
        QCOMPARE(int(due.size()), 3);
        int more = 0;
        for (const LogSampler::Repeated &repeat : due)
            more += repeat.more + 1;
        QCOMPARE(shown + more, kInvented + 2);
        QCOMPARE(int(sampler.rest().size()), 0);
        QVERIFY(!sampler.pending()); // and then all names are told apart again
    }
    void theLastWords()
    {
        LogSampler sampler;
        QVERIFY(sampler.admit(line(u"a"_s, 1), 0));
        QVERIFY(!sampler.admit(line(u"b"_s, 1), 1));
        QCOMPARE(int(sampler.rest().size()), 1);
        QVERIFY(sampler.admit(line(u"never the same"_s, 0), 2));
        QVERIFY(sampler.admit(line(u"never the same"_s, 0), 2));
    }
};

QTEST_GUILESS_MAIN(TestLogLine)
#include "tst_logline.moc"
