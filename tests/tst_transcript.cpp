// SPDX-License-Identifier: GPL-3.0-or-later
// Who said what, from events that arrive late, in pieces and out of order.
#include "calls/transcript.h"

#include <QTest>

using takt::Speaker;
using takt::calls::Transcript;
using namespace Qt::Literals::StringLiterals;

namespace {

QStringList ids(const std::vector<Transcript::Turn> &turns)
{
    QStringList all;
    for (const auto &turn : turns)
        all << turn.itemId;
    return all;
}

} // namespace

class TestTranscript : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void heardText_data();
    void heardText();
    void anAgentTurnNeedsSoundAndText_data();
    void anAgentTurnNeedsSoundAndText();
    void aCallerTurnNeedsItsText();
    void wholeTextReplacesPieces_data();
    void wholeTextReplacesPieces();
    void placesAreKeptHoweverLateTheText();
    void eachTurnIsGivenOutOnce();
    void restIsGivenOutAtTheEnd();
    void interruptedTurnsCarryTheirTimes();
    void beginTwiceIsOneTurn();
};

void TestTranscript::heardText_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("interrupted");
    QTest::addColumn<qint64>("generatedMs");
    QTest::addColumn<qint64>("heardMs");
    QTest::addColumn<QString>("heard");
    const QString ten = u"one two three four five six seven eight nine ten"_s; // 48 characters
    // happy
    QTest::newRow("not interrupted") << ten << false << qint64(4800) << qint64(4800) << ten;
    QTest::newRow("interrupted behind its end") << ten << true << qint64(4800) << qint64(4800) << ten;
    QTest::newRow("at the end of a word") << ten << true << qint64(4800) << qint64(700) << u"one two"_s;
    QTest::newRow("one share later") << ten << true << qint64(4800) << qint64(800) << u"one two"_s;
    // rainy
    QTest::newRow("in the middle of a word: without it") << ten << true << qint64(4800) << qint64(1200) << u"one two"_s;
    QTest::newRow("before the last word's end")
        << ten << true << qint64(4800) << qint64(4799) << u"one two three four five six seven eight nine"_s;
    QTest::newRow("in the first word") << ten << true << qint64(4800) << qint64(100) << QString();
    QTest::newRow("nothing heard") << ten << true << qint64(4800) << qint64(0) << QString();
    QTest::newRow("one long word") << u"Donaudampfschifffahrt"_s << true << qint64(2000) << qint64(1900) << QString();
    QTest::newRow("no text") << QString() << true << qint64(2000) << qint64(1000) << QString();
    QTest::newRow("heard more than was made") << ten << true << qint64(4800) << qint64(9999) << ten;
    QTest::newRow("Hebrew") << u"שלום לך אדוני הנכבד"_s << true << qint64(1900) << qint64(1000) << u"שלום לך"_s;
}

void TestTranscript::heardText()
{
    QFETCH(QString, text);
    QFETCH(bool, interrupted);
    QFETCH(qint64, generatedMs);
    QFETCH(qint64, heardMs);
    QFETCH(QString, heard);
    Transcript::Turn turn;
    turn.text = text;
    turn.interrupted = interrupted;
    turn.generatedMs = generatedMs;
    turn.heardMs = heardMs;
    QCOMPARE(turn.heardText(), heard);
}

void TestTranscript::anAgentTurnNeedsSoundAndText_data()
{
    // Events in order: b begin, p piece, t text complete, h heard, i interrupted. After which is the turn finished?
    QTest::addColumn<QByteArray>("events");
    QTest::addColumn<int>("finishedAfter"); // 0: never
    QTest::newRow("happy: text first") << QByteArray("bppth") << 5;
    QTest::newRow("happy: sound first") << QByteArray("bpphpt") << 6;
    QTest::newRow("happy: interrupted") << QByteArray("bppit") << 5;
    QTest::newRow("rainy: never heard") << QByteArray("bppt") << 0;
    QTest::newRow("rainy: text never complete") << QByteArray("bpph") << 0;
    QTest::newRow("rainy: no begin") << QByteArray("ht") << 2;
    QTest::newRow("rainy: text twice") << QByteArray("btth") << 4;
}

void TestTranscript::anAgentTurnNeedsSoundAndText()
{
    QFETCH(QByteArray, events);
    QFETCH(int, finishedAfter);
    Transcript transcript;
    const QString id = u"item_1"_s;
    for (int i = 0; i < events.size(); ++i) {
        switch (events[i]) {
        case 'b': transcript.begin(id, Speaker::Agent); break;
        case 'p': transcript.appendText(id, Speaker::Agent, u"Hi "_s); break;
        case 't': transcript.completeText(id, Speaker::Agent, u"Hi there"_s); break;
        case 'h': transcript.heard(id, 1000); break;
        case 'i': transcript.interrupted(id, 1000, 500); break;
        default: QFAIL("no such step");
        }
        QCOMPARE(transcript.takeFinished().size(), std::size_t(i + 1 == finishedAfter ? 1 : 0));
    }
    QCOMPARE(transcript.turns().size(), std::size_t(1));
    QCOMPARE(transcript.turns().front().speaker, Speaker::Agent);
}

void TestTranscript::aCallerTurnNeedsItsText()
{
    Transcript transcript;
    transcript.begin(u"c"_s, Speaker::Caller);
    transcript.appendText(u"c"_s, Speaker::Caller, u"Good "_s);
    QVERIFY(transcript.takeFinished().empty());
    transcript.completeText(u"c"_s, Speaker::Caller, u"Good morning"_s);
    const auto finished = transcript.takeFinished();
    QCOMPARE(ids(finished), QStringList{u"c"_s});
    QCOMPARE(finished.front().heardText(), u"Good morning"_s);
    QCOMPARE(finished.front().speaker, Speaker::Caller);
}

void TestTranscript::wholeTextReplacesPieces_data()
{
    QTest::addColumn<QStringList>("pieces");
    QTest::addColumn<QString>("whole");
    QTest::addColumn<QStringList>("late");
    QTest::addColumn<QString>("text");
    QTest::newRow("happy: the same") << QStringList{u"Hel"_s, u"lo"_s} << u"Hello"_s << QStringList() << u"Hello"_s;
    QTest::newRow("happy: better") << QStringList{u"hello"_s} << u"Hello!"_s << QStringList() << u"Hello!"_s;
    QTest::newRow("happy: no pieces") << QStringList() << u"Hello"_s << QStringList() << u"Hello"_s;
    QTest::newRow("rainy: failed, pieces stay") << QStringList{u"Hel"_s} << QString() << QStringList() << u"Hel"_s;
    QTest::newRow("rainy: failed without pieces") << QStringList() << QString() << QStringList() << QString();
    QTest::newRow("rainy: late pieces") << QStringList{u"Hel"_s} << u"Hello"_s << QStringList{u"lo"_s, u"lo"_s}
                                        << u"Hello"_s;
}

void TestTranscript::wholeTextReplacesPieces()
{
    QFETCH(QStringList, pieces);
    QFETCH(QString, whole);
    QFETCH(QStringList, late);
    QFETCH(QString, text);
    for (const Speaker speaker : {Speaker::Caller, Speaker::Agent}) {
        Transcript transcript;
        transcript.begin(u"x"_s, speaker);
        for (const QString &piece : pieces)
            transcript.appendText(u"x"_s, speaker, piece);
        transcript.completeText(u"x"_s, speaker, whole);
        for (const QString &piece : late)
            transcript.appendText(u"x"_s, speaker, piece);
        QCOMPARE(transcript.turns().front().text, text);
        QVERIFY(transcript.turns().front().textComplete);
    }
}

// The caller's transcription lands after the answer to it: the places are those of the conversation all the same.
void TestTranscript::placesAreKeptHoweverLateTheText()
{
    Transcript transcript;
    transcript.begin(u"c1"_s, Speaker::Caller);
    transcript.begin(u"a1"_s, Speaker::Agent);
    transcript.completeText(u"a1"_s, Speaker::Agent, u"Yes?"_s);
    transcript.heard(u"a1"_s, 500);
    auto finished = transcript.takeFinished();
    QCOMPARE(ids(finished), QStringList{u"a1"_s});
    QCOMPARE(finished.front().position, 1);
    transcript.begin(u"c2"_s, Speaker::Caller);
    transcript.completeText(u"c2"_s, Speaker::Caller, u"second"_s);
    transcript.completeText(u"c1"_s, Speaker::Caller, u"first"_s);
    finished = transcript.takeFinished();
    QCOMPARE(ids(finished), (QStringList{u"c1"_s, u"c2"_s}));
    QCOMPARE(finished[0].position, 0);
    QCOMPARE(finished[1].position, 2);
    QCOMPARE(ids(transcript.turns()), (QStringList{u"c1"_s, u"a1"_s, u"c2"_s}));
}

void TestTranscript::eachTurnIsGivenOutOnce()
{
    Transcript transcript;
    transcript.completeText(u"c"_s, Speaker::Caller, u"once"_s);
    QCOMPARE(transcript.takeFinished().size(), std::size_t(1));
    transcript.completeText(u"c"_s, Speaker::Caller, u"twice"_s);
    transcript.begin(u"c"_s, Speaker::Caller);
    QVERIFY(transcript.takeFinished().empty());
    QVERIFY(transcript.takeRest().empty());
}

void TestTranscript::restIsGivenOutAtTheEnd()
{
    Transcript transcript;
    transcript.completeText(u"c1"_s, Speaker::Caller, u"done"_s);
    QCOMPARE(transcript.takeFinished().size(), std::size_t(1));
    transcript.appendText(u"a1"_s, Speaker::Agent, u"half a sen"_s);
    transcript.interrupted(u"a1"_s, 1000, 1000); // heard so far, and then the call was over
    transcript.begin(u"c2"_s, Speaker::Caller);
    transcript.appendText(u"a2"_s, Speaker::Agent, u"written, and nev"_s); // no sound of it was ever heard
    QVERIFY(transcript.takeFinished().empty());
    const auto rest = transcript.takeRest();
    QCOMPARE(ids(rest), (QStringList{u"a1"_s, u"c2"_s, u"a2"_s}));
    QCOMPARE(rest[0].text, u"half a sen"_s);
    QVERIFY(!rest[0].textComplete);
    QCOMPARE(rest[2].text, QString());
    QVERIFY(transcript.takeRest().empty());
}

void TestTranscript::interruptedTurnsCarryTheirTimes()
{
    Transcript transcript;
    transcript.completeText(u"a"_s, Speaker::Agent, u"one two three four"_s);
    transcript.interrupted(u"a"_s, 1800, 800);
    const auto finished = transcript.takeFinished();
    QCOMPARE(finished.size(), std::size_t(1));
    QVERIFY(finished.front().interrupted);
    QCOMPARE(finished.front().generatedMs, 1800);
    QCOMPARE(finished.front().heardMs, 800);
    QCOMPARE(finished.front().heardText(), u"one two"_s);
    Transcript whole;
    whole.completeText(u"a"_s, Speaker::Agent, u"one two"_s);
    whole.heard(u"a"_s, 700);
    const auto heard = whole.takeFinished();
    QVERIFY(!heard.front().interrupted);
    QCOMPARE(heard.front().generatedMs, 700);
    QCOMPARE(heard.front().heardMs, 700);
}

void TestTranscript::beginTwiceIsOneTurn()
{
    Transcript transcript;
    transcript.begin(u"c"_s, Speaker::Caller); // speech_started
    transcript.begin(u"c"_s, Speaker::Caller); // committed
    transcript.begin(u"d"_s, Speaker::Caller);
    transcript.begin(u"c"_s, Speaker::Caller);
    QCOMPARE(ids(transcript.turns()), (QStringList{u"c"_s, u"d"_s}));
}

QTEST_APPLESS_MAIN(TestTranscript)
#include "tst_transcript.moc"
