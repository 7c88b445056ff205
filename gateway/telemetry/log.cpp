// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/log.h"

#include "telemetry/counters.h"
#include "telemetry/logsampler.h"

#include <QDateTime>
#include <QSemaphore>

#include <concurrentqueue/blockingconcurrentqueue.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace takt::telemetry {

using namespace Qt::Literals::StringLiterals;

Q_LOGGING_CATEGORY(lcGateway, "takt.gateway", QtInfoMsg)
Q_LOGGING_CATEGORY(lcCarrier, "takt.carrier", QtInfoMsg)
Q_LOGGING_CATEGORY(lcSpeech, "takt.speech", QtInfoMsg)
Q_LOGGING_CATEGORY(lcCall, "takt.call", QtInfoMsg)
Q_LOGGING_CATEGORY(lcTx, "takt.tx", QtInfoMsg)
Q_LOGGING_CATEGORY(lcTxDebug, "takt.tx.metrics", QtInfoMsg)
Q_LOGGING_CATEGORY(lcStore, "takt.store", QtInfoMsg)
Q_LOGGING_CATEGORY(lcJobs, "takt.jobs", QtInfoMsg)

namespace {

constexpr std::size_t kQueueLines = 8192;
constexpr auto kLookEvery = std::chrono::milliseconds(250); // while repeated lines wait to be told of
constexpr int kLastWordsMs = 2000;                          // the end waits for no reader longer than that

// For sampling: no clock that may be set.
qint64 steadyMs()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// How much of it went; less than all: nobody reads any more, the disk is full, or it was given up.
qsizetype writeAll(int fd, const QByteArray &bytes, const std::atomic<bool> *givenUp = nullptr)
{
    qsizetype done = 0;
    while (done < bytes.size() && (givenUp == nullptr || !givenUp->load(std::memory_order_acquire))) {
        const ssize_t n = ::write(fd, bytes.constData() + done, std::size_t(bytes.size() - done));
        if (n < 0 && errno == EAGAIN) {
            pollfd full{fd, POLLOUT, 0};
            ::poll(&full, 1, -1); // only this thread waits
        } else if (n < 0 && errno != EINTR) {
            break;
        }
        done += n > 0 ? n : 0;
    }
    return done;
}

} // namespace

struct AsyncLog::Private {
    Private(LogFormat how, int where)
        : format(how)
        , fd(where)
    {
    }

    const LogFormat format;
    const int fd;
    // Preallocated; try_enqueue never waits.
    moodycamel::BlockingConcurrentQueue<LogLine> queue{kQueueLines, 0, 16};
    std::atomic<std::size_t> depth{0};
    std::atomic<bool> ending{false};
    std::atomic<bool> givenUp{false};
    QSemaphore over; // the thread has said all
    QtMessageHandler former = nullptr;
    std::thread thread;
    // Log thread only.
    LogSampler sampler;
    qint64 droppedShown = 0;
    bool isTorn = false;   // what was written last ends within a line
    qint64 lookedAtMs = 0; // for repeats

    static inline std::atomic<Private *> current{nullptr};

    static void handle(QtMsgType type, const QMessageLogContext &context, const QString &text)
    {
        Private *d = current.load(std::memory_order_acquire);
        LogLine line{QDateTime::currentMSecsSinceEpoch(), type, QString::fromLatin1(context.category), text, 0};
        if (d == nullptr || type == QtFatalMsg) { // no log thread, or about to abort: say it now
            writeAll(d != nullptr ? d->fd : 2, formatted(line, d != nullptr ? d->format : LogFormat::Text));
            return;
        }
        // Of a warning of ours the first word tells whom it is about.
        const bool isOurs = (type == QtWarningMsg || type == QtCriticalMsg) && context.file != nullptr;
        const QStringView words = line.text;
        line.kind = qHash(reinterpret_cast<quintptr>(context.file), std::size_t(context.line)) | 1;
        line.sameAs = qHash(isOurs ? words.left(words.indexOf(u' ')) : words, line.kind) | 1;
        d->add(std::move(line));
    }

    void add(LogLine line)
    {
        if (depth.fetch_add(1, std::memory_order_relaxed) >= kQueueLines || !queue.try_enqueue(std::move(line))) {
            depth.fetch_sub(1, std::memory_order_relaxed);
            count(Counter::LogDropped);
        }
    }

    // Whether all of it is written. Of a line that was lost there may be a piece; that shall not spoil the next one.
    bool put(const LogLine &line, int repeats = 0)
    {
        QByteArray bytes = formatted(line, format, repeats);
        if (isTorn)
            bytes.prepend('\n');
        const qsizetype done = writeAll(fd, bytes, &givenUp);
        if (done > 0)
            isTorn = bytes[done - 1] != '\n';
        return done == bytes.size();
    }

    void write(const LogLine &line, int repeats = 0)
    {
        if (!put(line, repeats) && !givenUp.load(std::memory_order_acquire)) // else who gave up has counted it
            count(Counter::LogDropped);
    }

    void tellDrops(qint64 atMs)
    {
        const qint64 dropped = counted(Counter::LogDropped);
        if (dropped > droppedShown
            && put({atMs, QtWarningMsg, u"takt.log"_s,
                    u"%1 lines dropped: they came too fast, or could not be written"_s.arg(dropped - droppedShown)}))
            droppedShown = dropped;
    }

    void show(const LogLine &line)
    {
        if (sampler.admit(line, steadyMs()))
            write(line);
        tellDrops(line.atMs);
    }

    void tellRepeats(const std::vector<LogSampler::Repeated> &repeats)
    {
        for (const LogSampler::Repeated &repeat : repeats)
            write(repeat.line, repeat.more);
    }

    void run()
    {
        LogLine line;
        while (!ending.load(std::memory_order_acquire)) {
            bool got = true;
            if (sampler.pending())
                got = queue.wait_dequeue_timed(line, kLookEvery);
            else
                queue.wait_dequeue(line);
            if (got) {
                if (line.atMs != 0) // that one only wakes us
                    show(line);
                depth.fetch_sub(1, std::memory_order_relaxed);
            }
            if (const qint64 nowMs = steadyMs(); nowMs >= lookedAtMs + kLookEvery.count()) {
                lookedAtMs = nowMs;
                tellRepeats(sampler.due(nowMs));
            }
        }
        while (!givenUp.load(std::memory_order_acquire) && queue.try_dequeue(line)) {
            if (line.atMs != 0)
                show(line);
            depth.fetch_sub(1, std::memory_order_relaxed);
        }
        tellRepeats(sampler.rest());
        tellDrops(QDateTime::currentMSecsSinceEpoch());
        over.release();
    }
};

AsyncLog::AsyncLog(LogFormat format, int fd)
    : d(std::make_shared<Private>(format, fd))
{
    d->droppedShown = counted(Counter::LogDropped);
    d->thread = std::thread([shared = d] {
        ::pthread_setname_np(::pthread_self(), "log");
        shared->run();
    });
    Private::current.store(d.get(), std::memory_order_release);
    d->former = qInstallMessageHandler(&Private::handle);
}

AsyncLog::~AsyncLog()
{
    qInstallMessageHandler(d->former);
    Private::current.store(nullptr, std::memory_order_release);
    d->ending.store(true, std::memory_order_release);
    d->depth.fetch_add(1, std::memory_order_relaxed);
    d->queue.enqueue(LogLine());
    if (d->over.tryAcquire(1, kLastWordsMs)) {
        d->thread.join();
        return;
    }
    // Nobody reads, and no thread can be called back from a write: it is left behind, with what is its own.
    d->givenUp.store(true, std::memory_order_release);
    d->thread.detach();
    // Less the one that woke it, unless that is through.
    count(Counter::LogDropped, std::max<qint64>(0, qint64(d->depth.load(std::memory_order_relaxed)) - 1));
}

void AsyncLog::setQuiet(bool quiet)
{
    // What the operator has switched off stays off.
    static const QList<const QLoggingCategory *> s_hot = [] {
        QList<const QLoggingCategory *> hot;
        for (const QLoggingCategory *category : {&lcCarrier(), &lcSpeech(), &lcTx()}) {
            if (category->isInfoEnabled())
                hot << category;
        }
        return hot;
    }();
    for (const QLoggingCategory *category : s_hot)
        const_cast<QLoggingCategory *>(category)->setEnabled(QtInfoMsg, !quiet);
}

QString redact(const QString &phoneNumber)
{
    constexpr qsizetype kShown = 3;
    if (phoneNumber.size() <= kShown)
        return phoneNumber.isEmpty() ? u"unknown"_s : phoneNumber;
    return u"…"_s % phoneNumber.last(kShown);
}

} // namespace takt::telemetry
