// SPDX-License-Identifier: GPL-3.0-or-later
// The log: what of a flood is shown, and that nobody waits for it, the beat least of all. Lines go through a real pipe.
#include "media/beatthread.h"
#include "media/txworker.h"
#include "store/job.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QScopeGuard>
#include <QTemporaryFile>
#include <QTest>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

using namespace takt;
using namespace takt::telemetry;
using namespace Qt::Literals::StringLiterals;

namespace {

std::atomic<int> wallClockStepS{0};

} // namespace

// In the place of the C library's: a clock that somebody sets.
extern "C" int gettimeofday(timeval *now, void *) noexcept
{
    timespec is{};
    ::clock_gettime(CLOCK_REALTIME, &is);
    *now = {is.tv_sec + wallClockStepS, is.tv_nsec / 1000};
    return 0;
}

namespace {

// What is written to it can be read, or nobody reads and it is soon full.
struct Pipe {
    Pipe()
    {
        if (::pipe(ends.data()) != 0)
            qFatal("no pipe");
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    ~Pipe()
    {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    // Until it takes no more; how much that was.
    qsizetype fill()
    {
        const int flags = ::fcntl(ends[1], F_GETFL);
        ::fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
        qsizetype all = 0;
        for (std::size_t piece : {std::size_t(4096), std::size_t(1)}) {
            const QByteArray bytes(qsizetype(piece), '.');
            while (::write(ends[1], bytes.constData(), piece) > 0)
                all += qsizetype(piece);
        }
        ::fcntl(ends[1], F_SETFL, flags);
        return all;
    }
    void drain()
    {
        std::array<char, 65536> piece;
        while (true) {
            const ssize_t n = ::read(ends[0], piece.data(), piece.size());
            if (n <= 0)
                break;
            text.append(piece.data(), n);
        }
    }
    [[nodiscard]] QList<QByteArray> lines()
    {
        drain();
        QList<QByteArray> all = text.split('\n');
        all.removeLast(); // behind the last newline
        return all;
    }
    std::array<int, 2> ends{};
    QByteArray text;
};

// Always has a frame to send, and has much to say of it.
class TalkativeLane final : public media::TxLane
{
public:
    static constexpr int kLinesASlot = 20;

    media::Pacer::Outcome onSlot(qint64 nowNs, qint64) override
    {
        if (flooding) {
            for (int i = 0; i < kLinesASlot; ++i)
                qCWarning(lcTx) << "slot" << frames << "line" << i;
        }
        frames.fetch_add(1, std::memory_order_relaxed);
        return {true, nowNs};
    }
    std::atomic<int> frames{0};
    std::atomic<bool> flooding{false};
};

} // namespace

class TestLog : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theJournal()
    {
        Pipe pipe;
        struct stat is = {};
        QCOMPARE(::fstat(pipe.ends[1], &is), 0);
        const QByteArray named = QByteArray::number(quint64(is.st_dev)) + ':' + QByteArray::number(quint64(is.st_ino));
        QCOMPARE(formatFor(false, pipe.ends[1], named), LogFormat::Journal);
        QCOMPARE(formatFor(false, pipe.ends[1], "1:2"), LogFormat::Text); // inherited, and redirected since
        QCOMPARE(formatFor(false, pipe.ends[1], {}), LogFormat::Text);
        QCOMPARE(formatFor(true, pipe.ends[1], named), LogFormat::JournalJson);
        QCOMPARE(formatFor(true, pipe.ends[1], "1:2"), LogFormat::Json);
    }

    void throughThePipe()
    {
        Pipe pipe;
        {
            const AsyncLog log(LogFormat::Text, pipe.ends[1]);
            for (int i = 0; i < 100; ++i)
                qCWarning(lcCarrier) << "the same place" << i;
            for (int i = 0; i < 3; ++i)
                qCInfo(lcCall).noquote() << u"call %1 ended"_s.arg(i); // each of its own text
            for (int i = 0; i < 50; ++i)
                qCInfo(lcCall) << "the same text";
        }
        const QList<QByteArray> lines = pipe.lines();
        QCOMPARE(lines.size(), 7);
        QVERIFY(lines[0].endsWith("warn takt.carrier: the same place 0"));
        QVERIFY(lines[1].endsWith("info takt.call: call 0 ended"));
        QVERIFY(lines[3].endsWith("info takt.call: call 2 ended"));
        QVERIFY(pipe.text.contains("the same place 99 (and 98 like it)\n"));
        QVERIFY(pipe.text.contains("the same text (and 48 like it)\n"));
    }

    // What happens to many calls or jobs at once is told of each; a flood from one of them, or from strangers, is not.
    void whomItIsAbout()
    {
        constexpr int kCalls = 50;
        Pipe pipe;
        {
            const AsyncLog log(LogFormat::Text, pipe.ends[1]);
            for (int repeat = 0; repeat < 3; ++repeat) {
                for (int i = 0; i < kCalls; ++i)
                    qCWarning(lcTx).noquote() << u"CA%1"_s.arg(i) << "TX_STALL:" << i + repeat << "ms";
            }
            for (const auto stage : {Stage::Transcribe, Stage::Summarize, Stage::Webhook}) {
                store::Job job;
                job.callSid = u"CA1"_s;
                job.stage = stage;
                qCWarning(lcJobs).noquote() << job.label() << "failed for good";
            }
            for (int i = 0; i < 100; ++i)
                qCWarning(lcGateway).noquote() << "refused a request from" << i;
        }
        pipe.drain();
        for (int i = 0; i < kCalls; ++i) {
            const QByteArray said = QStringLiteral("CA%1 TX_STALL: %2 ms\n").arg(i).arg(i).toUtf8();
            const QByteArray more = QStringLiteral("CA%1 TX_STALL: %2 ms (and 1 like it)\n").arg(i).arg(i + 2).toUtf8();
            QVERIFY2(pipe.text.contains(said) && pipe.text.contains(more), said.constData());
        }
        for (const char *job : {"CA1/transcribe", "CA1/summarize", "CA1/webhook.deliver"})
            QVERIFY2(pipe.text.contains(job), job);
        QCOMPARE(pipe.text.count("refused a request"), 2);
        QVERIFY(pipe.text.contains("from 99 (and 98 like it)\n"));
    }

    // Somebody sets the clock back: that hides nothing that repeats.
    void theClockIsSetBack()
    {
        Pipe pipe;
        const auto restore = qScopeGuard([] { wallClockStepS = 0; });
        const AsyncLog log(LogFormat::Text, pipe.ends[1]);
        const auto say = [] { qCInfo(lcCall) << "again"; };
        say();
        QTRY_COMPARE(pipe.lines().size(), 1);
        const QString before = QDateTime::currentDateTimeUtc().toString(Qt::ISODate);
        wallClockStepS = -3600;
        QVERIFY(QDateTime::currentDateTimeUtc().toString(Qt::ISODate) < before); // it is this clock that Qt reads
        say();
        QTRY_COMPARE(pipe.lines().size(), 2);
    }

    // The reader stands still for good: the end comes nevertheless, and what was not written is counted.
    void theEndWithoutAReader()
    {
        Pipe pipe;
        const qsizetype room = pipe.fill();
        const qint64 droppedBefore = counted(Counter::LogDropped);
        {
            const AsyncLog log(LogFormat::Text, pipe.ends[1]);
            for (int i = 0; i < 100; ++i)
                qCInfo(lcCall) << "line" << i;
        } // does not hang
        QCOMPARE(counted(Counter::LogDropped), droppedBefore + 100);
        // The thread that was left behind still holds a line in its hands: once that has gone it ends, and says no more.
        QTRY_VERIFY(pipe.lines().size() > 0);
        QVERIFY(pipe.text.mid(room).contains("takt.call: line 0"));
        QCOMPARE(counted(Counter::LogDropped), droppedBefore + 100);
        QCOMPARE(pipe.lines().size(), 1);
    }

    // A full disk: what it refuses is counted, and told once it takes lines again.
    void aDiskThatIsFull()
    {
        Pipe pipe;
        const int sink = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
        QVERIFY(sink >= 0);
        const qint64 droppedBefore = counted(Counter::LogDropped);
        {
            const AsyncLog log(LogFormat::Text, sink);
            for (int i = 0; i < 5; ++i)
                qCInfo(lcCall) << "lost" << i;
            QTRY_COMPARE(counted(Counter::LogDropped), droppedBefore + 5);
            QVERIFY(::dup2(pipe.ends[1], sink) == sink); // now there is room
            qCInfo(lcCall) << "kept";
        }
        ::close(sink);
        const QList<QByteArray> lines = pipe.lines();
        QCOMPARE(lines.size(), 2);
        QVERIFY(pipe.text.contains("info takt.call: kept\n"));
        QVERIFY(pipe.text.contains("warn takt.log: 5 lines dropped: "));
        QCOMPARE(counted(Counter::LogDropped), droppedBefore + 5); // telling of it, or not being able to, is no loss
    }
    // A reader that has gone (EPIPE), and then a line of which only a piece finds room: it counts as lost, and the next one
    // is whole.
    void aReaderThatHasGoneAndATornLine()
    {
        constexpr rlim_t kRoom = 40; // less than a line
        Pipe pipe;
        QTemporaryFile file;
        QVERIFY(file.open());
        const int sink = ::dup(pipe.ends[1]);
        ::close(std::exchange(pipe.ends[0], -1));
        ::close(std::exchange(pipe.ends[1], -1));
        const auto formerPipe = std::signal(SIGPIPE, SIG_IGN);
        const auto formerSize = std::signal(SIGXFSZ, SIG_IGN);
        rlimit former{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &former), 0);
        const auto limitTo = [&](rlim_t most) {
            const rlimit limit{most, former.rlim_max};
            return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
        };
        const auto restore = qScopeGuard([&] {
            limitTo(former.rlim_cur);
            std::signal(SIGPIPE, formerPipe);
            std::signal(SIGXFSZ, formerSize);
        });
        const qint64 droppedBefore = counted(Counter::LogDropped);
        {
            const AsyncLog log(LogFormat::Text, sink);
            qCInfo(lcCall) << "nobody reads";
            QTRY_COMPARE(counted(Counter::LogDropped), droppedBefore + 1);
            QVERIFY(limitTo(kRoom));
            QVERIFY(::dup2(file.handle(), sink) == sink);
            qCInfo(lcCall) << "torn" << QString(kRoom, u'x');
            QTRY_COMPARE(counted(Counter::LogDropped), droppedBefore + 2);
            QVERIFY(limitTo(former.rlim_cur));
            qCInfo(lcCall) << "whole";
        }
        ::close(sink);
        QFile written(file.fileName());
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QByteArray text = written.readAll();
        const QList<QByteArray> lines = text.split('\n');
        QCOMPARE(lines.size(), 4); // nothing behind the last newline
        QCOMPARE(lines[0].size(), qsizetype(kRoom));
        QVERIFY(lines[1].endsWith("info takt.call: whole") || lines[2].endsWith("info takt.call: whole"));
        QVERIFY(text.contains("Z warn takt.log: 2 lines dropped: "));
    }

    void quietDuringCalls()
    {
        Pipe pipe;
        {
            const AsyncLog log(LogFormat::Text, pipe.ends[1]);
            AsyncLog::setQuiet(true);
            qCInfo(lcTx) << "hot";
            qCInfo(lcCall) << "once a call";
            qCWarning(lcTx) << "a warning";
            AsyncLog::setQuiet(false);
            qCInfo(lcTx) << "calm";
        }
        QVERIFY(!pipe.lines().isEmpty());
        QVERIFY(!pipe.text.contains("hot"));
        QVERIFY(pipe.text.contains("once a call") && pipe.text.contains("a warning") && pipe.text.contains("calm"));
    }

    // For two seconds the log's end takes nothing at all, and every thread floods it, the beat's and the call worker's as
    // well: nobody waits for it, each lane has its frames in these two seconds, and what is lost is counted to the line.
    void aFlood()
    {
        constexpr int kStandsStillMs = 2000;
        Pipe pipe;
        const qsizetype room = pipe.fill();
        media::BeatThread tx(u"tx-0"_s);
        media::BeatThread calls(u"calls"_s);
        std::array<TalkativeLane, 3> lanes;
        std::array<int, 3> sent{};
        std::unique_ptr<media::TxWorker> worker;
        const qint64 droppedBefore = counted(Counter::LogDropped);
        {
            const AsyncLog log(LogFormat::Json, pipe.ends[1]);
            tx.run([&] {
                worker = std::make_unique<media::TxWorker>(tx.dispatcher(), media::Pacer::Config(), nullptr);
                for (TalkativeLane &lane : lanes)
                    worker->add(&lane);
            });
            for (TalkativeLane &lane : lanes)
                QTRY_VERIFY(lane.frames > 0);
            std::atomic<bool> flooding{true};
            std::array<std::atomic<int>, 3> said{};
            const auto flood = [&](std::size_t who) {
                while (flooding) {
                    qCInfo(lcCall) << "thread" << who << "line" << ++said[who];
                    std::this_thread::yield();
                }
            };
            std::thread one(flood, 0), two(flood, 1);
            calls.post([&] { flood(2); });
            QElapsedTimer clock;
            clock.start();
            for (std::size_t i = 0; i < lanes.size(); ++i) {
                sent[i] = lanes[i].frames;
                lanes[i].flooding = true;
            }
            QTest::qWait(kStandsStillMs);
            for (std::size_t i = 0; i < lanes.size(); ++i) {
                sent[i] = lanes[i].frames - sent[i];
                lanes[i].flooding = false;
            }
            const qint64 slots = clock.elapsed() / media::kFrameMs;
            int unread = 0;
            const bool stoodStill = ::ioctl(pipe.ends[0], FIONREAD, &unread) == 0 && unread == room;
            flooding = false;
            std::atomic<bool> all{false};
            std::thread reader([&] { // whoever did wait for one, and should not have, comes free
                while (!all) {
                    pipe.drain();
                    std::this_thread::yield();
                }
            });
            one.join();
            two.join();
            calls.run([] {});
            tx.run([&] { worker.reset(); });
            all = true;
            reader.join();
            QVERIFY(stoodStill);
            for (const std::atomic<int> &lines : said)
                QVERIFY(lines > 0);
            for (std::size_t i = 0; i < lanes.size(); ++i) {
                // A busy host takes many a slot; whoever waits for the log has those of the first moment, a handful.
                QVERIFY2(sent[i] > slots / 5,
                         qPrintable(u"lane %1 sent %2 frames in %3 slots"_s.arg(i).arg(sent[i]).arg(slots)));
            }
            QVERIFY(counted(Counter::LogDropped) > droppedBefore);
            // Somebody reads again, all of it.
            QTRY_VERIFY([&] {
                qCInfo(lcCall) << "the end";
                const qsizetype before = pipe.text.size();
                pipe.drain();
                return pipe.text.contains("the end") && pipe.text.size() == before;
            }());
        }
        pipe.drain();
        qint64 told = 0;
        for (const QByteArray &text : pipe.text.mid(room).split('\n')) {
            if (text.isEmpty())
                continue; // behind the last newline
            const QJsonObject object = QJsonDocument::fromJson(text).object();
            QVERIFY2(!object.isEmpty(), text.constData()); // every line is whole
            const QString message = object[u"message"_s].toString();
            if (object[u"category"_s].toString() == "takt.log"_L1)
                told += message.section(u' ', 0, 0).toLongLong();
        }
        QCOMPARE(told, counted(Counter::LogDropped) - droppedBefore);
    }
};

QTEST_GUILESS_MAIN(TestLog)
#include "tst_log.moc"
