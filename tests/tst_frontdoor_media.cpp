// SPDX-License-Identifier: GPL-3.0-or-later
// Media streams at the front door: only the carrier's, only with the token of their call, only once; and all of it said
// before 101.
#include "http/tls.h"
#include "support/certificates.h"
#include "support/house.h"
#include "telemetry/counters.h"

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using carrier::encodeForm;
using telemetry::Counter;
using telemetry::counted;
using test::ask;
using test::bearerIn;
using test::callSid;
using test::doorSettings;
using test::House;
using test::post;
using test::upgradeOf;

class TestFrontDoorMedia : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aStreamWithItsToken()
    {
        House house;
        const QByteArray bearer = bearerIn(house.voice(1)->body());
        const auto client = house.stream("/media/" + bearer);
        QTRY_COMPARE(house.taken.size(), 1U);
        const carrier::Pass &pass = house.taken[0].pass;
        QCOMPARE(pass.callSid, callSid(1));
        QCOMPARE(pass.token, QString::fromLatin1(bearer.sliced(35)));
        QCOMPARE(pass.business->name, u"shop"_s);
        QCOMPARE(pass.from, u"+15550009999"_s);
        QVERIFY(house.taken[0].socket->readAll().contains(bearer));
        QVERIFY(client->answer.isEmpty()); // 101 is for whoever serves media
        QCOMPARE(house.door.tokensWaiting(), 0);
        QCOMPARE(house.admission.held(), 1);
        house.taken.clear();
        QCOMPARE(house.admission.held(), 0);
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("target"); // $B: the bearer, $T: its token
        QTest::addColumn<QByteArray>("token");  // of the signature
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<int>("status"); // 0: let in
        QTest::addColumn<bool>("signature");
        const QByteArray mine = test::kAuthToken;
        const QByteArray wss = "wss://gw.example";
        QTest::newRow("good") << "/media/$B"_ba << mine << wss << 0 << true;
        QTest::newRow("a slash behind") << "/media/$B/"_ba << mine << wss << 0 << true;
        QTest::newRow("signed as https, with a port")
            << "/media/$B"_ba << mine << "https://gw.example:443"_ba << 0 << true;
        QTest::newRow("no token") << "/media"_ba << mine << wss << 403 << true;
        QTest::newRow("no token, a slash") << "/media/"_ba << mine << wss << 403 << true;
        QTest::newRow("a guess") << "/media/CA1.guess"_ba << mine << wss << 403 << true;
        QTest::newRow("another call") << "/media/CA00000000000000000000000000000002.$T"_ba << mine << wss << 403
                                      << true;
        QTest::newRow("escaped") << "/media/%42"_ba << mine << wss << 403 << true;
        QTest::newRow("another token") << "/media/$B"_ba
                                       << "guess"_ba << wss << 403 << false;
        QTest::newRow("unsigned") << "/media/$B"_ba << QByteArray() << wss << 403 << false;
        QTest::newRow("another host") << "/media/$B"_ba << mine << "wss://evil.example"_ba << 403 << false;
        QTest::newRow("another path") << "/other"_ba << mine << wss << 404 << true;
        QTest::newRow("a longer word") << "/mediax/$B"_ba << mine << wss << 404 << true;
        QTest::newRow("a webhook's path") << "/twilio/voice"_ba << mine << wss << 404 << true;
    }
    void refused()
    {
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, token);
        QFETCH(QByteArray, url);
        QFETCH(int, status);
        QFETCH(bool, signature);
        House house;
        const QByteArray bearer = bearerIn(house.voice(1)->body());
        target.replace("$B", bearer).replace("$T", bearer.sliced(35));
        const qint64 signatures = counted(Counter::SignaturesRefused);
        const auto client = house.stream(target, token, url);
        if (status == 0) {
            QTRY_COMPARE(house.taken.size(), 1U);
            return;
        }
        QVERIFY(client->waitAnswer());
        QCOMPARE(client->status(), status);
        QVERIFY(house.taken.empty());
        QCOMPARE(counted(Counter::SignaturesRefused) - signatures, signature ? 0 : 1);
        // Who is refused takes nothing from the call.
        const auto good = house.stream("/media/" + bearer);
        QTRY_COMPARE(house.taken.size(), 1U);
    }

    void aMethodThatIsNot()
    {
        House house;
        QByteArray request = upgradeOf("/media/CA1.x");
        request.replace("GET ", "POST ");
        QCOMPARE(ask(house.door.port(), request)->status(), 405);
    }

    void onceOnly()
    {
        House house;
        const QByteArray bearer = bearerIn(house.voice(1)->body());
        const qint64 refused = counted(Counter::TokensRefused);
        const auto first = house.stream("/media/" + bearer);
        const auto second = house.stream("/media/" + bearer);
        QVERIFY(second->waitAnswer());
        QCOMPARE(second->status(), 403);
        QCOMPARE(counted(Counter::TokensRefused) - refused, 1);
        QCOMPARE(house.taken.size(), 1U);
        // A repeated voice webhook makes the token of before worthless.
        const QByteArray older = bearerIn(house.voice(2)->body());
        const QByteArray newer = bearerIn(house.voice(2)->body());
        const auto third = house.stream("/media/" + older);
        QVERIFY(third->waitAnswer());
        QCOMPARE(third->status(), 403);
        const auto fourth = house.stream("/media/" + newer);
        QTRY_COMPARE(house.taken.size(), 2U);
        QCOMPARE(house.admission.held(), 2);
    }

    // The call is over before its stream comes, or while its socket changes hands: nothing is held.
    void aCallThatIsOver()
    {
        House house;
        const QByteArray bearer = bearerIn(house.voice(1)->body());
        Q_UNUSED(house.webhook("/twilio/status", House::call(1, {{"CallStatus", "canceled"}})));
        QCOMPARE(house.admission.held(), 0);
        const auto client = house.stream("/media/" + bearer);
        QVERIFY(client->waitAnswer());
        QCOMPARE(client->status(), 403);
    }

    void theDoorGoesFirst()
    {
        frontdoor::Admission admission({});
        int taken = 0;
        const auto settings = doorSettings();
        std::optional<frontdoor::FrontDoor> door;
        door.emplace(settings, admission, nullptr, [&](QTcpSocket *socket, const carrier::Pass &) {
            ++taken;
            delete socket;
        });
        QCOMPARE(door->open(), QString());
        const carrier::Form form = House::call(1, {{"To", "+15550000001"}, {"Direction", "inbound"}});
        const QByteArray signature = carrier::sign(test::kAuthToken, "https://gw.example/twilio/voice", form);
        const auto voice = ask(door->port(),
                               post("/twilio/voice", encodeForm(form), "X-Twilio-Signature: " + signature + "\r\n"));
        QVERIFY(!bearerIn(voice->body()).isEmpty());
        QCOMPARE(admission.held(), 1);
        door.reset();
        QCOMPARE(admission.held(), 0);
        QCOMPARE(taken, 0);
    }

    void pathPrefixes_data()
    {
        QTest::addColumn<QByteArray>("prefix"); // of what we see
        QTest::addColumn<QByteArray>("url");
        QTest::newRow("taken off") << QByteArray() << "wss://gw.example/a/b"_ba;
        QTest::newRow("left") << "/a/b"_ba
                              << "wss://gw.example"_ba;
    }
    void pathPrefixes()
    {
        QFETCH(QByteArray, prefix);
        QFETCH(QByteArray, url);
        auto settings = doorSettings();
        settings.publicUrl = QUrl(u"https://gw.example/a/b"_s);
        House house(settings);
        const auto voice = house.webhook("/twilio/voice",
                                         House::call(1, {{"To", "+15550000001"}, {"Direction", "inbound"}}),
                                         test::kAuthToken, "https://gw.example/a/b");
        QVERIFY2(voice->body().contains("wss://gw.example/a/b/media/CA"), voice->body().constData());
        const auto client = house.stream(prefix + "/media/" + bearerIn(voice->body()), test::kAuthToken, url);
        QTRY_COMPARE(house.taken.size(), 1U);
    }

    void insecureWithoutToken()
    {
        auto settings = test::settings({});
        settings.listen = {QHostAddress::LocalHost, 0};
        settings.insecure = true;
        settings.admission.maxCalls = 1;
        House house(settings);
        test::HttpClient client(house.door.port());
        client.send(upgradeOf("/media"));
        QTRY_COMPARE(house.taken.size(), 1U);
        QCOMPARE(house.taken[0].pass.callSid, QString());
        QVERIFY(house.taken[0].pass.business != nullptr);
        QCOMPARE(ask(house.door.port(), upgradeOf("/media"))->status(), 403); // limits are limits
        QCOMPARE(ask(house.door.port(), upgradeOf("/media/CA1.guess"))->status(), 403);
        house.taken.clear();
        QCOMPARE(house.admission.held(), 0);
    }

    // New files come into force with the next connection; bad ones change nothing.
    void tlsAtRunTime()
    {
        test::PemFiles files;
        const auto write = [&](const QString &name, const QByteArray &subject) {
            const test::KeyPtr key = test::makeKey(test::KeyKind::Ec);
            const QByteArray certificate = test::makeCertificate(key, {subject, subject, {}, -3600, 3600});
            return files.write(name, certificate + test::pem(key));
        };
        auto settings = doorSettings();
        House house(settings);
        settings.tls.certificateFile = settings.tls.keyFile = write(u"1"_s, "first");
        QCOMPARE(house.door.configure(settings), QString());
        const auto subject = [&] {
            test::HttpClient client(house.door.port(), true);
            client.wait();
            return static_cast<QSslSocket *>(client.socket.get())
                ->peerCertificate()
                .subjectInfo(QSslCertificate::CommonName)
                .value(0);
        };
        QCOMPARE(subject(), u"first"_s);
        files.write(u"1"_s, "broken");
        auto worse = settings;
        worse.twilio.authTokens = {"new"};
        QVERIFY(house.door.configure(worse).contains("no PEM certificate"_L1));
        QCOMPARE(subject(), u"first"_s);
        write(u"1"_s, "second"); // the same file, renewed
        QCOMPARE(house.door.configure(settings), QString());
        QCOMPARE(subject(), u"second"_s);

        const carrier::Form form = House::call(1, {{"To", "+15550000001"}, {"Direction", "inbound"}});
        const QByteArray signature = carrier::sign(test::kAuthToken, "https://gw.example/twilio/voice", form);
        const auto voice = ask(house.door.port(),
                               post("/twilio/voice", encodeForm(form), "X-Twilio-Signature: " + signature + "\r\n"),
                               true);
        QCOMPARE(voice->status(), 200); // by the token of before: what was refused as a whole changed nothing
        const auto client = house.stream("/media/" + bearerIn(voice->body()), test::kAuthToken, "wss://gw.example",
                                         true);
        QTRY_COMPARE(house.taken.size(), 1U);
        QVERIFY(qobject_cast<QSslSocket *>(house.taken[0].socket.get())->isEncrypted());
        QVERIFY(house.taken[0].socket->readAll().startsWith("GET /media/"));
    }

    void tlsFilesThatAreNoGoodAtStart()
    {
        auto settings = doorSettings();
        settings.tls.certificateFile = settings.tls.keyFile = u"/no/such/file"_s;
        House house(settings);
        QVERIFY2(house.error.startsWith("can't read /no/such/file"_L1), qPrintable(house.error));
        QCOMPARE(house.door.port(), quint16(0));
    }
};

QTEST_GUILESS_MAIN(TestFrontDoorMedia)
#include "tst_frontdoor_media.moc"
