// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/watch.h"

#include "sim/wire/clock.h"

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QList>

#include <algorithm>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace takt::capacity {

using namespace Qt::Literals::StringLiterals;

namespace {

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString ofProcess(pid_t process, const QString &name)
{
    return u"/proc/%1/%2"_s.arg(process).arg(name);
}

double ticks(const QByteArray &text)
{
    return double(text.toLongLong()) / double(sysconf(_SC_CLK_TCK));
}

// By the scheduler's own nanoseconds.
std::map<pid_t, Reading::Thread> threadsOf(pid_t process)
{
    std::map<pid_t, Reading::Thread> threads;
    const QString folder = ofProcess(process, u"task"_s);
    const QStringList names = QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        const QList<QByteArray> fields = contents(u"%1/%2/schedstat"_s.arg(folder, name)).simplified().split(' ');
        if (fields.size() < 2)
            continue;
        threads[pid_t(name.toLongLong())] = {contents(u"%1/%2/comm"_s.arg(folder, name)).trimmed().toStdString(),
                                             fields[0].toDouble() / 1e9, fields[1].toDouble() / 1e9};
    }
    return threads;
}

// "cpuN user nice system idle iowait irq softirq steal guest guest_nice"; what guests use is within user and nice.
Reading::Cores coresIn(const QByteArray &stat, const std::vector<int> &cores)
{
    Reading::Cores sum;
    const QList<QByteArray> lines = stat.split('\n');
    for (const QByteArray &line : lines) {
        const QList<QByteArray> fields = line.simplified().split(' ');
        bool isNumber = false;
        const int number = fields[0].sliced(std::min<qsizetype>(3, fields[0].size())).toInt(&isNumber);
        if (!line.startsWith("cpu") || !isNumber || fields.size() < 9
            || std::find(cores.begin(), cores.end(), number) == cores.end())
            continue;
        ++sum.count;
        sum.stolenSeconds += ticks(fields[8]);
        for (const int field : {1, 2, 3, 6, 7, 8})
            sum.busySeconds += ticks(fields[field]);
    }
    return sum;
}

// "some avg10=... avg60=... avg300=... total=MICROSECONDS"
std::optional<double> pressure()
{
    const QByteArray text = contents(u"/proc/pressure/cpu"_s);
    const qsizetype at = text.indexOf("total=");
    if (!text.startsWith("some") || at < 0)
        return std::nullopt;
    return text.sliced(at + 6, text.indexOf('\n', at) - at - 6).toDouble() / 1e6;
}

// Two lines of names and values, for each group of counters.
double networkCounter(const QByteArray &group, const QByteArray &name)
{
    const QList<QByteArray> lines = contents(u"/proc/net/netstat"_s).split('\n');
    for (qsizetype i = 0; i + 1 < lines.size(); i += 2) {
        if (!lines[i].startsWith(group))
            continue;
        const qsizetype at = lines[i].split(' ').indexOf(name);
        return at < 0 ? 0 : lines[i + 1].split(' ').value(at).toDouble();
    }
    return 0;
}

// "MemAvailable:   123 kB"
double memoryMb(const QByteArray &text, const QByteArray &name)
{
    const qsizetype at = text.indexOf(name);
    return at < 0 ? 0 : text.sliced(at + name.size(), 24).simplified().split(' ').first().toDouble() * 1024 / 1e6;
}

std::optional<int> descriptorLimit(pid_t process)
{
    const QByteArray text = contents(ofProcess(process, u"limits"_s));
    const qsizetype at = text.indexOf("Max open files");
    if (at < 0)
        return std::nullopt;
    return text.sliced(at + 14).simplified().split(' ').first().toInt(); // the soft one
}

int descriptorsOf(pid_t process)
{
    return int(QDir(ofProcess(process, u"fd"_s)).entryList(QDir::Files | QDir::System | QDir::NoDotAndDotDot).size());
}

std::vector<ThreadUse> usesOf(const std::map<pid_t, Reading::Thread> &before,
                              const std::map<pid_t, Reading::Thread> &after, double seconds)
{
    std::vector<ThreadUse> uses;
    for (const auto &[id, thread] : after) {
        const auto earlier = before.find(id);
        const Reading::Thread base = earlier == before.end() ? Reading::Thread() : earlier->second;
        uses.push_back({thread.name, (thread.busySeconds - base.busySeconds) / seconds,
                        (thread.waitingSeconds - base.waitingSeconds) / seconds});
    }
    std::sort(uses.begin(), uses.end(), [](const ThreadUse &a, const ThreadUse &b) { return a.busy > b.busy; });
    return uses;
}

} // namespace

Reading read(pid_t gateway, const std::vector<int> &cores)
{
    Reading reading;
    reading.atSeconds = sim::toMs(sim::monotonicNs()) / 1000;
    if (gateway > 0)
        reading.gateway = threadsOf(gateway);
    reading.own = threadsOf(getpid());
    reading.cores = coresIn(contents(u"/proc/stat"_s), cores);
    reading.pressureSeconds = pressure();
    reading.listenOverflows = networkCounter("TcpExt:", "ListenOverflows");
    return reading;
}

Evidence evidenceOf(const Reading &before, const Reading &after, pid_t gateway)
{
    Evidence e;
    e.seconds = std::max(1e-3, after.atSeconds - before.atSeconds);
    e.gateway = usesOf(before.gateway, after.gateway, e.seconds);
    e.generator = usesOf(before.own, after.own, e.seconds);
    e.cores = after.cores.count;
    const double whole = e.seconds * std::max(1, after.cores.count);
    e.coresBusy = std::min(1.0, (after.cores.busySeconds - before.cores.busySeconds) / whole);
    e.stolen = (after.cores.stolenSeconds - before.cores.stolenSeconds) / whole;
    if (before.pressureSeconds && after.pressureSeconds)
        e.pressure = (*after.pressureSeconds - *before.pressureSeconds) / e.seconds;
    e.listenOverflows = after.listenOverflows - before.listenOverflows;
    const QByteArray memory = contents(u"/proc/meminfo"_s);
    e.availableMb = memoryMb(memory, "MemAvailable:");
    e.totalMb = memoryMb(memory, "MemTotal:");
    if (gateway > 0) {
        const QByteArray status = contents(ofProcess(gateway, u"status"_s));
        if (!status.isEmpty())
            e.residentMb = memoryMb(status, "VmRSS:");
        e.descriptors = descriptorsOf(gateway);
        e.descriptorLimit = descriptorLimit(gateway);
    }
    e.ownDescriptors = descriptorsOf(getpid());
    e.ownDescriptorLimit = descriptorLimit(getpid()).value_or(0);
    return e;
}

std::vector<int> allowedCores(pid_t process)
{
    std::vector<int> cores;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(process, sizeof set, &set) != 0)
        return cores;
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(std::size_t(core), &set))
            cores.push_back(core);
    }
    return cores;
}

} // namespace takt::capacity
