// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/log.h"

#include "telemetry/counters.h"
#include "telemetry/logsampler.h"

#include <QDateTime>
#include <QThread>

#include <concurrentqueue/blockingconcurrentqueue.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <poll.h>
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

void writeAll(int fd, const QByteArray &bytes)
{
    for (qsizetype done = 0; done < bytes.size();) {
        const ssize_t n = ::write(fd, bytes.constData() + done, std::size_t(bytes.size() - done));
        if (n < 0 && errno == EAGAIN) {
            pollfd full{fd, POLLOUT, 0};
            ::poll(&full, 1, -1); // only this thread waits
        } else if (n < 0 && errno != EINTR) {
            return; // nobody reads any more, and there is nowhere to say so
        }
        done += n > 0 ? n : 0;
    }
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
    QtMessageHandler former = nullptr;
    std::unique_ptr<QThread> thread;
    // Log thread only.
    LogSampler sampler;
    qint64 droppedShown = 0;
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
        const bool ofItsPlace = type == QtWarningMsg || type == QtCriticalMsg;
        line.sameAs = (ofItsPlace && context.file != nullptr
                           ? qHash(reinterpret_cast<quintptr>(context.file), std::size_t(context.line))
                           : qHash(text, qHash(line.category)))
                      | 1;
        d->add(std::move(line));
    }

    void add(LogLine line)
    {
        if (depth.fetch_add(1, std::memory_order_relaxed) >= kQueueLines || !queue.try_enqueue(std::move(line))) {
            depth.fetch_sub(1, std::memory_order_relaxed);
            count(Counter::LogDropped);
        }
    }

    void write(const LogLine &line, int repeats = 0) { writeAll(fd, formatted(line, format, repeats)); }

    void show(const LogLine &line)
    {
        if (sampler.admit(line, QDateTime::currentMSecsSinceEpoch()))
            write(line);
        const qint64 dropped = counted(Counter::LogDropped);
        if (dropped > droppedShown) {
            write({line.atMs, QtWarningMsg, u"takt.log"_s,
                   u"%1 lines dropped, the log queue was full"_s.arg(dropped - droppedShown), 0});
            droppedShown = dropped;
        }
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
                depth.fetch_sub(1, std::memory_order_relaxed);
                if (line.atMs != 0) // that one only wakes us
                    show(line);
            }
            if (const qint64 nowMs = QDateTime::currentMSecsSinceEpoch(); nowMs >= lookedAtMs + kLookEvery.count()) {
                lookedAtMs = nowMs;
                tellRepeats(sampler.due(nowMs));
            }
        }
        while (queue.try_dequeue(line)) {
            if (line.atMs != 0)
                show(line);
        }
        tellRepeats(sampler.rest());
    }
};

AsyncLog::AsyncLog(LogFormat format, int fd)
    : d(std::make_unique<Private>(format, fd))
{
    d->droppedShown = counted(Counter::LogDropped);
    d->thread.reset(QThread::create([this] { d->run(); }));
    d->thread->setObjectName("log"_L1);
    d->thread->start();
    Private::current.store(d.get(), std::memory_order_release);
    d->former = qInstallMessageHandler(&Private::handle);
}

AsyncLog::~AsyncLog()
{
    qInstallMessageHandler(d->former);
    Private::current.store(nullptr, std::memory_order_release);
    d->ending.store(true, std::memory_order_release);
    d->queue.enqueue(LogLine());
    d->thread->wait();
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
