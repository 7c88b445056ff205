// SPDX-License-Identifier: GPL-3.0-or-later
// What the carrier posts, as facts: the shapes of its documents, and what must not get through.
#include "carrier/webhook.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::carrier;

namespace {

const QString kCall = u"CA0123456789abcdef0123456789ABCDEF"_s;
const QString kParent = u"CAffffffffffffffffffffffffffffffff"_s;
const QString kAccount = u"AC00000000000000000000000000000000"_s;
const QString kRecording = u"RE11111111111111111111111111111111"_s;
const QString kStream = u"MZ22222222222222222222222222222222"_s;

Form form(const QByteArray &body)
{
    const auto parsed = parseForm(body);
    return parsed ? *parsed : Form{{"the test's", "form is broken"}};
}

CallReport call(const QByteArray &body)
{
    return callReport(form(body), 1);
}

} // namespace

class TestWebhook : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void incomingCall();
    void statusOfACall();
    void directions_data();
    void directions();
    void verdictOfMachineDetection();
    void numbers_data();
    void numbers();
    void callsWithNothingUsable();
    void recording();
    void recordingAbsent();
    void recordingTimes_data();
    void recordingTimes();
    void recordingUrls_data();
    void recordingUrls();
    void stream();
    void decimals_data();
    void decimals();
};

void TestWebhook::incomingCall()
{
    const CallReport report = callReport(
        form("CallSid=CA0123456789abcdef0123456789ABCDEF&AccountSid=AC00000000000000000000000000000000&From=%"
             "2B14155550100"
             "&To=%2B18005550111&Caller=%2B1&Called=%2B2&CallStatus=ringing&Direction=inbound&ApiVersion=2010-04-01"
             "&FromCity=&StirVerstat=TN-Validation-Passed-A"),
        1'700'000'000'123);
    QCOMPARE(report.callSid, kCall);
    QCOMPARE(report.parentCallSid, QString());
    QCOMPARE(report.accountSid, kAccount);
    QCOMPARE(report.business, QString());
    QCOMPARE(report.direction, u"inbound"_s);
    QCOMPARE(report.from, u"+14155550100"_s);
    QCOMPARE(report.to, u"+18005550111"_s);
    QCOMPARE(report.status, u"ringing"_s);
    QCOMPARE(report.answeredBy, QString());
    QCOMPARE(report.durationSeconds, -1);
    QCOMPARE(report.atMs, 1'700'000'000'123);
    QVERIFY(!report.isFinal());
}

void TestWebhook::statusOfACall()
{
    const CallReport report = call("CallSid=CA0123456789abcdef0123456789ABCDEF&ParentCallSid=" + kParent.toLatin1()
                                   + "&CallStatus=completed&Duration=2&CallDuration=61&SequenceNumber=3"
                                     "&CallbackSource=call-progress-events&Direction=outbound-dial");
    QCOMPARE(report.durationSeconds, 61);
    QCOMPARE(report.parentCallSid, kParent);
    QCOMPARE(report.status, u"completed"_s);
    QVERIFY(report.isFinal());
    // Minutes alone are no seconds.
    QCOMPARE(call("CallStatus=completed&Duration=2").durationSeconds, -1);
    QCOMPARE(call("CallDuration=0&Duration=1").durationSeconds, 0);
    for (const char *status : {"queued", "initiated", "in-progress", "busy", "failed", "no-answer", "canceled"})
        QCOMPARE(call(QByteArray("CallStatus=") + status).status, QString::fromLatin1(status));
}

void TestWebhook::directions_data()
{
    QTest::addColumn<QByteArray>("said");
    QTest::addColumn<QString>("meant");
    QTest::newRow("inbound") << QByteArray("inbound") << u"inbound"_s;
    QTest::newRow("by us") << QByteArray("outbound-api") << u"outbound"_s;
    QTest::newRow("a dialled leg") << QByteArray("outbound-dial") << u"outbound"_s;
    for (const char *odd : {"", "outbound", "Inbound", "trunking-terminating", "inbound "})
        QTest::addRow("odd '%s'", odd) << QByteArray(odd) << QString();
}

void TestWebhook::directions()
{
    QFETCH(QByteArray, said);
    QTEST(callReport({{"Direction", said}}, 1).direction, "meant");
}

void TestWebhook::verdictOfMachineDetection()
{
    const CallReport report = call("CallSid=CA0123456789abcdef0123456789ABCDEF&AnsweredBy=machine_end_beep"
                                   "&MachineDetectionDuration=4300");
    QCOMPARE(report.answeredBy, u"machine_end_beep"_s);
    QCOMPARE(report.durationSeconds, -1);
    QCOMPARE(report.status, QString());
    QCOMPARE(call("AnsweredBy=human%0Aevil").answeredBy, QString());
}

void TestWebhook::numbers_data()
{
    QTest::addColumn<QString>("said");
    QTest::addColumn<QString>("kept");
    const QString rows[] = {u"+14155550100"_s, u"anonymous"_s, u"sip:a@b.example;x=1"_s, u"client:Zoë 😀"_s, u""_s};
    for (const QString &text : rows)
        QTest::addRow("kept %s", qPrintable(text)) << text << text;
    QTest::newRow("64") << QString(64, u'1') << QString(64, u'1');
    QTest::newRow("long") << QString(5000, u'1') << QString(64, u'1');
    QTest::newRow("cut within a character") << QString(63, u'1') + u"😀"_s << QString(63, u'1');
    QTest::newRow("line end") << u"+1415\n[fake] line"_s << QString();
    QTest::newRow("carriage return") << u"+1\r"_s << QString();
    QTest::newRow("zero") << QString(u"+1"_s + QChar(0) + u"2"_s) << QString();
    QTest::newRow("escape") << u"\x1b[2J+1"_s << QString();
    QTest::newRow("C1") << u"+1\u0085"_s << QString();
    QTest::newRow("right to left") << u"+1\u202e2"_s << QString();
    QTest::newRow("zero width") << u"+1\u200b2"_s << QString();
    QTest::newRow("line separator") << u"+1\u20282"_s << QString();
    QTest::newRow("beyond the cut") << QString(100, u'1') + u'\n' << QString();
}

void TestWebhook::numbers()
{
    QFETCH(QString, said);
    QFETCH(QString, kept);
    const CallReport report = callReport({{"From", said.toUtf8()}, {"To", said.toUtf8()}}, 1);
    QCOMPARE(report.from, kept);
    QCOMPARE(report.to, kept);
}

void TestWebhook::callsWithNothingUsable()
{
    const Form hostile[] = {
        {},
        {{"CallSid", "CA0123456789abcdef0123456789ABCDE"}, {"AccountSid", kCall.toUtf8()}},
        {{"CallSid", "CA0123456789abcdef0123456789ABCDEF0"}, {"ParentCallSid", "../../Recordings"}},
        {{"CallSid", "CA'; drop table calls; --"}, {"CallStatus", "com\npleted"}, {"AnsweredBy", QByteArray(41, 'a')}},
        {{"callsid", kCall.toUtf8()}, {"CallSid ", kCall.toUtf8()}, {"CallStatus", "<b>"}},
        {{"CallSid", ""}, {"CallSid", kCall.toUtf8()}}, // the first counts
    };
    for (const Form &body : hostile) {
        const CallReport report = callReport(body, 7);
        QCOMPARE(report.callSid + report.parentCallSid + report.accountSid + report.status + report.answeredBy,
                 QString());
        QCOMPARE(report.durationSeconds, -1);
        QCOMPARE(report.atMs, 7);
    }
}

void TestWebhook::recording()
{
    const RecordingReport report = recordingReport(
        form(
            "AccountSid=AC00000000000000000000000000000000&CallSid=CA0123456789abcdef0123456789ABCDEF"
            "&RecordingSid=RE11111111111111111111111111111111&RecordingUrl=https%3A%2F%2Fapi.twilio.com%2F2010-04-01%2F"
            "Accounts%2FAC0%2FRecordings%2FRE1&RecordingStatus=completed&RecordingDuration=17&RecordingChannels=2"
            "&RecordingStartTime=Wed%2C+21+Oct+2026+07%3A28%3A00+%2B0000&RecordingSource=StartCallRecordingTwiML"
            "&RecordingTrack=both&ErrorCode=0"),
        99);
    QCOMPARE(report.callSid, kCall);
    QCOMPARE(report.recordingSid, kRecording);
    QCOMPARE(report.url, u"https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE1"_s);
    QCOMPARE(report.status, u"completed"_s);
    QCOMPARE(report.durationSeconds, 17);
    QCOMPARE(report.channels, 2);
    QCOMPARE(report.source, u"StartCallRecordingTwiML"_s);
    QCOMPARE(report.errorCode, 0);
    QCOMPARE(report.startedAtMs, 1'792'567'680'000);
    QCOMPARE(report.atMs, 99);
}

void TestWebhook::recordingAbsent()
{
    const RecordingReport report = recordingReport(
        form("CallSid=CA0123456789abcdef0123456789ABCDEF&RecordingSid=RE1&RecordingStatus=absent&ErrorCode=13801"
             "&RecordingDuration=&RecordingChannels=stereo&RecordingUrl="),
        99);
    QCOMPARE(report.callSid, kCall);
    QCOMPARE(report.recordingSid, QString());
    QCOMPARE(report.status, u"absent"_s);
    QCOMPARE(report.errorCode, 13801);
    QCOMPARE(report.durationSeconds, -1);
    QCOMPARE(report.channels, -1);
    QCOMPARE(report.url, QString());
    QCOMPARE(report.startedAtMs, 0);
}

void TestWebhook::recordingTimes_data()
{
    QTest::addColumn<QByteArray>("said");
    QTest::addColumn<qint64>("ms");
    QTest::newRow("UTC") << QByteArray("Wed, 21 Oct 2026 07:28:00 +0000") << 1'792'567'680'000LL;
    QTest::newRow("zone") << QByteArray("Wed, 21 Oct 2026 09:28:00 +0200") << 1'792'567'680'000LL;
    QTest::newRow("no weekday") << QByteArray("21 Oct 2026 07:28:00 +0000") << 1'792'567'680'000LL;
    QTest::newRow("spaces") << QByteArray("  Wed,  21 Oct 2026 07:28:00 +0000 ") << 1'792'567'680'000LL;
    for (const char *odd : {"", "now", "2026-10-21T07:28:00Z", "Wed, 31 Feb 2026 07:28:00 +0000",
                            "Wed, 21 Oct 2026 25:28:00 +0000", "Thu, 01 Jan 1931 00:00:00 +0000", "1792567680"})
        QTest::addRow("odd '%s'", odd) << QByteArray(odd) << 0LL;
}

void TestWebhook::recordingTimes()
{
    QFETCH(QByteArray, said);
    QTEST(recordingReport({{"RecordingStartTime", said}}, 1).startedAtMs, "ms");
}

void TestWebhook::recordingUrls_data()
{
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<bool>("kept");
    for (const char *good : {"https://api.twilio.com/x", "http://127.0.0.1:8080/Recordings/RE1", "https://h/%20?a=b"})
        QTest::addRow("good %s", good) << QByteArray(good) << true;
    for (const char *bad : {"", "file:///etc/passwd", "ftp://h/x", "javascript:alert(1)", "//h/x", "/x", "https://",
                            "https:///x", "https:x", "https://h/a b", "https://h/\n", "gopher://h"})
        QTest::addRow("bad %s", bad) << QByteArray(bad) << false;
    QTest::newRow("long") << "https://h/" + QByteArray(3000, 'a') << false;
}

void TestWebhook::recordingUrls()
{
    QFETCH(QByteArray, url);
    QFETCH(bool, kept);
    QCOMPARE(recordingReport({{"RecordingUrl", url}}, 1).url, kept ? QString::fromUtf8(url) : QString());
}

void TestWebhook::stream()
{
    const StreamReport report = streamReport(
        form("CallSid=CA0123456789abcdef0123456789ABCDEF&StreamSid=MZ22222222222222222222222222222222&StreamName=x"
             "&StreamEvent=stream-error&StreamError=Connection%0D%0Arefused+%1B%5B31m%E2%80%AE&Timestamp=2026-10-21"),
        5);
    QCOMPARE(report.callSid, kCall);
    QCOMPARE(report.streamSid, kStream);
    QCOMPARE(report.event, u"stream-error"_s);
    QCOMPARE(report.error, u"Connection refused [31m"_s);
    QCOMPARE(report.atMs, 5);
    QCOMPARE(streamReport({{"StreamError", QByteArray(10'000, 'e')}}, 1).error.size(), 300);
    QCOMPARE(streamReport({{"StreamError", "Zoë 😀"}}, 1).error, u"Zoë 😀"_s);
    QCOMPARE(streamReport({{"StreamEvent", "stream error"}, {"StreamSid", "MZ"}}, 1).event, QString());
}

void TestWebhook::decimals_data()
{
    QTest::addColumn<QByteArray>("said");
    QTest::addColumn<int>("number");
    QTest::newRow("0") << QByteArray("0") << 0;
    QTest::newRow("leading zeros") << QByteArray("007") << 7;
    QTest::newRow("most") << QByteArray("100000000") << 100'000'000;
    for (const char *odd : {"", "-1", "+1", " 1", "1 ", "1.5", "0x10", "1e3", "100000001", "99999999999999999999", "١"})
        QTest::addRow("odd '%s'", odd) << QByteArray(odd) << -1;
}

void TestWebhook::decimals()
{
    QFETCH(QByteArray, said);
    QTEST(callReport({{"CallDuration", said}}, 1).durationSeconds, "number");
}

QTEST_GUILESS_MAIN(TestWebhook)
#include "tst_webhook.moc"
