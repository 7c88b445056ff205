// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/child.h"

#include "sim/wire/clock.h"
#include "sim/wire/stream.h"

#include <QFile>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace takt::load {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr sim::Nanos kPatience = 10 * sim::kSecond;
constexpr useconds_t kLookEveryUs = 10'000;

std::vector<std::string> mergedEnvironment(const Child::Environment &changes)
{
    std::vector<std::string> merged;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        bool replaced = false;
        for (const auto &[name, value] : changes)
            replaced = replaced || text.compare(0, name.size() + 1, name + "=") == 0;
        if (!replaced)
            merged.push_back(text);
    }
    for (auto change = changes.begin(); change != changes.end(); ++change) {
        const auto isSame = [change](const auto &other) { return other.first == change->first; };
        if (std::none_of(change + 1, changes.end(), isSame))
            merged.push_back(change->first + "=" + change->second);
    }
    return merged;
}

std::vector<char *> pointers(std::vector<std::string> &texts)
{
    std::vector<char *> all;
    for (std::string &text : texts)
        all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

} // namespace

QString Child::start(const std::vector<std::string> &command, const Environment &environment,
                     const std::string &logFile, Priority priority, const std::vector<int> &cores)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int core : cores)
        CPU_SET(std::size_t(core), &set);
    std::vector<std::string> arguments = command;
    std::vector<std::string> variables = mergedEnvironment(environment);
    const std::vector<char *> argv = pointers(arguments);
    const std::vector<char *> envp = pointers(variables);
    const int log = open(logFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const pid_t parent = getpid();
    m_status = 0;
    m_pid = log < 0 ? -1 : fork();
    if (m_pid == 0) {  // nothing but system calls from here on
        setpgid(0, 0); // Ctrl-C is for its parent, which ends the child in its own way
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(127);
        if (priority == Priority::Idle) {
            const sched_param none{};
            sched_setscheduler(0, SCHED_IDLE, &none);
        }
        if (!cores.empty())
            sched_setaffinity(0, sizeof set, &set);
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
        execve(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    const int failure = errno;
    if (log >= 0)
        close(log);
    if (m_pid > 0)
        return {};
    m_pid = -1;
    return u"can't start %1: %2"_s.arg(QString::fromStdString(command.front()),
                                       QString::fromLocal8Bit(std::strerror(failure)));
}

bool Child::reap(bool block)
{
    if (m_pid > 0 && waitpid(m_pid, &m_status, block ? 0 : WNOHANG) == m_pid)
        m_pid = -1;
    return m_pid < 0;
}

bool Child::running()
{
    return !reap(false);
}

bool Child::killed() const
{
    return m_pid < 0 && WIFSIGNALED(m_status) && WTERMSIG(m_status) == SIGKILL;
}

void Child::signal(int number) const
{
    const pid_t pid = m_pid; // once: a -1 would be everybody
    if (pid > 0)
        kill(pid, number);
}

bool Child::stop()
{
    if (reap(false))
        return false;
    kill(m_pid, SIGTERM);
    const sim::Nanos deadline = sim::monotonicNs() + kPatience;
    while (!reap(false) && sim::monotonicNs() < deadline)
        usleep(kLookEveryUs);
    if (m_pid > 0) {
        kill(m_pid, SIGKILL);
        (void)reap(true);
        return false;
    }
    return WIFEXITED(m_status) && WEXITSTATUS(m_status) == 0;
}

std::optional<Child::Usage> Child::usage() const
{
    QFile file(u"/proc/%1/stat"_s.arg(pid()));
    if (m_pid < 0 || !file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QByteArray text = file.readAll();
    // After the name, which may contain anything: state is field 3, utime 14, stime 15, those of children 16 and
    // 17, rss 24.
    const QList<QByteArray> fields = text.sliced(text.lastIndexOf(')') + 1).trimmed().split(' ');
    if (fields.size() < 22)
        return std::nullopt;
    Usage usage;
    const auto secondsAt = [&fields](qsizetype at) {
        return double(fields[at].toLongLong() + fields[at + 1].toLongLong()) / double(sysconf(_SC_CLK_TCK));
    };
    usage.cpuSeconds = secondsAt(11);
    usage.childCpuSeconds = secondsAt(13);
    usage.residentMb = double(fields[21].toLongLong()) * double(sysconf(_SC_PAGESIZE)) / 1e6;
    return usage;
}

int freePort()
{
    sockaddr_in address = sim::loopback(0);
    const int fd = sim::TcpStream::listenOn(address);
    if (fd < 0)
        return 0;
    close(fd);
    return ntohs(address.sin_port);
}

bool accepts(int port)
{
    const sockaddr_in address = sim::loopback(port);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = fd >= 0 && connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return connected;
}

} // namespace takt::load
