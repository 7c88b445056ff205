// SPDX-License-Identifier: GPL-3.0-or-later
// The recording is fetched: whichever there is, in whatever form, when it is there; and why there is none. A carrier that
// says what it is told, over real sockets.
#include "support/jobrig.h"

#include <QTest>
#include <QtEndian>

using namespace takt;
using namespace takt::test;

namespace {

QByteArray u16(int n)
{
    QByteArray bytes(2, '\0');
    qToLittleEndian(quint16(n), bytes.data());
    return bytes;
}
QByteArray u32(qint64 n)
{
    QByteArray bytes(4, '\0');
    qToLittleEndian(quint32(n), bytes.data());
    return bytes;
}

// 8 kHz, 16 bit.
QByteArray wav(int channels, qsizetype bytes, qint64 said = -1)
{
    if (said < 0)
        said = bytes;
    return "RIFF" + u32(said + 36) + "WAVEfmt " + u32(16) + u16(1) + u16(channels) + u32(8000) + u32(16'000 * channels)
           + u16(2 * channels) + u16(16) + "data" + u32(said) + QByteArray(bytes, '\x11');
}

HttpSay say(int status, const QByteArray &body = "{}", const QByteArray &headers = {})
{
    HttpSay s;
    s.status = status;
    s.body = body;
    s.headers = headers;
    return s;
}

const QByteArray kApi = "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef";
const QByteArray kList = kApi + "/Calls/CA0123456789abcdef0123456789abcdef/Recordings.json";
const QByteArray kMedia = kApi + "/Recordings/RE0123456789abcdef0123456789abcdef";
const QByteArray kOther = kApi + "/Recordings/REffffffffffffffffffffffffffffffff";

QByteArray listed(const QByteArray &status, const QByteArray &duration = "\"180\"")
{
    return R"({"recordings":[{"sid":"RE0123456789abcdef0123456789abcdef","status":")" + status
           + R"(","channels":2,"duration":)" + duration + "}]}";
}

struct Rig : JobRig {
    explicit Rig(ScriptedHttp::Handler handler, const QString &path = {})
        : carrier(std::move(handler))
    {
        useCarrier(carrier.url(path));
        putCall();
    }
    explicit Rig(const HttpSay &answer)
        : Rig([answer](const HttpSeen &) { return answer; })
    {
    }
    store::Outcome download() { return run(Stage::Download, jobs::download); }
    [[nodiscard]] QStringList files() const
    {
        return QDir(settings.dataDir + "/calls/"_L1 + kCallSid).entryList(QDir::Files);
    }
    ScriptedHttp carrier;
};

} // namespace

class TestDownload : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRecording();
    void skipped_data();
    void skipped();
    void whichOne();
    void forms_data();
    void forms();
    void addresses_data();
    void addresses();
    void asksForALostCallback_data();
    void asksForALostCallback();
    void waitsLongerAndLonger();
    void notReadyYet();
    void goneForGood();
    void answers_data();
    void answers();
    void whatIsNoRecording_data();
    void whatIsNoRecording();
    void networkTrouble_data();
    void networkTrouble();
    void redirectedWithoutCredentials();
    void interrupted();
    void aLostLeaseLeavesNothing();
    void noRoom();
};

void TestDownload::aRecording()
{
    const QByteArray content = wav(2, 320'000);
    Rig rig(say(200, content));
    rig.putRecording();
    const store::Outcome outcome = rig.download();
    QVERIFY2(outcome.kind == AttemptOutcome::Completed, qPrintable(outcome.reason));
    QCOMPARE(rig.carrier.targets(), QList<QByteArray>{kMedia + ".wav?RequestedChannels=2"});
    QCOMPARE(rig.carrier.requests[0].headers["authorization"],
             "Basic " + QByteArray("AC0123456789abcdef0123456789abcdef:the account's token").toBase64());
    QCOMPARE(rig.files(), QStringList{u"original.wav"_s});
    const store::Artifact &artifact = outcome.effects.artifacts.at(0);
    QCOMPARE(artifact.kind, u"original"_s);
    QCOMPARE(artifact.bytes, content.size());
    QFile file(rig.settings.dataDir + u'/' + artifact.path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll() == content);
    const QJsonObject &result = outcome.effects.result;
    QCOMPARE(result["recording_sid"_L1].toString(), JobRig::kRecordingSid);
    QCOMPARE(result["channels"_L1].toInt(), 2);
    QCOMPARE(result["bytes"_L1].toInt(), content.size());
    QCOMPARE(result["url"_L1].toString(), rig.carrier.url(QString::fromLatin1(kMedia)).toString());
    QCOMPARE(rig.value(u"SELECT progress FROM jobs WHERE state = 'running'"_s).toDouble() > 0, true);
    // Again: the same.
    QCOMPARE(rig.download().kind, AttemptOutcome::Completed);
    QCOMPARE(rig.files(), QStringList{u"original.wav"_s});
}

void TestDownload::skipped_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no agent") << u"unstreamed"_s << u"no agent was on the call"_s;
    QTest::newRow("switched off") << u"off"_s << u"recording is off"_s;
    QTest::newRow("no account") << u"no account"_s << u"no carrier credentials"_s;
    QTest::newRow("no token") << u"no token"_s << u"no carrier credentials"_s;
    QTest::newRow("absent") << u"absent"_s << u"the carrier made no recording"_s;
}

void TestDownload::skipped()
{
    QFETCH(QString, what);
    QFETCH(QString, reason);
    ScriptedHttp carrier([](const HttpSeen &) { return say(404); });
    JobRig rig;
    rig.useCarrier(carrier.url());
    if (what == "unstreamed"_L1)
        rig.putUnstreamedCall(u"no-answer"_s);
    else
        rig.putCall();
    rig.settings.twilio.record = what != "off"_L1;
    if (what == "absent"_L1)
        rig.putRecording(u"absent"_s);
    if (what == "no account"_L1)
        rig.settings.twilio.accountSid.clear();
    if (what == "no token"_L1)
        rig.settings.twilio.authTokens.clear();
    const store::Outcome outcome = rig.run(Stage::Download, jobs::download);
    QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
    QCOMPARE(outcome.reason, reason);
    QCOMPARE(carrier.requests.size(), 0);
}

void TestDownload::whichOne()
{
    Rig rig(say(200, wav(2, 3200)));
    rig.putRecording(u"in-progress"_s, 2, 900, u"REaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"_s);
    rig.putRecording(u"completed"_s, 2, 10, JobRig::kRecordingSid);
    rig.putRecording(u"completed"_s, 2, 60, u"REffffffffffffffffffffffffffffffff"_s);
    rig.putRecording(u"absent"_s, 2, 90, u"REbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"_s);
    rig.settings.twilio.record = false; // somebody recorded it nevertheless
    QCOMPARE(rig.download().kind, AttemptOutcome::Completed);
    QCOMPARE(rig.carrier.targets(), QList<QByteArray>{kOther + ".wav?RequestedChannels=2"});
}

void TestDownload::forms_data()
{
    QTest::addColumn<int>("refused"); // so many of them
    QTest::addColumn<int>("channels");
    QTest::addColumn<QString>("file");
    QTest::newRow("one channel") << 1 << 2 << u"original.wav"_s;
    QTest::newRow("unspecified") << 2 << 2 << u"original.wav"_s;
    QTest::newRow("mp3") << 3 << 2 << u"original.mp3"_s;
    QTest::newRow("bare") << 4 << 2 << u"original.mp3"_s;
    QTest::newRow("none") << 5 << 2 << QString();
    QTest::newRow("known to be one") << 0 << 1 << u"original.wav"_s;
}

void TestDownload::forms()
{
    QFETCH(int, refused);
    QFETCH(int, channels);
    QFETCH(QString, file);
    int asked = 0;
    Rig rig([&](const HttpSeen &) {
        if (asked++ < refused)
            return say(400);
        return say(200, file.endsWith("mp3"_L1) ? "\xFF\xFB" + QByteArray(5000, 'm') : wav(1, 5000));
    });
    rig.putRecording(u"completed"_s, channels);
    const store::Outcome outcome = rig.download();
    QList<QByteArray> all{kMedia + ".wav?RequestedChannels=2", kMedia + ".wav?RequestedChannels=1", kMedia + ".wav",
                          kMedia + ".mp3", kMedia};
    QCOMPARE(rig.carrier.targets(), all.mid(channels == 1 ? 1 : 0, std::min(refused + 1, 5)));
    if (file.isEmpty()) {
        QCOMPARE(outcome.kind, AttemptOutcome::Retry);
        QVERIFY(rig.files().isEmpty());
    } else {
        QCOMPARE(outcome.kind, AttemptOutcome::Completed);
        QCOMPARE(rig.files(), QStringList{file});
    }
}

void TestDownload::addresses_data()
{
    QTest::addColumn<QString>("sid");
    QTest::addColumn<QString>("url");
    QTest::addColumn<QByteArray>("target"); // empty: refused
    QTest::newRow("by SID") << JobRig::kRecordingSid << u"http://evil.example/x"_s
                            << QByteArray("/base" + kMedia + ".wav?RequestedChannels=2");
    QTest::newRow("relative") << u"17"_s << u"/Recordings/17.json"_s
                              << QByteArray("/Recordings/17.wav?RequestedChannels=2");
    QTest::newRow("ours") << u"17"_s << u"OURS/Recordings/17"_s << QByteArray("/Recordings/17.wav?RequestedChannels=2");
    QTest::newRow("a stranger's") << u"17"_s << u"http://127.0.0.1:9/Recordings/17"_s << QByteArray();
    QTest::newRow("a stranger's host") << u"17"_s << u"//evil.example/Recordings/17"_s << QByteArray();
    QTest::newRow("another host, our port") << u"17"_s << u"http://localhost:PORT/Recordings/17"_s << QByteArray();
    QTest::newRow("another scheme") << u"17"_s << u"https://127.0.0.1:PORT/Recordings/17"_s << QByteArray();
    QTest::newRow("a name before ours") << u"17"_s << u"http://127.0.0.1:PORT@evil.example/17"_s << QByteArray();
    QTest::newRow("none") << u"17"_s << QString() << QByteArray();
}

void TestDownload::addresses()
{
    QFETCH(QString, sid);
    QFETCH(QString, url);
    QFETCH(QByteArray, target);
    Rig rig([](const HttpSeen &) { return say(200, wav(2, 3200)); }, u"/base/"_s);
    url.replace(u"OURS"_s, rig.carrier.url(QString()).toString());
    url.replace(u"PORT"_s, QString::number(rig.carrier.port()));
    rig.putRecording(u"completed"_s, 2, 180, sid, url);
    const store::Outcome outcome = rig.download();
    QCOMPARE(outcome.kind, target.isEmpty() ? AttemptOutcome::Failed : AttemptOutcome::Completed);
    QCOMPARE(rig.carrier.targets(), target.isEmpty() ? QList<QByteArray>() : QList<QByteArray>{target});
}

void TestDownload::asksForALostCallback_data()
{
    QTest::addColumn<QString>("known");
    QTest::addColumn<HttpSay>("list");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("reason");
    QTest::newRow("there it is") << QString() << say(200, listed("completed")) << int(AttemptOutcome::Completed)
                                 << QString();
    QTest::newRow("it was in progress") << u"in-progress"_s << say(200, listed("completed"))
                                        << int(AttemptOutcome::Completed) << QString();
    QTest::newRow("it still is") << u"in-progress"_s << say(200, listed("in-progress", "null"))
                                 << int(AttemptOutcome::Snoozed) << u"waits for the recording"_s;
    QTest::newRow("it is made ready") << QString() << say(200, listed("processing", "null"))
                                      << int(AttemptOutcome::Snoozed) << u"waits for the recording"_s;
    QTest::newRow("nothing") << QString() << say(200, R"({"recordings":[]})") << int(AttemptOutcome::Snoozed)
                             << u"waits for the recording"_s;
    QTest::newRow("no such call") << QString() << say(404) << int(AttemptOutcome::Snoozed)
                                  << u"waits for the recording"_s;
    QTest::newRow("absent") << QString() << say(200, listed("absent", "\"0\"")) << int(AttemptOutcome::Skipped)
                            << u"the carrier made no recording"_s;
    QTest::newRow("not for us") << QString() << say(401) << int(AttemptOutcome::Failed)
                                << u"the carrier refuses our credentials (HTTP 401)"_s;
    QTest::newRow("broken") << QString() << say(500) << int(AttemptOutcome::Retry) << u"the carrier answers HTTP 500"_s;
    QTest::newRow("no JSON") << QString() << say(200, "<html>") << int(AttemptOutcome::Retry)
                             << u"the carrier's list of recordings can't be read (HTTP 200)"_s;
    QTest::newRow("a trap") << QString() << say(200, R"({"recordings":[{"sid":"../../x","status":"completed"}]})")
                            << int(AttemptOutcome::Snoozed) << u"waits for the recording"_s;
}

void TestDownload::asksForALostCallback()
{
    QFETCH(QString, known);
    QFETCH(HttpSay, list);
    QFETCH(int, kind);
    QFETCH(QString, reason);
    Rig rig([list](const HttpSeen &seen) { return seen.target == kList ? list : say(200, wav(2, 3200)); });
    if (!known.isEmpty())
        rig.putRecording(known);
    const store::Outcome outcome = rig.download();
    QCOMPARE(int(outcome.kind), kind);
    QCOMPARE(outcome.reason, reason);
    QCOMPARE(rig.carrier.targets().value(0), kList);
    if (outcome.kind == AttemptOutcome::Completed)
        QCOMPARE(rig.carrier.targets().value(1), kMedia + ".wav?RequestedChannels=2");
    else
        QCOMPARE(rig.carrier.targets().size(), 1);
    if (outcome.kind == AttemptOutcome::Snoozed)
        QCOMPARE(outcome.delayMs, 10'000);
}

void TestDownload::waitsLongerAndLonger()
{
    Rig rig(say(200, R"({"recordings":[]})"));
    QList<qint64> delays;
    for (const int snoozes : {0, 1, 4, 5, 6, 100}) {
        rig.job.snoozes = snoozes;
        delays << rig.download().delayMs;
    }
    QCOMPARE(delays, (QList<qint64>{10'000, 20'000, 50'000, 60'000, 60'000, 60'000}));
    // At the end of the time for it, not long behind.
    const qint64 end = rig.startedAtMs + 180'000 + 30 * 60'000;
    rig.database->setClock([&] { return end - 5'000; });
    QCOMPARE(rig.download().delayMs, 5'000);
    rig.database->setClock([&] { return end; });
    const store::Outcome outcome = rig.download();
    QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
    QCOMPARE(outcome.reason, u"no recording came within 30 minutes"_s);
    QCOMPARE(rig.carrier.requests.size(), 8); // asked once more even then
}

void TestDownload::notReadyYet()
{
    int asked = 0;
    Rig rig([&](const HttpSeen &) { return asked++ < 3 ? say(404) : say(200, wav(2, 3200)); });
    rig.putRecording();
    QList<qint64> delays;
    store::Outcome outcome;
    while ((outcome = rig.download()).kind == AttemptOutcome::Snoozed) {
        QCOMPARE(outcome.reason, u"the recording is not ready yet"_s);
        delays << outcome.delayMs;
        rig.job.checkpoint = QJsonDocument::fromJson(
                                 rig.value(u"SELECT checkpoint FROM jobs WHERE state = 'running'"_s).toByteArray())
                                 .object();
    }
    QCOMPARE(delays, (QList<qint64>{2'000, 5'000, 10'000}));
    QCOMPARE(outcome.kind, AttemptOutcome::Completed);
}

void TestDownload::goneForGood()
{
    Rig rig(say(404));
    rig.putRecording();
    rig.database->setClock([&] { return rig.startedAtMs + 24 * 3'600'000; });
    const store::Outcome outcome = rig.download();
    QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
    QCOMPARE(outcome.reason, u"the recording is gone"_s);
}

void TestDownload::answers_data()
{
    QTest::addColumn<HttpSay>("answer");
    QTest::addColumn<int>("kind");
    QTest::addColumn<qint64>("delay");
    QTest::newRow("401") << say(401) << int(AttemptOutcome::Failed) << qint64(-1);
    QTest::newRow("403") << say(403) << int(AttemptOutcome::Failed) << qint64(-1);
    QTest::newRow("429") << say(429) << int(AttemptOutcome::Retry) << qint64(-1);
    QTest::newRow("429, later") << say(429, "{}", "Retry-After: 17\r\n") << int(AttemptOutcome::Retry)
                                << qint64(17'000);
    QTest::newRow("503, later") << say(503, "{}", "Retry-After: 3\r\n") << int(AttemptOutcome::Retry) << qint64(3'000);
    QTest::newRow("500") << say(500) << int(AttemptOutcome::Retry) << qint64(-1);
    QTest::newRow("418") << say(418) << int(AttemptOutcome::Retry) << qint64(-1);
}

void TestDownload::answers()
{
    QFETCH(HttpSay, answer);
    QFETCH(int, kind);
    QFETCH(qint64, delay);
    Rig rig(answer);
    rig.putRecording();
    const store::Outcome outcome = rig.download();
    QCOMPARE(int(outcome.kind), kind);
    QCOMPARE(outcome.delayMs, delay);
    QVERIFY(outcome.reason.contains(QString::number(answer.status)));
    QVERIFY(!outcome.reason.contains("token"_L1));
    QCOMPARE(rig.carrier.requests.size(), 1);
    QVERIFY(rig.files().isEmpty());
}

void TestDownload::whatIsNoRecording_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("lengthSaid");
    QTest::addColumn<int>("kind");
    QTest::newRow("a page") << "<html>" + QByteArray(5'000, ' ') << true << int(AttemptOutcome::Retry);
    QTest::newRow("JSON") << "{\"a\":\"" + QByteArray(5'000, 'x') + "\"}" << true << int(AttemptOutcome::Retry);
    QTest::newRow("nothing") << QByteArray() << true << int(AttemptOutcome::Retry);
    QTest::newRow("a head") << wav(2, 0) << true << int(AttemptOutcome::Skipped);
    QTest::newRow("hardly more") << wav(2, 956) << true << int(AttemptOutcome::Skipped);
    QTest::newRow("enough") << wav(2, 960) << true << int(AttemptOutcome::Completed);
    QTest::newRow("no WAV") << "RIFF" + QByteArray(5'000, 'x') << true << int(AttemptOutcome::Retry);
    QTest::newRow("less than its head says") << wav(2, 5'000, 6'000) << true << int(AttemptOutcome::Completed);
    QTest::newRow("less, and nobody else knows") << wav(2, 5'000, 6'000) << false << int(AttemptOutcome::Retry);
    QTest::newRow("all of it, and nobody else knows") << wav(2, 6'000) << false << int(AttemptOutcome::Completed);
    QTest::newRow("a stream") << wav(2, 5'000, 0xFFFFFFFF) << false << int(AttemptOutcome::Completed);
}

void TestDownload::whatIsNoRecording()
{
    QFETCH(QByteArray, body);
    QFETCH(bool, lengthSaid);
    QFETCH(int, kind);
    HttpSay answer = say(200, body);
    answer.length = lengthSaid ? HttpSay::Length::Said : HttpSay::Length::UntilTheEnd;
    Rig rig(answer);
    rig.putRecording();
    const store::Outcome outcome = rig.download();
    QCOMPARE(int(outcome.kind), kind);
    QCOMPARE(rig.files().isEmpty(), outcome.kind != AttemptOutcome::Completed);
}

void TestDownload::networkTrouble_data()
{
    QTest::addColumn<HttpSay>("answer");
    HttpSay cut = say(200, wav(2, 100'000));
    cut.cutAfter = 50'000;
    QTest::newRow("cut") << cut;
    cut.length = HttpSay::Length::Chunked;
    QTest::newRow("cut between chunks") << cut;
    HttpSay dropped;
    dropped.drop = true;
    QTest::newRow("dropped") << dropped;
    HttpSay garbage;
    garbage.raw = "220 ftp\r\n";
    QTest::newRow("no HTTP") << garbage;
}

void TestDownload::networkTrouble()
{
    QFETCH(HttpSay, answer);
    Rig rig(answer);
    rig.putRecording();
    const store::Outcome outcome = rig.download();
    QCOMPARE(outcome.kind, AttemptOutcome::Retry);
    QVERIFY(!outcome.reason.isEmpty());
    QVERIFY(rig.files().isEmpty());
}

void TestDownload::redirectedWithoutCredentials()
{
    ScriptedHttp storage([](const HttpSeen &) { return say(200, wav(2, 3200)); });
    Rig rig(say(302, "", "Location: " + storage.url(u"/bucket/file.wav?signature=1"_s).toEncoded() + "\r\n"));
    rig.putRecording();
    QCOMPARE(rig.download().kind, AttemptOutcome::Completed);
    QCOMPARE(storage.targets(), QList<QByteArray>{"/bucket/file.wav?signature=1"});
    QVERIFY(!storage.requests[0].headers.contains("authorization"));
    QVERIFY(rig.carrier.requests[0].headers.contains("authorization"));
}

void TestDownload::interrupted()
{
    HttpSay stall = say(200, wav(2, 100'000));
    stall.stallAfter = 50'000;
    Rig rig(stall);
    rig.putRecording();
    QTimer::singleShot(300, &rig.gate, [&] { rig.gate.callStarted(JobRig::kCallSid); });
    const store::Outcome outcome = rig.download();
    QCOMPARE(outcome.kind, AttemptOutcome::Interrupted);
    QCOMPARE(outcome.reason, u"call active"_s);
    QVERIFY(rig.files().isEmpty());
}

// Another worker has it, and its heartbeat has not told us yet. Nor has the progress, which is written once a second.
void TestDownload::aLostLeaseLeavesNothing()
{
    HttpSay slow = say(200, wav(2, 6'000));
    slow.pieceBytes = 1'000;
    slow.pieceMs = 40;
    JobRig *that = nullptr;
    Rig rig([&](const HttpSeen &) {
        QTimer::singleShot(120, &that->gate,
                           [that] { that->exec(u"UPDATE jobs SET lease_token = lease_token + 1"_s, {}); });
        return slow;
    });
    that = &rig;
    rig.putRecording();
    const store::Outcome outcome = rig.download();
    QCOMPARE(outcome.kind, AttemptOutcome::Interrupted);
    QCOMPARE(outcome.reason, u"lease lost"_s);
    QVERIFY(rig.files().isEmpty());
}

void TestDownload::noRoom()
{
    Rig rig(say(200, wav(2, 3200)));
    rig.putRecording();
    const QString calls = rig.settings.dataDir + "/calls"_L1;
    QFile file(calls); // where the folder should be
    QVERIFY(file.open(QIODevice::WriteOnly));
    const store::Outcome outcome = rig.download();
    QCOMPARE(outcome.kind, AttemptOutcome::Retry);
    QVERIFY2(outcome.reason.contains("can't be written"_L1), qPrintable(outcome.reason));
}

QTEST_GUILESS_MAIN(TestDownload)
#include "tst_download.moc"
