// SPDX-License-Identifier: GPL-3.0-or-later
// TLS on a port: which files make it, what is said of those that don't, and that certificates change under live traffic.
#include "http/listener.h"
#include "http/tls.h"
#include "support/certificates.h"
#include "support/httpclient.h"

#include <QSslCertificate>
#include <QSslKey>
#include <QTest>

using namespace takt;
using namespace takt::http;
using namespace Qt::Literals::StringLiterals;
using test::HttpClient;
using test::KeyKind;
using test::KeyPtr;
using test::makeCertificate;
using test::makeKey;

namespace {

const QByteArray kGet = "GET / HTTP/1.1\r\n\r\n";

class Door
{
public:
    explicit Door(std::optional<QSslConfiguration> tls, int headMs = 10'000)
    {
        Listener::Limits limits;
        limits.headMs = headMs;
        listener = std::make_unique<Listener>(
            Listener::Handlers{[this](const Request &, const Listener::Reply &reply) {
                                   if (hold)
                                       replies << reply;
                                   else
                                       reply(Response::plain(200, "good"));
                               },
                               [this](const Request &) {
                                   return Upgrade{0, [this](QTcpSocket *socket) { handed.reset(socket); }};
                               }},
            limits);
        listener->setTls(std::move(tls));
        if (const QString error = listener->open(QHostAddress::LocalHost, 0); !error.isEmpty())
            qFatal("%s", qPrintable(error));
    }
    [[nodiscard]] quint16 port() const { return listener->serverPort(); }
    [[nodiscard]] qsizetype sockets() const { return listener->findChildren<QTcpSocket *>().size(); }

    bool hold = false;
    QList<Listener::Reply> replies;
    std::unique_ptr<QTcpSocket> handed;
    std::unique_ptr<Listener> listener;
};

QStringList chainOf(const HttpClient &client)
{
    QStringList names;
    for (const QSslCertificate &c : static_cast<QSslSocket *>(client.socket.get())->peerCertificateChain())
        names += c.subjectInfo(QSslCertificate::CommonName);
    return names;
}

} // namespace

class TestTls : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keys_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("form");
        for (const char *form : {"pkcs8", "traditional", "both in one file"}) {
            QTest::addRow("RSA, %s", form) << int(KeyKind::Rsa) << QString::fromLatin1(form);
            QTest::addRow("EC, %s", form) << int(KeyKind::Ec) << QString::fromLatin1(form);
        }
        QTest::newRow("EC, with its parameters before") << int(KeyKind::Ec) << u"parameters"_s;
    }
    void keys()
    {
        QFETCH(int, kind);
        QFETCH(QString, form);
        test::PemFiles files;
        const KeyPtr key = makeKey(KeyKind(kind));
        QByteArray keyPem = form == "pkcs8"_L1 ? test::pem(key) : test::traditionalPem(key);
        if (form == "parameters"_L1)
            keyPem.prepend("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n");
        const QByteArray certificate = makeCertificate(key);
        const bool one = form == "both in one file"_L1;
        const QString certificateFile = files.write(u"c.pem"_s, one ? QByteArray(certificate + keyPem) : certificate);
        const auto tls = loadTls(certificateFile, one ? certificateFile : files.write(u"k.pem"_s, keyPem));
        QVERIFY2(tls.ok(), tls.ok() ? "" : qPrintable(tls.error()));
        Door door(*tls);
        const auto client = test::ask(door.port(), kGet, true);
        QCOMPARE(client->status(), 200);
        QCOMPARE(client->body(), "good\n"_ba);
        QCOMPARE(chainOf(*client), QStringList{u"gw.example"_s});
        QTRY_COMPARE(door.sockets(), 0);
    }

    void badFiles_data()
    {
        QTest::addColumn<QString>("certificate");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("says"); // "" : it works
        QTest::newRow("good") << u"good"_s << u"good"_s << QString();
        QTest::newRow("no certificate file") << u"none"_s << u"good"_s << u"can't read %1/none: No such file"_s;
        QTest::newRow("no key file") << u"good"_s << u"none"_s << u"can't read %1/none: No such file"_s;
        QTest::newRow("a folder") << u"."_s << u"good"_s << u"can't read %1/."_s;
        QTest::newRow("garbage") << u"garbage"_s << u"good"_s << u"%1/garbage holds no PEM certificate"_s;
        QTest::newRow("empty") << u"empty"_s << u"good"_s << u"%1/empty holds no PEM certificate"_s;
        QTest::newRow("cut off") << u"cut"_s << u"good"_s << u"%1/cut holds no PEM certificate"_s;
        QTest::newRow("the key for a certificate")
            << u"good.key"_s << u"good"_s << u"%1/good.key holds no PEM certificate"_s;
        QTest::newRow("garbage for a key") << u"good"_s << u"garbage"_s << u"%1/garbage holds no PEM key"_s;
        QTest::newRow("the certificate for a key") << u"good"_s << u"good.crt"_s << u"%1/good.crt holds no PEM key"_s;
        QTest::newRow("a key with a password") << u"good"_s << u"locked"_s << u"%1/locked holds no PEM key"_s;
        QTest::newRow("a key of another kind") << u"good"_s << u"ed25519"_s << u"%1/ed25519 holds no PEM key"_s;
        QTest::newRow("another's key") << u"good"_s << u"other"_s
                                       << u"the key in %1/other is not that of the certificate in %1/good"_s;
        QTest::newRow("another's key of another kind")
            << u"good"_s << u"ec"_s << u"the key in %1/ec is not that of the certificate in %1/good"_s;
        QTest::newRow("not valid yet") << u"early"_s << u"good"_s << u"the certificate in %1/early is valid from 20"_s;
        QTest::newRow("expired") << u"expired"_s << u"good"_s << u"the certificate in %1/expired expired on 20"_s;
        QTest::newRow("the issuer's first")
            << u"upside down"_s << u"good"_s << u"the key in %1/good is not that of the certificate"_s;
    }
    void badFiles()
    {
        QFETCH(QString, certificate);
        QFETCH(QString, key);
        QFETCH(QString, says);
        test::PemFiles files;
        static const KeyPtr mine = makeKey(KeyKind::Rsa);
        static const KeyPtr other = makeKey(KeyKind::Rsa);
        static const KeyPtr issuer = makeKey(KeyKind::Ec);
        const QByteArray good = makeCertificate(mine);
        const QString folder = files.path(u"x"_s).chopped(2);
        for (const auto &[name, bytes] : std::initializer_list<std::pair<QString, QByteArray>>{
                 {u"good"_s, good + test::pem(mine)},
                 {u"good.crt"_s, good},
                 {u"good.key"_s, test::pem(mine)},
                 {u"garbage"_s, QByteArray(5000, '\x16')},
                 {u"empty"_s, {}},
                 {u"cut"_s, good.first(good.size() / 2)},
                 {u"locked"_s, test::lockedPem(mine)},
                 {u"ed25519"_s, test::pem(makeKey(KeyKind::Ed25519))},
                 {u"other"_s, test::pem(other)},
                 {u"ec"_s, test::pem(issuer)},
                 {u"early"_s, makeCertificate(mine, {"gw.example", "gw.example", {}, 3600, 7200})},
                 {u"expired"_s, makeCertificate(mine, {"gw.example", "gw.example", {}, -7200, -3600})},
                 {u"upside down"_s, makeCertificate(issuer, {"ca", "ca"}) + good}})
            files.write(name, bytes);
        for (int again = 0; again < 2; ++again) { // what OpenSSL complained of the first time is not in the way
            const auto tls = loadTls(files.path(certificate), files.path(key));
            QCOMPARE(tls.ok(), says.isEmpty());
            if (!tls.ok())
                QVERIFY2(tls.error().startsWith(QString(says).replace(u"%1"_s, folder)), qPrintable(tls.error()));
        }
        Door door(*loadTls(files.path(u"good"_s), files.path(u"good"_s)));
        QCOMPARE(test::ask(door.port(), kGet, true)->status(), 200);
    }

    // Ours first, then the intermediate ones: all of them are shown, and lead up to an authority.
    void theWholeChainIsShown()
    {
        test::PemFiles files;
        const KeyPtr root = makeKey(KeyKind::Ec);
        const KeyPtr middle = makeKey(KeyKind::Rsa);
        const KeyPtr mine = makeKey(KeyKind::Ec);
        const QByteArray chain = makeCertificate(mine, {"gw.example", "middle", middle})
                                 + makeCertificate(middle, {"middle", "root", root});
        const auto tls = loadTls(files.write(u"c"_s, chain), files.write(u"k"_s, test::pem(mine)));
        QVERIFY2(tls.ok(), tls.ok() ? "" : qPrintable(tls.error()));
        Door door(*tls);
        const auto client = test::ask(door.port(), kGet, true);
        QCOMPARE(client->status(), 200);
        QCOMPARE(chainOf(*client).first(2), (QStringList{u"gw.example"_s, u"middle"_s}));
    }

    void newCertificatesAreForNewConnections()
    {
        test::PemFiles files;
        const KeyPtr first = makeKey(KeyKind::Rsa);
        const KeyPtr second = makeKey(KeyKind::Ec);
        const auto before = loadTls(files.write(u"1"_s, makeCertificate(first, {"first", "first"}) + test::pem(first)),
                                    files.path(u"1"_s));
        const auto after = loadTls(
            files.write(u"2"_s, makeCertificate(second, {"second", "second"}) + test::pem(second)), files.path(u"2"_s));
        QVERIFY(before.ok() && after.ok());
        Door door(*before);
        door.hold = true;
        HttpClient old(door.port(), true);
        old.send(kGet);
        QTRY_COMPARE(door.replies.size(), 1);
        QCOMPARE(chainOf(old), QStringList{u"first"_s});
        door.listener->setTls(*after);
        HttpClient next(door.port(), true);
        next.send(kGet);
        QTRY_COMPARE(door.replies.size(), 2);
        QCOMPARE(chainOf(next), QStringList{u"second"_s});
        door.listener->setTls(std::nullopt);
        HttpClient plain(door.port());
        plain.send(kGet);
        QTRY_COMPARE(door.replies.size(), 3);
        for (const auto &reply : door.replies)
            reply(Response::plain(200, "to each"));
        for (HttpClient *client : {&old, &next, &plain}) {
            QVERIFY(client->waitClosed());
            QCOMPARE(client->body(), "to each\n"_ba);
        }
        QTRY_COMPARE(door.sockets(), 0);
    }

    // A server with a certificate of its own making, trusted beside whom the system trusts.
    void trustedBesideTheSystem()
    {
        test::PemFiles files;
        const KeyPtr mine = makeKey(KeyKind::Ec);
        const QString certificate = files.write(u"c"_s, makeCertificate(mine));
        const auto tls = loadTls(certificate, files.write(u"k"_s, test::pem(mine)));
        QVERIFY(tls.ok());
        Door door(*tls);
        const auto isTrusted = [&door] {
            QSslSocket socket;
            socket.connectToHostEncrypted(u"127.0.0.1"_s, door.port(), u"gw.example"_s);
            QSignalSpy ended(&socket, &QAbstractSocket::disconnected);
            const bool known = QTest::qWaitFor([&] { return socket.isEncrypted() || !ended.isEmpty(); });
            return known && socket.isEncrypted();
        };
        const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
        QVERIFY(!isTrusted());
        const auto ours = loadTrusted(certificate);
        QVERIFY2(ours.ok(), ours ? "" : qPrintable(ours.error()));
        QVERIFY(!isTrusted()); // it was looked at, no more
        trustAlso(*ours);
        QVERIFY(isTrusted());
        const QList<QSslCertificate> trusted = QSslConfiguration::defaultConfiguration().caCertificates();
        for (const QSslCertificate &one : QSslConfiguration::systemCaCertificates())
            QVERIFY(trusted.contains(one));
        QSslConfiguration::setDefaultConfiguration(before);
        QVERIFY(!isTrusted());
        QCOMPARE(loadTrusted(files.write(u"garbage"_s, QByteArray(100, 'x'))).error(),
                 files.path(u"garbage"_s) + u" holds no PEM certificate"_s);
        QVERIFY(loadTrusted(files.path(u"none"_s)).error().startsWith(u"can't read "_s));
    }

    // Plain words on a TLS port, and half a handshake: closed, and nothing of them stays.
    void handshakesThatFail_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("plain HTTP") << kGet;
        QTest::newRow("garbage") << QByteArray(1000, '\xff');
        QTest::newRow("half a hello") << QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
        QTest::newRow("nothing") << QByteArray();
    }
    void handshakesThatFail()
    {
        QFETCH(QByteArray, bytes);
        test::PemFiles files;
        const KeyPtr key = makeKey(KeyKind::Ec);
        const QString file = files.write(u"1"_s, makeCertificate(key) + test::pem(key));
        Door door(*loadTls(file, file), 1500);
        HttpClient client(door.port());
        client.send(bytes);
        QVERIFY(client.waitClosed());
        QCOMPARE(client.status(), 0);
        QTRY_COMPARE(door.sockets(), 0);
        HttpClient gone(door.port());
        gone.send(bytes);
        gone.socket->abort();
        QTRY_COMPARE(door.sockets(), 0);
        QCOMPARE(test::ask(door.port(), kGet, true)->status(), 200);
    }

    void slowOverTls()
    {
        test::PemFiles files;
        const KeyPtr key = makeKey(KeyKind::Ec);
        const QString file = files.write(u"1"_s, makeCertificate(key) + test::pem(key));
        Door door(*loadTls(file, file), 1500);
        HttpClient silent(door.port(), true);
        QVERIFY(silent.wait());
        QVERIFY(silent.waitClosed());
        QVERIFY(silent.answer.isEmpty());
        HttpClient half(door.port(), true);
        half.send("GET / HT");
        QVERIFY(half.waitClosed());
        QCOMPARE(half.status(), 408);
        QCOMPARE(test::ask(door.port(), "{}", true)->status(), 400);
        QTRY_COMPARE(door.sockets(), 0);
    }

    void anUpgradeIsHandedOverUnread()
    {
        test::PemFiles files;
        const KeyPtr key = makeKey(KeyKind::Ec);
        const QString file = files.write(u"1"_s, makeCertificate(key) + test::pem(key));
        Door door(*loadTls(file, file));
        HttpClient client(door.port(), true);
        const QByteArray request = test::upgradeOf("/media/x");
        client.send(request + "\x81\x05hello");
        QTRY_VERIFY(door.handed != nullptr);
        auto *socket = qobject_cast<QSslSocket *>(door.handed.get());
        QVERIFY(socket != nullptr && socket->isEncrypted());
        QCOMPARE(socket->readAll(), QByteArray(request + "\x81\x05hello"));
        socket->write("reply");
        QTRY_COMPARE(client.answer, "reply"_ba);
        client.send(QByteArray(300'000, 'x')); // no limit on what it may hold unread any more
        QByteArray got;
        connect(socket, &QSslSocket::readyRead, socket, [&] { got += socket->readAll(); });
        QTRY_COMPARE(got.size(), 300'000);
    }
};

QTEST_GUILESS_MAIN(TestTls)
#include "tst_tls.moc"
