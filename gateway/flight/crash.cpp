// SPDX-License-Identifier: GPL-3.0-or-later
#include "flight/crash.h"

#include "media/beatdispatcher.h"
#include "media/signalstack.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

namespace takt::flight {

namespace {

constexpr std::array kSignals{SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE};
constexpr int kMostOfAName = 100; // live streams of one call, of which there is one by rights

using Action = struct sigaction; // the function has the same name

// All that the handler needs: a heap may be what is broken, and a stack what has run out.
struct Prepared {
    std::array<char, 4096> path{}; // the folder, with its slash
    std::size_t folder = 0;        // bytes of it
    Setup setup;
    std::array<Action, kSignals.size()> before{};
    std::atomic<pid_t> writer{0}; // the thread that crashed first
    Reader reader;
    std::array<char, 16 * 1024> bytes{};
    media::SignalStack stack; // the main thread's
};
Prepared g_prepared;

class File
{
public:
    explicit File(int fd)
        : m_fd(fd)
    {
    }
    ~File()
    {
        flush();
        if (m_fd >= 0)
            close(m_fd);
    }
    Q_DISABLE_COPY_MOVE(File)
    void add(std::string_view line)
    {
        if (m_size + line.size() > g_prepared.bytes.size())
            flush();
        std::memcpy(g_prepared.bytes.data() + m_size, line.data(), line.size());
        m_size += line.size();
    }

private:
    void flush()
    {
        for (std::size_t done = 0; m_fd >= 0 && done < m_size;) {
            const ssize_t n = write(m_fd, g_prepared.bytes.data() + done, m_size - done);
            if (n <= 0) { // no room: what is there is there, and its last line may be cut
                close(m_fd);
                m_fd = -1;
                break;
            }
            done += std::size_t(n);
        }
        m_size = 0;
    }
    int m_fd;
    std::size_t m_size = 0;
};

qint64 epochMs()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return qint64(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

// "FOLDER/MILLISECONDS-CALL-crash.ndjson", as the writer names its own.
const char *pathOf(const media::FlightLog &log, qint64 atMs)
{
    char *at = g_prepared.path.data() + g_prepared.folder;
    char *const end = g_prepared.path.data() + g_prepared.path.size();
    at = std::to_chars(at, end, atMs).ptr;
    const auto append = [&](std::string_view text) {
        const std::size_t n = std::min(text.size(), std::size_t(end - at) - 1);
        std::memcpy(at, text.data(), n);
        at += n;
    };
    append("-");
    append(log.callSid.data());
    append("-crash.ndjson");
    *at = 0;
    return g_prepared.path.data();
}

// Its own file, whatever there is already: the name of a second stream of the call bears the next millisecond.
int openFile(const media::FlightLog &log, qint64 atMs)
{
    int fd = -1;
    for (int i = 0; i < kMostOfAName; ++i) {
        fd = open(pathOf(log, atMs + i), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    return fd;
}

void writeRecords(int signal)
{
    Head head;
    head.reason = FlightReason::Crash;
    head.atMs = epochMs();
    head.signal = signal;
    head.setup = g_prepared.setup;
    std::size_t slot = 0;
    while (const media::FlightLog *log = media::nextLiveFlightLog(slot)) {
        g_prepared.reader.read(*log, media::BeatDispatcher::nowNs());
        File file(openFile(*log, head.atMs));
        file.add(g_prepared.reader.head(head));
        for (std::string_view line = g_prepared.reader.next(); !line.empty(); line = g_prepared.reader.next())
            file.add(line);
    }
}

void restore()
{
    for (std::size_t i = 0; i < kSignals.size(); ++i)
        sigaction(kSignals[i], &g_prepared.before[i], nullptr);
}

// Another thread is at it, and the process ends with it.
[[noreturn]] void waitForTheEnd()
{
    for (;;)
        pause();
}

void onCrash(int signal)
{
    const pid_t self = gettid();
    pid_t writer = 0;
    if (g_prepared.writer.compare_exchange_strong(writer, self))
        writeRecords(signal);
    else if (writer != self)
        waitForTheEnd();
    restore();     // not before the records are whole: a heap that is broken makes other threads crash as well
    raise(signal); // blocked until we return: then it takes its course, where it happened
}

} // namespace

CrashGuard::CrashGuard(const QString &folder, const Setup &setup)
{
    const QByteArray path = folder.toLocal8Bit() + '/';
    constexpr std::size_t kLongestName = 128;
    if (std::size_t(path.size()) + kLongestName > g_prepared.path.size())
        return;
    std::memcpy(g_prepared.path.data(), path.constData(), std::size_t(path.size()));
    g_prepared.folder = std::size_t(path.size());
    g_prepared.setup = setup;
    static_cast<void>(media::BeatDispatcher::nowNs()); // its clock exists from now on
    // A stack that has run out is no place to work. Media threads bring their own (BeatThread).
    g_prepared.stack.use();
    Action action{};
    action.sa_handler = onCrash;
    action.sa_flags = SA_ONSTACK;
    for (std::size_t i = 0; i < kSignals.size(); ++i)
        sigaction(kSignals[i], &action, &g_prepared.before[i]);
}

CrashGuard::~CrashGuard()
{
    if (g_prepared.folder != 0)
        restore();
    g_prepared.folder = 0;
}

} // namespace takt::flight
