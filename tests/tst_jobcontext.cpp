// SPDX-License-Identifier: GPL-3.0-or-later
// What a stage works with: progress and checkpoints that only the holder of the lease writes, files that survive.
#include "support/jobrig.h"

#include <QTest>

#include <sys/stat.h>

using namespace takt;
using namespace takt::test;
using jobs::JobContext;
using jobs::settle;

class TestJobContext : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theBusiness();
    void progress();
    void checkpoint();
    void aLostLease();
    void interrupted();
    void files();
    void settling();
};

void TestJobContext::theBusiness()
{
    config::Business shop;
    shop.name = u"shop"_s;
    shop.services = QStringList{u"repair"_s};
    JobRig rig;
    rig.settings.businesses = config::BusinessBook({std::make_shared<const config::Business>(shop)}, nullptr);
    rig.settings.webhook.url = QUrl(u"https://crm.example/hook"_s);
    rig.putCall(u"shop"_s);
    QCOMPARE(rig.context(Stage::Extract)->business().services, QStringList{u"repair"_s});
    rig.settings.businesses = config::BusinessBook(); // gone meanwhile
    QCOMPARE(rig.context(Stage::Extract)->business().name, QString());
    QCOMPARE(rig.context(Stage::Extract)->business().webhookUrl, rig.settings.webhook.url);
    QCOMPARE(rig.context(Stage::Extract)->call().business, u"shop"_s);
}

void TestJobContext::progress()
{
    JobRig rig;
    rig.putCall();
    const auto context = rig.context(Stage::Convert);
    const auto now = [&] {
        return rig.value(u"SELECT progress || '|' || progress_text FROM jobs WHERE state = 'running'"_s).toString();
    };
    context->progress(0.25, u"begins"_s);
    QCOMPARE(now(), u"0.25|begins"_s);
    context->progress(0.5, u"too soon"_s);
    QCOMPARE(now(), u"0.25|begins"_s);
    QTest::qWait(1'050);
    context->progress(1.5, u"later"_s);
    QCOMPARE(now(), u"1.0|later"_s);
    QVERIFY(!context->stopped());
}

void TestJobContext::checkpoint()
{
    JobRig rig;
    rig.putCall();
    const auto context = rig.context(Stage::Transcribe);
    QVERIFY(context->checkpoint({{u"caller"_s, 3}}));
    QCOMPARE(rig.value(u"SELECT checkpoint FROM jobs WHERE state = 'running'"_s).toString(), u"{\"caller\":3}"_s);
    QVERIFY(!context->stopped());
}

void TestJobContext::aLostLease()
{
    JobRig rig;
    rig.putCall();
    const auto context = rig.context(Stage::Transcribe);
    rig.exec(u"UPDATE jobs SET lease_token = lease_token + 1"_s, {});
    QVERIFY(!context->checkpoint({{u"caller"_s, 3}}));
    QVERIFY(context->stopped());
    QCOMPARE(context->interrupted().reason, u"lease lost"_s);
    QCOMPARE(rig.value(u"SELECT checkpoint FROM jobs WHERE state = 'running'"_s).toString(), QString());

    JobRig other;
    other.putCall();
    const auto held = other.context(Stage::Convert);
    other.exec(u"UPDATE jobs SET lease_token = lease_token + 1"_s, {});
    held->progress(0.5, u"mine?"_s);
    QVERIFY(held->stopped());
}

void TestJobContext::interrupted()
{
    JobRig rig;
    rig.putCall();
    const auto context = rig.context(Stage::Convert);
    QVERIFY(!context->stopped());
    rig.gate.callStarted(JobRig::kCallSid);
    QVERIFY(context->stopped());
    QCOMPARE(context->interrupted().kind, AttemptOutcome::Interrupted);
    QCOMPARE(context->interrupted().reason, u"call active"_s);
}

void TestJobContext::files()
{
    JobRig rig;
    rig.putCall();
    {
        const auto context = rig.context(Stage::Convert);
        QCOMPARE(context->artifact(u"original"_s), QString());
        const QDir folder = context->folder();
        QCOMPARE(folder.path(), rig.settings.dataDir + "/calls/"_L1 + JobRig::kCallSid);
        struct stat facts {
        };
        QCOMPARE(::stat(qPrintable(folder.path()), &facts), 0);
        QCOMPARE(facts.st_mode & 0777U, 0700U);
        QCOMPARE(context->folder().path(), folder.path());
        QFile file(folder.filePath(u"caller.wav"_s));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("12345") == 5);
        file.close();
        const store::Artifact artifact = context->asArtifact(u"caller"_s, file.fileName());
        QCOMPARE(artifact.kind, u"caller"_s);
        QCOMPARE(artifact.path, "calls/"_L1 + JobRig::kCallSid + "/caller.wav"_L1);
        QCOMPARE(artifact.bytes, 5);
        rig.putArtifact(artifact);
    }
    const auto context = rig.context(Stage::Convert);
    const QString path = context->artifact(u"caller"_s);
    QVERIFY(QFileInfo(path).isAbsolute() && QFile::exists(path));
    QFile::remove(path);
    QCOMPARE(context->artifact(u"caller"_s), QString()); // its file is gone
    QVERIFY(qAbs(context->nowMs() - QDateTime::currentMSecsSinceEpoch()) < 60'000);
    rig.database->setClock([] { return qint64(1'234); });
    QCOMPARE(context->nowMs(), 1'234);
}

void TestJobContext::settling()
{
    QTemporaryDir folder;
    const auto write = [&](const QString &name, const QByteArray &bytes) {
        QFile file(folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    QVERIFY(write(u"a.part"_s, "new") && write(u"a"_s, "old"));
    QCOMPARE(settle(folder.filePath(u"a.part"_s), folder.filePath(u"a"_s)), QString());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{u"a"_s});
    QFile file(folder.filePath(u"a"_s));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), "new");
    QVERIFY(settle(folder.filePath(u"b.part"_s), folder.filePath(u"b"_s)).contains("b.part"_L1)); // not there
    QVERIFY(!settle(folder.filePath(u"a"_s), folder.filePath(u"no/folder"_s)).isEmpty());
}

QTEST_GUILESS_MAIN(TestJobContext)
#include "tst_jobcontext.moc"
