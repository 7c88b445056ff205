// SPDX-License-Identifier: GPL-3.0-or-later
// takt-bench-publishing: what a console that watches the live calls costs the gateway, and how long it holds the main
// thread. The gateway's own control server publishes made-up calls, each of which has news every time. They come from a
// thread of their own as the engine's do, and one client reads them in another; the time of these two is not counted.
#include "control/controlserver.h"
#include "shared/callsnapshot.h"
#include "shared/controlprotocol.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <pthread.h>

using namespace takt;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kPaceMs = 200; // as the daemon publishes calls
constexpr int kSeconds = 10;

QList<CallSnapshot> callsAt(int count, int turn)
{
    QList<CallSnapshot> calls;
    calls.reserve(count);
    for (int i = 0; i < count; ++i) {
        CallSnapshot c;
        c.callSid = u"CA%1"_s.arg(i, 32, 16, QChar(u'0'));
        c.streamSid = u"MZ%1"_s.arg(i, 32, 16, QChar(u'0'));
        c.business = u"Bike shop"_s;
        c.direction = u"inbound"_s;
        c.from = u"+1555%1"_s.arg(i, 7, 10, QChar(u'0'));
        c.to = u"+15550199000"_s;
        c.state = u"talking"_s;
        c.startedAtMs = 1'700'000'000'000 + i;
        c.backlogMs = (i * 7919 + turn * 131) % 3000;
        c.tx.framesSent = 10 * turn + i;
        c.tx.worstLateUs = 300 + turn / 10;
        c.modelLatencyMs = 420;
        c.speaking = (i + turn / 10) % 2 == 0 ? u"agent"_s : u"caller"_s;
        c.lastSpeaker = c.speaking;
        c.lastText = u"We open at nine on Monday, and close at six."_s;
        calls << c;
    }
    return calls;
}

// Processor time of a thread, or of the process.
double secondsOf(clockid_t clock)
{
    timespec t{};
    clock_gettime(clock, &t);
    return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

// Knows how long the main thread was held at most by one event: so long it serves nobody else.
class Application final : public QCoreApplication
{
public:
    using QCoreApplication::QCoreApplication;
    double longestMs = 0;    // by the clock: what others did on this processor meanwhile is in it
    double longestCpuMs = 0; // of its own time

    bool notify(QObject *receiver, QEvent *event) override
    {
        if (QThread::currentThread() != thread())
            return QCoreApplication::notify(receiver, event);
        QElapsedTimer clock;
        clock.start();
        const double before = secondsOf(CLOCK_THREAD_CPUTIME_ID);
        const bool taken = QCoreApplication::notify(receiver, event);
        longestCpuMs = std::max(longestCpuMs, (secondsOf(CLOCK_THREAD_CPUTIME_ID) - before) * 1000);
        longestMs = std::max(longestMs, double(clock.nsecsElapsed()) / 1e6);
        return taken;
    }
};

void runLoop(int milliseconds)
{
    QEventLoop loop;
    QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
    loop.exec();
}

// A thread whose time is told apart.
class Aside : public QThread
{
public:
    [[nodiscard]] double seconds() const { return m_known ? secondsOf(m_clock) : 0; }

protected:
    void know()
    {
        pthread_getcpuclockid(pthread_self(), &m_clock);
        m_known = true;
    }

private:
    clockid_t m_clock{};
    std::atomic<bool> m_known = false;
};

// Reads what comes, as fast as it comes.
class Reader final : public Aside
{
public:
    explicit Reader(QString path)
        : m_path(std::move(path))
    {
    }
    std::atomic<qint64> bytes = 0;

protected:
    void run() override
    {
        know();
        QLocalSocket socket;
        socket.connectToServer(m_path);
        socket.write("{\"id\":1,\"method\":\"subscribe\",\"params\":{\"topics\":[\"calls\"]}}\n");
        connect(&socket, &QLocalSocket::readyRead, &socket, [&] { bytes += socket.readAll().size(); });
        exec();
    }

private:
    const QString m_path;
};

// Stands for the thread of the calls: makes them up.
class Calls final : public Aside
{
public:
    explicit Calls(int count)
        : m_count(count)
    {
        m_context.moveToThread(this);
        start();
    }
    ~Calls() override
    {
        quit();
        wait();
    }
    // Delivers in the main thread, as the engine does.
    template <typename Deliver>
    void ask(Deliver deliver)
    {
        QMetaObject::invokeMethod(&m_context, [this, deliver] {
            QMetaObject::invokeMethod(qApp, [deliver, calls = callsAt(m_count, ++turn)] { deliver(calls); });
        });
    }
    std::atomic<int> turn = 0;

protected:
    void run() override
    {
        know();
        exec();
    }

private:
    const int m_count;
    QObject m_context;
};

void measure(Application &app, int count)
{
    QTemporaryDir dir;
    const QString path = dir.filePath(u"takt.sock"_s);
    Calls calls(count);
    const auto source = [&](const QString &, const control::Feed::Deliver &deliver) {
        calls.ask([deliver](const QList<CallSnapshot> &list) { // as the daemon does
            deliver([list] { return control::pictureOf(list); });
        });
    };
    control::ControlServer server({}, {{control::kCallsTopic, {source, kPaceMs}}});
    if (const QString error = server.listen(path); !error.isEmpty())
        qFatal("%s", qPrintable(error));
    Reader reader(path);
    reader.start();
    runLoop(1000); // the snapshot
    const auto spent = [&] { return secondsOf(CLOCK_PROCESS_CPUTIME_ID) - reader.seconds() - calls.seconds(); };
    const qint64 bytes = reader.bytes;
    const int turns = calls.turn;
    const double all = spent();
    const double main = secondsOf(CLOCK_THREAD_CPUTIME_ID);
    app.longestMs = app.longestCpuMs = 0;
    runLoop(kSeconds * 1000);
    const double mainMs = (secondsOf(CLOCK_THREAD_CPUTIME_ID) - main) * 1000;
    const double allMs = (spent() - all) * 1000;
    const int updates = std::max(1, calls.turn - turns);
    std::printf("%5d calls, an update: main thread %5.2f ms, held for %5.2f ms at most (%5.2f by the clock); "
                "all threads %5.2f ms, %4.1f%% of a core; %4.0f KiB/s\n",
                count, mainMs / updates, app.longestCpuMs, app.longestMs, allMs / updates, allMs / kSeconds / 10,
                double(reader.bytes - bytes) / 1024 / kSeconds);
    std::fflush(stdout);
    reader.quit();
    reader.wait();
}

} // namespace

int main(int argc, char **argv)
{
    Application app(argc, argv);
    for (const int count : {100, 300, 1000})
        measure(app, count);
    return 0;
}
