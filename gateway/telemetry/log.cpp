// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/log.h"

#include "telemetry/counters.h"

#include <QDateTime>
#include <QHash>
#include <QThread>

#include <concurrentqueue/blockingconcurrentqueue.h>

#include <atomic>
#include <cstdio>

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
constexpr qint64 kRepeatMs = 1000;

struct Line {
    qint64 atMs = 0;
    QtMsgType type = QtInfoMsg;
    QString category;
    QString text;
    quint64 site = 0; // where in the source, 0 when unknown
    bool last = false;
};

QLatin1StringView levelName(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg: return "debug"_L1;
    case QtInfoMsg: return "info"_L1;
    case QtWarningMsg: return "warn"_L1;
    case QtCriticalMsg: return "error"_L1;
    case QtFatalMsg: return "fatal"_L1;
    }
    return "?"_L1;
}

void writeLine(const Line &line, const QString &suffix = {})
{
    const QString when = QDateTime::fromMSecsSinceEpoch(line.atMs, Qt::UTC).toString(u"yyyy-MM-ddTHH:mm:ss.zzzZ"_s);
    const QString text = when % u' ' % levelName(line.type) % u' ' % line.category % u": "_s % line.text % suffix
                         % u'\n';
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<std::size_t>(bytes.size()), stderr);
}

} // namespace

struct AsyncLog::Private {
    // Preallocated; try_enqueue never waits.
    moodycamel::BlockingConcurrentQueue<Line> queue{kQueueLines, 0, 16};
    std::atomic<std::size_t> depth{0};
    QtMessageHandler former = nullptr;
    std::unique_ptr<QThread> thread;
    qint64 droppedShown = 0;

    struct Repeats {
        qint64 shownAtMs = 0;
        qint64 hidden = 0;
    };
    QHash<quint64, Repeats> repeats; // log thread only

    static inline std::atomic<Private *> current{nullptr};

    static void handle(QtMsgType type, const QMessageLogContext &context, const QString &text)
    {
        Private *d = current.load(std::memory_order_acquire);
        Line line{QDateTime::currentMSecsSinceEpoch(), type, QString::fromLatin1(context.category), text, 0, false};
        if (d == nullptr || type == QtFatalMsg) {
            writeLine(line); // no log thread, or about to abort: say it now
            return;
        }
        if (context.file != nullptr && type != QtInfoMsg)
            line.site = qHash(reinterpret_cast<quintptr>(context.file), static_cast<size_t>(context.line)) | 1;
        if (d->depth.fetch_add(1, std::memory_order_relaxed) >= kQueueLines || !d->queue.try_enqueue(std::move(line))) {
            d->depth.fetch_sub(1, std::memory_order_relaxed);
            count(Counter::LogDropped);
        }
    }

    void show(const Line &line)
    {
        if (line.site == 0) {
            writeLine(line);
            return;
        }
        Repeats &seen = repeats[line.site];
        if (line.atMs - seen.shownAtMs < kRepeatMs) {
            ++seen.hidden;
            return;
        }
        writeLine(line, seen.hidden > 0 ? u" (and %1 like it)"_s.arg(seen.hidden) : QString());
        seen = {line.atMs, 0};
    }

    void run()
    {
        Line line;
        for (;;) {
            queue.wait_dequeue(line);
            depth.fetch_sub(1, std::memory_order_relaxed);
            if (line.last) {
                while (queue.try_dequeue(line)) // of other threads: the queue keeps no order between them
                    show(line);
                return;
            }
            show(line);
            const qint64 dropped = counted(Counter::LogDropped);
            if (dropped > droppedShown) {
                writeLine({line.atMs, QtWarningMsg, u"takt.log"_s,
                           u"%1 lines dropped, the log queue was full"_s.arg(dropped - droppedShown), 0, false});
                droppedShown = dropped;
            }
        }
    }
};

AsyncLog::AsyncLog()
    : d(std::make_unique<Private>())
{
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
    Line last;
    last.last = true;
    d->queue.enqueue(std::move(last));
    d->thread->wait();
    std::fflush(stderr);
}

QString redact(const QString &phoneNumber)
{
    constexpr qsizetype kShown = 3;
    if (phoneNumber.size() <= kShown)
        return phoneNumber.isEmpty() ? u"unknown"_s : phoneNumber;
    return u"…"_s % phoneNumber.last(kShown);
}

} // namespace takt::telemetry
