// SPDX-License-Identifier: GPL-3.0-or-later
// The program itself: what it refuses at its start and when it reads its settings anew, what it only warns of, and what it
// leaves behind for others to see.
#include "support/program.h"
#include "support/storetest.h"

#include <QFileInfo>
#include <QSqlQuery>
#include <QTcpServer>

#include <sys/stat.h>

using namespace takt::test;

namespace {

const QStringList kCheck{u"--insecure"_s, u"--check-config"_s};
const QStringList kWorker{u"--role"_s, u"worker"_s, u"--check-config"_s};

} // namespace

class TestStartup : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aMistypedControlSocketCostsNoDatabase()
    {
        QTemporaryDir dir;
        QFile database(dir.filePath(u"takt.db"_s));
        QVERIFY(database.open(QIODevice::WriteOnly) && database.write("precious") == 8);
        database.close();
        Program program({}, {u"--insecure"_s}, {{u"TAKT_CONTROL_SOCKET"_s, database.fileName()}});
        QCOMPARE(program.exitCode(), 2);
        QVERIFY2(program.log.contains("control_socket: "_L1 + database.fileName() + " is there already"_L1),
                 qPrintable(program.log));
        QCOMPARE(database.size(), 8);
    }

    void whatAStartRefusesIsRefusedAnew()
    {
        Program program;
        QVERIFY(program.port() != 0);
        QTemporaryDir dir;
        QFile secret(dir.filePath(u"secret"_s));
        QVERIFY(secret.open(QIODevice::WriteOnly) && secret.write("whsec_?") > 0);
        secret.close();
        program.write("[[business]]\nname = \"Bikes\"\nnumbers = [\"+15551234567\"]\nwebhook_secret_file = \""
                      + secret.fileName().toUtf8() + "\"\n");
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings not read anew: webhook_secret_file of business \"Bikes\": "_s));
        program.write("[tls]\ntrust = \"/no/such.pem\"\n");
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings not read anew: tls.trust: "_s));
        program.write("[jobs]\nffmpeg = \"/nope\"\n");
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings not read anew: jobs.ffmpeg: there is no program /nope"_s));
        program.write({});
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings read anew"_s));
    }

    void anFfmpegThatIsNotThere_data()
    {
        QTest::addColumn<QString>("ffmpeg");
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("gate");
        QTest::addColumn<int>("code");
        QTest::newRow("no such path") << u"/nope"_s << kCheck << u"own-call"_s << 2;
        QTest::newRow("no such program") << u"ffmpeg-of-nobody"_s << kCheck << u"own-call"_s << 2;
        QTest::newRow("no program") << u"/etc/passwd"_s << kCheck << u"own-call"_s << 2;
        QTest::newRow("of a worker") << u"/nope"_s << kWorker << u"own-call"_s << 2;
        QTest::newRow("needed by others alone") << u"/nope"_s << kCheck << u"off-host"_s << 0;
        QTest::newRow("in the PATH") << u"sh"_s << kCheck << u"own-call"_s << 0;
        QTest::newRow("there") << u"/bin/sh"_s << kCheck << u"own-call"_s << 0;
    }
    void anFfmpegThatIsNotThere()
    {
        QFETCH(QString, ffmpeg);
        QFETCH(QStringList, arguments);
        QFETCH(QString, gate);
        QFETCH(int, code);
        Program program({}, arguments,
                        {{u"TAKT_JOBS_FFMPEG"_s, ffmpeg},
                         {u"TAKT_JOBS_GATE"_s, gate},
                         {u"TAKT_DATABASE_URL"_s, u"postgresql://nobody@127.0.0.1:9/x"_s}}); // which off-host needs
        QCOMPARE(program.exitCode(), code);
        QCOMPARE(program.log.contains("jobs.ffmpeg: there is no program "_L1 + ffmpeg), code != 0);
    }

    void noFfmpegAtAllIsWarnedOf()
    {
        Program program({}, kCheck, {{u"PATH"_s, u"/nowhere"_s}});
        QCOMPARE(program.exitCode(), 0);
        QVERIFY2(program.said.contains("warning: there is no ffmpeg in the PATH"_L1), qPrintable(program.said));
    }

    void mistypedVariablesAreWarnedOf()
    {
        const QMap<QString, QString> mistyped{{u"TAKT_DATADIR"_s, u"/srv"_s}, {u"TAKT_LISTENS"_s, {}}};
        Program check({}, kCheck, mistyped);
        QCOMPARE(check.exitCode(), 0);
        QVERIFY2(check.said.contains("warning: no settings, and ignored: TAKT_DATADIR, TAKT_LISTENS\n"_L1),
                 qPrintable(check.said));
        QVERIFY(check.said.endsWith("the settings are good\n"_L1));
        Program program({}, {u"--insecure"_s}, mistyped);
        QVERIFY(program.port() != 0);
        QVERIFY2(program.log.contains("no settings, and ignored: TAKT_DATADIR, TAKT_LISTENS"_L1),
                 qPrintable(program.log));
        Program clean({}, kCheck, {{u"TAKT_JOBS_FFMPEG"_s, u"sh"_s}});
        QCOMPARE(clean.exitCode(), 0);
        QCOMPARE(clean.said, u"the settings are good\n"_s);
    }

    void whatIsNoCommandIsRefused_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("settings without --config") << QStringList{u"--insecure"_s, u"my.toml"_s};
        QTest::newRow("a mistyped command") << QStringList{u"ctrl"_s, u"status"_s, u"--insecure"_s};
        QTest::newRow("a command behind options") << QStringList{u"--insecure"_s, u"ctl"_s, u"status"_s};
    }
    void whatIsNoCommandIsRefused()
    {
        QFETCH(QStringList, arguments);
        Program program({}, arguments);
        QCOMPARE(program.exitCode(), 2);
        const QString first = arguments.first().startsWith(u'-') ? arguments[1] : arguments.first();
        QVERIFY2(program.log.contains(u"unexpected \"%1\""_s.arg(first)), qPrintable(program.log));
    }

    void aPortInUseIsNamedByItsSetting_data()
    {
        QTest::addColumn<QString>("key");
        QTest::newRow("listen") << u"listen"_s;
        QTest::newRow("admin_listen") << u"admin_listen"_s;
    }
    void aPortInUseIsNamedByItsSetting()
    {
        QFETCH(QString, key);
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        const QString address = u"127.0.0.1:%1"_s.arg(other.serverPort());
        Program program({}, {u"--insecure"_s}, {{u"TAKT_"_s + key.toUpper(), address}});
        QCOMPARE(program.exitCode(), 2);
        QVERIFY2(program.log.contains(u"takt-gateway: %1: can't listen on %2"_s.arg(key, address)),
                 qPrintable(program.log));
    }

    // Under whatever umask it is started.
    void whatIsSaidIsNobodyElsesBusiness()
    {
        const mode_t before = umask(0022);
        QTemporaryDir dir;
        Program program({}, {u"--insecure"_s}, {{u"TAKT_DATA_DIR"_s, dir.filePath(u"a/data"_s)}});
        umask(before);
        QVERIFY(program.port() != 0);
        for (const char *name : {"a", "a/data", "a/data/takt.db", "a/data/takt.db-wal"}) {
            struct stat found {
            };
            QVERIFY2(stat(qPrintable(dir.filePath(QString::fromLatin1(name))), &found) == 0, name);
            QVERIFY2((found.st_mode & 0077) == 0, name);
        }
    }

    void recordsThatAreLostAreNamedAtTheEnd()
    {
        Program program;
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        const auto database = opened(program.path(u"takt.db"_s));
        QTRY_COMPARE(value(database, u"SELECT COUNT(*) FROM calls"_s).toInt(), 1);
        QVERIFY(QSqlQuery(database->handle()).exec(u"BEGIN IMMEDIATE"_s)); // as a full disk: nothing can be written
        program.signal(SIGINT);
        QCOMPARE(program.exitCode(60'000), 1);
        QVERIFY2(program.log.contains(QRegularExpression(
                     u"shutting down with \\d+ facts that the database would not take, of %1"_s.arg(carrier.callSid))),
                 qPrintable(program.log));
    }
};

QTEST_GUILESS_MAIN(TestStartup)
#include "tst_startup.moc"
