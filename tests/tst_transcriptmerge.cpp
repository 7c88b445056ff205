// SPDX-License-Identifier: GPL-3.0-or-later
// The transcript as the stages after a call read it.
#include "jobs/transcript.h"

#include <QJsonObject>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::jobs;

namespace {

Segment caller(qint64 start, qint64 end, const QString &text)
{
    return {kCaller, start, end, text};
}
Segment agent(qint64 start, qint64 end, const QString &text)
{
    return {kAgent, start, end, text};
}

// Speaker's initial, times and text of each.
QStringList shown(const QList<Segment> &segments)
{
    QStringList all;
    for (const Segment &s : segments)
        all << u"%1 %2-%3 %4"_s.arg(s.speaker.left(1)).arg(s.startMs).arg(s.endMs).arg(s.text);
    return all;
}

store::Dossier liveCall()
{
    store::Dossier call;
    call.startedAtMs = 1'000'000;
    call.turns = {{kAgent, u"Good morning, how can I help?"_s, false, 1'001'000},
                  {kCaller, u" I need \n a plumber "_s, false, 1'004'500},
                  {kCaller, u"   "_s, false, 1'005'000},
                  {kAgent, u"Of course"_s, true, 1'006'000}};
    return call;
}

} // namespace

class TestTranscriptMerge : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void merges_data()
    {
        QTest::addColumn<QList<Segment>>("segments");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("none") << QList<Segment>() << QStringList();
        QTest::newRow("by time, not by channel")
            << QList{caller(3000, 4000, u"b"_s), caller(9000, 9500, u"d"_s), agent(0, 2000, u"a"_s),
                     agent(5000, 8000, u"c"_s)}
            << QStringList{u"a 0-2000 a"_s, u"c 3000-4000 b"_s, u"a 5000-8000 c"_s, u"c 9000-9500 d"_s};
        QTest::newRow("one speaker's, close to each other")
            << QList{caller(0, 1000, u"I need"_s), caller(1999, 3000, u"a plumber."_s)}
            << QStringList{u"c 0-3000 I need a plumber."_s};
        QTest::newRow("one speaker's, after a second")
            << QList{caller(0, 1000, u"I need"_s), caller(2000, 3000, u"a plumber."_s)}
            << QStringList{u"c 0-1000 I need"_s, u"c 2000-3000 a plumber."_s};
        QTest::newRow("the other in between")
            << QList{caller(0, 1000, u"I need"_s), agent(900, 1200, u"Yes?"_s), caller(1300, 2000, u"a plumber."_s)}
            << QStringList{u"c 0-1000 I need"_s, u"a 900-1200 Yes?"_s, u"c 1300-2000 a plumber."_s};
        QTest::newRow("at the same time: in the given order")
            << QList{caller(500, 900, u"x"_s), agent(500, 900, u"y"_s), caller(500, 950, u"z"_s)}
            << QStringList{u"c 500-900 x"_s, u"a 500-900 y"_s, u"c 500-950 z"_s};
        QTest::newRow("one inside of another keeps the end")
            << QList{caller(0, 5000, u"long"_s), caller(1000, 2000, u"short"_s)}
            << QStringList{u"c 0-5000 long short"_s};
        QTest::newRow("empty texts") << QList{caller(0, 1000, u" \n"_s), agent(0, 1000, u" hello  there "_s)}
                                     << QStringList{u"a 0-1000 hello there"_s};
    }
    void merges()
    {
        QFETCH(QList<Segment>, segments);
        QTEST(shown(merged(segments)), "expected");
    }

    void ofTheRecording()
    {
        store::Dossier call = liveCall();
        call.results[Stage::Transcribe] = {
            {u"language"_s, u"he"_s},
            {u"segments"_s, toJson({caller(100, 900, u"שלום"_s), agent(1000, 2000, u"כן"_s)})}};
        const Transcript transcript = transcriptOf(call);
        QCOMPARE(transcript.source, u"recording"_s);
        QCOMPARE(transcript.language, u"he"_s);
        QCOMPARE(shown(transcript.segments), (QStringList{u"c 100-900 שלום"_s, u"a 1000-2000 כן"_s}));
        QCOMPARE(asText(transcript), u"Caller: שלום\nAgent: כן"_s);
    }
    void ofTheLiveTurns()
    {
        const Transcript transcript = transcriptOf(liveCall());
        QCOMPARE(transcript.source, u"live"_s);
        QCOMPARE(shown(transcript.segments),
                 (QStringList{u"a 1000-1000 Good morning, how can I help?"_s, u"c 4500-4500 I need a plumber"_s,
                              u"a 6000-6000 Of course"_s}));
    }
    void anEmptyResultIsNone()
    {
        store::Dossier call = liveCall();
        call.results[Stage::Transcribe] = {{u"segments"_s, QJsonArray{QJsonObject{{u"text"_s, u" "_s}}, 7}}};
        QCOMPARE(transcriptOf(call).source, u"live"_s);
    }
    void ofNothing()
    {
        const Transcript transcript = transcriptOf({});
        QCOMPARE(transcript.source, u"none"_s);
        QVERIFY(asText(transcript).isEmpty());
        QVERIFY(!hasSpeech(transcript));
    }
    void aTurnBeforeTheStart()
    {
        store::Dossier call = liveCall();
        call.turns[0].atMs = 999'000; // clocks
        QCOMPARE(transcriptOf(call).segments.first().startMs, 0);
    }
    void throughJson()
    {
        const QList<Segment> segments{caller(0, 1500, u"\"quoted\" שלום 🙂"_s), agent(1600, 1700, u"b"_s)};
        QCOMPARE(segmentsFrom(toJson(segments)), segments);
    }

    void speech_data()
    {
        QTest::addColumn<QList<Segment>>("segments");
        QTest::addColumn<bool>("speech");
        QTest::newRow("caller") << QList{caller(0, 1, u"yes"_s)} << true;
        QTest::newRow("agent only") << QList{agent(0, 1, u"Hello? Is anybody there?"_s)} << false;
        QTest::newRow("nobody knows who") << QList{Segment{kMixed, 0, 1, u"hello"_s}} << true;
        QTest::newRow("dots") << QList{caller(0, 1, u"..."_s)} << false;
        QTest::newRow("hebrew") << QList{caller(0, 1, u"כן"_s)} << true;
        QTest::newRow("a number") << QList{caller(0, 1, u"5"_s)} << true;
    }
    void speech()
    {
        QFETCH(QList<Segment>, segments);
        QTEST(hasSpeech({.source = u"live"_s, .language = {}, .segments = segments}), "speech");
    }

    void cuts()
    {
        Transcript transcript;
        for (int i = 0; i < 1000; ++i)
            transcript.segments.append(i % 2 == 0 ? caller(i, i, u"word%1 said"_s.arg(i))
                                                  : agent(i, i, u"answer%1"_s.arg(i)));
        const QString whole = asText(transcript);
        QCOMPARE(asText(transcript, whole.size()), whole);
        const QString cut = asText(transcript, 2000);
        QVERIFY(cut.size() <= 2000);
        QVERIFY(cut.size() > 1700);
        QVERIFY(cut.startsWith(u"Caller: word0 said\nAgent: answer1\n"_s));
        QVERIFY(cut.endsWith(u"Caller: word998 said\nAgent: answer999"_s));
        const qsizetype at = cut.indexOf(u"\n[...]\n"_s);
        QVERIFY(at > cut.size() - at); // more of the beginning than of the end
        QVERIFY(whole.startsWith(cut.first(at)));
        QVERIFY(whole.endsWith(cut.sliced(at + 7)));
        QVERIFY(whole.at(at).isSpace()); // no word is cut
    }
    void cutsNoCharacterInTwo()
    {
        Transcript transcript;
        transcript.segments = {caller(0, 1, u"🙂"_s.repeated(500))};
        for (int most = 0; most < 120; ++most) {
            const QString cut = asText(transcript, most);
            QVERIFY(cut.size() <= most);
            QVERIFY2(cut.isValidUtf16(), qPrintable(QString::number(most)));
        }
    }
};

QTEST_APPLESS_MAIN(TestTranscriptMerge)
#include "tst_transcriptmerge.moc"
