// SPDX-License-Identifier: GPL-3.0-or-later
// Random calls, workers, crashes and operators' whims, next to a model of a few lines; what must always hold is looked at all the
// way. On both databases; a failure names its seed.
#include "store/workerstore.h"
#include "support/storerig.h"

#include <map>
#include <random>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Job;
using store::Order;
using store::Outcome;
using test::row;
using test::rows;

namespace {

// What a simulated worker believes.
struct Held {
    Job job;
    QString worker;
};

// What we know of a call, and of each job.
struct Model {
    std::map<QString, bool> active;     // call -> its stream is on
    std::map<qint64, qint64> holder;    // running job -> token
    std::map<qint64, qint64> lastToken; // job -> the highest token ever
    std::map<qint64, QString> finished; // job -> state, until retried
};

} // namespace

class TestQueueModel : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void randomWalk_data();
    void randomWalk();

private:
    int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(m_random); }
    QString someCall() { return u"CA%1"_s.arg(pick(m_calls)); }
    qint64 someJob();
    void step();
    void stepOfACall();
    void stepOfAWorker();
    void stepOfAnOperator();
    void claimSome();
    void endOne();
    void beat();
    void crash();
    QString violated();
    QString drained();

    std::mt19937 m_random;
    Model m_model;
    QList<Held> m_held; // also what was lost meanwhile: zombies
    int m_calls = 0;
    int m_streams = 0;
};

void TestQueueModel::randomWalk_data()
{
    QTest::addColumn<unsigned>("seed");
    for (const unsigned seed : {1U, 2U, 3U})
        QTest::newRow(qPrintable(u"seed %1"_s.arg(seed))) << seed;
}

qint64 TestQueueModel::someJob()
{
    const int all = test::value(db, u"SELECT COUNT(*) FROM jobs"_s).toInt();
    return all == 0
               ? -1
               : test::value(db, u"SELECT id FROM jobs ORDER BY id LIMIT 1 OFFSET %1"_s.arg(pick(all))).toLongLong();
}

void TestQueueModel::stepOfACall()
{
    const int dice = pick(10);
    if (m_calls == 0 || (dice < 4 && m_calls < 100)) {
        const QString call = u"CA%1"_s.arg(m_calls++);
        begin(call, u"MZ%1"_s.arg(++m_streams), u"business %1"_s.arg(pick(2)));
        m_model.active[call] = true;
        return;
    }
    const QString call = someCall();
    if (dice < 9) {
        const QString stream = row(db, u"SELECT stream_sid FROM calls WHERE call_sid = '%1'"_s.arg(call));
        end(call, stream);
        m_model.active[call] = false;
    } else {
        begin(call, u"MZ%1"_s.arg(++m_streams), QString());
        m_model.active[call] = true;
    }
}

void TestQueueModel::claimSome()
{
    const QString worker = u"w%1"_s.arg(pick(4));
    const QList<Job> jobs = claim(1 + pick(3), worker);
    for (const Job &job : jobs) {
        QVERIFY2(!m_model.active[job.callSid], "a job of an active call was claimed");
        QVERIFY2(job.token > m_model.lastToken[job.id], "a token did not grow");
        QVERIFY2(!m_model.holder.contains(job.id), "claimed while another holds it");
        QVERIFY2(!m_model.finished.contains(job.id), "claimed though finished");
        QVERIFY2(job.attempt >= 1 && job.attempt <= job.maxAttempts, "too many attempts");
        m_model.holder[job.id] = m_model.lastToken[job.id] = job.token;
        m_held.append({job, worker});
    }
}

void TestQueueModel::endOne()
{
    const Held held = m_held.takeAt(pick(int(m_held.size())));
    static const QList<Outcome> s_outcomes{
        Outcome::completed(),           Outcome::completed(),         Outcome::completed(),
        Outcome::skipped(u"s"_s),       Outcome::failed(u"f"_s),      Outcome::retry(u"r"_s, 1000),
        Outcome::snoozed(u"z"_s, 2000), Outcome::interrupted(u"i"_s), Outcome::cancelled()};
    const Outcome outcome = s_outcomes[pick(int(s_outcomes.size()))];
    const bool valid = m_model.holder.contains(held.job.id) && m_model.holder[held.job.id] == held.job.token;
    QCOMPARE(finish(held.job, outcome), valid);
    if (!valid)
        return;
    m_model.holder.erase(held.job.id);
    const QString state = row(db, u"SELECT state FROM jobs WHERE id = %1"_s.arg(held.job.id));
    if (isFinished(*jobStateNamed(state)))
        m_model.finished[held.job.id] = state;
    if (pick(5) == 0)
        m_held.append(held); // it does not know that it is done
}

void TestQueueModel::beat()
{
    QList<Job> jobs;
    for (const Held &held : m_held)
        jobs << held.job;
    // Of one worker at most one lease of a job; the newest of them is what it would name.
    for (const Job &job : jobs) {
        const auto orders = queue().heartbeat({job});
        QVERIFY(orders.ok());
        const bool valid = m_model.holder.contains(job.id) && m_model.holder[job.id] == job.token;
        QCOMPARE((*orders)[job.id] != Order::Lost, valid);
        QCOMPARE(*queue().saveProgress(job, 0.5, u"x"_s), valid);
    }
}

// Whatever it held is taken back; it may come to life again, as a zombie.
void TestQueueModel::crash()
{
    const QString worker = u"w%1"_s.arg(pick(4));
    QVERIFY(queue().rescue({worker}).ok());
    for (const Held &held : m_held) {
        if (held.worker == worker && m_model.holder[held.job.id] == held.job.token) {
            const QString state = row(db, u"SELECT state FROM jobs WHERE id = %1"_s.arg(held.job.id));
            QVERIFY(state != u"running"_s);
            if (isFinished(*jobStateNamed(state)))
                m_model.finished[held.job.id] = state;
            m_model.holder.erase(held.job.id);
        }
    }
    std::erase_if(m_model.holder, [&](const auto &entry) {
        return row(db, u"SELECT state FROM jobs WHERE id = %1"_s.arg(entry.first)) != u"running"_s;
    });
}

void TestQueueModel::stepOfAWorker()
{
    const int dice = pick(10);
    if (dice < 4 || m_held.isEmpty())
        claimSome();
    else if (dice < 8)
        endOne();
    else if (dice < 9)
        beat();
    else
        crash();
}

void TestQueueModel::stepOfAnOperator()
{
    const qint64 id = someJob();
    if (id < 0)
        return;
    const QString before = row(db, u"SELECT state FROM jobs WHERE id = %1"_s.arg(id));
    if (pick(2) == 0) {
        const QString error = queue().cancel(id);
        QCOMPARE(error.isEmpty(), !m_model.finished.contains(id));
        if (error.isEmpty() && before != u"running"_s)
            m_model.finished[id] = u"cancelled"_s;
        return;
    }
    if (queue().retry(id).isEmpty() && m_model.finished.contains(id)) {
        const QString call = row(db, u"SELECT call_sid FROM jobs WHERE id = %1"_s.arg(id));
        for (const QString &each :
             rows(db, u"SELECT id FROM jobs WHERE call_sid = '%1' AND id >= %2"_s.arg(call).arg(id)))
            m_model.finished.erase(each.toLongLong());
    }
}

void TestQueueModel::step()
{
    now += pick(3) == 0 ? 700 : 0;
    const int dice = pick(20);
    if (dice < 4)
        stepOfACall();
    else if (dice < 18)
        stepOfAWorker();
    else
        stepOfAnOperator();
}

// Empty: all is well.
QString TestQueueModel::violated()
{
    // name, and SQL that counts what must not be
    static const QList<std::pair<QString, QString>> s_rules{
        {u"a child runs, or may run, before its parent has ended"_s,
         u"SELECT COUNT(*) FROM jobs j JOIN job_deps d ON d.job_id = j.id JOIN jobs p ON p.id = d.parent_id "
         "WHERE p.finished_at_ms IS NULL AND j.state IN ('running', 'available', 'scheduled', 'retryable')"_s},
        {u"a count of parents is wrong"_s,
         u"SELECT COUNT(*) FROM jobs j WHERE j.state = 'pending' AND j.pending_deps <> (SELECT COUNT(*) FROM job_deps "
         u"d "
         "JOIN jobs p ON p.id = d.parent_id WHERE d.job_id = j.id AND p.finished_at_ms IS NULL)"_s},
        {u"a job is stuck"_s,
         u"SELECT COUNT(*) FROM jobs WHERE state = 'pending' AND pending_deps = 0 AND waits_for_call = 0"_s},
        {u"a job of an active call may run"_s,
         u"SELECT COUNT(*) FROM jobs j JOIN calls c ON c.call_sid = j.call_sid WHERE c.ended_at_ms IS NULL "
         "AND (j.state IN ('available', 'scheduled', 'retryable') OR (j.state = 'running' AND j.stop_requested = ''))"_s},
        {u"a job of an ended call waits for it"_s,
         u"SELECT COUNT(*) FROM jobs j JOIN calls c ON c.call_sid = j.call_sid WHERE c.ended_at_ms IS NOT NULL "
         "AND j.waits_for_call = 1 AND j.finished_at_ms IS NULL"_s},
        {u"state and end disagree"_s,
         u"SELECT COUNT(*) FROM jobs WHERE (finished_at_ms IS NULL) = (state IN ('completed', 'skipped', 'failed', "
         "'cancelled'))"_s},
        {u"too many attempts"_s, u"SELECT COUNT(*) FROM jobs WHERE attempt > max_attempts OR attempt < 0"_s},
        {u"a job was lost"_s, u"SELECT 7 * COUNT(*) - (SELECT COUNT(*) FROM jobs) FROM calls"_s},
        {u"an attempt is open, and its job does not run"_s,
         u"SELECT COUNT(*) FROM job_attempts a JOIN jobs j ON j.id = a.job_id WHERE a.outcome = '' "
         "AND (j.state <> 'running' OR j.lease_token <> a.token)"_s},
        {u"two messages of one business at a time"_s,
         u"SELECT COUNT(*) FROM jobs a JOIN jobs b ON a.business = b.business AND a.id < b.id WHERE a.state = "
         u"'running' "
         "AND b.state = 'running' AND a.stage = 'webhook.deliver' AND b.stage = 'webhook.deliver'"_s},
    };
    for (const auto &[rule, sql] : s_rules) {
        if (const QString count = row(db, sql); count != u"0"_s)
            return rule + u": "_s + count;
    }
    QStringList running;
    for (const auto &[id, token] : m_model.holder)
        running << u"%1|%2"_s.arg(id).arg(token);
    if (rows(db, u"SELECT id, lease_token FROM jobs WHERE state = 'running' ORDER BY id"_s) != running)
        return u"others run than were claimed"_s;
    QStringList finished;
    for (const auto &[id, state] : m_model.finished)
        finished << u"%1|%2"_s.arg(id).arg(state);
    if (rows(db, u"SELECT id, state FROM jobs WHERE finished_at_ms IS NOT NULL ORDER BY id"_s) != finished)
        return u"others are finished than have been"_s;
    return {};
}

// When all calls are over and nobody crashes any more, everything ends. Empty: so it does.
QString TestQueueModel::drained()
{
    for (const auto &[call, active] : m_model.active) {
        if (active)
            end(call, row(db, u"SELECT stream_sid FROM calls WHERE call_sid = '%1'"_s.arg(call)));
    }
    now += store::kLeaseMs + 1;
    if (!queue().rescue({}).ok())
        return u"no rescue"_s;
    for (int round = 0; round < 100'000; ++round) {
        now += 100;
        const QList<Job> jobs = claim(50);
        for (const Job &job : jobs)
            finish(job);
        if (jobs.isEmpty() && row(db, u"SELECT COUNT(*) FROM jobs WHERE finished_at_ms IS NULL"_s) == u"0"_s)
            return {};
        if (round > 500 && jobs.isEmpty())
            break;
    }
    return rows(db, u"SELECT * FROM jobs WHERE finished_at_ms IS NULL"_s).join(u'\n');
}

void TestQueueModel::randomWalk()
{
    QFETCH(unsigned, seed);
    m_random.seed(seed);
    m_model = {};
    m_held.clear();
    m_calls = m_streams = 0;
    if (!onPostgres())
        exec(u"PRAGMA synchronous = OFF"_s); // power does not fail here
    const int steps = onPostgres() ? 300 : 2000;
    for (int i = 0; i < steps && !QTest::currentTestFailed(); ++i) {
        step();
        if (i % (onPostgres() ? 4 : 16) != 0)
            continue;
        if (const QString rule = violated(); !rule.isEmpty())
            QFAIL(qPrintable(u"step %1: %2"_s.arg(i).arg(rule)));
    }
    QCOMPARE(drained(), QString());
}

QTEST_GUILESS_MAIN(TestQueueModel)
#include "tst_queue_model.moc"
