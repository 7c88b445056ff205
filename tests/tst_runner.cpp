// SPDX-License-Identifier: GPL-3.0-or-later
// The runner with its real stages, database and pool: what starts, what does not, and what becomes of jobs that are
// stopped.
#include "jobs/desk.h"
#include "jobs/jobengine.h"
#include "shared/controlprotocol.h"
#include "support/jobrig.h"

#include <QJsonArray>

#include <QTest>

using namespace takt;
using namespace takt::test;
using jobs::JobEngine;

class TestRunner : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_rig = std::make_unique<JobRig>();
        m_rig->pass.reset();
        m_rig->settings.twilio.record = false; // then nothing leaves the house, unless a test wants it
    }
    void cleanup()
    {
        m_engine.reset();
        m_rig.reset();
    }

    void aCallsWorkIsDoneFromEndToEnd()
    {
        start();
        m_rig->putCall();
        m_engine->wake();
        QTRY_COMPARE(finished(), 7);
        QCOMPARE(state(u"recording.download"_s), u"skipped"_s);
        QCOMPARE(state(u"lead.update"_s), u"completed"_s);
        QCOMPARE(state(u"webhook.deliver"_s), u"skipped"_s);
        QCOMPARE(m_rig->value(u"SELECT COUNT(*) FROM job_attempts WHERE ended_at_ms IS NOT NULL"_s).toInt(), 7);
    }

    void nobodyNeedsToWakeIt()
    {
        start();
        m_rig->putCall();
        QTRY_COMPARE_WITH_TIMEOUT(finished(), 7, 20'000);
    }

    void anActiveCallIsLeftAlone()
    {
        start();
        m_rig->putCall({}, Direction::Inbound, u"+15551230001"_s, u"+15559870002"_s, -1);
        m_engine->wake();
        QTest::qWait(1500); // longer than a poll
        QCOMPARE(m_rig->value(u"SELECT COUNT(*) FROM jobs WHERE state = 'pending' AND attempt = 0"_s).toInt(), 7);
    }

    // The database says that the call has ended, this process has it on the line: it knows better.
    void theGateKnowsBetterThanTheDatabase()
    {
        start();
        m_engine->gate().callStarted(JobRig::kCallSid);
        m_rig->putCall();
        m_engine->wake();
        QTRY_VERIFY(m_rig->value(u"SELECT interruptions FROM jobs WHERE stage = 'recording.download'"_s).toInt() > 0);
        QCOMPARE(finished(), 0);
        QCOMPARE(m_rig->value(u"SELECT MAX(attempt) FROM jobs"_s).toInt(), 0);
        m_engine->gate().callEnded(JobRig::kCallSid);
        m_engine->wake();
        QTRY_COMPARE(finished(), 7);
    }

    void nothingStartsWhileTheBeatIsLate()
    {
        m_rig->settings.jobs.freezeLateMs = 10;
        start();
        m_engine->gate().noteBeat(50, false);
        m_rig->putCall();
        m_engine->wake();
        QTRY_COMPARE(ask(control::kJobs)["closed"_L1].toString(), u"TX degraded"_s);
        QTest::qWait(1500);
        QCOMPARE(m_rig->value(u"SELECT COUNT(*) FROM job_attempts"_s).toInt(), 0);
        const QJsonObject first = ask(control::kJobs)["jobs"_L1].toArray()[0].toObject();
        QCOMPARE(first["waiting"_L1].toString(), u"TX degraded"_s);
        const auto calm = [this] {
            m_engine->gate().noteBeat(0, false);
            return finished() == 7;
        };
        QTRY_VERIFY_WITH_TIMEOUT(calm(), 20'000);
    }

    void aProcessThatLeavesThemToOthers()
    {
        start(false);
        m_rig->putCall();
        m_engine->wake();
        QTest::qWait(1500);
        QCOMPARE(m_rig->value(u"SELECT COUNT(*) FROM job_attempts"_s).toInt(), 0);
    }

    // A carrier that never answers: the job is under way, until somebody wants it to end.
    void aRunningJobIsCancelled()
    {
        hang();
        const qint64 id = m_rig->value(u"SELECT id FROM jobs WHERE stage = 'recording.download'"_s).toLongLong();
        QVERIFY(!ask(control::kCancel, {{"id"_L1, id}}).contains("error"_L1));
        QTRY_COMPARE(state(u"recording.download"_s), u"cancelled"_s);
        QTRY_COMPARE(finished(), 7); // the rest goes on with what there is
    }

    void aCallThatComesBackStopsItsJob()
    {
        hang();
        m_engine->gate().callStarted(JobRig::kCallSid);
        m_rig->putCall({}, Direction::Inbound, u"+15551230001"_s, u"+15559870002"_s, -1);
        QTRY_COMPARE(state(u"recording.download"_s), u"pending"_s);
        QCOMPARE(m_rig->value(u"SELECT attempt FROM jobs WHERE stage = 'recording.download'"_s).toInt(), 0);
    }

    void whoEndsGivesItsJobsBack()
    {
        hang();
        m_engine.reset();
        QCOMPARE(state(u"recording.download"_s), u"available"_s);
        QCOMPARE(m_rig->value(u"SELECT attempt FROM jobs WHERE stage = 'recording.download'"_s).toInt(), 0);
        QCOMPARE(m_rig->value(u"SELECT outcome FROM job_attempts"_s).toString(), u"interrupted"_s);
        QCOMPARE(m_rig->value(u"SELECT COUNT(*) FROM workers"_s).toInt(), 0);
    }

    // A process that was killed left a call open, and a job under way.
    void whatTheDeadLeftIsTakenOver()
    {
        m_rig->putCall({}, Direction::Inbound, u"+15551230001"_s, u"+15559870002"_s, -1);
        m_rig->exec(u"UPDATE calls SET owner = ?"_s, {u"somebody who died"_s});
        start();
        QTRY_COMPARE(finished(), 7);
        QCOMPARE(m_rig->value(u"SELECT end_reason FROM calls"_s).toString(), u"gateway_died"_s);
    }

    void operatorsGetAnswers()
    {
        start();
        m_rig->putCall();
        m_engine->wake();
        QTRY_COMPARE(finished(), 7);
        const QJsonArray list = ask(control::kJobs)["jobs"_L1].toArray();
        QCOMPARE(list.size(), 7);
        QCOMPARE(ask(control::kJobs, {{"state"_L1, "open"_L1}})["jobs"_L1].toArray().size(), 0);
        const QJsonObject job = ask(control::kJob, {{"id"_L1, list[0]["id"_L1]}});
        QCOMPARE(job["attempts"_L1].toArray().size(), 1);
        const qint64 lead = ask(control::kLeads)["leads"_L1].toArray()[0]["id"_L1].toInteger();
        QVERIFY(!ask(control::kSetLeadStatus, {{"id"_L1, lead}, {"status"_L1, "hot"_L1}}).contains("error"_L1));
        QCOMPARE(ask(control::kLead, {{"id"_L1, lead}})["lead"_L1]["status_source"_L1].toString(), u"manual"_s);
        QCOMPARE(ask(control::kRecord, {{"call_sid"_L1, JobRig::kCallSid}})["stages"_L1].toArray().size(), 7);
        for (const QString &method : {QString(control::kJob), QString(control::kRetry), QString(control::kCancel),
                                      QString(control::kLead), QString(control::kRecord)})
            QVERIFY2(ask(method).contains("error"_L1), qPrintable(method));
        QVERIFY(ask(control::kPause, {{"stage"_L1, "nonsense"_L1}}).contains("error"_L1));
    }

    // An empty list would say that all is well.
    void mistypedWordsAreNamed()
    {
        auto shop = std::make_shared<config::Business>();
        shop->name = u"Bike shop"_s;
        shop->leadStatuses = {u"fresh"_s, u"hot"_s};
        m_rig->settings.businesses = config::BusinessBook({shop}, nullptr);
        start(false);
        const auto says = [this](QLatin1StringView method, const char *key, const QString &word) {
            return ask(method, {{QLatin1StringView(key), word}})["error"_L1].toString();
        };
        QCOMPARE(says(control::kJobs, "state", u"bogus"_s),
                 u"there is no state \"bogus\"; there are: open, pending, available, scheduled, retryable, running, "
                 "completed, skipped, failed, cancelled"_s);
        QVERIFY(says(control::kJobs, "stage", u"bogus"_s)
                    .startsWith("there is no stage \"bogus\"; there are: recording.download, "_L1));
        QCOMPARE(says(control::kLeads, "business", u"Nope"_s),
                 u"there is no business \"Nope\"; there are: Bike shop"_s);
        QCOMPARE(says(control::kJobs, "state", u"open"_s), QString());
        QCOMPARE(says(control::kJobs, "state", u"failed"_s), QString());
        QCOMPARE(says(control::kJobs, "stage", u"lead.update"_s), QString());
        QCOMPARE(says(control::kLeads, "business", u"Bike shop"_s), QString());
        m_rig->exec(
            u"INSERT INTO leads (business, phone, status, created_at_ms, updated_at_ms) VALUES ('Old', '+1', 'x', "
            "1, 1)"_s,
            {});
        QCOMPARE(says(control::kLeads, "business", u"Old"_s), QString()); // not in the settings any more
    }

    void aStatusIsOneOfTheBusinesss()
    {
        auto shop = std::make_shared<config::Business>();
        shop->name = u"Bike shop"_s;
        shop->leadStatuses = {u"fresh"_s, u"hot"_s};
        m_rig->settings.businesses = config::BusinessBook({shop}, nullptr);
        start(false);
        for (const QString &business : {u"Bike shop"_s, u"Old"_s})
            m_rig->exec(
                u"INSERT INTO leads (business, phone, status, created_at_ms, updated_at_ms) VALUES (?, '+1', 'hot', "
                "1, 1)"_s,
                {business});
        const auto set = [this](int id, const QString &status) {
            return ask(control::kSetLeadStatus, {{"id"_L1, id}, {"status"_L1, status}})["error"_L1].toString();
        };
        QCOMPARE(set(1, u"bogus"_s), u"there is no status \"bogus\"; there are: fresh, hot, new"_s);
        QCOMPARE(m_rig->value(u"SELECT status || status_source FROM leads WHERE id = 1"_s).toString(), u"hot"_s);
        QCOMPARE(set(1, u"fresh"_s), QString());
        QCOMPARE(set(1, u"new"_s), QString());
        QCOMPARE(set(2, u"bogus"_s), QString()); // nobody knows what that one's are
        QCOMPARE(set(2, u" "_s), u"a status is a word"_s);
        QVERIFY(set(99, u"hot"_s).contains("99"_L1));
    }

private:
    void start(bool claims = true)
    {
        m_engine = std::make_unique<JobEngine>(m_rig->settings, u"all"_s, claims);
        QCOMPARE(m_engine->open(), QString());
    }
    // A call whose recording the carrier does not give out: its download is under way.
    void hang()
    {
        m_server = std::make_unique<ScriptedHttp>([](const HttpSeen &) {
            HttpSay say;
            say.silent = true;
            return say;
        });
        m_rig->settings.twilio.record = true;
        m_rig->useCarrier(m_server->url());
        start();
        m_rig->putCall();
        m_rig->putRecording();
        m_engine->wake();
        QTRY_COMPARE(state(u"recording.download"_s), u"running"_s);
        QTRY_VERIFY(m_server->connections > 0);
    }
    [[nodiscard]] int finished() const
    {
        return m_rig->value(u"SELECT COUNT(*) FROM jobs WHERE finished_at_ms IS NOT NULL"_s).toInt();
    }
    [[nodiscard]] QString state(const QString &stage) const
    {
        return m_rig->value(u"SELECT state FROM jobs WHERE stage = '%1'"_s.arg(stage)).toString();
    }
    QJsonObject ask(const QString &method, const QJsonObject &parameters = {})
    {
        std::optional<QJsonObject> got;
        m_engine->ask(method, parameters, [&](const Result<QJsonObject> &result) {
            got = result ? *result : QJsonObject{{"error"_L1, result.error()}};
        });
        return QTest::qWaitFor([&] { return got.has_value(); }, 10'000) ? *got
                                                                        : QJsonObject{{"error"_L1, "silence"_L1}};
    }

    std::unique_ptr<JobRig> m_rig;
    std::unique_ptr<ScriptedHttp> m_server;
    std::unique_ptr<JobEngine> m_engine;
};

QTEST_GUILESS_MAIN(TestRunner)
#include "tst_runner.moc"
