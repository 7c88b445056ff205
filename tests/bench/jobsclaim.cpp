// SPDX-License-Identifier: GPL-3.0-or-later
// takt-bench-jobs: what a claim and its finish cost with nothing, 100,000 and a million finished jobs in the table, on
// SQLite and, where it is installed, on PostgreSQL. One thread.
#include "support/postgres.h"
#include "store/callstore.h"
#include "store/database.h"
#include "store/jobstore.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QSqlQuery>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Database;

namespace {

struct Cost {
    qint64 p50Us = 0;
    qint64 p99Us = 0;
};

Cost costOf(std::vector<qint64> ns)
{
    std::sort(ns.begin(), ns.end());
    return {ns[ns.size() / 2] / 1000, ns[ns.size() * 99 / 100] / 1000};
}

void run(Database &database, const QString &sql)
{
    QSqlQuery query(database.handle());
    if (!query.exec(sql))
        qFatal("%s", qPrintable(query.lastError().text()));
}

// Old calls, done: seven jobs each, with their dependencies and attempts.
void fill(Database &database, int from, int to)
{
    store::Transaction transaction(database);
    const QString numbers =
        u"WITH RECURSIVE n(i) AS (SELECT CAST(%1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %2) "_s.arg(from)
            .arg(to - 1);
    run(database,
        u"INSERT INTO jobs (call_sid, business, stage, state, priority, run_at_ms, max_attempts, created_at_ms, "
        "finished_at_ms, attempt, lease_token) "_s
            + numbers
            + u"SELECT 'OLD' || (i / 7), 'shop', 'stage' || (i % 7), 'completed', 6 - i % 7, i, 10, i, i, 1, 1 FROM n"_s);
    run(database,
        u"INSERT INTO job_attempts (job_id, token, worker, started_at_ms, ended_at_ms, outcome) "
        "SELECT id, 1, 'w', 1, 2, 'completed' FROM jobs WHERE call_sid LIKE 'OLD%' AND run_at_ms >= %1"_s.arg(from));
    run(database, u"INSERT INTO job_deps (job_id, parent_id) SELECT id, id - 1 FROM jobs "
                  "WHERE stage LIKE 'stage%' AND stage <> 'stage0' AND run_at_ms >= %1"_s.arg(from));
    if (!transaction.commit())
        qFatal("%s", qPrintable(transaction.error().text()));
}

// One job after the other of fresh calls.
Cost measured(Database &database, int round)
{
    constexpr int kCalls = 150;
    for (int i = 0; i < kCalls; ++i) {
        const QString call = u"CA%1-%2"_s.arg(round).arg(i);
        store::Transaction transaction(database);
        store::CallStore calls(database, u"bench"_s);
        if (calls.write(CallStarted{call, call, {}, u"shop"_s, Direction::Inbound, {}, {}, 1}).isValid()
            || calls.write(CallEnded{call, call, EndReason::CarrierStop, {}, 0, {}, 2}).isValid()
            || !transaction.commit())
            qFatal("can't write a call");
    }
    store::JobStore queue(database);
    const QList<Stage> stages(kStages.begin(), kStages.end());
    std::vector<qint64> ns;
    QElapsedTimer timer;
    for (;;) {
        timer.start();
        const auto jobs = queue.claim(u"bench"_s, stages, 1);
        if (!jobs)
            qFatal("%s", qPrintable(jobs.error()));
        if (jobs->isEmpty())
            break;
        if (const auto finished = queue.finish(jobs->front(), store::Outcome::completed()); !finished || !*finished)
            qFatal("can't finish");
        ns.push_back(timer.nsecsElapsed());
    }
    return costOf(std::move(ns));
}

void bench(const char *name, const QString &url)
{
    auto database = Database::open(url);
    if (!database)
        qFatal("%s", qPrintable(database.error()));
    Cost none;
    int filled = 0;
    int round = 0;
    for (const int count : {0, 100'000, 1'000'000}) {
        if (count > filled)
            fill(**database, filled, count);
        filled = count;
        (void)measured(**database, round++); // warms up
        run(**database, u"ANALYZE"_s);       // as autovacuum would
        const Cost cost = measured(**database, round++);
        if (count == 0)
            none = cost;
        std::printf("%-10s %9d %9lld %9lld   %.2f\n", name, count, static_cast<long long>(cost.p50Us),
                    static_cast<long long>(cost.p99Us), double(cost.p50Us) / double(std::max<qint64>(1, none.p50Us)));
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const QTemporaryDir dir;
    std::printf("claim + finish, in microseconds\n%-10s %9s %9s %9s   %s\n", "database", "finished", "p50", "p99",
                "p50 : p50 of none");
    bench("sqlite", u"sqlite:"_s + dir.filePath(u"takt.db"_s));
    if (test::Postgres *server = test::Postgres::instance(); server != nullptr) {
        server->create(u"bench"_s);
        bench("postgres", server->url(u"bench"_s));
    }
    return 0;
}
