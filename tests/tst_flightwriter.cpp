// SPDX-License-Identifier: GPL-3.0-or-later
// Flight records on the disk: which stalls get one, who may read them, what goes when there is no more room, what is found
// after a restart, what a crash leaves of many calls.
#include "flight/crash.h"
#include "flight/writer.h"
#include "telemetry/counters.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using telemetry::Counter;
using telemetry::counted;

namespace {

constexpr qint64 kSecond = 1'000'000'000;
constexpr qint64 kPlenty = 10'000'000;

media::CallMediaPtr call(const QByteArray &sid)
{
    auto media = std::make_shared<media::CallMedia>(50, media::takeFlightLog(sid, "MZ1", 0, 0));
    media->flight->tx.note<FlightKind::Sent>(kSecond, 100, 3);
    return media;
}

media::StallTold stall(const media::CallMediaPtr &media, qint64 atNs)
{
    return {media, 200'000'000, StallCause::SocketFull, atNs};
}

struct Rig {
    explicit Rig(qint64 keepBytes = kPlenty)
        : writer(dir.path(), keepBytes, {})
    {
        writer.open();
    }
    [[nodiscard]] QStringList files() const { return QDir(dir.path()).entryList(QDir::Files, QDir::Name); }
    // Latest first; an empty name where nothing was kept.
    [[nodiscard]] QList<FlightEntry> entries() const
    {
        const auto rows = writer.rows();
        QMap<qint64, FlightEntry> byNumber;
        for (auto it = rows.cbegin(); it != rows.cend(); ++it)
            byNumber.insert(-it.key().toLongLong(), FlightEntry::fromJson(it.value()));
        return byNumber.values();
    }

    QTemporaryDir dir;
    flight::Writer writer;
};

} // namespace

class TestFlightWriter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aStallIsKeptForTheOwnerAlone()
    {
        Rig rig;
        rig.writer.onStall(stall(call("CA1"), 2 * kSecond));
        QCOMPARE(rig.files().size(), 1);
        const QString path = rig.dir.filePath(rig.files().first());
        constexpr auto kOthers = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY(!(QFile::permissions(path) & kOthers));
        const FlightEntry entry = rig.entries().first();
        QCOMPARE(path, rig.dir.filePath(entry.name + u".ndjson"_s));
        QCOMPARE(entry.callSid, u"CA1"_s);
        QCOMPARE(entry.cause, u"socket full"_s);
        QCOMPARE(entry.durationMs, qint64(200));
        // Found by its name and by its call.
        for (const QString &name : {entry.name, u"CA1"_s}) {
            const auto read = rig.writer.read(name);
            QVERIFY(read);
            const auto record = FlightRecord::fromNdjson((*read)["ndjson"_L1].toString().toUtf8());
            QVERIFY(record);
            QCOMPARE(record->events.size(), 1);
            QCOMPARE(record->about.reason, u"stall"_s);
        }
    }

    void nobodyNamesAFileElsewhere()
    {
        Rig rig;
        QFile other(rig.dir.filePath(u"other.ndjson"_s));
        QVERIFY(other.open(QIODevice::WriteOnly));
        for (const QString &name : {u"other"_s, u"../passwd"_s, u""_s, u"/etc/passwd"_s})
            QVERIFY(!rig.writer.read(name));
    }

    // One record a call within ten seconds, and ten of all of them; each stall is in the list all the same.
    void stallsInARowShareARecord()
    {
        Rig rig;
        const qint64 skipped = counted(Counter::FlightsSkipped);
        const auto first = call("CA1");
        rig.writer.onStall(stall(first, 1 * kSecond));
        rig.writer.onStall(stall(first, 5 * kSecond));
        QCOMPARE(rig.files().size(), 1);
        QCOMPARE(rig.entries().size(), 2);
        QVERIFY(rig.entries().first().name.isEmpty());
        QTest::qWait(2); // names begin with milliseconds
        rig.writer.onStall(stall(first, 12 * kSecond));
        QCOMPARE(rig.files().size(), 2);
        for (int i = 0; i < 30; ++i)
            rig.writer.onStall(stall(call("CB" + QByteArray::number(i)), 13 * kSecond));
        QCOMPARE(rig.files().size(), 1 + flight::Writer::kMostWithin);
        QCOMPARE(rig.entries().size(), 33);
        QCOMPARE(counted(Counter::FlightsSkipped) - skipped, qint64(1 + 21));
    }

    void theOldestGo()
    {
        qint64 size = 0;
        {
            Rig one;
            one.writer.onStall(stall(call("CA0"), 0));
            size = QFileInfo(one.dir.filePath(one.files().first())).size();
        }
        Rig rig(3 * size + size / 2);
        const qint64 deleted = counted(Counter::FlightsDeleted);
        for (int i = 1; i <= 5; ++i) {
            rig.writer.onStall(stall(call("CA" + QByteArray::number(i)), i * 20 * kSecond));
            QTest::qWait(2); // names begin with milliseconds
        }
        QCOMPARE(rig.files().size(), 3);
        QCOMPARE(counted(Counter::FlightsDeleted) - deleted, qint64(2));
        QCOMPARE(rig.entries().last().callSid, u"CA3"_s);
        QVERIFY(!rig.writer.read(u"CA1"_s));

        // Another gateway finds them; what was half written by a dead one goes.
        QFile half(rig.dir.filePath(u"1-CA9-stall.part"_s));
        QVERIFY(half.open(QIODevice::WriteOnly));
        flight::Writer next(rig.dir.path(), 2 * size + size / 2, {});
        next.open();
        QCOMPARE(rig.files().size(), 2);
        QVERIFY(next.read(u"CA5"_s));
        QCOMPARE(next.rows().size(), 2);
    }

    // On demand the answer carries the record, whether it is kept or not.
    void withoutRoomNoneIsKept()
    {
        Rig rig(0);
        const auto media = call("CA1");
        rig.writer.onStall(stall(media, kSecond));
        const auto frozen = rig.writer.freeze(media);
        QVERIFY(rig.files().isEmpty());
        QCOMPARE(rig.entries().size(), 1);
        QVERIFY(frozen);
        const auto record = FlightRecord::fromNdjson((*frozen)["ndjson"_L1].toString().toUtf8());
        QVERIFY(record);
        QCOMPARE(record->about.reason, u"asked"_s);
        QVERIFY((*frozen)["flight"_L1].toString().isEmpty());
    }

    // However many there are: this host may carry more than a thousand.
    void aCrashLeavesARecordOfEachCall()
    {
        constexpr int kCalls = 1500;
        const QTemporaryDir dir;
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGABRT, SIG_DFL); // not the test's own
            std::vector<media::FlightLogPtr> logs;
            for (int i = 0; i < kCalls; ++i)
                logs.push_back(media::takeFlightLog(QByteArray("CA" + QByteArray::number(i)), "MZ1", 0, 0));
            const flight::CrashGuard guard(dir.path(), {});
            std::raise(SIGABRT);
            _exit(0);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGABRT);
        QCOMPARE(QDir(dir.path()).entryList({u"*-crash.ndjson"_s}, QDir::Files).size(), kCalls);
    }

    void aDiskThatWouldNotIsCounted()
    {
        QTemporaryDir dir;
        flight::Writer writer(dir.filePath(u"there/is/none"_s), kPlenty, {});
        writer.open();
        const qint64 failed = counted(Counter::FlightsFailed);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"could not be kept"_s));
        writer.onStall(stall(call("CA1"), kSecond));
        QCOMPARE(counted(Counter::FlightsFailed) - failed, qint64(1));
        QCOMPARE(writer.rows().size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestFlightWriter)
#include "tst_flightwriter.moc"
