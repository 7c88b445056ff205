// SPDX-License-Identifier: GPL-3.0-or-later
// Signatures of our webhooks, against vectors that others published and rules of the specification; and when webhooks are
// tried again.
#include "jobs/webhookschedule.h"
#include "jobs/webhooksign.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::jobs;

namespace {

// The vector of the Standard Webhooks reference libraries.
const QString kSecret = u"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"_s;
const QByteArray kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr qint64 kAt = 1614265330;
const QByteArray kBody = "{\"test\": 2432232314}";
const QByteArray kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

QString secretOf(qsizetype bytes)
{
    return u"whsec_"_s + QString::fromLatin1(QByteArray(bytes, 'k').toBase64());
}

WebhookKeys keys(const QString &text)
{
    return parseWebhookKeys(text).value();
}

constexpr qint64 kSecondMs = 1000;
constexpr qint64 kMinuteMs = 60 * kSecondMs;
constexpr qint64 kHourMs = 60 * kMinuteMs;

} // namespace

class TestWebhookSign : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void publishedVector();
    void everythingIsSigned();
    void bytesAreSigned();
    void severalSecrets();
    void headers();
    void secrets_data();
    void secrets();
    void errorsNameNoSecret();
    void idsAreUnique();
    void schedule_data();
    void schedule();
    void jitter();
    void receiversAskForTime_data();
    void receiversAskForTime();
};

void TestWebhookSign::publishedVector()
{
    QCOMPARE(webhookSignature(keys(kSecret), kId, kAt, kBody), kSignature);
}

void TestWebhookSign::everythingIsSigned()
{
    QVERIFY(webhookSignature(keys(kSecret), kId + 'x', kAt, kBody) != kSignature);
    QVERIFY(webhookSignature(keys(kSecret), kId, kAt + 1, kBody) != kSignature);
    QVERIFY(webhookSignature(keys(kSecret), kId, kAt, kBody + ' ') != kSignature);
    QVERIFY(webhookSignature(keys(secretOf(24)), kId, kAt, kBody) != kSignature);
}

// Not a text: what is in the body is what is signed. HMACs by Python's hmac module.
void TestWebhookSign::bytesAreSigned()
{
    const QByteArray body("{\"a\":\"\xd7\xa9\xff\0\"}", 12);
    QCOMPARE(webhookSignature(keys(secretOf(32)), "msg_1", 1700000000, body),
             QByteArray("v1,4SeQoQ3EkCq9ppKN/Y3p4AzfNO+mFzXtJTs9AgpQlbs="));
}

void TestWebhookSign::severalSecrets()
{
    const QByteArray both = webhookSignature(keys(kSecret + u' ' + secretOf(64)), kId, kAt, kBody);
    const QList<QByteArray> parts = both.split(' ');
    QCOMPARE(parts.size(), 2);
    QCOMPARE(parts[0], kSignature);
    QCOMPARE(parts[1], webhookSignature(keys(secretOf(64)), kId, kAt, kBody));
}

void TestWebhookSign::headers()
{
    const auto headers = webhookHeaders(keys(kSecret), kId, kAt, kBody);
    QCOMPARE(headers.size(), 3);
    QCOMPARE(headers[0], qMakePair(QByteArray("webhook-id"), kId));
    QCOMPARE(headers[1], qMakePair(QByteArray("webhook-timestamp"), QByteArray("1614265330")));
    QCOMPARE(headers[2], qMakePair(QByteArray("webhook-signature"), kSignature));
    QCOMPARE(webhookHeaders({}, kId, kAt, kBody).size(), 2); // no key, no signature
}

void TestWebhookSign::secrets_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("count"); // -1: refused
    QTest::addColumn<QString>("error");

    QTest::newRow("none") << QString() << 0 << QString();
    QTest::newRow("only spaces") << u"  \n"_s << 0 << QString();
    QTest::newRow("24 bytes") << secretOf(24) << 1 << QString();
    QTest::newRow("64 bytes") << secretOf(64) << 1 << QString();
    QTest::newRow("two, spaces and a line feed")
        << u" "_s + secretOf(32) + u"  "_s + secretOf(40) + u"\n"_s << 2 << QString();
    QTest::newRow("unpadded") << QString(secretOf(32)).remove(u'=') << 1 << QString();
    QTest::newRow("23 bytes") << secretOf(23) << -1 << u"a webhook secret must hold 24 to 64 bytes, not 23"_s;
    QTest::newRow("65 bytes") << secretOf(65) << -1 << u"a webhook secret must hold 24 to 64 bytes, not 65"_s;
    QTest::newRow("nothing") << u"whsec_"_s << -1 << u"a webhook secret must hold 24 to 64 bytes, not 0"_s;
    QTest::newRow("no prefix") << secretOf(32).sliced(6) << -1 << u"a webhook secret must begin with whsec_"_s;
    QTest::newRow("another prefix") << u"whpk_"_s + secretOf(32).sliced(6) << -1
                                    << u"a webhook secret must begin with whsec_"_s;
    QTest::newRow("no base64") << secretOf(32).replace(10, 1, u"!"_s) << -1
                               << u"a webhook secret must be base64 after whsec_"_s;
    QTest::newRow("base64 for URLs") << secretOf(32).replace(10, 1, u"_"_s) << -1
                                     << u"a webhook secret must be base64 after whsec_"_s;
    QTest::newRow("not latin") << secretOf(32).replace(10, 1, u"ש"_s) << -1
                               << u"a webhook secret must be base64 after whsec_"_s;
    QTest::newRow("the second is wrong") << secretOf(32) + u" abc"_s << -1
                                         << u"a webhook secret must begin with whsec_"_s;
    QTest::newRow("commas") << secretOf(32) + u","_s + secretOf(32) << -1
                            << u"a webhook secret must be base64 after whsec_"_s;
}

void TestWebhookSign::secrets()
{
    QFETCH(QString, text);
    QFETCH(int, count);
    QFETCH(QString, error);
    const auto parsed = parseWebhookKeys(text);
    QCOMPARE(parsed.ok(), count >= 0);
    if (parsed)
        QCOMPARE(parsed->size(), count);
    else
        QCOMPARE(parsed.error(), error);
}

void TestWebhookSign::errorsNameNoSecret()
{
    for (const QString &text : {u"verysecret"_s, u"whsec_verysecret!"_s, u"whsec_dmVyeXNlY3JldA=="_s}) {
        const QString error = parseWebhookKeys(text).error();
        QVERIFY(!error.contains(u"verysecret"_s) && !error.contains(u"dmVyeXNlY3JldA"_s));
    }
}

void TestWebhookSign::idsAreUnique()
{
    static const QRegularExpression s_form(u"^msg_[0-9a-f]{32}$"_s);
    QSet<QByteArray> ids;
    for (int i = 0; i < 1000; ++i)
        ids.insert(newWebhookId());
    QCOMPARE(ids.size(), 1000);
    for (const QByteArray &id : ids)
        QVERIFY(s_form.match(QString::fromLatin1(id)).hasMatch());
}

void TestWebhookSign::schedule_data()
{
    QTest::addColumn<int>("attempts");
    QTest::addColumn<qint64>("delay");

    const QList<qint64> delays{5 * kSecondMs, 5 * kMinuteMs, 30 * kMinuteMs, 2 * kHourMs, 5 * kHourMs,
                               10 * kHourMs,  14 * kHourMs,  20 * kHourMs,   24 * kHourMs};
    for (int i = 0; i < delays.size(); ++i)
        QTest::addRow("%d", i + 1) << i + 1 << delays[i];
    QTest::newRow("fewer than there can be") << 0 << 5 * kSecondMs;
    QTest::newRow("more than there can be") << 1000 << 24 * kHourMs;
}

void TestWebhookSign::schedule()
{
    QFETCH(int, attempts);
    QFETCH(qint64, delay);
    QCOMPARE(webhookDelayMs(attempts, {}, 0.5), delay);
}

void TestWebhookSign::jitter()
{
    QCOMPARE(webhookDelayMs(2, {}, 0), 4 * kMinuteMs);
    QCOMPARE(webhookDelayMs(2, {}, 1), 6 * kMinuteMs);
    QCOMPARE(webhookDelayMs(2, {}, 7), 6 * kMinuteMs);
    // Never before the receiver's time.
    QCOMPARE(webhookDelayMs(2, {.retryAfterMs = 5 * kMinuteMs}, 0), 5 * kMinuteMs);
    QCOMPARE(webhookDelayMs(2, {.retryAfterMs = 5 * kMinuteMs}, 1), 6 * kMinuteMs);
}

void TestWebhookSign::receiversAskForTime_data()
{
    QTest::addColumn<int>("attempts");
    QTest::addColumn<bool>("slowDown");
    QTest::addColumn<qint64>("asked");
    QTest::addColumn<qint64>("delay");

    QTest::newRow("nothing") << 1 << false << qint64(-1) << 5 * kSecondMs;
    QTest::newRow("at once") << 2 << false << qint64(0) << 5 * kMinuteMs;
    QTest::newRow("sooner") << 2 << false << kMinuteMs << 5 * kMinuteMs;
    QTest::newRow("later") << 2 << false << 7 * kMinuteMs << 7 * kMinuteMs;
    QTest::newRow("much later") << 2 << false << 10 * kHourMs << 10 * kMinuteMs;
    QTest::newRow("slow down") << 1 << true << qint64(-1) << kMinuteMs;
    QTest::newRow("slow down, and wait") << 1 << true << 7 * kSecondMs << kMinuteMs;
    QTest::newRow("slow down, which it does anyway") << 2 << true << qint64(-1) << 5 * kMinuteMs;
}

void TestWebhookSign::receiversAskForTime()
{
    QFETCH(int, attempts);
    QFETCH(bool, slowDown);
    QFETCH(qint64, asked);
    QFETCH(qint64, delay);
    QCOMPARE(webhookDelayMs(attempts, {.slowDown = slowDown, .retryAfterMs = asked}, 0.5), delay);
}

QTEST_GUILESS_MAIN(TestWebhookSign)
#include "tst_webhooksign.moc"
