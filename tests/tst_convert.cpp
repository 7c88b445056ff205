// SPDX-License-Identifier: GPL-3.0-or-later
// A recording becomes a file a side and a compact copy, by the real ffmpeg; or it does not, and why.
#include "jobs/wavfacts.h"
#include "support/jobrig.h"

#include <QProcess>
#include <QTest>
#include <QtEndian>

#include <cmath>

using namespace takt;
using namespace takt::test;
using jobs::readWavFacts;

namespace {

// A tone a channel, 8 kHz and 16 bit; 0 Hz is silence.
QByteArray tones(const QList<int> &hertz, double seconds = 2)
{
    const int channels = int(hertz.size());
    QByteArray samples;
    for (int i = 0; i < int(8000 * seconds); ++i) {
        for (const int hz : hertz) {
            const auto sample = qint16(12'000 * std::sin(2 * M_PI * hz * i / 8000));
            char bytes[2];
            qToLittleEndian(sample, bytes);
            samples.append(bytes, 2);
        }
    }
    const auto number = [](qint64 n, int size) {
        QByteArray bytes(8, '\0');
        qToLittleEndian(n, bytes.data());
        return bytes.first(size);
    };
    return "RIFF" + number(samples.size() + 36, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) + number(channels, 2)
           + number(8000, 4) + number(16'000 * channels, 4) + number(2 * channels, 2) + number(16, 2) + "data"
           + number(samples.size(), 4) + samples;
}

// How much of it is at that pitch, 0 to 1 (Goertzel), in the middle of a 16 kHz mono file.
double share(const QString &path, int hertz)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray bytes = file.readAll().sliced(44);
    double re = 0, im = 0, all = 0;
    const int from = 8000, count = 8000;
    for (int i = from; i < from + count; ++i) {
        const double x = qFromLittleEndian<qint16>(bytes.constData() + 2 * i);
        re += x * std::cos(2 * M_PI * hertz * i / 16'000);
        im += x * std::sin(2 * M_PI * hertz * i / 16'000);
        all += x * x;
    }
    return all < 1000 ? 0 : 2 * (re * re + im * im) / (all * count);
}

struct Rig : JobRig {
    Rig() { putCall(); }
    explicit Rig(const QByteArray &recording)
        : Rig()
    {
        putFile(u"original"_s, u"original.wav"_s, recording);
    }
    store::Outcome convert() { return run(Stage::Convert, jobs::convert); }
    [[nodiscard]] QStringList files() const { return QDir(path(QString())).entryList(QDir::Files, QDir::Name); }
    [[nodiscard]] QString path(const QString &file) const
    {
        return settings.dataDir + "/calls/"_L1 + kCallSid + u'/' + file;
    }
    // In the place of ffmpeg.
    void script(const QByteArray &text)
    {
        QFile file(filePath(u"ffmpeg.sh"_s));
        if (!file.open(QIODevice::WriteOnly) || file.write("#!/bin/sh\n" + text + "\n") < 0)
            qFatal("no script");
        file.close();
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        settings.jobs.ffmpeg = file.fileName();
    }
};

QStringList kinds(const store::Outcome &outcome)
{
    QStringList all;
    for (const store::Artifact &artifact : outcome.effects.artifacts)
        all << artifact.kind;
    return all;
}

} // namespace

class TestConvert : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void twoSides_data();
    void twoSides();
    void oneChannel();
    void fromAnMp3();
    void againFromTheArchive();
    void nothingToConvert();
    void aFileThatIsElsewhere();
    void corrupt_data();
    void corrupt();
    void cutShort();
    void noFfmpeg();
    void whatFfmpegSays_data();
    void whatFfmpegSays();
    void progress();
    void interrupted();
    void aLostLeaseLeavesNothing();
    void wavFacts();
};

void TestConvert::initTestCase()
{
    QProcess ffmpeg;
    ffmpeg.start(u"ffmpeg"_s, {u"-version"_s});
    if (!ffmpeg.waitForFinished())
        QSKIP("no ffmpeg");
}

void TestConvert::twoSides_data()
{
    QTest::addColumn<bool>("callerFirst");
    QTest::newRow("the caller first") << true;
    QTest::newRow("the agent first") << false;
}

void TestConvert::twoSides()
{
    QFETCH(bool, callerFirst);
    Rig rig(tones({440, 1000}, 2.5));
    rig.settings.twilio.callerFirst = callerFirst;
    const store::Outcome outcome = rig.convert();
    QVERIFY2(outcome.kind == AttemptOutcome::Completed, qPrintable(outcome.reason));
    QStringList all = kinds(outcome);
    all.sort();
    QCOMPARE(all, (QStringList{u"agent"_s, u"archive"_s, u"caller"_s}));
    QCOMPARE(outcome.effects.artifactsGone, QStringList{u"original"_s});
    // The original stays until the transaction is through.
    QCOMPARE(rig.files(), (QStringList{u"agent.wav"_s, u"archive.ogg"_s, u"caller.wav"_s, u"original.wav"_s}));
    QCOMPARE(outcome.effects.result, (QJsonObject{{u"seconds"_s, 2.5}, {u"channels"_s, 2}}));
    for (const store::Artifact &artifact : outcome.effects.artifacts)
        QCOMPARE(artifact.bytes, QFileInfo(rig.settings.dataDir + u'/' + artifact.path).size());
    for (const QString &side : {u"caller"_s, u"agent"_s}) {
        const auto facts = readWavFacts(rig.path(side + ".wav"_L1));
        QVERIFY(facts);
        QCOMPARE(facts->rate, 16'000);
        QCOMPARE(facts->channels, 1);
        QVERIFY(std::abs(facts->seconds - 2.5) < 0.02);
        const bool first = (side == "caller"_L1) == callerFirst;
        QCOMPARE(share(rig.path(side + ".wav"_L1), 440) > 0.95, first);
        QCOMPARE(share(rig.path(side + ".wav"_L1), 1000) > 0.95, !first);
    }
    QVERIFY(QFileInfo(rig.path(u"archive.ogg"_s)).size() < QFileInfo(rig.path(u"original.wav"_s)).size() / 2);
    QCOMPARE(outcome.log.exitCode, 0);
    QCOMPARE(outcome.log.tail, QString());
}

void TestConvert::oneChannel()
{
    Rig rig(tones({440}));
    const store::Outcome outcome = rig.convert();
    QVERIFY2(outcome.kind == AttemptOutcome::Completed, qPrintable(outcome.reason));
    QCOMPARE(kinds(outcome), (QStringList{u"mixed"_s, u"archive"_s}));
    QCOMPARE(outcome.effects.result["channels"_L1].toInt(), 1);
    QVERIFY(share(rig.path(u"mixed.wav"_s), 440) > 0.95);
}

void TestConvert::fromAnMp3()
{
    Rig rig;
    QFile wav(rig.filePath(u"in.wav"_s));
    QVERIFY(wav.open(QIODevice::WriteOnly) && wav.write(tones({440, 1000})) > 0);
    wav.close();
    const QString mp3 = rig.filePath(u"in.mp3"_s);
    if (QProcess::execute(u"ffmpeg"_s, {u"-v"_s, u"error"_s, u"-i"_s, wav.fileName(), u"-b:a"_s, u"64k"_s,
                                        u"-joint_stereo"_s, u"0"_s, mp3})
        != 0)
        QSKIP("this ffmpeg makes no mp3");
    QFile file(mp3);
    QVERIFY(file.open(QIODevice::ReadOnly));
    rig.putFile(u"original"_s, u"original.mp3"_s, file.readAll());
    const store::Outcome outcome = rig.convert();
    QVERIFY2(outcome.kind == AttemptOutcome::Completed, qPrintable(outcome.reason));
    QCOMPARE(outcome.effects.result["channels"_L1].toInt(), 2);
    QVERIFY(std::abs(outcome.effects.result["seconds"_L1].toDouble() - 2) < 0.2);
    QVERIFY(share(rig.path(u"caller.wav"_s), 440) > 0.9);
    QVERIFY(share(rig.path(u"agent.wav"_s), 1000) > 0.9);
}

// The sides were removed after the transcription, and the original is long gone.
void TestConvert::againFromTheArchive()
{
    Rig rig(tones({440, 0}));
    rig.keep(Stage::Convert, rig.convert());
    QCOMPARE(rig.files(), (QStringList{u"agent.wav"_s, u"archive.ogg"_s, u"caller.wav"_s}));
    QFile::remove(rig.path(u"agent.wav"_s));
    QFile::remove(rig.path(u"caller.wav"_s));
    QFile archive(rig.path(u"archive.ogg"_s));
    QVERIFY(archive.open(QIODevice::ReadOnly));
    const QByteArray before = archive.readAll();

    const store::Outcome outcome = rig.convert();
    QVERIFY2(outcome.kind == AttemptOutcome::Completed, qPrintable(outcome.reason));
    QCOMPARE(kinds(outcome), (QStringList{u"caller"_s, u"agent"_s}));
    QVERIFY(outcome.effects.artifactsGone.isEmpty());
    QVERIFY(share(rig.path(u"caller.wav"_s), 440) > 0.9);
    QCOMPARE(share(rig.path(u"agent.wav"_s), 440), 0.0); // the sides were kept apart
    QVERIFY(std::abs(outcome.effects.result["seconds"_L1].toDouble() - 2) < 0.1);
    QVERIFY(archive.seek(0) && archive.readAll() == before);
}

void TestConvert::nothingToConvert()
{
    Rig rig;
    const store::Outcome outcome = rig.convert();
    QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
    QCOMPARE(outcome.reason, u"no recording"_s);
}

void TestConvert::aFileThatIsElsewhere()
{
    Rig rig(tones({440, 1000}));
    QFile::remove(rig.path(u"original.wav"_s));
    const store::Outcome outcome = rig.convert();
    QCOMPARE(outcome.kind, AttemptOutcome::Failed);
    QVERIFY(outcome.reason.contains("another machine"_L1));
}

void TestConvert::corrupt_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("garbage") << QByteArray(50'000, 'x');
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("a page") << QByteArray("<html><body>not found</body></html>");
    QByteArray odd = tones({440, 1000});
    odd.replace(20, 2, "\x77\x77"); // a codec that nobody knows
    QTest::newRow("no codec") << odd;
    QTest::newRow("no samples") << tones({440, 1000}, 0);
}

void TestConvert::corrupt()
{
    QFETCH(QByteArray, content);
    Rig rig(content);
    const store::Outcome outcome = rig.convert();
    QVERIFY2(outcome.kind == AttemptOutcome::Failed, qPrintable(outcome.reason));
    QVERIFY(outcome.reason.size() > 10 && outcome.reason.size() < 700);
    QCOMPARE(rig.files(), QStringList{u"original.wav"_s});
}

void TestConvert::cutShort()
{
    Rig rig(tones({440, 1000}, 4).first(44 + 4 * 8000 * 3)); // three seconds of four
    const store::Outcome outcome = rig.convert();
    QVERIFY2(outcome.kind == AttemptOutcome::Completed, qPrintable(outcome.reason));
    QCOMPARE(outcome.effects.result["seconds"_L1].toDouble(), 3.0); // what is there
}

void TestConvert::noFfmpeg()
{
    Rig rig(tones({440, 1000}));
    rig.settings.jobs.ffmpeg = u"/no/such/ffmpeg"_s;
    const store::Outcome outcome = rig.convert();
    QCOMPARE(outcome.kind, AttemptOutcome::Retry); // the recording is good, and somebody may install it
    QVERIFY2(outcome.reason.contains("/no/such/ffmpeg"_L1), qPrintable(outcome.reason));
    QVERIFY(!outcome.log.exitCode);
}

void TestConvert::whatFfmpegSays_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("code");
    QTest::newRow("no room") << QByteArray("echo 'av_write_frame(): No space left on device' >&2; exit 1")
                             << int(AttemptOutcome::Retry) << 1;
    QTest::newRow("no room at the end") << QByteArray(
        "echo 'Error writing trailer: No space left on device' >&2; exit 0")
                                        << int(AttemptOutcome::Retry) << 0;
    QTest::newRow("no memory") << QByteArray("echo 'Cannot allocate memory' >&2; exit 1") << int(AttemptOutcome::Retry)
                               << 1;
    QTest::newRow("killed") << QByteArray("kill -9 $$") << int(AttemptOutcome::Retry) << -9;
    QTest::newRow("no reason") << QByteArray("exit 3") << int(AttemptOutcome::Failed) << 3;
    QTest::newRow("nothing made") << QByteArray("exit 0") << int(AttemptOutcome::Failed) << 0;
}

void TestConvert::whatFfmpegSays()
{
    QFETCH(QByteArray, script);
    QFETCH(int, kind);
    QFETCH(int, code);
    Rig rig(tones({440, 1000}));
    rig.script(script);
    const store::Outcome outcome = rig.convert();
    QCOMPARE(int(outcome.kind), kind);
    QVERIFY(!outcome.reason.isEmpty());
    QCOMPARE(outcome.log.exitCode, code);
    QCOMPARE(rig.files(), QStringList{u"original.wav"_s});
}

void TestConvert::progress()
{
    Rig rig(tones({440, 1000}));
    rig.script("echo out_time_us=N/A; echo out_time_us=1000000; echo progress=continue; exit 1");
    QCOMPARE(rig.convert().kind, AttemptOutcome::Failed);
    QCOMPARE(rig.value(u"SELECT progress_text FROM jobs WHERE state = 'running'"_s).toString(), u"converting"_s);
    QCOMPARE(rig.value(u"SELECT progress FROM jobs WHERE state = 'running'"_s).toDouble(), 0.5);
}

void TestConvert::interrupted()
{
    Rig rig(tones({440, 1000}));
    rig.script("touch \"$0.ran\"; for last; do :; done; touch \"${last#file:}\"; exec sleep 60");
    QTimer timer;
    connect(&timer, &QTimer::timeout, &timer, [&] {
        if (QFile::exists(rig.settings.jobs.ffmpeg + ".ran"_L1))
            rig.gate.callStarted(JobRig::kCallSid);
    });
    timer.start(50);
    const store::Outcome outcome = rig.convert();
    QCOMPARE(outcome.kind, AttemptOutcome::Interrupted);
    QCOMPARE(outcome.reason, u"call active"_s);
    QCOMPARE(rig.files(), QStringList{u"original.wav"_s});
}

void TestConvert::aLostLeaseLeavesNothing()
{
    Rig rig(tones({440, 1000}));
    rig.script("exec ffmpeg \"$@\" >/dev/null"); // no progress, which would find out
    const auto context = rig.context(Stage::Convert);
    rig.exec(u"UPDATE jobs SET lease_token = lease_token + 1"_s, {});
    QCOMPARE(jobs::convert(*context).kind, AttemptOutcome::Interrupted);
    QCOMPARE(rig.files(), QStringList{u"original.wav"_s});
}

void TestConvert::wavFacts()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"x.wav"_s);
    const auto facts = [&](const QByteArray &content) {
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("can't write");
        file.close();
        return readWavFacts(path);
    };
    const QByteArray well = tones({440, 1000}, 1);
    QCOMPARE(facts(well)->seconds, 1.0);
    QCOMPARE(facts(well)->saidBytes, 32'000);
    QVERIFY(!facts(well)->cutShort());
    QVERIFY(facts(well.chopped(1))->cutShort());
    QByteArray more = well.first(36) + QByteArray("LIST\x03\0\0\0abc\0", 12) + well.sliced(36) + "LIST\x02\0\0\0ab";
    QCOMPARE(facts(more)->bytes, 32'000); // not what is behind it
    for (const qsizetype size : {0, 4, 11, 12, 15, 30, 43})
        QVERIFY(!facts(well.first(size)));
    QByteArray unknown = well;
    unknown.replace(40, 4, "\xFF\xFF\xFF\xFF");
    QCOMPARE(facts(unknown)->saidBytes, -1);
    QCOMPARE(facts(unknown)->seconds, 1.0);
    QVERIFY(!readWavFacts(folder.filePath(u"nothing"_s)));
}

QTEST_GUILESS_MAIN(TestConvert)
#include "tst_convert.moc"
