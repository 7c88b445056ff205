// SPDX-License-Identifier: GPL-3.0-or-later
// Settings read anew by a running gateway: what it can't take stays as it is, in whole, and is named.
#include "config/restart.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace takt::config;
using namespace Qt::Literals::StringLiterals;

namespace {

Settings settings(const QByteArray &toml, const Environment &environment = {})
{
    const QTemporaryDir dir;
    QFile file(dir.filePath(u"takt.toml"_s));
    if (!file.open(QIODevice::WriteOnly) || file.write(toml) != toml.size())
        qFatal("no file");
    file.close();
    Environment all{{u"OPENAI_API_KEY"_s, u"sk-test"_s}};
    all.insert(environment);
    const auto loaded = load(file.fileName(), all, true);
    if (!loaded)
        qFatal("%s", qPrintable(loaded.error()));
    return *loaded;
}

} // namespace

class TestSettingsRestart : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatNeedsARestartStays_data();
    void whatNeedsARestartStays();
    void anotherAccountStays();
    void tokensAreRotatedWhileCallsAreLive();
    void theRestIsTaken();
};

void TestSettingsRestart::whatNeedsARestartStays_data()
{
    QTest::addColumn<QByteArray>("toml");
    QTest::addColumn<QStringList>("keys");
    const auto row = [](const char *key, const QByteArray &toml) {
        QTest::newRow(key) << toml << QStringList{QString::fromLatin1(key)};
    };
    row("listen", "listen = \"127.0.0.1:9000\"");
    row("admin_listen", "admin_listen = \"127.0.0.1:9001\"");
    row("control_socket", "control_socket = \"/var/run/other.sock\"");
    row("database.url", "database.url = \"sqlite:/var/lib/other.db\"");
    row("tx", "tx.lead_ms = 40");
    row("flight", "flight.keep_mb = 7");
    row("jobs.gate", "jobs.gate = \"quiet\"");
    row("jobs.freeze_late_ms", "jobs.freeze_late_ms = 77");
    row("jobs.freeze_burst_calls", "jobs.freeze_burst_calls = 77");
    row("tls.trust", "tls.trust = \"/etc/ours.pem\"");
    row("log.format", "log.format = \"json\"");
    row("twilio.base_url", "twilio.base_url = \"http://127.0.0.1:9002\"");
    // The database's place follows the folder.
    QTest::newRow("data_dir") << QByteArray("data_dir = \"/var/lib/other\"")
                              << QStringList{u"data_dir"_s, u"database.url"_s};
}

void TestSettingsRestart::whatNeedsARestartStays()
{
    QFETCH(QByteArray, toml);
    QFETCH(QStringList, keys);
    const Settings running = settings("");
    Settings fresh = settings(toml);
    QCOMPARE(keepWhatNeedsRestart(fresh, running), keys);
    // As if nothing had been said: nothing is left to keep, and with the next look it would be told again.
    QCOMPARE(keepWhatNeedsRestart(fresh, running), QStringList());
    fresh = settings(toml);
    QCOMPARE(keepWhatNeedsRestart(fresh, running), keys);
}

void TestSettingsRestart::anotherAccountStays()
{
    const Settings running = settings("", {{u"TWILIO_ACCOUNT_SID"_s, u"AC1"_s}, {u"TWILIO_AUTH_TOKEN"_s, u"t"_s}});
    Settings fresh = settings("", {{u"TWILIO_ACCOUNT_SID"_s, u"AC2"_s}, {u"TWILIO_AUTH_TOKEN"_s, u"other"_s}});
    QCOMPARE(keepWhatNeedsRestart(fresh, running), (QStringList{u"TWILIO_ACCOUNT_SID"_s, u"TWILIO_AUTH_TOKEN"_s}));
    QCOMPARE(fresh.twilio.accountSid, u"AC1"_s);
    QCOMPARE(fresh.twilio.authTokens, QList<QByteArray>{"t"});
}

void TestSettingsRestart::tokensAreRotatedWhileCallsAreLive()
{
    const auto of = [](const QString &token) {
        return settings("", token.isEmpty()
                                ? Environment()
                                : Environment{{u"TWILIO_ACCOUNT_SID"_s, u"AC1"_s}, {u"TWILIO_AUTH_TOKEN"_s, token}});
    };
    Settings fresh = of(u"new"_s);
    QCOMPARE(keepWhatNeedsRestart(fresh, of(u"old"_s)), QStringList());
    QCOMPARE(fresh.twilio.authTokens, QList<QByteArray>{"new"});
    QVERIFY(keepWhatNeedsRestart(fresh, of({})).contains(u"TWILIO_AUTH_TOKEN"_s)); // nothing talks to the carrier yet
    QVERIFY(fresh.twilio.authTokens.isEmpty());
}

void TestSettingsRestart::theRestIsTaken()
{
    const Settings running = settings("");
    Settings fresh = settings("drain_seconds = 7\n[speech]\ngreeting = \"Hello\"\n[jobs]\nworkers = 5\nkeep_days = 3\n"
                              "[admission]\nmax_calls = 9\n");
    QCOMPARE(keepWhatNeedsRestart(fresh, running), QStringList());
    QCOMPARE(fresh.drainSeconds, 7);
    QCOMPARE(fresh.speech.greeting, u"Hello"_s);
    QCOMPARE(fresh.jobs.workers, 5);
    QCOMPARE(fresh.jobs.keepDays, 3);
    QCOMPARE(fresh.admission.maxCalls, 9);
}

QTEST_APPLESS_MAIN(TestSettingsRestart)
#include "tst_settings_restart.moc"
