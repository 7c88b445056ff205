// SPDX-License-Identifier: GPL-3.0-or-later
// Everything on record of one call, and nothing of another; and texts as wild as they come. On both databases.
#include "store/dossier.h"
#include "support/storerig.h"

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Dossier;
using store::Outcome;
using test::row;

class TestDossier : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void everythingOfACall();
    void turnsOfSeveralStreams();
    void callsOfWhichLittleIsKnown();
    void wildTexts_data();
    void wildTexts();
    void zerosInEveryName();

private:
    void say(const QString &stream, int position, const QString &text, qint64 atMs, const QString &call = u"CA1"_s)
    {
        write(TurnFinished{call, stream, u"item"_s, position % 2 == 0 ? Speaker::Agent : Speaker::Caller, text,
                           position == 0, 1000, 700, position, atMs});
    }
};

void TestDossier::everythingOfACall()
{
    QVERIFY(store::readDossier(*db, u"CA1"_s).error().contains(u"no call CA1"_s));
    begin();
    say(u"MZ1"_s, 0, u"Hello, bike shop"_s, 1000);
    say(u"MZ1"_s, 1, u"My brakes"_s, 2000);
    CallReport report;
    report.callSid = u"CA1"_s;
    report.status = u"completed"_s;
    report.answeredBy = u"human"_s;
    report.durationSeconds = 42;
    write(report);
    RecordingReport recording;
    recording.callSid = u"CA1"_s;
    recording.recordingSid = u"RE1"_s;
    recording.url = u"https://api.example/RE1"_s;
    recording.status = u"completed"_s;
    recording.durationSeconds = 40;
    recording.channels = 2;
    recording.startedAtMs = 900;
    write(recording);
    recording.recordingSid = u"RE2"_s;
    recording.status = u"in-progress"_s;
    recording.durationSeconds = recording.channels = -1;
    recording.startedAtMs = 0;
    recording.atMs = 5;
    write(recording);
    StreamReport stream;
    stream.callSid = u"CA1"_s;
    stream.error = u"31920"_s;
    write(stream);
    now += 5000;
    end();
    beginAndEnd(u"CA2"_s); // whose things are not ours
    say(u"MZCA2"_s, 0, u"other"_s, 1, u"CA2"_s);
    store::Effects effects;
    effects.result = {{u"seconds"_s, 40}};
    effects.artifacts = {{u"original"_s, u"a/b.mp3"_s, 12}};
    for (int i = 0; i < 2; ++i)
        finish(claimOne(), Outcome::skipped(u"nothing to do"_s, effects));

    const Dossier d = *store::readDossier(*db, u"CA1"_s);
    QCOMPARE(d.callSid + u' ' + d.business + u' ' + d.direction + u' ' + d.from + u' ' + d.to,
             u"CA1 shop inbound +15551234567 +15557654321"_s);
    QVERIFY(d.streamed);
    QCOMPARE(d.endedAtMs - d.startedAtMs, 5000);
    QCOMPARE(d.endReason + u' ' + d.endDetail + u' ' + d.carrierStatus + u' ' + d.answeredBy + u' ' + d.streamError,
             u"carrier_stop bye completed human 31920"_s);
    QCOMPARE(d.durationSeconds, 42);
    QCOMPARE(d.turns.size(), 2);
    QCOMPARE(d.turns[0].speaker + u' ' + d.turns[0].text, u"agent Hello, bike shop"_s);
    QVERIFY(d.turns[0].interrupted && !d.turns[1].interrupted);
    QCOMPARE(d.turns[1].speaker + QString::number(d.turns[1].atMs), u"caller2000"_s);
    QCOMPARE(d.recordings.size(), 2);
    QCOMPARE(d.recordings[0].sid + d.recordings[0].url + d.recordings[0].status,
             u"RE1https://api.example/RE1completed"_s);
    QCOMPARE(d.recordings[0].durationSeconds * 1000 + d.recordings[0].channels, 40'002);
    QCOMPARE(d.recordings[0].startedAtMs, 900);
    QCOMPARE(d.recordings[1].sid + QString::number(d.recordings[1].durationSeconds + d.recordings[1].channels),
             u"RE2-2"_s);
    QCOMPARE(d.artifacts, (QHash<QString, QString>{{u"original"_s, u"a/b.mp3"_s}}));
    QVERIFY(d.results.size() == 2 && d.results.contains(Stage::Convert));
    QCOMPARE(d.results.value(Stage::Download), (QJsonObject{{u"seconds"_s, 40}}));
    QCOMPARE(d.stages.size(), 7);
    for (int i = 0; i < 7; ++i)
        QCOMPARE(d.stages[i].stage, kStages[std::size_t(i)]);
    QCOMPARE(d.stages[0].reason, u"nothing to do"_s);
    QCOMPARE(int(d.stages[0].state), int(JobState::Skipped));
    QCOMPARE(int(d.stages[6].state), int(JobState::Pending));
}

void TestDossier::turnsOfSeveralStreams()
{
    begin(u"CA1"_s, u"MZ9"_s);
    say(u"MZ9"_s, 1, u"two"_s, 2000);
    say(u"MZ9"_s, 0, u"one"_s, 2500); // written down late: its place in the stream is what counts
    begin(u"CA1"_s, u"MZ1"_s);
    say(u"MZ1"_s, 0, u"three"_s, 3000);
    say(u"MZ1"_s, 1, u"four"_s, 2900);
    begin(u"CA1"_s, u"MZ5"_s);
    say(u"MZ5"_s, 0, u"five"_s, 9000);
    QStringList texts;
    const Dossier d = *store::readDossier(*db, u"CA1"_s);
    for (const store::Turn &each : d.turns)
        texts << each.text;
    QCOMPARE(texts.join(u' '), u"one two three four five"_s);
}

void TestDossier::callsOfWhichLittleIsKnown()
{
    CallReport report;
    report.callSid = u"CA1"_s;
    report.status = u"busy"_s;
    report.atMs = 5;
    write(report);
    const Dossier d = *store::readDossier(*db, u"CA1"_s);
    QVERIFY(!d.streamed && d.turns.isEmpty() && d.recordings.isEmpty() && d.artifacts.isEmpty() && d.results.isEmpty());
    QCOMPARE(d.durationSeconds, -1);
    QCOMPARE(d.endReason, u"carrier_busy"_s);
    QCOMPARE(d.stages.size(), 7);
    write(StreamReport{u"CA2"_s, u"MZ2"_s, {}, u"31920"_s, 5});
    QCOMPARE(store::readDossier(*db, u"CA2"_s)->endedAtMs, 0);
    QVERIFY(store::readDossier(*db, u"CA2"_s)->stages.isEmpty());
}

void TestDossier::wildTexts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("stored");
    const auto same = [](const char *name, const QString &text) { QTest::newRow(name) << text << text; };
    same("quotes", u"'; DROP TABLE turns; -- \" \\ \\' $1 ? :a %1 E'\\x00'"_s);
    same("Hebrew and emoji", u"שָׁלוֹם 👨‍👩‍👧‍👦 𝄞"_s);
    same("lines", u"a\nb\r\n\tc\u2028d"_s);
    same("nothing", u""_s);
    same("control characters", u"\u0001\u001b[2J\u007f"_s);
    same("a megabyte", QString(1 << 20, u'ש'));
    QTest::newRow("null") << QString() << u""_s;
    QTest::newRow("the character 0") << u"a\0b\0"_s << u"ab"_s;
    QTest::newRow("half a character") << QString(u"a"_s + QChar(0xD800) + u'b') << u"a?b"_s;
}

void TestDossier::wildTexts()
{
    QFETCH(QString, text);
    QFETCH(QString, stored);
    begin();
    say(u"MZ1"_s, 0, text, 1000);
    end();
    const store::Job job = claimOne();
    store::Effects effects;
    effects.result = {{u"text"_s, text}};
    Outcome outcome = Outcome::skipped(text, effects);
    outcome.log.tail = text;
    QVERIFY(*queue().saveProgress(job, 0.5, text));
    QVERIFY(finish(job, outcome));
    const Dossier d = *store::readDossier(*db, u"CA1"_s);
    QVERIFY2(d.turns.value(0).text == stored, qPrintable(d.turns.value(0).text.left(99)));
    QVERIFY(d.stages[0].reason == stored);
    QVERIFY(test::value(db, u"SELECT log_tail FROM job_attempts"_s).toString() == stored);
    if (!text.contains(QChar(0xD800))) // JSON can say all else, even the character 0
        QVERIFY(d.results[Stage::Download][u"text"_s].toString() == text);
}

// A fact that can't be written would be tried again for ever, and hold up all others.
void TestDossier::zerosInEveryName()
{
    const QString wild = u"C\0A"_s;
    write(CallStarted{wild, u"M\0Z"_s, wild, wild, Direction::Inbound, wild, wild, 1});
    write(TurnFinished{wild, u"M\0Z"_s, wild, Speaker::Agent, wild, false, 0, 0, 0, 1});
    write(CallReport{wild, {}, wild, wild, wild, wild, wild, wild, wild, 1, 1});
    write(CallReport{u"C\0B"_s, wild, wild, wild, wild, wild, wild, wild, wild, 1, 1});
    write(RecordingReport{wild, wild, wild, wild, 1, 1, wild, 0, 0, 1});
    write(StreamReport{wild, wild, wild, wild, 1});
    write(CallEnded{wild, u"M\0Z"_s, EndReason::CarrierStop, wild, 0, {}, 5});
    QCOMPARE(states(u"CA"_s), u"available pending pending pending pending pending pending"_s);
    const Dossier d = *store::readDossier(*db, wild);
    QCOMPARE(d.from + d.business + d.streamError + d.endDetail, u"CACACACA"_s);
    QCOMPARE(d.turns.size(), 1);
    QCOMPARE(d.recordings.size(), 1);
}

QTEST_GUILESS_MAIN(TestDossier)
#include "tst_dossier.moc"
