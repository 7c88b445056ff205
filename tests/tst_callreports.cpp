// SPDX-License-Identifier: GPL-3.0-or-later
// What the carrier tells of calls, on disk: repeated, late and in any order it ends in the same rows.
#include "store/callstore.h"
#include "support/storetest.h"
#include "store/database.h"

#include <QSqlQuery>
#include <QSqlRecord>
#include <QTemporaryDir>
#include <QTest>
#include <QVariant>

#include <numeric>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::CallStore;
using store::Database;
using Write = std::function<QSqlError(CallStore &)>;
using test::opened;
using test::rows;

namespace {

const QString kCalls =
    u"SELECT call_sid, stream_sid, account_sid, business, direction, from_number, to_number, carrier_status, "
    "answered_by, duration_seconds, stream_error, ended_at_ms, end_reason FROM calls ORDER BY call_sid"_s;
const QString kLegs = u"SELECT leg_sid, call_sid, from_number, to_number, status, duration_seconds FROM legs "
                      "ORDER BY leg_sid"_s;
const QString kRecordings =
    u"SELECT recording_sid, call_sid, url, status, duration_seconds, channels, source, error_code, started_at_ms "
    "FROM recordings ORDER BY recording_sid"_s;

CallReport report(const QString &callSid, const QString &status)
{
    CallReport r;
    r.callSid = callSid;
    r.status = status;
    r.atMs = 5000;
    return r;
}

CallReport ringing()
{
    CallReport r = report(u"CA1"_s, u"ringing"_s);
    r.accountSid = u"AC1"_s;
    r.business = u"shop"_s;
    r.direction = u"inbound"_s;
    r.from = u"+15550009999"_s;
    r.to = u"+15550000001"_s;
    return r;
}

CallReport completed(const QString &callSid = u"CA1"_s, int seconds = 42)
{
    CallReport r = report(callSid, u"completed"_s);
    r.durationSeconds = seconds;
    return r;
}

CallReport leg(const QString &status, const QString &callSid = u"CA2"_s, const QString &parent = u"CA1"_s)
{
    CallReport r = report(callSid, status);
    r.parentCallSid = parent;
    r.from = u"+15550000001"_s;
    r.to = u"+15550000007"_s;
    return r;
}

RecordingReport recording(const QString &callSid, const QString &sid, const QString &status)
{
    RecordingReport r;
    r.callSid = callSid;
    r.recordingSid = sid;
    r.status = status;
    r.atMs = 5000;
    return r;
}

RecordingReport completedRecording(const QString &callSid, const QString &sid)
{
    RecordingReport r = recording(callSid, sid, u"completed"_s);
    r.url = u"https://api.example/"_s + sid;
    r.durationSeconds = 40;
    r.channels = 2;
    r.source = u"StartCallRecordingTwiML"_s;
    r.startedAtMs = 4000;
    return r;
}

template <typename T>
Write write(const T &fact)
{
    return [=](CallStore &calls) { return calls.write(fact); };
}

} // namespace

Q_DECLARE_METATYPE(std::vector<Write>)

class TestCallReports : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void anyOrder_data();
    void anyOrder();
    void aStreamAndItsReports_data();
    void aStreamAndItsReports();
    void nothingKnownIsLost();
    void callsThatNeverStreamed_data();
    void callsThatNeverStreamed();
    void recordings();

private:
    QString path() const { return m_dir->filePath(u"takt.db"_s); }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestCallReports::anyOrder_data()
{
    QTest::addColumn<std::vector<Write>>("writes");
    QTest::addColumn<QStringList>("calls");
    QTest::addColumn<QStringList>("legs");
    QTest::addColumn<QStringList>("recordings");
    const QString call = u"CA1||AC1|shop|inbound|+15550009999|+15550000001|completed|%1|42|%2|5000|carrier_completed"_s;
    const QString child = u"CA2|CA1|+15550000001|+15550000007|completed|7"_s;
    CallReport human = report(u"CA1"_s, QString());
    human.answeredBy = u"human"_s;
    StreamReport error;
    error.callSid = u"CA1"_s;
    error.error = u"31920"_s;
    error.atMs = 5000;
    StreamReport nothing = error;
    nothing.error.clear();
    QTest::newRow("one call") << std::vector<Write>{write(ringing()),   write(report(u"CA1"_s, u"in-progress"_s)),
                                                    write(completed()), write(human),
                                                    write(error),       write(nothing)}
                              << QStringList{call.arg(u"human"_s, u"31920"_s)} << QStringList() << QStringList();
    CallReport legDone = leg(u"completed"_s);
    legDone.durationSeconds = 7;
    legDone.from.clear();
    QTest::newRow("with a leg") << std::vector<Write>{write(ringing()),           write(completed()),
                                                      write(leg(u"ringing"_s)),   write(legDone),
                                                      write(leg(u"initiated"_s)), write(completed(u"CA2"_s, 7))}
                                << QStringList{call.arg(QString(), QString())} << QStringList{child} << QStringList();
    QTest::newRow("a leg that did not say so")
        << std::vector<Write>{write(ringing()), write(completed()), write(leg(u"ringing"_s)),
                              write(completed(u"CA2"_s, 7)), write(report(u"CA2"_s, u"in-progress"_s))}
        << QStringList{call.arg(QString(), QString())} << QStringList{child} << QStringList();
    QTest::newRow("a leg's leg") << std::vector<Write>{write(ringing()), write(completed()), write(legDone),
                                                       write(leg(u"ringing"_s)),
                                                       write(leg(u"busy"_s, u"CA3"_s, u"CA2"_s))}
                                 << QStringList{call.arg(QString(), QString())}
                                 << QStringList{child, u"CA3|CA1|+15550000001|+15550000007|busy|null"_s}
                                 << QStringList();
    const QString ours = u"RE1|CA1|https://api.example/RE1|completed|40|2|StartCallRecordingTwiML|0|4000"_s;
    QTest::newRow("with recordings") << std::vector<Write>{write(ringing()),
                                                           write(completed()),
                                                           write(legDone),
                                                           write(recording(u"CA1"_s, u"RE1"_s, u"in-progress"_s)),
                                                           write(completedRecording(u"CA1"_s, u"RE1"_s)),
                                                           write(completedRecording(u"CA2"_s, u"RE2"_s))}
                                     << QStringList{call.arg(QString(), QString())}
                                     << QStringList{u"CA2|CA1||+15550000007|completed|7"_s}
                                     << QStringList{ours, QString(ours).replace(u"RE1"_s, u"RE2"_s)};
}

void TestCallReports::anyOrder()
{
    QFETCH(std::vector<Write>, writes);
    QFETCH(QStringList, calls);
    QFETCH(QStringList, legs);
    QFETCH(QStringList, recordings);
    const auto database = opened(path());
    CallStore store(*database, u"test"_s);
    std::vector<std::size_t> order(writes.size());
    std::iota(order.begin(), order.end(), 0);
    do { // each rolled back
        store::Transaction transaction(*database);
        QString told;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const QSqlError failed = writes[order[i]](store);
            QVERIFY2(!failed.isValid(), qPrintable(failed.text()));
            told += QString::number(order[i]) + u' ';
            if (i == 2) // one of them comes again at once, another late
                QVERIFY(!writes[order[i]](store).isValid());
        }
        QVERIFY(!writes[order[1]](store).isValid());
        const auto compare = [&](const QString &sql, const QStringList &expected) {
            const QStringList actual = rows(database, sql);
            return actual == expected ? QString() : told + actual.join(u'\n');
        };
        QCOMPARE(compare(kCalls, calls), QString());
        QCOMPARE(compare(kLegs, legs), QString());
        QCOMPARE(compare(kRecordings, recordings), QString());
    } while (std::next_permutation(order.begin(), order.end()));
}

// The live call writes its own end; what the carrier says comes before, between or after.
void TestCallReports::aStreamAndItsReports_data()
{
    QTest::addColumn<QString>("order"); // S: the stream starts, E: ends, R: rings, C: completed
    for (const char *order : {"RSEC", "RSCE", "RCSE", "CRSE", "SREC", "SRCE", "SCRE", "SERC", "SECR", "CSRE", "CSER"})
        QTest::newRow(order) << QString::fromLatin1(order);
}

void TestCallReports::aStreamAndItsReports()
{
    QFETCH(QString, order);
    const auto database = opened(path());
    CallStore calls(*database, u"test"_s);
    CallStarted started;
    started.callSid = u"CA1"_s;
    started.streamSid = u"MZ1"_s;
    CallEnded ended;
    ended.callSid = u"CA1"_s;
    ended.streamSid = u"MZ1"_s;
    ended.reason = EndReason::AgentHangup;
    ended.atMs = 9000;
    bool streams = false;
    for (const QChar fact : order) {
        const QSqlError error = fact == u'S'   ? calls.write(started)
                                : fact == u'E' ? calls.write(ended)
                                : fact == u'R' ? calls.write(ringing())
                                               : calls.write(completed());
        QVERIFY2(!error.isValid(), qPrintable(error.text()));
        streams = fact == u'S' || (streams && fact != u'E');
        if (streams) // whatever the carrier says: its stream is on
            QCOMPARE(rows(database, u"SELECT ended_at_ms FROM calls"_s), QStringList{u"null"_s});
    }
    QCOMPARE(rows(database, kCalls), QStringList{u"CA1|MZ1|AC1|shop|inbound|+15550009999|+15550000001|completed||42||"
                                                 "9000|agent_hangup"_s});
}

void TestCallReports::nothingKnownIsLost()
{
    const auto database = opened(path());
    CallStore calls(*database, u"test"_s);
    CallReport known = ringing();
    known.answeredBy = u"human"_s;
    known.status = u"in-progress"_s;
    known.durationSeconds = 5;
    QVERIFY(!calls.write(known).isValid());
    const QStringList before = rows(database, kCalls);
    CallReport empty;
    empty.callSid = u"CA1"_s;
    for (const QString &status : {QString(), u""_s, u"ringing"_s, u"queued"_s, u"nonsense"_s, u"answered"_s}) {
        empty.status = status;
        QVERIFY(!calls.write(empty).isValid());
        QCOMPARE(rows(database, kCalls), before);
    }
    CallStarted started; // of a stream that knows less
    started.callSid = u"CA1"_s;
    started.streamSid = u"MZ1"_s;
    QVERIFY(!calls.write(started).isValid());
    QCOMPARE(rows(database, kCalls).at(0), QString(before.at(0)).replace(u"CA1||"_s, u"CA1|MZ1|"_s));
}

void TestCallReports::callsThatNeverStreamed_data()
{
    QTest::addColumn<QString>("status");
    QTest::addColumn<QString>("end"); // empty: goes on
    QTest::newRow("completed") << u"completed"_s << u"carrier_completed"_s;
    QTest::newRow("busy") << u"busy"_s << u"carrier_busy"_s;
    QTest::newRow("failed") << u"failed"_s << u"carrier_failed"_s;
    QTest::newRow("no-answer") << u"no-answer"_s << u"carrier_no_answer"_s;
    QTest::newRow("canceled") << u"canceled"_s << u"carrier_canceled"_s;
    QTest::newRow("in-progress") << u"in-progress"_s << QString();
    QTest::newRow("nonsense") << u"nonsense"_s << QString();
}

void TestCallReports::callsThatNeverStreamed()
{
    QFETCH(QString, status);
    QFETCH(QString, end);
    const auto database = opened(path());
    CallStore calls(*database, u"test"_s);
    QVERIFY(!calls.write(ringing()).isValid());
    CallReport r = report(u"CA1"_s, status);
    r.atMs = 7000;
    QVERIFY(!calls.write(r).isValid());
    r.atMs = 8000; // again: it ended when it was first told
    QVERIFY(!calls.write(r).isValid());
    QCOMPARE(rows(database, u"SELECT started_at_ms, ended_at_ms, end_reason FROM calls"_s),
             QStringList{end.isEmpty() ? u"5000|null|null"_s : u"5000|7000|"_s + end});
}

void TestCallReports::recordings()
{
    const auto database = opened(path());
    CallStore calls(*database, u"test"_s);
    RecordingReport absent = recording(u"CA1"_s, QString(), u"absent"_s);
    absent.errorCode = 16012;
    QVERIFY(!calls.write(absent).isValid());
    QVERIFY(!calls.write(completedRecording(u"CA1"_s, u"RE1"_s)).isValid());
    QVERIFY(!calls.write(recording(u"CA1"_s, u"RE1"_s, u"absent"_s)).isValid()); // says less, and comes later
    QVERIFY(!calls.write(recording(u"CA1"_s, u"RE1"_s, QString())).isValid());
    QCOMPARE(rows(database, kRecordings),
             (QStringList{u"CA1|CA1||absent|null|null||16012|null"_s,
                          u"RE1|CA1|https://api.example/RE1|completed|40|2|StartCallRecordingTwiML|0|4000"_s}));
    QCOMPARE(rows(database, u"SELECT call_sid, ended_at_ms FROM calls"_s), QStringList{u"CA1|null"_s});
}

QTEST_GUILESS_MAIN(TestCallReports)
#include "tst_callreports.moc"
