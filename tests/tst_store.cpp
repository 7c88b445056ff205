// SPDX-License-Identifier: GPL-3.0-or-later
// What survives: the database's schema, its durability, and the calls and turns in it. Real files throughout.
#include "store/callstore.h"
#include "support/storetest.h"
#include "store/database.h"

#include <QDir>
#include <QFile>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QTemporaryDir>
#include <QTest>
#include <QVariant>

#include <thread>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Database;
using test::opened;
using test::row;
using test::rows;
using test::value;

namespace {

CallStarted started(const QString &call = u"CA1"_s, const QString &stream = u"MZ1"_s)
{
    return {call, stream, u"AC1"_s, u"Bike shop"_s, Direction::Inbound, u"+15551234567"_s, u"+15557654321"_s, 1000};
}
TurnFinished turn(int position, const QString &stream = u"MZ1"_s)
{
    return {u"CA1"_s,
            stream,
            u"item_%1"_s.arg(position),
            Speaker::Agent,
            u"It's \"%1\"; שלום"_s.arg(position),
            true,
            2000,
            700,
            position,
            1500};
}
CallEnded ended(const QString &stream = u"MZ1"_s)
{
    TxFacts tx;
    tx.framesSent = 500;
    tx.framesSilent = 11;
    tx.framesDropped = 1;
    tx.slotsSkipped = 12;
    tx.slotsFull = 13;
    tx.underruns = 14;
    tx.unsentMaxBytes = 15;
    tx.stalls = 16;
    tx.stalledMs = 17;
    tx.lateP50Us = 18;
    tx.lateP99Us = 19;
    tx.lateP999Us = 20;
    tx.worstLateUs = 3456;
    tx.worstGapUs = 21;
    tx.leadMaxMs = 22;
    tx.bursts = 23;
    tx.backlogMaxMs = 24;
    Usage usage;
    for (std::size_t i = 0; i < kUsageClasses; ++i)
        usage.amounts[i] = qint64(i) + 1;
    return {u"CA1"_s, stream, EndReason::CarrierStop, u"bye"_s, 2, tx, 9000, usage, Cost{1234, u"USD"_s}};
}

} // namespace

class TestStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void migratesFromEmptyAndAgain();
    void migratesAFileWithDataInIt();
    void aStepThatFailsChangesNothing();
    void isDurable_data();
    void isDurable();
    void refusesWhatItCantOpen_data();
    void refusesWhatItCantOpen();
    void twoProgramsStartAtOnce();
    void transactionsRollBack();
    void aCallOnDisk();
    void writesCanBeRepeated();
    void aSecondStreamOpensTheCallAgain();
    void theLateEndOfAReplacedStreamIsIgnored();

private:
    QString path() const { return m_dir->filePath(u"takt.db"_s); }
    void makeVersion1(const QStringList &more);
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestStore::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
}

void TestStore::migratesFromEmptyAndAgain()
{
    const QString deep = m_dir->filePath(u"a/b/takt.db"_s); // folders are created
    {
        const auto database = opened(deep);
        QVERIFY(database);
        QCOMPARE(
            value(database,
                  u"SELECT COUNT(*) FROM schema_migrations WHERE version BETWEEN 1 AND 8 AND LENGTH(checksum) = 64"_s)
                .toInt(),
            8);
        QVERIFY(!store::CallStore(*database, u"test"_s).write(started()).isValid());
    }
    for (int again = 0; again < 2; ++again) {
        const auto database = opened(deep);
        QVERIFY(database);
        QCOMPARE(value(database, u"SELECT COUNT(*) FROM schema_migrations"_s).toInt(), 8);
        QCOMPARE(value(database, u"SELECT call_sid FROM calls"_s).toString(), u"CA1"_s); // nothing is lost
    }
}

// A file as version 1 left it.
void TestStore::makeVersion1(const QStringList &more)
{
    QFile file(u":/takt/sql/001_calls.sql"_s);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QString code;
    for (const QByteArray &line : file.readAll().split('\n'))
        code += QString::fromUtf8(line.first(line.indexOf("--") < 0 ? line.size() : line.indexOf("--"))) + u'\n';
    QStringList statements = code.split(u';');
    statements
        << u"CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL)"_s
        << u"INSERT INTO schema_migrations VALUES (1, 'x')"_s
        << u"INSERT INTO calls VALUES ('CA1', 'MZ1', 'AC1', '+1', '+2', 1000, 2000, 'carrier_stop', 'bye', 5, 1, 2, 3)"_s
        << u"INSERT INTO calls (call_sid, stream_sid, started_at_ms) VALUES ('CA2', 'MZ2', 3000)"_s
        << u"INSERT INTO turns VALUES ('CA1', 'MZ1', 0, 'item', 'agent', 'It''s שלום', 1, 20, 10, 1500)"_s;
    {
        QSqlDatabase raw = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"raw"_s);
        raw.setDatabaseName(path());
        QVERIFY(raw.open());
        for (const QString &statement : statements + more) {
            QSqlQuery query(raw);
            QVERIFY2(statement.trimmed().isEmpty() || query.exec(statement), qPrintable(statement));
        }
    }
    QSqlDatabase::removeDatabase(u"raw"_s);
}

void TestStore::migratesAFileWithDataInIt()
{
    makeVersion1({});
    const QString old =
        u"SELECT call_sid, stream_sid, account_sid, from_number, to_number, started_at_ms, ended_at_ms, "
        "end_reason, end_detail, frames_sent, frames_dropped, interruptions, worst_late_us FROM calls "
        "ORDER BY call_sid"_s;
    for (int again = 0; again < 2; ++again) {
        const auto database = opened(path());
        QVERIFY(database);
        QCOMPARE(rows(database, old), (QStringList{u"CA1|MZ1|AC1|+1|+2|1000|2000|carrier_stop|bye|5|1|2|3"_s,
                                                   u"CA2|MZ2||||3000|null|null|null|0|0|0|0"_s}));
        QCOMPARE(rows(database, u"SELECT owner FROM calls"_s), (QStringList{QString(), QString()}));
        QCOMPARE(rows(database, u"SELECT COUNT(*) FROM jobs"_s), QStringList{u"0"_s}); // what was before is history
        QCOMPARE(rows(database, u"SELECT * FROM turns"_s),
                 QStringList{u"CA1|MZ1|0|item|agent|It's שלום|1|20|10|1500"_s});
        QCOMPARE(rows(database, u"SELECT version FROM schema_migrations"_s),
                 (QStringList{u"1"_s, u"2"_s, u"3"_s, u"4"_s, u"5"_s, u"6"_s, u"7"_s, u"8"_s}));
    }
    const auto database = opened(path());
    store::CallStore calls(*database, u"test"_s);
    QCOMPARE(rows(database, u"SELECT business, direction, carrier_status, carrier_progress, answered_by, "
                            "duration_seconds, stream_error FROM calls WHERE call_sid = 'CA1'"_s),
             QStringList{u"|||-1||null|"_s});
    CallReport completed;
    completed.callSid = u"CA1"_s;
    completed.status = u"completed"_s;
    completed.durationSeconds = 42;
    QVERIFY(!calls.write(completed).isValid());
    QCOMPARE(rows(database, u"SELECT carrier_status, duration_seconds, end_reason, ended_at_ms FROM calls "
                            "WHERE call_sid = 'CA1'"_s),
             QStringList{u"completed|42|carrier_stop|2000"_s});
}

void TestStore::aStepThatFailsChangesNothing()
{
    makeVersion1({u"CREATE TABLE recordings (x)"_s}); // somebody else's
    const auto database = Database::open(u"sqlite:"_s + path());
    QVERIFY(!database.ok() && database.error().contains("schema step 2"_L1));
    {
        QSqlDatabase raw = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"raw"_s);
        raw.setDatabaseName(path());
        QVERIFY(raw.open());
        QVERIFY(!raw.record(u"calls"_s).contains(u"business"_s) && !raw.tables().contains(u"legs"_s));
        QSqlQuery query(u"SELECT COUNT(*) FROM schema_migrations"_s, raw);
        QVERIFY(query.next());
        QCOMPARE(query.value(0).toInt(), 1);
    }
    QSqlDatabase::removeDatabase(u"raw"_s);
}

void TestStore::isDurable_data()
{
    QTest::addColumn<QString>("pragma");
    QTest::addColumn<QString>("value");
    QTest::newRow("write-ahead log") << u"journal_mode"_s << u"wal"_s;
    QTest::newRow("synchronous = FULL") << u"synchronous"_s << u"2"_s;
    QTest::newRow("foreign keys") << u"foreign_keys"_s << u"1"_s;
    QTest::newRow("waits for a lock") << u"busy_timeout"_s << u"5000"_s;
}

void TestStore::isDurable()
{
    QFETCH(QString, pragma);
    QFETCH(QString, value);
    for (int again = 0; again < 2; ++again) // of a new file, and of one that exists
        QCOMPARE(::value(opened(path()), u"PRAGMA "_s + pragma).toString(), value);
}

void TestStore::refusesWhatItCantOpen_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("mentions");
    QTest::newRow("a newer schema") << u"newer"_s << u"newer takt-gateway"_s;
    QTest::newRow("a file of another kind") << u"garbage"_s << u"takt.db"_s;
    QTest::newRow("a folder") << u"folder"_s << u"takt.db"_s;
    QTest::newRow("a path below a file") << u"below"_s << u"can't create the folder"_s;
}

void TestStore::refusesWhatItCantOpen()
{
    QFETCH(QString, what);
    QFETCH(QString, mentions);
    QString where = path();
    if (what == "newer"_L1) {
        const auto database = opened(where);
        QVERIFY(QSqlQuery(database->handle()).exec(u"INSERT INTO schema_migrations VALUES (99, 'x')"_s));
    } else if (what == "folder"_L1) {
        QVERIFY(QDir().mkpath(where));
    } else {
        QFile file(where);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(5000, 'x')) == 5000);
        if (what == "below"_L1)
            where += u"/takt.db"_s;
    }
    const auto database = Database::open(u"sqlite:"_s + where);
    QVERIFY(!database.ok());
    QVERIFY2(database.error().contains(mentions), qPrintable(database.error()));
}

// The second one comes while the first is in the middle of its migration. (What is held here is held for a moment only;
// should the other thread come later than that, the test proves less, and fails no more.)
void TestStore::twoProgramsStartAtOnce()
{
    opened(path()).reset();
    const auto first = opened(path());
    QSqlQuery query(first->handle());
    QStringList drops{u"PRAGMA foreign_keys = OFF"_s};
    for (const QString &table : first->handle().tables()) {
        if (table != "schema_migrations"_L1 && !table.startsWith("sqlite_"_L1))
            drops << u"DROP TABLE "_s + table;
    }
    for (const QString &sql : drops + QStringList{u"DELETE FROM schema_migrations"_s, u"BEGIN IMMEDIATE"_s})
        QVERIFY(query.exec(sql));
    QString error = u"did not run"_s;
    std::thread second([&] {
        const auto database = Database::open(u"sqlite:"_s + path());
        error = database ? QString() : database.error();
    });
    QTest::qSleep(500);
    bool migrated = true;
    QFile file(u":/takt/sql/001_calls.sql"_s);
    QString code;
    if (file.open(QIODevice::ReadOnly)) {
        for (const QByteArray &line : file.readAll().split('\n'))
            code += QString::fromUtf8(line.first(line.indexOf("--") < 0 ? line.size() : line.indexOf("--"))) + u'\n';
    }
    for (const QString &sql : code.split(u';', Qt::SkipEmptyParts))
        migrated = migrated && (sql.trimmed().isEmpty() || query.exec(sql));
    migrated = migrated && query.exec(u"INSERT INTO schema_migrations VALUES (1, 'x')"_s) && query.exec(u"COMMIT"_s);
    second.join();
    QVERIFY(migrated);
    QCOMPARE(error, QString());
}

void TestStore::transactionsRollBack()
{
    const auto database = opened(path());
    store::CallStore calls(*database, u"test"_s);
    {
        store::Transaction transaction(*database);
        QVERIFY(transaction.isOpen());
        QVERIFY(!calls.write(started()).isValid());
    }
    QCOMPARE(value(database, u"SELECT COUNT(*) FROM calls"_s).toInt(), 0);
    {
        store::Transaction transaction(*database);
        QVERIFY(!calls.write(started()).isValid());
        QVERIFY(transaction.commit());
    }
    QCOMPARE(value(database, u"SELECT COUNT(*) FROM calls"_s).toInt(), 1);
}

void TestStore::aCallOnDisk()
{
    const auto database = opened(path());
    store::CallStore calls(*database, u"test"_s);
    QVERIFY(!calls.write(started()).isValid());
    QCOMPARE(row(database,
                 u"SELECT from_number, to_number, account_sid, business, direction, started_at_ms, ended_at_ms "
                 "FROM calls"_s),
             u"+15551234567|+15557654321|AC1|Bike shop|inbound|1000|null"_s);
    QVERIFY(!calls.write(turn(0)).isValid());
    TurnFinished bare;
    bare.callSid = u"CA1"_s;
    bare.streamSid = u"MZ1"_s;
    bare.position = 1;
    QVERIFY(!calls.write(bare).isValid()); // null strings are empty ones
    QCOMPARE(row(database, u"SELECT text, item_id, speaker, interrupted, generated_ms, heard_ms, at_ms "
                           "FROM turns WHERE position = 0"_s),
             u"It's \"0\"; שלום|item_0|agent|1|2000|700|1500"_s);
    QCOMPARE(value(database, u"SELECT speaker || text FROM turns WHERE position = 1"_s).toString(), u"caller"_s);
    QVERIFY(!calls.write(ended()).isValid());
    QCOMPARE(row(database, u"SELECT ended_at_ms, end_reason, end_detail, frames_sent, frames_dropped, interruptions, "
                           "worst_late_us FROM calls"_s),
             u"9000|carrier_stop|bye|500|1|2|3456"_s);
    QCOMPARE(
        row(database,
            u"SELECT frames_silent, slots_skipped, slots_full, underruns, unsent_max_bytes, stalls, stalled_ms, "
            "late_p50_us, late_p99_us, late_p999_us, worst_gap_us, lead_max_ms, bursts, backlog_max_ms FROM calls"_s),
        u"11|12|13|14|15|16|17|18|19|20|21|22|23|24"_s);
    QCOMPARE(row(database, u"SELECT usage_input_text, usage_input_audio, usage_cached_text, usage_cached_audio, "
                           "usage_output_text, usage_output_audio, usage_transcribed_text, usage_transcribed_audio, "
                           "usage_transcribed_output, usage_transcribed_ms, usage_unclassified, cost_micros, "
                           "cost_currency FROM calls"_s),
             u"1|2|3|4|5|6|7|8|9|10|11|1234|USD"_s);
    TurnFinished orphan = turn(0, u"MZ9"_s);
    orphan.callSid = u"CA9"_s;
    QVERIFY(calls.write(orphan).isValid()); // no turn without its call
}

void TestStore::writesCanBeRepeated()
{
    const auto database = opened(path());
    store::CallStore calls(*database, u"test"_s);
    for (int again = 0; again < 3; ++again) {
        for (const QSqlError &error :
             {calls.write(started()), calls.write(turn(0)), calls.write(turn(1)), calls.write(ended())})
            QVERIFY2(!error.isValid(), qPrintable(error.text()));
        QCOMPARE(row(database, u"SELECT ended_at_ms, frames_sent FROM calls"_s), u"9000|500"_s);
        QCOMPARE(row(database, u"SELECT usage_cached_text, cost_micros FROM calls"_s), u"3|1234"_s);
        QCOMPARE(row(database, u"SELECT COUNT(*), SUM(heard_ms) FROM turns"_s), u"2|1400"_s);
    }
}

void TestStore::aSecondStreamOpensTheCallAgain()
{
    const auto database = opened(path());
    store::CallStore calls(*database, u"test"_s);
    QVERIFY(!calls.write(started()).isValid());
    QVERIFY(!calls.write(turn(0)).isValid());
    QVERIFY(!calls.write(ended()).isValid());
    CallStarted again = started(u"CA1"_s, u"MZ2"_s);
    again.from.clear(); // not known this time
    again.to = u"+1999"_s;
    again.atMs = 9999;
    QVERIFY(!calls.write(again).isValid());
    QVERIFY(!calls.write(turn(0, u"MZ2"_s)).isValid()); // positions begin anew with the stream
    QCOMPARE(row(database, u"SELECT stream_sid, from_number, to_number, started_at_ms, ended_at_ms, end_reason, "
                           "end_detail FROM calls"_s),
             u"MZ2|+15551234567|+1999|1000|null|null|null"_s);
    QCOMPARE(value(database, u"SELECT COUNT(*) FROM turns WHERE call_sid = 'CA1'"_s).toInt(), 2);
}

void TestStore::theLateEndOfAReplacedStreamIsIgnored()
{
    const auto database = opened(path());
    store::CallStore calls(*database, u"test"_s);
    QVERIFY(!calls.write(started()).isValid());
    QVERIFY(!calls.write(started(u"CA1"_s, u"MZ2"_s)).isValid());
    QVERIFY(!calls.write(ended(u"MZ1"_s)).isValid());
    QVERIFY(value(database, u"SELECT ended_at_ms FROM calls"_s).isNull());
    QVERIFY(!calls.write(ended(u"MZ2"_s)).isValid());
    QCOMPARE(value(database, u"SELECT ended_at_ms FROM calls"_s).toInt(), 9000);
}

QTEST_GUILESS_MAIN(TestStore)
#include "tst_store.moc"
