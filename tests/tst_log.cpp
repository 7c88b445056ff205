// SPDX-License-Identifier: GPL-3.0-or-later
// The log: how a line looks, what of a flood is shown, and that nobody waits for it, the beat least of all. Lines go
// through a real pipe; what repeats is judged on a simulated clock.
#include "media/beatthread.h"
#include "media/txworker.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"
#include "telemetry/logsampler.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <array>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace takt;
using namespace takt::telemetry;
using namespace Qt::Literals::StringLiterals;

namespace {

LogLine line(const QString &text, quint64 sameAs = 0, QtMsgType type = QtWarningMsg)
{
    return {1'700'000'000'123, type, u"takt.test"_s, text, sameAs};
}

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

// Always has a frame to send.
class CountingLane final : public media::TxLane
{
public:
    media::Pacer::Outcome onSlot(qint64 nowNs, qint64) override
    {
        frames.fetch_add(1, std::memory_order_relaxed);
        return {true, nowNs};
    }
    std::atomic<int> frames{0};
};

} // namespace

class TestLog : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void formats()
    {
        QCOMPARE(formatted(line(u"a שלום"_s), LogFormat::Text),
                 QByteArray("2023-11-14T22:13:20.123Z warn takt.test: a שלום\n"));
        QCOMPARE(formatted(line(u"a"_s), LogFormat::Text, 3),
                 QByteArray("2023-11-14T22:13:20.123Z warn takt.test: a (and 3 like it)\n"));
        QCOMPARE(formatted(line(u"a"_s), LogFormat::Journal), QByteArray("<4>takt.test: a\n"));
        QCOMPARE(formatted(line(u"a"_s, 0, QtInfoMsg), LogFormat::Journal, 1),
                 QByteArray("<6>takt.test: a (and 1 like it)\n"));
        const QByteArray json = formatted(line(u"\"a\"\nb"_s, 0, QtCriticalMsg), LogFormat::Json, 2);
        QCOMPARE(json.count('\n'), 1);
        const QJsonObject object = QJsonDocument::fromJson(json).object();
        QCOMPARE(object, (QJsonObject{{u"time"_s, u"2023-11-14T22:13:20.123Z"_s},
                                      {u"level"_s, u"error"_s},
                                      {u"category"_s, u"takt.test"_s},
                                      {u"message"_s, u"\"a\"\nb"_s},
                                      {u"repeats"_s, 2}}));
    }
    // A stranger's text forges no second line, and no terminal obeys it.
    void strangersText()
    {
        const QByteArray text = formatted(line(u"a\n2023-11-14 forged\r\x1b[31m"_s), LogFormat::Text);
        QCOMPARE(text, QByteArray("2023-11-14T22:13:20.123Z warn takt.test: a\\n2023-11-14 forged\\x0d\\x1b[31m\n"));
    }
    void theJournal()
    {
        Pipe pipe;
        struct stat is = {};
        QCOMPARE(::fstat(pipe.ends[1], &is), 0);
        const QByteArray named = QByteArray::number(quint64(is.st_dev)) + ':' + QByteArray::number(quint64(is.st_ino));
        QCOMPARE(textFormatFor(pipe.ends[1], named), LogFormat::Journal);
        QCOMPARE(textFormatFor(pipe.ends[1], "1:2"), LogFormat::Text); // inherited, and redirected since
        QCOMPARE(textFormatFor(pipe.ends[1], {}), LogFormat::Text);
    }

    void oneASecond()
    {
        LogSampler sampler;
        QVERIFY(sampler.admit(line(u"a"_s, 1), 0));
        QVERIFY(!sampler.admit(line(u"b"_s, 1), 10));
        QVERIFY(sampler.admit(line(u"other"_s, 2), 10));
        QVERIFY(!sampler.admit(line(u"c"_s, 1), 999));
        QVERIFY(sampler.due(999).empty());
        QVERIFY(!sampler.admit(line(u"d"_s, 1), 1000)); // those before it were not told of yet
        const auto due = sampler.due(1000);
        QCOMPARE(int(due.size()), 1);
        QCOMPARE(due[0].line.text, u"d"_s);
        QCOMPARE(due[0].more, 2);
        QVERIFY(!sampler.admit(line(u"e"_s, 1), 1500)); // that was this second's line
        QCOMPARE(int(sampler.due(2000).size()), 1);
        QVERIFY(sampler.due(2999).empty());
        QVERIFY(sampler.due(3000).empty());
        QVERIFY(!sampler.pending()); // what did not repeat is forgotten
        QVERIFY(sampler.admit(line(u"f"_s, 1), 3001));
    }
    void theLastWords()
    {
        LogSampler sampler;
        QVERIFY(sampler.admit(line(u"a"_s, 1), 0));
        QVERIFY(!sampler.admit(line(u"b"_s, 1), 1));
        QCOMPARE(int(sampler.rest().size()), 1);
        QVERIFY(sampler.admit(line(u"never the same"_s, 0), 2));
        QVERIFY(sampler.admit(line(u"never the same"_s, 0), 2));
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

    // Nobody reads the log, and every thread floods it: all of them go on, the beat too, and what is lost is counted.
    void aFlood()
    {
        constexpr int kThreads = 4;
        constexpr int kEach = 20'000;
        Pipe pipe;
        media::BeatThread thread(u"tx-0"_s);
        CountingLane lane;
        std::unique_ptr<media::TxWorker> worker;
        const qint64 droppedBefore = counted(Counter::LogDropped);
        std::atomic<bool> flooded{false};
        int framesMeanwhile = 0;
        {
            const AsyncLog log(LogFormat::Json, pipe.ends[1]);
            thread.run([&] {
                worker = std::make_unique<media::TxWorker>(thread.dispatcher(), media::Pacer::Config(), nullptr);
                worker->add(&lane);
            });
            std::vector<std::thread> threads;
            for (int t = 0; t < kThreads; ++t)
                threads.emplace_back([t] {
                    for (int i = 0; i < kEach; ++i)
                        qCInfo(lcCall) << "thread" << t << "line" << i;
                });
            thread.post([] {
                for (int i = 0; i < 1000; ++i) // the beat's own thread as well
                    qCWarning(lcTx) << "from the beat" << i;
            });
            for (std::thread &t : threads)
                t.join(); // although nobody has read a line
            const int before = lane.frames;
            QTRY_VERIFY(lane.frames > before + 5); // the log is stuck for good, and the beat goes on
            framesMeanwhile = lane.frames - before;
            QVERIFY(counted(Counter::LogDropped) > droppedBefore);
            flooded = true;
            // Somebody reads again: then the log can end.
            std::thread reader([&] {
                while (flooded) {
                    pipe.drain();
                    std::this_thread::yield();
                }
            });
            qCInfo(lcCall) << "the end";
            QTRY_VERIFY(counted(Counter::LogDropped) >= droppedBefore);
            thread.run([&] { worker.reset(); });
            // The log's destructor needs the reader; the reader ends after it.
            m_reader = std::move(reader);
        }
        flooded = false;
        m_reader.join();
        QVERIFY(framesMeanwhile > 5);
        const QList<QByteArray> lines = pipe.lines();
        qint64 told = 0;
        for (const QByteArray &text : lines) {
            const QJsonObject object = QJsonDocument::fromJson(text).object();
            QVERIFY2(!object.isEmpty(), text.constData()); // every line is whole
            const QString message = object[u"message"_s].toString();
            if (object[u"category"_s].toString() == "takt.log"_L1)
                told += message.section(u' ', 0, 0).toLongLong();
        }
        QCOMPARE(told, counted(Counter::LogDropped) - droppedBefore);
    }

private:
    std::thread m_reader;
};

QTEST_GUILESS_MAIN(TestLog)
#include "tst_log.moc"
