// SPDX-License-Identifier: GPL-3.0-or-later
// What only a server can do to us: it dies and comes back, it ends connections, two programs bring it up to date at once.
// And how its URL is read and shown.
#include "records/recorder.h"
#include "support/postgres.h"
#include "support/storetest.h"
#include "store/callstore.h"
#include "store/database.h"
#include "store/dossier.h"
#include "store/joblist.h"
#include "store/jobstore.h"
#include "store/leadstore.h"
#include "store/outbox.h"
#include "store/workerstore.h"
#include "telemetry/counters.h"

#include <QElapsedTimer>
#include <QSqlQuery>
#include <QTest>

#include <future>
#include <random>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Database;
using telemetry::Counter;
using telemetry::counted;
using test::Postgres;
using test::row;
using test::value;

class TestPostgres : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void urlsAreRedacted_data();
    void urlsAreRedacted();
    void opensByEveryWay();
    void passwordsStaySecret_data();
    void passwordsStaySecret();
    void twoProgramsStartAtOnce();
    void refusesANewerSchema();
    void refusesAnotherEncoding();
    void aStepThatFailsChangesNothing();
    void numbersHave64Bits();
    void oneClockForAll();
    void aConnectionThatIsEnded();
    void theLastRecordsOverAnEndedConnection();
    void aListenerThatIsEnded();
    void theServerDiesUnderTheRecorder();
    void whatCanNeverBeWrittenIsGivenUp_data();
    void whatCanNeverBeWrittenIsGivenUp();

private:
    QString url() const { return m_server->url(m_name); }
    std::shared_ptr<Database> opened();
    Postgres *m_server = nullptr;
    QString m_name;
};

void TestPostgres::initTestCase()
{
    m_server = Postgres::instance();
    if (m_server == nullptr)
        QSKIP("PostgreSQL is not installed: NOTHING OF THIS IS TESTED (apt install postgresql)");
}

void TestPostgres::init()
{
    static int s_number = 0;
    m_name = u"test%1"_s.arg(++s_number);
    m_server->create(m_name);
}

void TestPostgres::cleanup()
{
    m_server->drop(m_name);
}

std::shared_ptr<Database> TestPostgres::opened()
{
    const auto database = Database::open(url());
    if (!database) {
        QTest::qFail(qPrintable(database.error()), __FILE__, __LINE__);
        return nullptr;
    }
    return *database;
}

void TestPostgres::urlsAreRedacted_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("shown");
    const auto row = [](const QString &url, const QString &shown) { QTest::newRow(qPrintable(url)) << url << shown; };
    row(u"postgresql://user:secret@host:1/name"_s, u"postgresql://user:***@host:1/name"_s);
    row(u"postgresql://user@host/name"_s, u"postgresql://user@host/name"_s);
    row(u"postgresql://host/name"_s, u"postgresql://host/name"_s);
    row(u"postgresql://user:se#c/r@et?@host/name"_s, u"postgresql://user:***@host/name"_s); // no URL to QUrl
    row(u"postgresql://user:100%@host/name"_s, u"postgresql://user:***@host/name"_s);
    row(u"postgresql://:secret@host/name"_s, u"postgresql://:***@host/name"_s);
    row(u"postgresql:///name?host=/tmp&password=secret&sslmode=require"_s,
        u"postgresql:///name?host=/tmp&password=***&sslmode=require"_s);
    row(u"postgresql:///name?sslpassword=secret"_s, u"postgresql:///name?sslpassword=***"_s);
    row(u"sqlite:/var/lib/takt/takt.db"_s, u"sqlite:/var/lib/takt/takt.db"_s);
}

void TestPostgres::urlsAreRedacted()
{
    QFETCH(QString, url);
    QFETCH(QString, shown);
    QCOMPARE(store::redacted(url), shown);
}

void TestPostgres::opensByEveryWay()
{
    const auto byTcp = Database::open(url());
    QVERIFY2(byTcp.ok(), qPrintable(byTcp ? QString() : byTcp.error()));
    QVERIFY((*byTcp)->isPostgres());
    QVERIFY(value(*byTcp, u"SELECT host(inet_client_addr())"_s).toString() == u"127.0.0.1"_s);
    QCOMPARE(value(*byTcp, u"SHOW application_name"_s).toString(), u"takt"_s);
    const auto bySocket = Database::open(m_server->socketUrl(m_name));
    QVERIFY2(bySocket.ok(), qPrintable(bySocket ? QString() : bySocket.error()));
    QVERIFY(value(*bySocket, u"SELECT inet_client_addr()"_s).isNull());
    // Options may hold blanks.
    const auto options = Database::open(url() + u"?application_name=it's%20me&options=-c%20work_mem%3D1MB"_s);
    QVERIFY2(options.ok(), qPrintable(options ? QString() : options.error()));
    QCOMPARE(value(*options, u"SHOW application_name"_s).toString(), u"it's me"_s);
    QCOMPARE(value(*options, u"SHOW work_mem"_s).toString(), u"1MB"_s);
}

void TestPostgres::passwordsStaySecret_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("a wrong password") << u"takt:"_s << u"takt:wrong"_s;
    QTest::newRow("no such database") << u"/test"_s << u"/nothing"_s;
    QTest::newRow("no database") << u"/test"_s << u"?x="_s;
    QTest::newRow("nobody listens") << u"127.0.0.1:"_s << u"127.0.0.1:1"_s;
    QTest::newRow("no URL") << u"%40"_s << u"#"_s;
}

void TestPostgres::passwordsStaySecret()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    const auto database = Database::open(url().replace(from, to));
    QVERIFY(!database.ok());
    QVERIFY2(database.error().contains(u"takt:***"_s), qPrintable(database.error()));
    for (const QString &part : {u"ss:w"_s, u"ss%3A"_s, u"wrong"_s})
        QVERIFY2(!database.error().contains(part), qPrintable(database.error()));
}

void TestPostgres::twoProgramsStartAtOnce()
{
    std::vector<std::future<QString>> programs;
    for (int i = 0; i < 4; ++i) {
        programs.push_back(std::async(std::launch::async, [url = url()] {
            const auto database = Database::open(url);
            return database ? QString() : database.error();
        }));
    }
    for (auto &each : programs)
        QCOMPARE(each.get(), QString());
    QCOMPARE(test::rows(opened(), u"SELECT version FROM schema_migrations ORDER BY version"_s),
             (QStringList{u"1"_s, u"2"_s, u"3"_s, u"4"_s, u"5"_s, u"6"_s, u"7"_s, u"8"_s}));
}

void TestPostgres::refusesANewerSchema()
{
    QVERIFY(QSqlQuery(opened()->handle()).exec(u"INSERT INTO schema_migrations VALUES (99, 'x')"_s));
    const auto database = Database::open(url());
    QVERIFY(!database.ok() && database.error().contains(u"newer takt-gateway"_s));
}

void TestPostgres::refusesAnotherEncoding()
{
    m_server->drop(m_name);
    m_server->create(m_name, u"TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"_s);
    const auto database = Database::open(url());
    QVERIFY(!database.ok());
    QVERIFY2(database.error().contains(u"must be UTF8"_s), qPrintable(database.error()));
}

void TestPostgres::aStepThatFailsChangesNothing()
{
    const auto raw = Database::connect(url());
    QVERIFY(raw.ok());
    QVERIFY(QSqlQuery((*raw)->handle()).exec(u"CREATE TABLE recordings (x INTEGER)"_s)); // somebody else's
    const auto database = Database::open(url());
    QVERIFY(!database.ok() && database.error().contains(u"schema step 2"_s));
    QCOMPARE((*raw)->handle().tables(), QStringList{u"recordings"_s});
}

void TestPostgres::numbersHave64Bits()
{
    QCOMPARE(row(opened(), u"SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public' "
                           "AND table_name <> 'schema_migrations' AND data_type IN ('integer', 'real')"_s),
             u"0"_s);
}

void TestPostgres::oneClockForAll()
{
    const auto database = opened();
    const qint64 first = database->nowMs();
    QVERIFY(first > 1'700'000'000'000);
    store::Transaction transaction(*database);
    const qint64 second = database->nowMs();
    QTest::qSleep(20);
    QVERIFY(database->nowMs() > second); // goes on within a transaction
}

void TestPostgres::aConnectionThatIsEnded()
{
    const auto database = opened();
    const auto other = opened();
    QVERIFY(database->revive()); // nothing to be done
    const QString ended = u"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                          "AND pid <> pg_backend_pid()"_s;
    QVERIFY(value(other, ended).toBool());
    QCOMPARE(database->nowMs(), -1);
    // The driver closes what is dead, and tells no error of what is closed: it must not look like success.
    QVERIFY(!store::Transaction(*database).isOpen() && store::Transaction(*database).error().isValid());
    store::JobStore queue(*database);
    QVERIFY(!queue.claim(u"w"_s, {Stage::Download}, 1).ok() && !queue.finish({}, {}).ok()
            && !queue.heartbeat({{}}).ok());
    QVERIFY(!queue.saveProgress({}, 0, {}).ok() && !queue.saveCheckpoint({}, {}).ok() && !queue.saveHeld({}, {}).ok());
    QVERIFY(!queue.rescue({}).ok() && !queue.prune(1).ok() && !queue.paused().ok());
    QVERIFY(!queue.cancel(1).isEmpty() && !queue.retry(1).isEmpty() && !queue.setPaused(u"*"_s, true).isEmpty());
    QVERIFY(!store::listJobs(*database, {}).ok() && !store::readJob(*database, 1).ok());
    QVERIFY(!store::countJobs(*database).ok() && !store::readAttempts(*database, 1).ok());
    QVERIFY(!store::readDossier(*database, u"CA1"_s).ok());
    const store::Worker self = store::thisWorker(u"all"_s, 1);
    store::WorkerStore workers(*database);
    QVERIFY(!workers.announce(self).isEmpty() && !workers.retire(u"x"_s).isEmpty() && !workers.all().ok());
    QVERIFY(!workers.dead(self).ok() && !workers.bury({}).ok() && !workers.endForgottenCalls(1).ok());
    QVERIFY(!workers.activeCallsBeside(self).ok());
    store::LeadStore leads(*database);
    QVERIFY(!leads.list({}, 1).ok() && !leads.lead(1).ok() && !leads.byPhone({}, {}).ok() && !leads.history(1).ok());
    QVERIFY(!leads.setStatus(1, u"x"_s).isEmpty() && leads.apply(u"CA1"_s, {}, {}).isValid());
    store::Outbox outbox(*database);
    QVERIFY(!outbox.freeze({}).ok() && !outbox.message({}, {}).ok() && !outbox.enableEndpoint({}).isEmpty());
    store::CallStore deaf(*database, u"x"_s);
    QVERIFY(deaf.write(CallStarted{}).isValid() && deaf.write(CallReport{}).isValid());
    QVERIFY(!store::isHopeless(deaf.write(CallEnded{})));
    QVERIFY(database->revive());
    QVERIFY(database->nowMs() > 0);
    // In the middle of a transaction: nothing of it is there.
    {
        store::Transaction transaction(*database);
        store::CallStore calls(*database, u"x"_s);
        QVERIFY(!calls.write(CallStarted{u"CA1"_s, u"MZ1"_s, {}, {}, Direction::Inbound, {}, {}, 1}).isValid());
        QVERIFY(value(other, ended).toBool());
        const QSqlError error = calls.write(CallEnded{u"CA1"_s, u"MZ1"_s, EndReason::CarrierStop, {}, 0, {}, 1});
        QVERIFY(error.isValid() && !store::isHopeless(error));
        QVERIFY(!transaction.commit());
    }
    QVERIFY(database->revive());
    QCOMPARE(row(database, u"SELECT COUNT(*) FROM calls"_s), u"0"_s);
}

// The server was restarted while nothing was to be written: what a gateway writes at its end is not lost by it.
void TestPostgres::theLastRecordsOverAnEndedConnection()
{
    records::RecordWriter writer;
    QCOMPARE(writer.open(url(), u"test"_s), QString());
    const auto other = opened();
    QVERIFY(value(other, u"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                         "AND pid <> pg_backend_pid()"_s)
                .toBool());
    CallStarted started;
    started.callSid = u"CA1"_s;
    started.streamSid = u"MZ1"_s;
    writer.add(started);
    QVERIFY(writer.finish());
    QCOMPARE(row(other, u"SELECT call_sid FROM calls"_s), u"CA1"_s);
}

void TestPostgres::aListenerThatIsEnded()
{
    const auto listener = opened();
    const auto other = opened();
    QObject receiver;
    int heard = 0;
    listener->listen(&receiver, [&] { ++heard; });
    QVERIFY(value(other, u"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                         "AND pid <> pg_backend_pid()"_s)
                .toBool());
    QTest::qWait(50);
    QVERIFY(listener->revive());
    heard = 0;
    other->hint();
    QTRY_VERIFY(heard > 0);
    // Within a transaction: not before its end.
    QTest::qWait(50);
    heard = 0;
    {
        store::Transaction transaction(*other);
        other->hint();
        QTest::qWait(100);
        QCOMPARE(heard, 0);
        QVERIFY(transaction.commit());
    }
    QTRY_VERIFY(heard > 0);
}

// kill -9, and up again: what the calls told is there, all of it, once.
void TestPostgres::theServerDiesUnderTheRecorder()
{
    const qint64 lostBefore = counted(Counter::RecordsLost);
    const qint64 retriedBefore = counted(Counter::RecordsRetried);
    constexpr int kCalls = 60;
    {
        records::Recorder recorder;
        QCOMPARE(recorder.open(url(), u"test"_s), QString());
        records::RecordWriter *writer = recorder.writer();
        const auto tell = [&](const records::Fact &fact) {
            QMetaObject::invokeMethod(writer, [=] { writer->add(fact); });
            QTest::qWait(2);
        };
        for (int i = 0; i < kCalls; ++i) {
            const QString call = u"CA%1"_s.arg(i);
            tell(CallStarted{call, call, {}, {}, Direction::Inbound, {}, {}, i});
            for (int turn = 0; turn < 3; ++turn)
                tell(TurnFinished{call, call, {}, Speaker::Agent, u"x"_s, false, 0, 0, turn, i});
            if (i == 20 || i == 40)
                m_server->kill();
            if (i == 30 || i == 50)
                QVERIFY(m_server->start());
            tell(CallEnded{call, call, EndReason::CarrierStop, {}, 0, {}, i});
        }
        QTRY_VERIFY_WITH_TIMEOUT(!recorder.failing(), 10'000);
        QTest::qWait(1500); // the retry after the last failure
    }
    const auto database = opened();
    QCOMPARE(row(database, u"SELECT COUNT(*), COUNT(ended_at_ms) FROM calls"_s), u"%1|%1"_s.arg(kCalls));
    QCOMPARE(row(database, u"SELECT COUNT(*) FROM turns"_s), QString::number(3 * kCalls));
    QCOMPARE(row(database, u"SELECT COUNT(*) FROM jobs WHERE state = 'available'"_s), QString::number(kCalls));
    QCOMPARE(counted(Counter::RecordsLost), lostBefore);
    QVERIFY(counted(Counter::RecordsRetried) > retriedBefore);
}

void TestPostgres::whatCanNeverBeWrittenIsGivenUp_data()
{
    QTest::addColumn<QString>("call");
    QTest::addColumn<QString>("stream");
    QTest::newRow("of a call that does not exist") << u"CA9"_s << u"MZ9"_s;
    std::minstd_rand random(1);
    QString longest; // too long for an index, though compressed
    for (int i = 0; i < 20'000; ++i)
        longest += QChar(int('!' + random() % 90));
    QTest::newRow("a name too long for an index") << u"CA1"_s << longest;
}

void TestPostgres::whatCanNeverBeWrittenIsGivenUp()
{
    QFETCH(QString, call);
    QFETCH(QString, stream);
    const qint64 lostBefore = counted(Counter::RecordsLost);
    records::RecordWriter writer;
    QCOMPARE(writer.open(url(), u"test"_s), QString());
    writer.add(CallStarted{u"CA1"_s, u"MZ1"_s, {}, {}, Direction::Inbound, {}, {}, 1});
    writer.add(TurnFinished{call, stream, {}, Speaker::Agent, u"x"_s, false, 0, 0, 0, 1});
    writer.add(CallEnded{u"CA1"_s, u"MZ1"_s, EndReason::CarrierStop, {}, 0, {}, 5});
    writer.finish();
    const auto database = opened();
    QCOMPARE(row(database, u"SELECT ended_at_ms FROM calls"_s), u"5"_s);
    QCOMPARE(row(database, u"SELECT COUNT(*) FROM turns"_s), u"0"_s);
    QCOMPARE(counted(Counter::RecordsLost) - lostBefore, 1);
}

QTEST_GUILESS_MAIN(TestPostgres)
#include "tst_postgres.moc"
