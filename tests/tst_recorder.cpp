// SPDX-License-Identifier: GPL-3.0-or-later
// The live calls' way to the disk: in order, without waiting, and with nothing lost but what can't be helped. The locks
// are real, held by a second connection, hence some seconds of real time.
#include "records/recorder.h"
#include "support/storetest.h"
#include "store/database.h"
#include "telemetry/counters.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>
#include <QVariant>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Database;
using telemetry::Counter;
using telemetry::counted;
using test::opened;
using test::value;

namespace {

CallStarted started()
{
    return {u"CA1"_s,           u"MZ1"_s,          u"AC1"_s,          u"Bike shop"_s,
            Direction::Inbound, u"+15551234567"_s, u"+15557654321"_s, 1000};
}
TurnFinished turn(int position)
{
    return {u"CA1"_s,
            u"MZ1"_s,
            u"item_%1"_s.arg(position),
            Speaker::Agent,
            u"It's \"%1\"; שלום"_s.arg(position),
            true,
            2000,
            700,
            position,
            1500};
}
CallEnded ended()
{
    return {u"CA1"_s, u"MZ1"_s, EndReason::CarrierStop, u"bye"_s, 2, {}, 9000};
}

} // namespace

class TestRecorder : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void writesEverythingInOrder();
    void waitsForALock_data();
    void waitsForALock();
    void aReceiptIsForWhatIsOnDisk();
    void aReceiptWaitsAsLongAsTheDatabase();
    void receiptsForNothing();
    void countsWhatItLoses();
    void oneImpossibleFactDoesNotTakeTheOthers_data();
    void oneImpossibleFactDoesNotTakeTheOthers();
    void aReceiptDoesNotVouchForWhatWasLost();
    void tellsWhyItCantOpen();

private:
    QString path() const { return m_dir->filePath(u"takt.db"_s); }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestRecorder::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
}

void TestRecorder::writesEverythingInOrder()
{
    const qint64 writtenBefore = counted(Counter::RecordsWritten);
    {
        records::Recorder recorder;
        QCOMPARE(recorder.open(u"sqlite:"_s + path(), u"test"_s), QString());
        records::RecordWriter *writer = recorder.writer();
        QMetaObject::invokeMethod(writer, [=] { writer->add(started()); });
        for (int i = 0; i < 1200; ++i) // several batches
            QMetaObject::invokeMethod(writer, [=] { writer->add(turn(i)); });
        QMetaObject::invokeMethod(writer, [=] { writer->add(ended()); });
    } // nothing was waited for: the destructor does
    const auto database = opened(path());
    QCOMPARE(value(database, u"SELECT COUNT(*) FROM turns"_s).toInt(), 1200);
    QCOMPARE(value(database, u"SELECT ended_at_ms FROM calls"_s).toInt(), 9000);
    QCOMPARE(counted(Counter::RecordsWritten) - writtenBefore, 1202);
}

void TestRecorder::waitsForALock_data()
{
    QTest::addColumn<int>("heldMs");
    QTest::addColumn<bool>("retried");
    QTest::newRow("within SQLite's patience") << 800 << false;
    QTest::newRow("longer: tried again") << 6500 << true;
}

void TestRecorder::waitsForALock()
{
    QFETCH(int, heldMs);
    QFETCH(bool, retried);
    const qint64 retriedBefore = counted(Counter::RecordsRetried);
    const qint64 lostBefore = counted(Counter::RecordsLost);
    records::Recorder recorder;
    QCOMPARE(recorder.open(u"sqlite:"_s + path(), u"test"_s), QString());
    const auto other = opened(path()); // a real second connection
    QVERIFY(QSqlQuery(other->handle()).exec(u"BEGIN IMMEDIATE"_s));
    records::RecordWriter *writer = recorder.writer();
    QElapsedTimer timer;
    timer.start();
    QMetaObject::invokeMethod(writer, [=] {
        writer->add(started());
        writer->add(turn(0));
        writer->add(ended());
    });
    QVERIFY2(timer.elapsed() < 500, "whoever tells the recorder must not wait");
    QTest::qWait(heldMs);
    if (retried) // SQLite's patience is longer on a busy host: it counts what it meant to sleep
        QTRY_VERIFY_WITH_TIMEOUT(counted(Counter::RecordsRetried) > retriedBefore, 20'000);
    QCOMPARE(value(other, u"SELECT COUNT(*) FROM calls"_s).toInt(), 0);
    QVERIFY(QSqlQuery(other->handle()).exec(u"COMMIT"_s));
    QTRY_COMPARE_WITH_TIMEOUT(value(other, u"SELECT ended_at_ms FROM calls"_s).toInt(), 9000, 4000);
    QCOMPARE(value(other, u"SELECT COUNT(*) FROM turns"_s).toInt(), 1);
    QCOMPARE(counted(Counter::RecordsRetried) > retriedBefore, retried);
    QCOMPARE(counted(Counter::RecordsLost), lostBefore);
}

// At the moment in which it is given, another connection finds it.
void TestRecorder::aReceiptIsForWhatIsOnDisk()
{
    const auto reader = opened(path());
    records::RecordWriter writer;
    QCOMPARE(writer.open(u"sqlite:"_s + path(), u"test"_s), QString());
    QStringList seen;
    connect(&writer, &records::RecordWriter::recorded, this, [&](quint64 receipt) {
        seen << u"%1: %2"_s.arg(receipt).arg(value(reader, u"SELECT COUNT(*) FROM turns"_s).toInt());
    });
    writer.add(started());
    writer.add(turn(0));
    writer.wantReceipt(1);
    writer.add(turn(1));
    writer.wantReceipt(2);
    QCOMPARE(seen, QStringList());
    QTRY_COMPARE(seen, QStringList{u"2: 2"_s}); // one commit: the last speaks for those before it
    writer.add(turn(2));
    writer.wantReceipt(3);
    QTRY_COMPARE(seen.value(1), u"3: 3"_s);
}

void TestRecorder::aReceiptWaitsAsLongAsTheDatabase()
{
    const qint64 retriedBefore = counted(Counter::RecordsRetried);
    const auto other = opened(path());
    records::Recorder recorder;
    QCOMPARE(recorder.open(u"sqlite:"_s + path(), u"test"_s), QString());
    records::RecordWriter *writer = recorder.writer();
    quint64 receipt = 0;
    connect(writer, &records::RecordWriter::recorded, this, [&](quint64 r) { receipt = r; });
    QVERIFY(QSqlQuery(other->handle()).exec(u"BEGIN IMMEDIATE"_s));
    QMetaObject::invokeMethod(writer, [=] {
        writer->add(started());
        writer->wantReceipt(7);
    });
    QTRY_VERIFY_WITH_TIMEOUT(counted(Counter::RecordsRetried) > retriedBefore, 20'000);
    QMetaObject::invokeMethod(writer, [=] { writer->wantReceipt(8); });
    QTest::qWait(50);
    QCOMPARE(receipt, 0U);
    QVERIFY(QSqlQuery(other->handle()).exec(u"COMMIT"_s));
    QTRY_COMPARE_WITH_TIMEOUT(receipt, 8U, 8000);
    QCOMPARE(value(other, u"SELECT COUNT(*) FROM calls"_s).toInt(), 1);
}

void TestRecorder::receiptsForNothing()
{
    records::RecordWriter writer;
    QCOMPARE(writer.open(u"sqlite:"_s + path(), u"test"_s), QString());
    quint64 receipt = 0;
    connect(&writer, &records::RecordWriter::recorded, this, [&](quint64 r) { receipt = r; });
    writer.wantReceipt(1);
    QCOMPARE(receipt, 1U); // at once
}

// What can't be written is given up, but the others are still to be: not before they are does anybody get a receipt.
void TestRecorder::aReceiptDoesNotVouchForWhatWasLost()
{
    TurnFinished orphan = turn(0);
    orphan.callSid = u"CA9"_s; // of a call that does not exist
    const auto reader = opened(path());
    records::RecordWriter writer;
    QCOMPARE(writer.open(u"sqlite:"_s + path(), u"test"_s), QString());
    QStringList seen;
    connect(&writer, &records::RecordWriter::recorded, this, [&](quint64 receipt) {
        seen << u"%1: %2"_s.arg(receipt).arg(value(reader, u"SELECT COUNT(*) FROM turns"_s).toInt());
    });
    writer.add(started());
    writer.add(turn(1));
    writer.wantReceipt(1);
    writer.add(orphan);
    writer.wantReceipt(2);
    QTRY_COMPARE(seen, QStringList{u"2: 1"_s});
    writer.add(orphan);
    writer.wantReceipt(3);
    QTRY_COMPARE(seen.last(), u"3: 1"_s); // nothing else was to be written
}

void TestRecorder::countsWhatItLoses()
{
    const qint64 lostBefore = counted(Counter::RecordsLost);
    const auto other = opened(path());
    records::RecordWriter writer;
    QCOMPARE(writer.open(u"sqlite:"_s + path(), u"test"_s), QString());
    QVERIFY(QSqlQuery(other->handle()).exec(u"BEGIN IMMEDIATE"_s));
    writer.add(started());
    writer.add(ended());
    CallStarted another = started();
    another.callSid = u"CA2"_s;
    writer.add(another);
    QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"shutting down with 3 facts .*, of CA1 CA2$"_s));
    QVERIFY(!writer.finish()); // 5 s of SQLite's patience, then it is over
    QCOMPARE(counted(Counter::RecordsLost) - lostBefore, 3);
    QVERIFY(writer.finish()); // it was told
}

void TestRecorder::oneImpossibleFactDoesNotTakeTheOthers_data()
{
    QTest::addColumn<bool>("shutdown");
    QTest::newRow("while calls go on") << false;
    QTest::newRow("at shutdown") << true; // the last chance of the good ones
}

void TestRecorder::oneImpossibleFactDoesNotTakeTheOthers()
{
    QFETCH(bool, shutdown);
    const qint64 lostBefore = counted(Counter::RecordsLost);
    TurnFinished orphan = turn(0);
    orphan.callSid = u"CA9"_s; // of a call that does not exist
    records::RecordWriter writer;
    QCOMPARE(writer.open(u"sqlite:"_s + path(), u"test"_s), QString());
    writer.add(started());
    writer.add(orphan);
    writer.add(turn(1));
    writer.add(ended());
    const auto reader = opened(path());
    if (shutdown)
        QVERIFY(writer.finish());
    else
        QTRY_COMPARE_WITH_TIMEOUT(value(reader, u"SELECT ended_at_ms FROM calls"_s).toInt(), 9000, 4000);
    QCOMPARE(value(reader, u"SELECT ended_at_ms FROM calls"_s).toInt(), 9000);
    QCOMPARE(value(reader, u"SELECT COUNT(*) FROM turns"_s).toInt(), 1);
    QCOMPARE(counted(Counter::RecordsLost) - lostBefore, 1);
}

void TestRecorder::tellsWhyItCantOpen()
{
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    records::Recorder recorder;
    QVERIFY(recorder.open(u"sqlite:"_s + path() + u"/sub/takt.db"_s, u"test"_s).contains("can't create the folder"_L1));
    QCOMPARE(recorder.open(u"sqlite:"_s + m_dir->filePath(u"other.db"_s), u"test"_s),
             QString()); // and can still be told another path
}

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
