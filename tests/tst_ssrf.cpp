// SPDX-License-Identifier: GPL-3.0-or-later
// Where webhooks may go, and where never.
#include "jobs/ssrf.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::jobs;

namespace {

const QUrl kReceiver(u"https://crm.example/hook"_s);
const QHostAddress kPublic(u"93.184.216.34"_s);

Networks networks(const QStringList &list)
{
    Networks all;
    for (const QString &text : list)
        all.append(QHostAddress::parseSubnet(text));
    return all;
}

} // namespace

class TestSsrf : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addresses_data();
    void addresses();
    void allAddressesMustPass();
    void firstAddressIsTaken();
    void urls_data();
    void urls();
    void allowedNetworks_data();
    void allowedNetworks();
    void spellings_data();
    void spellings();
    void namesWithoutAddress();
};

void TestSsrf::addresses_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("kind"); // empty: public

    const auto row = [](const char *address, const char *kind = "") {
        QTest::newRow(address) << QString::fromLatin1(address) << QString::fromLatin1(kind);
    };
    row("93.184.216.34");
    row("1.1.1.1");
    row("223.255.255.255");
    row("0.0.0.0", "this network");
    row("0.1.2.3", "this network");
    row("9.255.255.255");
    row("10.0.0.0", "private");
    row("10.255.255.255", "private");
    row("11.0.0.0");
    row("100.63.255.255");
    row("100.64.0.0", "a provider's own (CGNAT)");
    row("100.127.255.255", "a provider's own (CGNAT)");
    row("100.128.0.0");
    row("126.255.255.255");
    row("127.0.0.1", "loopback");
    row("127.255.255.255", "loopback");
    row("128.0.0.1");
    row("169.253.255.255");
    row("169.254.169.254", "link-local");
    row("169.254.0.0", "link-local");
    row("169.255.0.0");
    row("172.15.255.255");
    row("172.16.0.0", "private");
    row("172.31.255.255", "private");
    row("172.32.0.0");
    row("192.0.0.8", "reserved");
    row("192.0.1.0");
    row("192.0.2.255", "documentation");
    row("192.0.3.0");
    row("192.88.99.1", "a 6to4 relay");
    row("192.167.255.255");
    row("192.168.0.0", "private");
    row("192.168.255.255", "private");
    row("192.169.0.0");
    row("198.17.255.255");
    row("198.18.0.0", "a test network");
    row("198.19.255.255", "a test network");
    row("198.20.0.0");
    row("198.51.100.7", "documentation");
    row("203.0.113.7", "documentation");
    row("203.0.114.0");
    row("224.0.0.1", "multicast");
    row("239.255.255.255", "multicast");
    row("240.0.0.1", "reserved");
    row("255.255.255.254", "reserved");
    row("255.255.255.255", "broadcast");

    row("2606:2800:220:1:248:1893:25c8:1946");
    row("2a00:1450:4001::1");
    row("::", "unspecified");
    row("::1", "loopback");
    row("::ffff:127.0.0.1", "IPv4-mapped");
    row("::ffff:93.184.216.34", "IPv4-mapped");
    row("::ffff:a00:1", "IPv4-mapped");
    row("::127.0.0.1", "IPv4-compatible");
    row("::5db8:d822", "IPv4-compatible");
    row("64:ff9b::93.184.216.34");
    row("64:ff9b::7f00:1", "loopback");
    row("64:ff9b::10.0.0.1", "private");
    row("64:ff9b::169.254.169.254", "link-local");
    row("64:ff9b:1::1", "a local NAT64");
    row("64:ff9b:0:0:0:1:5db8:d822", "reserved"); // next to the NAT64 prefix
    row("100::1", "discarded");
    row("100:0:0:1::1", "reserved");
    row("2001::1", "Teredo");
    row("2001:0:5ef5:79fb::1", "Teredo");
    row("2001:10::1", "reserved");
    row("2001:200::1");
    row("2001:db8::1", "documentation");
    row("2001:db8:ffff::1", "documentation");
    row("2001:db9::1");
    row("2002:7f00:1::", "6to4");
    row("2002:5db8:d822::1", "6to4");
    row("2003::1");
    row("3fff::1", "documentation");
    row("3ffe::1");
    row("4000::1", "reserved");
    row("fc00::1", "private");
    row("fd12:3456:789a::1", "private");
    row("fe80::1", "link-local");
    row("fe80::1%eth0", "bound to one of our own interfaces");
    row("febf::1", "link-local");
    row("fec0::1", "private");
    row("ff02::1", "multicast");
    row("2606:2800:220:1:248:1893:25c8:1946%eth0", "bound to one of our own interfaces");
}

void TestSsrf::addresses()
{
    QFETCH(QString, address);
    QFETCH(QString, kind);
    const QHostAddress parsed(address);
    QVERIFY(!parsed.isNull());
    QCOMPARE(unroutable(parsed), kind);
    const auto vetted = vet(kReceiver, {parsed}, {});
    QCOMPARE(vetted.ok(), kind.isEmpty());
    if (vetted)
        QCOMPARE(*vetted, parsed);
    else
        QVERIFY2(vetted.error().contains(kind), qPrintable(vetted.error()));
}

// One that answers with a public and a private address will be asked again, and answer with the private one.
void TestSsrf::allAddressesMustPass()
{
    const QHostAddress own(u"10.1.2.3"_s);
    const QHostAddress own6(u"::1"_s);
    QVERIFY(!vet(kReceiver, {kPublic, own}, {}));
    QVERIFY(!vet(kReceiver, {own, kPublic}, {}));
    QVERIFY(!vet(kReceiver, {kPublic, kPublic, own6}, {}));
    QVERIFY(vet(kReceiver, {kPublic, own}, networks({u"10.0.0.0/8"_s})));
    QVERIFY(!vet(kReceiver, {kPublic, own, own6}, networks({u"10.0.0.0/8"_s})));
    QVERIFY(!vet(kReceiver, {}, {}));
    QVERIFY(!vet(kReceiver, {QHostAddress()}, {}));
    QVERIFY(!vet(kReceiver, {QHostAddress()}, networks({u"0.0.0.0/0"_s, u"::/0"_s})));
}

void TestSsrf::firstAddressIsTaken()
{
    const QHostAddress second(u"1.1.1.1"_s);
    QCOMPARE(*vet(kReceiver, {kPublic, second}, {}), kPublic);
    QCOMPARE(*vet(kReceiver, {second, kPublic}, {}), second);
}

void TestSsrf::urls_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<bool>("fine");

    QTest::newRow("https") << u"https://crm.example/hook?key=1"_s << true;
    QTest::newRow("a port") << u"https://crm.example:8443/"_s << true;
    QTest::newRow("upper case") << u"HTTPS://CRM.example/"_s << true;
    QTest::newRow("http") << u"http://crm.example/"_s << false;
    QTest::newRow("ftp") << u"ftp://crm.example/"_s << false;
    QTest::newRow("file") << u"file:///etc/passwd"_s << false;
    QTest::newRow("gopher") << u"gopher://crm.example/"_s << false;
    QTest::newRow("no scheme") << u"crm.example"_s << false;
    QTest::newRow("no host") << u"https:///hook"_s << false;
    QTest::newRow("nothing") << QString() << false;
    QTest::newRow("a user") << u"https://user@crm.example/"_s << false;
    QTest::newRow("a user and a password") << u"https://user:pass@crm.example/"_s << false;
    QTest::newRow("a password") << u"https://:pass@crm.example/"_s << false;
    QTest::newRow("what looks like a host") << u"https://crm.example@10.0.0.1/"_s << false;
    QTest::newRow("port 0") << u"https://crm.example:0/"_s << false;
}

void TestSsrf::urls()
{
    QFETCH(QString, url);
    QFETCH(bool, fine);
    QCOMPARE(vet(QUrl(url), {kPublic}, {}).ok(), fine);
}

void TestSsrf::allowedNetworks_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QStringList>("addresses");
    QTest::addColumn<QStringList>("allowed");
    QTest::addColumn<bool>("fine");

    const auto row = [](const char *name, const QString &url, const QStringList &addresses, const QStringList &allowed,
                        bool fine) { QTest::newRow(name) << url << addresses << allowed << fine; };
    const QString http = u"http://crm.lan/"_s;
    const QString https = u"https://crm.lan/"_s;
    row("a private one", https, {u"192.168.7.9"_s}, {u"192.168.7.0/24"_s}, true);
    row("http", http, {u"192.168.7.9"_s}, {u"192.168.7.0/24"_s}, true);
    row("its neighbour", https, {u"192.168.8.9"_s}, {u"192.168.7.0/24"_s}, false);
    row("one of several", http, {u"127.0.0.1"_s}, {u"192.168.7.0/24"_s, u"127.0.0.0/8"_s}, true);
    row("a single address", http, {u"10.0.0.5"_s}, {u"10.0.0.5/32"_s}, true);
    row("not that one", http, {u"10.0.0.6"_s}, {u"10.0.0.5/32"_s}, false);
    row("http to a public one", http, {u"93.184.216.34"_s}, {u"192.168.7.0/24"_s}, false);
    row("http to an allowed public one", http, {u"93.184.216.34"_s}, {u"93.184.216.0/24"_s}, true);
    row("http, one of two allowed", http, {u"192.168.7.9"_s, u"93.184.216.34"_s}, {u"192.168.7.0/24"_s}, false);
    row("https, one of two allowed", https, {u"192.168.7.9"_s, u"93.184.216.34"_s}, {u"192.168.7.0/24"_s}, true);
    row("loopback of the other family", http, {u"::1"_s}, {u"127.0.0.0/8"_s}, false);
    row("mapped", http, {u"::ffff:127.0.0.1"_s}, {u"127.0.0.0/8"_s}, false);
    row("NAT64 of an allowed one", https, {u"64:ff9b::192.168.7.9"_s}, {u"192.168.7.0/24"_s}, false);
    row("IPv6", http, {u"fd00::5"_s}, {u"fd00::/64"_s}, true);
    row("IPv6 elsewhere", http, {u"fd00:0:0:1::5"_s}, {u"fd00::/64"_s}, false);
    row("a scope", http, {u"fe80::1%eth0"_s}, {u"fe80::/10"_s}, false);
    row("a user", u"http://user@crm.lan/"_s, {u"192.168.7.9"_s}, {u"192.168.7.0/24"_s}, false);
    row("ftp", u"ftp://crm.lan/"_s, {u"192.168.7.9"_s}, {u"192.168.7.0/24"_s}, false);
}

void TestSsrf::allowedNetworks()
{
    QFETCH(QString, url);
    QFETCH(QStringList, addresses);
    QFETCH(QStringList, allowed);
    QFETCH(bool, fine);
    QList<QHostAddress> resolved;
    for (const QString &address : addresses)
        resolved.append(QHostAddress(address));
    const auto vetted = vet(QUrl(url), resolved, networks(allowed));
    QCOMPARE(vetted.ok(), fine);
    if (vetted)
        QCOMPARE(*vetted, resolved.constFirst());
}

// Whatever the URL's class and the system's resolver make of these: nothing gets through.
void TestSsrf::spellings_data()
{
    QTest::addColumn<QString>("host");
    for (const char *host :
         {"localhost",      "127.0.0.1",       "127.1",        "2130706433",         "0x7f.1",
          "0x7f000001",     "0177.0.0.1",      "017700000001", "127.0.0.1.",         "0",
          "0.0.0.0",        "[::1]",           "[::]",         "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]",
          "[fe80::1%25lo]", "169.254.169.254", "2852039166",   "0xa9fea9fe",         "0251.0376.0251.0376"})
        QTest::newRow(host) << QString::fromLatin1(host);
    // Digits and dots of other scripts, which names are normalised to ASCII from.
    QTest::newRow("full width") << u"１２７.０.０.１"_s;
    QTest::newRow("circled") << u"①②⑦.⓪.⓪.①"_s;
    QTest::newRow("ideographic stop") << u"127。0。0。1"_s;
}

void TestSsrf::spellings()
{
    QFETCH(QString, host);
    const QUrl url(u"https://"_s + host + u"/hook"_s);
    const auto addresses = resolveHost(url.host());
    if (!addresses)
        return; // no host at all
    const auto vetted = vet(url, *addresses, {});
    QVERIFY2(!vetted, qPrintable(vetted ? vetted->toString() : QString()));
}

void TestSsrf::namesWithoutAddress()
{
    const auto addresses = resolveHost(u"no-such-name.invalid"_s);
    QVERIFY(!addresses);
    QVERIFY(addresses.error().startsWith(u"the receiver's name could not be resolved"_s));
    QVERIFY(!resolveHost(QString()));
}

QTEST_GUILESS_MAIN(TestSsrf)
#include "tst_ssrf.moc"
