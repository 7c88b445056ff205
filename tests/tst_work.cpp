// SPDX-License-Identifier: GPL-3.0-or-later
// The work after calls through the whole gateway: from a caller's hello to the CRM's receipt, with the simulated carrier,
// recordings of what was said on its calls, transcription, text and CRM over real sockets, and real ffmpeg.
#include "support/workrig.h"

#include <QDir>
#include <QFileInfo>

using namespace takt;
using namespace takt::test;

class TestWork : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fromHelloToReceipt()
    {
        sim::SimulationOptions options = workWorld();
        options.plans = {phonePlan(8)};
        Rig rig(options, WorkSettings{});
        rig.begin();
        const QString call = theCall(rig);
        QVERIFY(!call.isEmpty());

        // While it goes on, all of it waits, and says why.
        QTRY_COMPARE(jobsOf(rig, call).size(), qsizetype(kStages.size()));
        for (const QJsonObject &job : jobsOf(rig, call)) {
            QCOMPARE(job["state"_L1].toString(), u"pending"_s);
            QCOMPARE(job["waiting"_L1].toString(), u"call active"_s);
        }
        QVERIFY(rig.simulation.mediaLog().empty() && rig.simulation.aiLog().empty());

        QTRY_VERIFY_WITH_TIMEOUT(allFinished(rig, call), 60'000);
        QCOMPARE(stagesOf(rig, call),
                 u"recording.download completed, audio.convert completed, transcribe completed, summarize completed, "
                 "extract completed, lead.update completed, webhook.deliver completed"_s);
        checkReceipt(rig, call);
        checkFiles(rig, call);
        const QJsonArray leads = rig.operate(control::kLeads)["leads"_L1].toArray();
        QCOMPARE(leads.size(), 1);
        QCOMPARE(leads[0]["phone"_L1].toString(), u"+15550009999"_s);
        QCOMPARE(leads[0]["calls"_L1].toInt(), 1);
        const QJsonObject record = rig.operate(control::kRecord, {{"call_sid"_L1, call}});
        QCOMPARE(record["transcript_source"_L1].toString(), u"recording"_s);
        QVERIFY(record["transcript"_L1].toArray().size() >= 2);
    }

    // No recording, no key, nobody there: the CRM hears of the call all the same.
    void whatIsMissingIsSkipped()
    {
        sim::SimulationOptions options = workWorld();
        options.plans = {phonePlan(4)};
        Rig rig(options, WorkSettings{[](config::Settings &s) {
                    s.twilio.record = false;
                    s.openai.textModel.clear();
                }});
        rig.begin();
        const QString call = theCall(rig);
        QTRY_VERIFY_WITH_TIMEOUT(allFinished(rig, call), 60'000);
        QCOMPARE(stagesOf(rig, call),
                 u"recording.download skipped, audio.convert skipped, transcribe skipped, summarize skipped, "
                 "extract skipped, lead.update completed, webhook.deliver completed"_s);
        for (const QJsonObject &job : jobsOf(rig, call)) {
            if (job["state"_L1].toString() == "skipped"_L1)
                QVERIFY2(!job["reason"_L1].toString().isEmpty(), qPrintable(job["stage"_L1].toString()));
        }
        const auto receipts = rig.simulation.crmReceipts();
        QCOMPARE(receipts.size(), std::size_t(1));
        const QJsonObject body = QJsonDocument::fromJson(QByteArray::fromStdString(receipts[0].body)).object();
        QCOMPARE(body["call_id"_L1].toString(), call);
        QVERIFY(!body["transcript"_L1].toString().isEmpty()); // the live one
    }

    void anOperatorPausesCancelsAndRetries()
    {
        sim::SimulationOptions options = workWorld();
        options.plans = {phonePlan(8)};
        Rig rig(options, WorkSettings{});
        QVERIFY(!rig.operate(control::kPause, {{"stage"_L1, "transcribe"_L1}}).contains("error"_L1));
        rig.begin();
        const QString call = theCall(rig);
        QTRY_COMPARE_WITH_TIMEOUT(jobsOf(rig, call).value(u"transcribe"_s)["waiting"_L1].toString(), u"paused"_s,
                                  40'000);
        QVERIFY(rig.simulation.aiLog().empty());
        const qint64 id = jobsOf(rig, call).value(u"transcribe"_s)["id"_L1].toInteger();
        QVERIFY(!rig.operate(control::kCancel, {{"id"_L1, id}}).contains("error"_L1));
        QTRY_VERIFY_WITH_TIMEOUT(allFinished(rig, call), 60'000);
        QCOMPARE(jobsOf(rig, call).value(u"transcribe"_s)["state"_L1].toString(), u"cancelled"_s);
        QCOMPARE(rig.simulation.work().transcriptions, 0);

        // The live transcript stood in. Now the real one, and all that builds on it; the CRM is not told again.
        QVERIFY(!rig.operate(control::kResume, {{"stage"_L1, "transcribe"_L1}}).contains("error"_L1));
        QVERIFY(!rig.operate(control::kRetry, {{"id"_L1, id}}).contains("error"_L1));
        QTRY_VERIFY_WITH_TIMEOUT(allFinished(rig, call), 60'000);
        QCOMPARE(jobsOf(rig, call).value(u"transcribe"_s)["state"_L1].toString(), u"completed"_s);
        QCOMPARE(rig.simulation.work().transcriptions, 2);
        QCOMPARE(rig.simulation.work().ids.size(), std::size_t(1));
        QCOMPARE(rig.simulation.work().duplicates, 0);
        QCOMPARE(rig.operate(control::kLeads)["leads"_L1].toArray()[0]["calls"_L1].toInt(), 1);
    }

    // What the world does wrong on one day: nothing is lost, and nothing done twice.
    void aBadDay()
    {
        sim::SimulationOptions options = workWorld();
        options.plans = {phonePlan(8)};
        Rig rig(options, WorkSettings{});
        for (const char *fault : {"rest.media404", "ai.500", "crm.drop-after"})
            QVERIFY2(rig.simulation.setFault(fault, 1), fault);
        rig.begin();
        const QString call = theCall(rig);
        QTRY_VERIFY_WITH_TIMEOUT(allFinished(rig, call), 110'000);
        QCOMPARE(stagesOf(rig, call).count(u"completed"_s), qsizetype(kStages.size()));
        const sim::WorkRecord work = rig.simulation.work();
        QCOMPARE(work.ids.size(), std::size_t(1));
        QCOMPARE(work.duplicates, 1); // it had the first, and did not say so
        QCOMPARE(work.changedBodies, 0);
        QCOMPARE(work.badSignatures, 0);
    }

private:
    static QString theCall(Rig &rig)
    {
        QString call;
        const bool live = QTest::qWaitFor(
            [&] {
                const QJsonArray calls = rig.operate(control::kStatus)["calls"_L1].toArray();
                call = calls.first()["call_sid"_L1].toString();
                return !call.isEmpty();
            },
            20'000);
        return live ? call : QString();
    }

    static void checkReceipt(Rig &rig, const QString &call)
    {
        const auto receipts = rig.simulation.crmReceipts();
        QCOMPARE(receipts.size(), std::size_t(1));
        QVERIFY2(receipts[0].signedRight, receipts[0].wrong.c_str());
        const QJsonObject body = QJsonDocument::fromJson(QByteArray::fromStdString(receipts[0].body)).object();
        QCOMPARE(body["event_type"_L1].toString(), u"call.completed"_s);
        QCOMPARE(body["call_id"_L1].toString(), call);
        QCOMPARE(body["phone"_L1].toString(), u"+15550009999"_s);
        QVERIFY(!body["summary"_L1].toString().isEmpty());
        QVERIFY(body["transcript"_L1].toString().contains("Caller:"_L1));
        QVERIFY(body["transcript"_L1].toString().contains("Agent:"_L1));
    }

    // The compact copy is kept; what was needed on the way is gone.
    static void checkFiles(Rig &rig, const QString &call)
    {
        const QDir folder(rig.path(u"calls/"_s + call));
        QStringList files = folder.entryList(QDir::Files);
        QCOMPARE(files.size(), 1);
        QVERIFY2(files[0].startsWith("archive"_L1), qPrintable(files[0]));
        QVERIFY(QFileInfo(folder.filePath(files[0])).size() > 1000);
    }
};

QTEST_GUILESS_MAIN(TestWork)
#include "tst_work.moc"
