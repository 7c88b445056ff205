// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/child.h"

#include <QEventLoop>
#include <QFile>
#include <QProcess>
#include <QTimer>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kFarewellMs = 2'000; // between SIGTERM and SIGKILL
constexpr int kSampleMs = 1'000;
constexpr qsizetype kMaxTail = 4'096;
constexpr qsizetype kMaxLine = 64 * 1024;
// linux/ioprio.h, which not every libc has.
constexpr int kIoprioWhoProcess = 1;
constexpr int kIoprioIdle = 3 << 13;
constexpr int kDescriptorGap = 1024; // so many numbers unused in a row: there are no more

// exec() closes them too, but late for a process that gets no time: ports of a gateway that was killed meanwhile would stay
// taken. What QProcess itself needs are pipes.
void closeSockets()
{
    struct stat info {
    };
    for (int fd = STDERR_FILENO + 1, gap = 0; gap < kDescriptorGap; ++fd, ++gap) {
        if (::fstat(fd, &info) != 0)
            continue;
        gap = 0;
        if (S_ISSOCK(info.st_mode))
            ::close(fd);
    }
}

// In the child, between fork and exec: system calls only, since another thread may have held any lock at the fork.
void becomeHumble(pid_t parent, qint64 memoryLimit)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // first of all, whatever happens to the parent meanwhile
    if (::getppid() != parent)          // it has ended already
        ::_exit(127);
    closeSockets();
    ::setpgid(0, 0);
    if (memoryLimit > 0) {
        const rlimit limit{rlim_t(memoryLimit), rlim_t(memoryLimit)};
        ::setrlimit(RLIMIT_AS, &limit);
    }
    // Rather this one than the gateway.
    if (const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); fd >= 0) {
        [[maybe_unused]] const ssize_t written = ::write(fd, "900", 3);
        ::close(fd);
    }
    sigset_t nothing;
    ::sigemptyset(&nothing);
    ::sigprocmask(SIG_SETMASK, &nothing, nullptr);
    // Last: from here on it may have to wait for each instruction.
    ::setpriority(PRIO_PROCESS, 0, 19);
    ::syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kIoprioIdle);
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_IDLE, &none);
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(kMaxTail) : QByteArray();
}

// Of user and system, its own and that of the children that it has waited for; -1: not seen.
qint64 cpuMsOf(qint64 pid)
{
    const QByteArray stat = contentOf(u"/proc/%1/stat"_s.arg(pid));
    const QList<QByteArray> fields =
        stat.sliced(stat.lastIndexOf(')') + 1).simplified().split(' '); // from the third on
    if (fields.size() < 15)
        return -1;
    const auto ticks = [&fields](int field) { return fields[field].toLongLong(); };
    return (ticks(11) + ticks(12) + ticks(13) + ticks(14)) * 1000 / ::sysconf(_SC_CLK_TCK);
}

// The most it ever had; -1: not seen.
qint64 peakKbOf(qint64 pid)
{
    for (const QByteArray &line : contentOf(u"/proc/%1/status"_s.arg(pid)).split('\n')) {
        if (line.startsWith("VmHWM:"))
            return line.sliced(6).trimmed().split(' ').first().toLongLong();
    }
    return -1;
}

class Child
{
public:
    Child(GatePass &pass, const ChildCommand &command)
        : m_pass(pass)
        , m_command(command)
    {
        m_deadline.setSingleShot(true);
        m_farewell.setSingleShot(true);
        m_sample.setInterval(kSampleMs);
        QObject::connect(&m_deadline, &QTimer::timeout, &m_loop, [this] { end(ChildResult::End::TooSlow); });
        QObject::connect(&m_farewell, &QTimer::timeout, &m_loop, [this] { signal(SIGKILL); });
        QObject::connect(&m_sample, &QTimer::timeout, &m_loop, [this] {
            sample();
            if (m_result.cpuMs > m_command.limitMs)
                end(ChildResult::End::TooSlow);
        });
        QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_loop, [this] { readOutput(); });
        QObject::connect(&m_process, &QProcess::readyReadStandardError, &m_loop, [this] { readErrors(); });
        QObject::connect(&m_process, &QProcess::readChannelFinished, &m_loop,
                         [this] { sample(); }); // often the last word
        QObject::connect(&m_process, &QProcess::finished, &m_loop, &QEventLoop::quit);
        QObject::connect(&m_process, &QProcess::errorOccurred, &m_loop, [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                m_loop.quit();
        });
        // m_loop as the context: what other threads cause is heard in this one.
        QObject::connect(&m_pass, &GatePass::stopRequested, &m_loop,
                         [this] { m_waiting ? m_loop.quit() : end(ChildResult::End::Stopped); });
        QObject::connect(&m_pass, &GatePass::heldChanged, &m_loop, [this] { m_waiting ? m_loop.quit() : arm(); });
    }

    ~Child()
    {
        if (m_pidfd < 0)
            return;
        m_pass.removeChild(m_pidfd);
        ::close(m_pidfd);
    }

    ChildResult run()
    {
        m_result.end = ChildResult::End::Stopped;
        m_waiting = true;
        while (m_pass.stopReason().isEmpty() && !m_pass.heldReason().isEmpty())
            m_loop.exec(); // not even a fork while the beat is late
        m_waiting = false;
        if (!m_pass.stopReason().isEmpty())
            return m_result;
        start();
        arm();
        if (!m_pass.stopReason().isEmpty())
            end(ChildResult::End::Stopped);
        if (m_process.state() != QProcess::NotRunning)
            m_loop.exec();
        conclude();
        return m_result;
    }

private:
    void start()
    {
        m_process.setProgram(m_command.program);
        m_process.setArguments(m_command.arguments);
        m_process.setStandardInputFile(QProcess::nullDevice());
        const pid_t parent = ::getpid();
        const qint64 memory = m_command.memoryLimit;
        m_process.setChildProcessModifier([parent, memory] { becomeHumble(parent, memory); });
        m_process.start(QIODevice::ReadOnly);
        m_activeAtStart = m_pass.activeMs();
        m_sample.start();
        if (m_process.processId() <= 0)
            return;
        // QProcess reaps it in this thread's event loop, not before: the number is still that process's.
        m_pid = m_process.processId();
        m_pidfd = int(::syscall(SYS_pidfd_open, pid_t(m_pid), 0U));
        if (m_pidfd >= 0)
            m_pass.addChild(m_pidfd);
    }

    // The deadline counts all time but that of standing still.
    void arm()
    {
        const bool held = !m_pass.heldReason().isEmpty();
        const qint64 left = qint64(kStarvation) * m_command.limitMs - (m_pass.activeMs() - m_activeAtStart);
        if (held || m_ending)
            m_deadline.stop();
        else
            m_deadline.start(int(std::max<qint64>(left, 0)));
        if (held)
            m_sample.stop();
        else
            m_sample.start();
    }

    void end(ChildResult::End why)
    {
        const bool standsStill = !m_pass.heldReason().isEmpty();
        if (!m_ending) {
            m_ending = true;
            m_why = why;
            m_deadline.stop();
            m_farewell.start(kFarewellMs);
            if (!standsStill)
                signal(SIGTERM);
        }
        if (standsStill) // it gets no time for a farewell
            signal(SIGKILL);
    }

    void signal(int number)
    {
        if (m_pidfd >= 0)
            signalChild(m_pidfd, number);
        else if (number == SIGKILL)
            m_process.kill();
    }

    void readOutput()
    {
        m_line += m_process.readAllStandardOutput();
        qsizetype from = 0;
        for (qsizetype end = m_line.indexOf('\n'); end >= 0; end = m_line.indexOf('\n', from)) {
            if (!m_skipLine && m_command.onLine)
                m_command.onLine(m_line.sliced(from, end - from));
            m_skipLine = false;
            from = end + 1;
        }
        m_line.remove(0, from);
        if (m_line.size() > kMaxLine) { // no line: not to be kept until there is one
            m_line.clear();
            m_skipLine = true;
        }
    }

    void readErrors()
    {
        m_errors += m_process.readAllStandardError();
        if (m_errors.size() <= kMaxTail)
            return;
        m_errors = m_errors.last(kMaxTail);
        m_errorsCut = true;
    }

    void sample()
    {
        if (m_pid <= 0)
            return;
        m_result.cpuMs = std::max(m_result.cpuMs, cpuMsOf(m_pid));
        m_result.maxRssKb = std::max(m_result.maxRssKb, peakKbOf(m_pid));
    }

    void conclude()
    {
        readOutput();
        readErrors();
        if (!m_line.isEmpty() && !m_skipLine && m_command.onLine)
            m_command.onLine(m_line); // the last one has no end
        if (m_errorsCut)
            m_errors.remove(0, m_errors.indexOf('\n') + 1); // the rest of a line
        m_result.tail = QString::fromUtf8(m_errors).trimmed();
        if (m_process.error() == QProcess::FailedToStart) {
            m_result.end = m_ending ? m_why : ChildResult::End::NotStarted;
            m_result.tail = u"%1 can't be started: %2"_s.arg(m_command.program, m_process.errorString());
            return;
        }
        const bool signalled = m_process.exitStatus() == QProcess::CrashExit;
        m_result.code = signalled ? -m_process.exitCode() : m_process.exitCode();
        const auto itself = signalled ? ChildResult::End::Signalled : ChildResult::End::Exited;
        m_result.end = m_ending ? m_why : itself;
    }

    GatePass &m_pass;
    const ChildCommand &m_command;
    ChildResult m_result;
    QByteArray m_line;
    QByteArray m_errors;
    bool m_skipLine = false;
    bool m_errorsCut = false;
    bool m_waiting = false; // for its start
    bool m_ending = false;
    ChildResult::End m_why = ChildResult::End::Stopped;
    qint64 m_activeAtStart = 0;
    qint64 m_pid = 0;
    int m_pidfd = -1;
    QTimer m_deadline;
    QTimer m_farewell;
    QTimer m_sample;
    QProcess m_process;
    QEventLoop m_loop; // goes first, and its connections with it
};

} // namespace

ChildResult runChild(GatePass &pass, const ChildCommand &command)
{
    return Child(pass, command).run();
}

} // namespace takt::jobs
