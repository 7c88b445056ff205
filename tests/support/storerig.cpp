// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/storerig.h"

#include "support/postgres.h"

namespace takt::test {

void StoreTest::initTestCase_data()
{
    QTest::addColumn<QString>("engine");
    QTest::newRow("sqlite") << u"sqlite"_s;
    QTest::newRow("postgres") << u"postgres"_s;
}

bool StoreTest::onPostgres() const
{
    return m_url.startsWith("postgresql"_L1);
}

void StoreTest::init()
{
    QFETCH_GLOBAL(QString, engine);
    now = 1'700'000'000'000;
    m_dir = std::make_unique<QTemporaryDir>();
    m_url = u"sqlite:"_s + m_dir->filePath(u"takt.db"_s);
    if (engine == "postgres"_L1) {
        Postgres *server = Postgres::instance();
        if (server == nullptr)
            QSKIP("PostgreSQL is not installed: HALF OF THIS SUITE DOES NOT RUN (apt install postgresql)");
        static const bool s_created = [server] { // once: emptying it is ten times as fast
            server->create(u"suite"_s);
            return true;
        }();
        Q_UNUSED(s_created)
        m_url = server->url(u"suite"_s);
    }
    auto opened = Database::open(m_url);
    QVERIFY2(opened.ok(), qPrintable(opened ? QString() : opened.error()));
    db = *opened;
    if (onPostgres()) {
        // Few rows: quicker than TRUNCATE, which makes files. The role keeps foreign keys from minding the order.
        QString sql = u"SET session_replication_role = replica"_s;
        for (const QString &table : db->handle().tables()) {
            if (table != "schema_migrations"_L1)
                sql += u"; DELETE FROM "_s + table;
        }
        exec(sql + u"; SET session_replication_role = DEFAULT"_s);
    }
    db->setClock([this] { return now.load(); });
}

void StoreTest::cleanup()
{
    db.reset();
}

std::shared_ptr<Database> StoreTest::another()
{
    auto database = Database::connect(m_url);
    if (!database) {
        QTest::qFail(qPrintable(database.error()), __FILE__, __LINE__);
        return nullptr;
    }
    (*database)->setClock([this] { return now.load(); });
    return *database;
}

void StoreTest::begin(const QString &call, const QString &stream, const QString &business)
{
    write(CallStarted{call, stream, u"AC1"_s, business, Direction::Inbound, u"+15551234567"_s, u"+15557654321"_s, now});
}

void StoreTest::end(const QString &call, const QString &stream)
{
    write(CallEnded{call, stream, EndReason::CarrierStop, u"bye"_s, 2, {}, now});
}

void StoreTest::beginAndEnd(const QString &call, const QString &business)
{
    begin(call, u"MZ"_s + call, business);
    end(call, u"MZ"_s + call);
}

QList<Job> StoreTest::claim(int count, const QString &worker, const QList<Stage> &stages)
{
    const auto jobs = queue().claim(worker, stages.isEmpty() ? QList<Stage>(kStages.begin(), kStages.end()) : stages,
                                    count);
    if (!jobs)
        QTest::qFail(qPrintable(jobs.error()), __FILE__, __LINE__);
    return jobs ? *jobs : QList<Job>();
}

Job StoreTest::claimOne(const QString &worker)
{
    const QList<Job> jobs = claim(1, worker);
    if (jobs.isEmpty())
        QTest::qFail("there is no job to be claimed", __FILE__, __LINE__);
    return jobs.value(0);
}

bool StoreTest::finish(const Job &job, const Outcome &outcome)
{
    const auto finished = queue().finish(job, outcome);
    if (!finished)
        QTest::qFail(qPrintable(finished.error()), __FILE__, __LINE__);
    return finished && *finished;
}

void StoreTest::finishBefore(Stage stage, const QString &worker)
{
    for (const Stage each : kStages) {
        if (each == stage)
            return;
        finish(claim(1, worker, {each}).value(0));
    }
}

QString StoreTest::states(const QString &call) const
{
    return rows(db, u"SELECT state FROM jobs WHERE call_sid = '%1' ORDER BY id"_s.arg(call)).join(u' ');
}

QString StoreTest::state(Stage stage, const QString &call) const
{
    return job(u"state"_s, stage, call);
}

qint64 StoreTest::id(Stage stage, const QString &call) const
{
    return job(u"id"_s, stage, call).toLongLong();
}

QString StoreTest::job(const QString &columns, Stage stage, const QString &call) const
{
    return row(db, u"SELECT %1 FROM jobs WHERE call_sid = '%2' AND stage = '%3'"_s.arg(columns, call, name(stage)));
}

void StoreTest::exec(const QString &sql)
{
    QSqlQuery query(db->handle());
    if (!query.exec(sql))
        QTest::qFail(qPrintable(query.lastError().text() + sql), __FILE__, __LINE__);
}

} // namespace takt::test
