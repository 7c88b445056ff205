// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP exchanges of jobs with servers that are not to be trusted: within limits, stopped at any time, only where they may go,
// and no secret told to strangers.
#include "support/certificates.h"
#include "support/jobhttprig.h"

#include <QSslKey>
#include <QTest>

#include <thread>

using namespace takt;
using namespace takt::test;
using Rig = HttpRig;

namespace {

// For a name, by an authority that this process trusts from now on.
QSslConfiguration certified(const QByteArray &name)
{
    const KeyPtr key = makeKey(KeyKind::Ec);
    const QByteArray pem = makeCertificate(key, {.name = name, .issuer = name});
    QSslConfiguration server;
    const QSslCertificate certificate(pem);
    server.setLocalCertificate(certificate);
    server.setPrivateKey(QSslKey(test::pem(key), QSsl::Ec));
    QSslConfiguration trust = QSslConfiguration::defaultConfiguration();
    trust.addCaCertificate(certificate);
    QSslConfiguration::setDefaultConfiguration(trust);
    return server;
}

} // namespace

class TestJobHttpTrust : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void noHeaderFromAValue();
    void tooLong_data();
    void tooLong();
    void tooSlow_data();
    void tooSlow();
    void aSlowAnswerIsFine();
    void refusesOtherSchemes();
    void stopped();
    void stoppedBefore();
    void redirects_data();
    void redirects();
    void secretsStayAtHome();
    void aPinnedAddress();
    void aPinnedAddressIsNotLeft();
    void tls();
    void noDowngrade();
};

void TestJobHttpTrust::noHeaderFromAValue()
{
    Rig rig(say(200));
    rig.request.headers = {{"X-Name", "a\r\nX-Admin: yes"}};
    QVERIFY(rig.get().ok());
    QVERIFY(!rig.server.requests[0].headers.contains("x-admin"));
    QCOMPARE(rig.server.requests[0].headers["x-name"], "a  X-Admin: yes");
}

void TestJobHttpTrust::tooLong_data()
{
    QTest::addColumn<int>("length");
    QTest::addColumn<bool>("file");
    for (const bool file : {false, true}) {
        QTest::addRow("said, %d", int(file)) << int(Length::Said) << file;
        QTest::addRow("chunked, %d", int(file)) << int(Length::Chunked) << file;
        QTest::addRow("until the end, %d", int(file)) << int(Length::UntilTheEnd) << file;
    }
}

void TestJobHttpTrust::tooLong()
{
    QFETCH(int, length);
    QFETCH(bool, file);
    HttpSay what = say(200, QByteArray(200'001, 'x'));
    what.length = Length(length);
    what.pieceBytes = 10'000;
    Rig rig(what);
    rig.request.maxBytes = 200'000;
    if (file)
        rig.request.toFile = rig.file(u"audio"_s);
    const HttpAnswer answer = rig.get();
    QVERIFY(answer.tooLong);
    QVERIFY(!answer.ok());
    QVERIFY(!answer.tooSlow);
    QCOMPARE(answer.status, 200);
    QVERIFY(!answer.error.isEmpty());
    QVERIFY(answer.body.size() <= 200'000);
    if (file)
        QCOMPARE(bytesOf(rig.request.toFile), "no file");
    rig.request.maxBytes = 200'001;
    QVERIFY(rig.get().ok());
}

void TestJobHttpTrust::tooSlow_data()
{
    QTest::addColumn<HttpSay>("what");
    QTest::addColumn<int>("idleMs");
    QTest::addColumn<int>("totalMs");
    HttpSay silent;
    silent.silent = true;
    QTest::newRow("nothing") << silent << 200 << 60'000;
    HttpSay stall = say(200, QByteArray(1000, 'x'));
    stall.stallAfter = 10;
    QTest::newRow("the rest of the body") << stall << 200 << 60'000;
    HttpSay trickle = say(200, QByteArray(1'000'000, 'x'));
    trickle.pieceBytes = 10;
    trickle.pieceMs = 20;
    QTest::newRow("all of it") << trickle << 60'000 << 500;
}

void TestJobHttpTrust::tooSlow()
{
    QFETCH(HttpSay, what);
    QFETCH(int, idleMs);
    QFETCH(int, totalMs);
    Rig rig(what);
    rig.request.idleMs = idleMs;
    rig.request.totalMs = totalMs;
    const HttpAnswer answer = rig.get();
    QVERIFY(answer.tooSlow);
    QVERIFY(!answer.ok());
    QVERIFY(!answer.complete);
    QVERIFY(!answer.neverSent);
    QVERIFY(!answer.error.isEmpty());
    QVERIFY(answer.durationMs >= 150);
    QTRY_COMPARE(rig.server.ended, 1); // we hang up
}

void TestJobHttpTrust::aSlowAnswerIsFine()
{
    HttpSay what = say(200, QByteArray(40, 'x'));
    what.pieceBytes = 1;
    what.pieceMs = 50;
    Rig rig(what);
    rig.request.idleMs = 1'000;
    const HttpAnswer answer = rig.get();
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    QVERIFY(answer.durationMs > 1'500);
}

void TestJobHttpTrust::refusesOtherSchemes()
{
    Rig rig(say(200));
    for (const QString &url : {u"file:///etc/passwd"_s, u"ftp://127.0.0.1/x"_s, u"data:text/plain,x"_s, QString()}) {
        rig.request.url = QUrl(url);
        const HttpAnswer answer = rig.get();
        QCOMPARE(answer.status, 0);
        QVERIFY(answer.neverSent);
        QVERIFY(!answer.error.isEmpty());
    }
}

void TestJobHttpTrust::stopped()
{
    HttpSay silent;
    silent.silent = true;
    Rig rig(silent);
    std::thread other;
    QTimer::singleShot(100, &rig.server, [&] { other = std::thread([&] { rig.gate.callStarted(u"CA1"_s); }); });
    rig.request.idleMs = 60'000;
    const HttpAnswer answer = rig.get();
    other.join();
    QVERIFY(answer.stopped);
    QVERIFY(!answer.tooSlow);
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error, u"call active"_s);
}

void TestJobHttpTrust::stoppedBefore()
{
    Rig rig(say(200));
    rig.pass->stop(u"cancelled"_s);
    const HttpAnswer answer = rig.get();
    QVERIFY(answer.stopped);
    QVERIFY(answer.neverSent);
    QCOMPARE(answer.error, u"cancelled"_s);
    QTest::qWait(50);
    QCOMPARE(rig.server.requests.size(), 0);
}

void TestJobHttpTrust::redirects_data()
{
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<int>("status"); // 0: refused
    QTest::newRow("relative") << QByteArray("/ok") << 200;
    QTest::newRow("twice") << QByteArray("/again?to=/ok") << 200;
    QTest::newRow("for ever") << QByteArray("/again?to=/again%3fto=/for-ever") << 0;
    QTest::newRow("to a file") << QByteArray("file:///etc/passwd") << 0;
    QTest::newRow("to nowhere") << QByteArray("") << 302;
}

void TestJobHttpTrust::redirects()
{
    QFETCH(QByteArray, to);
    QFETCH(int, status);
    Rig rig([&](const HttpSeen &seen) {
        if (seen.target == "/ok")
            return say(200, "found");
        if (seen.target == "/for-ever")
            return moved(302, "/for-ever");
        if (seen.target.startsWith("/again?to="))
            return moved(308, QByteArray::fromPercentEncoding(seen.target.sliced(10)));
        return moved(302, to);
    });
    rig.request.followRedirects = true;
    const HttpAnswer answer = rig.get();
    QCOMPARE(answer.ok(), status == 200);
    if (status == 200)
        QCOMPARE(answer.body, "found");
    else
        QCOMPARE(answer.complete, status != 0);
    QVERIFY(rig.server.requests.size() <= 6);
    rig.request.followRedirects = false;
    QCOMPARE(rig.get().status, 302);
}

void TestJobHttpTrust::secretsStayAtHome()
{
    ScriptedHttp stranger([](const HttpSeen &seen) { return seen.target == "/back" ? say(200) : say(200, "file"); });
    Rig rig([&](const HttpSeen &seen) {
        return seen.target == "/here" ? moved(302, stranger.url(u"/there"_s).toEncoded()) : moved(302, "/here");
    });
    rig.request.followRedirects = true;
    rig.request.headers = {{"Authorization", "Basic abc"}, {"X-Key", "xyz"}, {"Accept", "audio/*"}};
    rig.request.secretHeaders = {"authorization", "x-key"};
    QVERIFY(rig.get().ok());
    QCOMPARE(rig.server.requests.size(), 2);
    for (const HttpSeen &seen : rig.server.requests) // the same host, port and scheme
        QCOMPARE(seen.headers["authorization"], "Basic abc");
    QCOMPARE(stranger.requests.size(), 1);
    QVERIFY(!stranger.requests[0].headers.contains("authorization"));
    QVERIFY(!stranger.requests[0].headers.contains("x-key"));
    QCOMPARE(stranger.requests[0].headers["accept"], "audio/*");
}

void TestJobHttpTrust::aPinnedAddress()
{
    Rig rig(say(200));
    rig.request.url = rig.server.url(u"/hook"_s, u"crm.invalid"_s); // no name server is asked
    rig.request.address = QHostAddress(u"127.0.0.1"_s);
    const HttpAnswer answer = rig.post("x");
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    QCOMPARE(rig.server.requests[0].headers["host"], "crm.invalid:" + QByteArray::number(rig.server.port()));
    QCOMPARE(rig.server.requests[0].target, "/hook");
}

void TestJobHttpTrust::aPinnedAddressIsNotLeft()
{
    Rig rig(moved(302, "/elsewhere"));
    rig.request.address = QHostAddress(u"127.0.0.1"_s);
    rig.request.followRedirects = true;
    QCOMPARE(rig.get().status, 302);
    QCOMPARE(rig.server.requests.size(), 1);
}

void TestJobHttpTrust::tls()
{
    const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
    Rig rig([](const HttpSeen &) { return say(200, QByteArray(3'000'000, 'x')); }, certified("crm.invalid"));
    rig.request.address = QHostAddress(u"127.0.0.1"_s);
    rig.request.url = rig.server.url(u"/hook"_s, u"crm.invalid"_s);
    HttpAnswer answer = rig.post(QByteArray(2'000'000, 'y'));
    QVERIFY2(answer.ok(), qPrintable(answer.error));
    QCOMPARE(answer.bytes, 3'000'000);
    QCOMPARE(rig.server.requests.size(), 1);
    QCOMPARE(rig.server.requests[0].body.size(), 2'000'000);

    rig.request.url.setHost(u"other.invalid"_s); // the certificate is not his
    answer = rig.post("x");
    QCOMPARE(answer.status, 0);
    QVERIFY(answer.neverSent);
    QCOMPARE(answer.error, u"the TLS handshake failed"_s);
    QCOMPARE(rig.server.requests.size(), 1);

    QSslConfiguration::setDefaultConfiguration(before); // nobody that we trust
    rig.request.url.setHost(u"crm.invalid"_s);
    answer = rig.post("x");
    QVERIFY(answer.neverSent);
    QCOMPARE(rig.server.requests.size(), 1);
}

void TestJobHttpTrust::noDowngrade()
{
    const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
    ScriptedHttp plain([](const HttpSeen &) { return say(200); });
    Rig rig([&](const HttpSeen &) { return moved(302, plain.url().toEncoded()); }, certified("localhost"));
    rig.request.url = rig.server.url(u"/"_s, u"localhost"_s);
    rig.request.followRedirects = true;
    const HttpAnswer answer = rig.get();
    QSslConfiguration::setDefaultConfiguration(before);
    QVERIFY(!answer.ok());
    QCOMPARE(answer.status, 302);
    QCOMPARE(answer.error, u"redirected to where we don't go"_s);
    QCOMPARE(rig.server.requests.size(), 1);
    QCOMPARE(plain.connections, 0);
}

QTEST_GUILESS_MAIN(TestJobHttpTrust)
#include "tst_jobhttp_trust.moc"
