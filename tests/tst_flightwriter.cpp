// SPDX-License-Identifier: GPL-3.0-or-later
// Flight records on the disk: which stalls get one, who may read them, what goes when there is no more room, what is found
// after a restart, what a crash leaves of many calls.
#include "flight/crash.h"
#include "flight/writer.h"
#include "media/beatthread.h"
#include "telemetry/counters.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <functional>
#include <pthread.h>
#include <sys/wait.h>
#include <thread>
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

constexpr int kCalls = 1500;

// How a process with so many calls ends that crashes that way.
int crash(const QTemporaryDir &dir, const std::function<void()> &how)
{
    const pid_t child = fork();
    if (child == 0) {
        for (const int number : {SIGABRT, SIGBUS, SIGSEGV})
            std::signal(number, SIG_DFL); // not the test's own
        alarm(60);                        // who waits for ever fails
        std::vector<media::FlightLogPtr> logs;
        for (int i = 0; i < kCalls; ++i) { // of the last call two
            const QByteArray sid = "CA" + QByteArray::number(std::min(i, kCalls - 2));
            logs.push_back(media::takeFlightLog(sid, "MZ1", 0, 0));
        }
        const flight::CrashGuard guard(dir.path(), {});
        how();
        _exit(0);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child ? status : 0;
}

QStringList crashes(const QTemporaryDir &dir)
{
    return QDir(dir.path()).entryList({u"*-crash.ndjson"_s}, QDir::Files);
}

// Without a rest: the other thread is quick.
void awaitRecord(const QTemporaryDir &dir)
{
    while (crashes(dir).isEmpty())
        std::this_thread::yield();
}

int wholeRecords(const QTemporaryDir &dir)
{
    int whole = 0;
    const QStringList names = crashes(dir);
    for (const QString &name : names) {
        QFile file(dir.filePath(name));
        if (file.open(QIODevice::ReadOnly) && FlightRecord::fromNdjson(file.readAll()))
            ++whole;
    }
    return whole;
}

int useUpTheStack(int depth)
{
    std::array<volatile char, 4096> room{};
    room[std::size_t(depth) % room.size()] = 1;
    return depth > 0 ? useUpTheStack(depth + 1) + room[0] : 0;
}

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

    // A host that stands still with many calls, again and again: neither the list nor the disk forgets what has a record.
    void stallsWithoutARecordPushNoneOut()
    {
        Rig rig;
        const auto asked = call("CA0");
        QVERIFY(rig.writer.freeze(asked));
        const qint64 deleted = counted(Counter::FlightsDeleted);
        constexpr int kFreezes = 6;
        for (int freeze = 1; freeze <= kFreezes; ++freeze) {
            QTest::qWait(2); // names begin with milliseconds
            for (int i = 0; i < 300; ++i)
                rig.writer.onStall(stall(call("CB" + QByteArray::number(i)), freeze * 20 * kSecond));
        }
        constexpr int kRecords = 1 + kFreezes * flight::Writer::kMostWithin;
        QCOMPARE(rig.files().size(), kRecords);
        QCOMPARE(counted(Counter::FlightsDeleted), deleted);
        QVERIFY(rig.writer.read(u"CA0"_s));
        const auto entries = rig.entries();
        const auto named = std::count_if(entries.begin(), entries.end(),
                                         [](const FlightEntry &entry) { return !entry.name.isEmpty(); });
        QCOMPARE(named, kRecords);
        QCOMPARE(entries.last().callSid, u"CA0"_s);
        // Of the others the latest ones, in their place: behind the records of their freeze.
        QCOMPARE(entries.size(), kRecords + flight::Writer::kShown);
        QCOMPARE(entries.first().callSid, u"CB299"_s);
        QVERIFY(!entries[flight::Writer::kShown].name.isEmpty());
    }

    // However many there are: room is counted in bytes.
    void noRecordGoesForTheirNumber()
    {
        constexpr int kRecords = 1100;
        Rig rig;
        for (int i = 0; i < kRecords; ++i)
            QVERIFY(rig.writer.freeze(call("CA" + QByteArray::number(i))));
        QCOMPARE(rig.files().size(), kRecords);
        QVERIFY(rig.writer.read(u"CA0"_s));
        QCOMPARE(rig.entries().size(), qsizetype(flight::Writer::kShown));
        QCOMPARE(rig.entries().first().callSid, u"CA%1"_s.arg(kRecords - 1));
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

    // However many there are: this host may carry more than a thousand. And each of two streams of one call.
    void aCrashLeavesARecordOfEachCall()
    {
        const QTemporaryDir dir;
        const int status = crash(dir, [] { std::raise(SIGABRT); });
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGABRT);
        QCOMPARE(wholeRecords(dir), kCalls);
    }

    // A heap that is broken makes many threads crash: the records of the first one come to their end.
    void anotherThreadThatCrashesWaits()
    {
        const QTemporaryDir dir;
        const int status = crash(dir, [&dir] {
            const std::thread other([&dir] {
                awaitRecord(dir);
                std::raise(SIGBUS);
            });
            std::raise(SIGABRT);
        });
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGABRT);
        QCOMPARE(wholeRecords(dir), kCalls);
    }

    // What broke the process may break the writing as well: that is the end, and nobody waits for it.
    void aCrashInTheMidstOfItIsTheEnd()
    {
        const QTemporaryDir dir;
        const int status = crash(dir, [] {
            // When the writer has worked for a moment: far from the end, however busy the machine.
            sigevent event{};
            event.sigev_notify = SIGEV_SIGNAL;
            event.sigev_signo = SIGBUS;
            timer_t timer = nullptr;
            const itimerspec soon{{}, {0, 3'000'000}};
            if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0
                && timer_settime(timer, 0, &soon, nullptr) == 0)
                std::raise(SIGABRT);
        });
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGBUS);
        QVERIFY(wholeRecords(dir) < kCalls);
    }

    // A media thread that has used up its stack has another one to say so.
    void aStackThatRanOutLeavesRecords()
    {
        const QTemporaryDir dir;
        const int status = crash(dir, [] {
            media::BeatThread thread(u"beat"_s);
            thread.run([] { QVERIFY(useUpTheStack(1) > 0); });
        });
        QVERIFY(status != 0);
        QCOMPARE(wholeRecords(dir), kCalls);
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
