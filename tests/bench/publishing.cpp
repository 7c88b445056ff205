// SPDX-License-Identifier: GPL-3.0-or-later
// takt-bench-publishing: what a console that watches the live calls costs the gateway's main thread. The gateway's own control
// server publishes made-up calls, each of which has news every time; one client reads them, in another thread whose time is
// not counted. What it costs to collect the calls from their threads is not in it.
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

#include <atomic>
#include <cstdio>
#include <ctime>

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

double cpuOfThisThread()
{
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

void runLoop(int milliseconds)
{
    QEventLoop loop;
    QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
    loop.exec();
}

// Reads what comes, as fast as it comes.
class Reader final : public QThread
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
        QLocalSocket socket;
        socket.connectToServer(m_path);
        socket.write("{\"id\":1,\"method\":\"subscribe\",\"params\":{\"topics\":[\"calls\"]}}\n");
        connect(&socket, &QLocalSocket::readyRead, &socket, [&] { bytes += socket.readAll().size(); });
        exec();
    }

private:
    const QString m_path;
};

void measure(int count)
{
    QTemporaryDir dir;
    const QString path = dir.filePath(u"takt.sock"_s);
    int turn = 0;
    double making = 0; // of the made-up calls: the bench's own time
    const auto source = [&](const QString &, const control::Feed::Deliver &deliver) {
        const double before = cpuOfThisThread();
        const QList<CallSnapshot> calls = callsAt(count, ++turn);
        making += cpuOfThisThread() - before;
        TopicState state; // as the daemon makes it
        state.rows.reserve(calls.size());
        for (const CallSnapshot &call : calls)
            state.rows.insert(call.callSid, call.toJson());
        state.head.insert("live"_L1, calls.size());
        deliver(state);
    };
    control::ControlServer server({}, {{control::kCallsTopic, {source, kPaceMs}}});
    if (const QString error = server.listen(path); !error.isEmpty())
        qFatal("%s", qPrintable(error));
    Reader reader(path);
    reader.start();
    runLoop(1000); // the snapshot
    const qint64 bytes = reader.bytes;
    const int turns = turn;
    making = 0;
    const double before = cpuOfThisThread();
    runLoop(kSeconds * 1000);
    const double spent = cpuOfThisThread() - before - making;
    const int updates = turn - turns;
    std::printf("%5d calls: %5.2f ms an update, %4.1f%% of a core, %6.0f KiB/s\n", count,
                spent * 1000 / std::max(1, updates), spent * 100 / kSeconds,
                double(reader.bytes - bytes) / 1024 / kSeconds);
    reader.quit();
    reader.wait();
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    for (const int count : {100, 300, 1000})
        measure(count);
    return 0;
}
