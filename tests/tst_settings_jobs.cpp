// SPDX-License-Identifier: GPL-3.0-or-later
// The settings of the deferred work, of roles and of databases.
#include "config/settings.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace takt;
using namespace takt::config;
using namespace Qt::Literals::StringLiterals;

namespace {

const Environment kSecrets{{u"OPENAI_API_KEY"_s, u"sk"_s},
                           {u"TWILIO_AUTH_TOKEN"_s, u"token"_s},
                           {u"TAKT_PUBLIC_URL"_s, u"https://gw.example"_s}};

Result<Settings> read(const QByteArray &toml, Environment environment = kSecrets, Role role = Role::All)
{
    QTemporaryDir dir;
    QFile file(dir.filePath(u"takt.toml"_s));
    if (!file.open(QIODevice::WriteOnly) || file.write(toml) != toml.size())
        qFatal("no file");
    file.close();
    return load(file.fileName(), environment, false, role);
}

} // namespace

class TestSettingsJobs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void defaults()
    {
        const auto s = read({});
        QVERIFY2(s.ok(), qPrintable(s.ok() ? QString() : s.error()));
        QCOMPARE(s->jobs, JobsSettings());
        QCOMPARE(s->jobs.workers, 2);
        QCOMPARE(s->openai.baseUrl, QUrl(u"https://api.openai.com/v1"_s));
        QCOMPARE(s->openai.transcriptionModel, u"whisper-1"_s);
        QCOMPARE(s->openai.apiKey, u"sk"_s);
        QVERIFY(s->webhook.url.isEmpty() && s->webhook.secret.isEmpty() && s->webhook.allowNetworks.isEmpty());
    }

    void everyKey()
    {
        const auto s = read(
            "[jobs]\ngate = \"quiet\"\nworkers = 3\nffmpeg = \"/opt/ffmpeg\"\nfreeze_late_ms = 7\n"
            "freeze_burst_calls = 8\nrecording_wait_minutes = 9\nkeep_days = 11\n"
            "[openai]\nbase_url = \"http://127.0.0.1:1/v1\"\ntranscription_model = \"\"\n"
            "transcription_url = \"http://127.0.0.1:2/inference\"\ntext_model = \"llama\"\n"
            "[webhook]\nurl = \"https://crm.example/x\"\nallow_networks = [\"10.0.0.0/8\", \"fd00::/8\"]\n"
            "[twilio]\ncaller_channel = \"second\"\n");
        QVERIFY2(s.ok(), qPrintable(s.ok() ? QString() : s.error()));
        QCOMPARE(s->jobs, (JobsSettings{GateMode::Quiet, 3, u"/opt/ffmpeg"_s, 7, 8, 9, 11}));
        QCOMPARE(s->openai.baseUrl.port(), 1);
        QCOMPARE(s->openai.transcriptionUrl.port(), 2);
        QVERIFY(s->openai.transcriptionModel.isEmpty());
        QCOMPARE(s->openai.textModel, u"llama"_s);
        QCOMPARE(s->webhook.url.host(), u"crm.example"_s);
        QCOMPARE(s->webhook.allowNetworks.size(), 2);
        QCOMPARE(s->webhook.allowNetworks[0].second, 8);
        QVERIFY(!s->twilio.callerFirst);
    }

    void fromTheEnvironment()
    {
        Environment environment = kSecrets;
        environment.insert(u"TAKT_JOBS_GATE"_s, u"off-host"_s);
        environment.insert(u"TAKT_JOBS_WORKERS"_s, u"5"_s);
        environment.insert(u"TAKT_DATABASE_URL"_s, u"postgresql://takt:pw@db/takt"_s);
        environment.insert(u"TAKT_OPENAI_BASE_URL"_s, u"http://10.0.0.1/v1"_s);
        environment.insert(u"TAKT_WEBHOOK_URL"_s, u"http://10.0.0.2/hook"_s);
        environment.insert(u"TAKT_WEBHOOK_SECRET"_s, u"whsec_abc"_s);
        environment.insert(u"TAKT_WEBHOOK_ALLOW_NETWORKS"_s, u"10.0.0.0/8, 127.0.0.0/8"_s);
        const auto s = read("[jobs]\nworkers = 3\n", environment);
        QVERIFY2(s.ok(), qPrintable(s.ok() ? QString() : s.error()));
        QVERIFY(s->jobs.gate == GateMode::OffHost);
        QCOMPARE(s->jobs.workers, 5);
        QCOMPARE(s->databaseUrl, u"postgresql://takt:pw@db/takt"_s);
        QCOMPARE(s->webhook.secret, u"whsec_abc"_s);
        QCOMPARE(s->webhook.allowNetworks.size(), 2);
    }

    void wrong_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<QString>("complaint");
        QTest::newRow("gate") << QByteArray("[jobs]\ngate = \"never\"\n") << u"line 2: jobs.gate must be"_s;
        QTest::newRow("workers") << QByteArray("[jobs]\nworkers = 0\n") << u"line 2: jobs.workers"_s;
        QTest::newRow("network") << QByteArray("[webhook]\nallow_networks = [\"everybody\"]\n")
                                 << u"must be a network"_s;
        QTest::newRow("url") << QByteArray("[openai]\nbase_url = \"ftp://x\"\n") << u"line 2: openai.base_url"_s;
        QTest::newRow("database") << QByteArray("[database]\nurl = \"mysql://x/y\"\n") << u"line 2: database.url"_s;
        QTest::newRow("database without a name")
            << QByteArray("[database]\nurl = \"postgresql://x\"\n") << u"line 2: database.url"_s;
        QTest::newRow("off-host on a file") << QByteArray("[jobs]\ngate = \"off-host\"\n") << u"off-host"_s;
        QTest::newRow("secret in the file")
            << QByteArray("[webhook]\nsecret = \"whsec_x\"\n") << u"unknown setting webhook.secret"_s;
    }
    void wrong()
    {
        QFETCH(QByteArray, toml);
        QFETCH(QString, complaint);
        const auto s = read(toml);
        QVERIFY(!s.ok());
        QVERIFY2(s.error().contains(complaint), qPrintable(s.error()));
    }

    void aWorkerNeedsNoCarrierAndNoModel()
    {
        QVERIFY(!read({}, {}).ok());
        QVERIFY(!read({}, {}, Role::Media).ok());
        const auto s = read({}, {}, Role::Worker);
        QVERIFY2(s.ok(), qPrintable(s.ok() ? QString() : s.error()));
        QVERIFY(s->role == Role::Worker);
    }

    void roles()
    {
        for (const Role role : {Role::All, Role::Media, Role::Worker})
            QVERIFY(roleNamed(QString(name(role))) == role);
        QVERIFY(!roleNamed(u"boss"_s));
    }
};

QTEST_GUILESS_MAIN(TestSettingsJobs)
#include "tst_settings_jobs.moc"
