// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/metrics.h"

#include "admin/counterhelp.h"
#include "telemetry/counters.h"

#include <QDateTime>
#include <QFile>
#include <QLocale>
#include <QMap>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace takt::admin {

using namespace Qt::Literals::StringLiterals;
using media::LatenessHistogram;
using telemetry::Counter;

namespace {

constexpr auto kMs = "_ms"_L1;
constexpr auto kRefused = "calls_refused_"_L1;

QByteArray number(double value)
{
    return QByteArray::number(value, 'g', QLocale::FloatingPointShortest);
}

QByteArray escaped(const QString &text)
{
    return text.toUtf8().replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
}

// Writes families one after the other: first what a metric is, then its samples.
class Text
{
public:
    void family(const QByteArray &name, const char *type, const QByteArray &help)
    {
        m_name = name;
        m_text += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
    }
    // labels: as they stand between the braces.
    void sample(const QByteArray &value, const QByteArray &labels = {}, const char *suffix = "")
    {
        m_text += m_name + suffix + (labels.isEmpty() ? QByteArray() : '{' + labels + '}') + ' ' + value + '\n';
    }
    void gauge(const QByteArray &name, const QByteArray &help, const QByteArray &value)
    {
        family(name, "gauge", help);
        sample(value);
    }
    [[nodiscard]] QByteArray take() { return std::move(m_text); }

private:
    QByteArray m_text;
    QByteArray m_name;
};

QByteArray latin1(QLatin1StringView text)
{
    return {text.data(), text.size()};
}

// All reasons in one metric, so that they can be added up.
void refusals(Text &text)
{
    QList<QPair<QByteArray, Counter>> reasons;
    QByteArray help = "Calls that were refused, by reason.";
    for (const CounterHelp &entry : help::kCounters) {
        const QLatin1StringView name = telemetry::name(entry.counter);
        if (!name.startsWith(kRefused))
            continue;
        reasons.append({latin1(name.sliced(kRefused.size())), entry.counter});
        help += ' ' + reasons.last().first + ": " + latin1(entry.text) + '.';
    }
    text.family("takt_calls_refused_total", "counter", help);
    for (const auto &[reason, counter] : reasons)
        text.sample(QByteArray::number(telemetry::counted(counter)), "reason=\"" + reason + '"');
}

void counters(Text &text)
{
    for (const CounterHelp &entry : help::kCounters) {
        const QLatin1StringView name = telemetry::name(entry.counter);
        const qint64 value = telemetry::counted(entry.counter);
        if (name.startsWith(kRefused))
            continue;
        const bool ms = name.endsWith(kMs); // Prometheus knows no unit of time but the second
        text.family("takt_" + latin1(ms ? name.chopped(kMs.size()) : name) + (ms ? "_seconds_total" : "_total"),
                    "counter", latin1(entry.text));
        text.sample(ms ? number(double(value) / 1000) : QByteArray::number(value));
    }
    refusals(text);
}

void gauges(Text &text, const Metrics &metrics)
{
    text.family("takt_build_info", "gauge", "Always 1; the label says which version runs.");
    text.sample("1", "version=\"" + escaped(metrics.version) + '"');
    text.gauge("takt_calls_live", "Calls under way.", QByteArray::number(metrics.callsLive));
    if (!metrics.callsByState.isEmpty()) {
        QMap<QString, int> states; // a sample that came twice would cost the whole scrape
        for (const auto &[state, calls] : metrics.callsByState)
            states[state] += calls;
        text.family("takt_calls", "gauge", "Calls under way, by what they are doing.");
        for (auto it = states.cbegin(); it != states.cend(); ++it)
            text.sample(QByteArray::number(it.value()), "state=\"" + escaped(it.key()) + '"');
    }
    if (!metrics.jobsByState.isEmpty()) {
        QMap<QString, int> states;
        for (const auto &[state, jobs] : metrics.jobsByState)
            states[state] += jobs;
        text.family("takt_jobs", "gauge", "Jobs of the deferred work by state; finished ones: those of the last day.");
        for (auto it = states.cbegin(); it != states.cend(); ++it)
            text.sample(QByteArray::number(it.value()), "state=\"" + escaped(it.key()) + '"');
    }
    text.gauge("takt_jobs_running_here", "Jobs that this process is doing.", QByteArray::number(metrics.jobsRunning));
    text.gauge("takt_jobs_gate_closed", "1 while no job may start here.", metrics.jobsGateClosed ? "1" : "0");
    const qint64 waitingMs = metrics.jobsOldestOpenMs > 0
                                 ? QDateTime::currentMSecsSinceEpoch() - metrics.jobsOldestOpenMs
                                 : 0;
    text.gauge("takt_jobs_oldest_waiting_seconds", "How long the oldest job has waited for a free worker.",
               number(double(std::max<qint64>(0, waitingMs)) / 1000));
    text.gauge("takt_slots_held", "Slots taken by calls, or kept for calls that are expected.",
               QByteArray::number(metrics.slotsHeld));
    text.gauge("takt_tokens_waiting", "Stream tokens given out and not redeemed yet.",
               QByteArray::number(metrics.tokensWaiting));
    text.gauge("takt_draining", "1 while the gateway takes no more calls, for it is about to end.",
               metrics.draining ? "1" : "0");
    text.gauge("takt_refusing_late", "1 while calls are refused because the beat is late.",
               metrics.refusingLate ? "1" : "0");
    text.gauge("takt_model_sessions", "Sessions with the speech model.", QByteArray::number(metrics.modelSessions));
}

void lateness(Text &text, const std::vector<LatenessHistogram::Snapshot> &workers)
{
    if (workers.empty())
        return;
    text.family("takt_tx_lateness_seconds", "histogram", "How late the slots of the beat were served.");
    for (std::size_t i = 0; i < workers.size(); ++i) {
        const LatenessHistogram::Snapshot &worker = workers[i];
        const QByteArray label = "worker=\"" + QByteArray::number(qulonglong(i)) + '"';
        const auto cumulative = worker.cumulative();
        for (int octave = 0; octave <= LatenessHistogram::kOctaves; ++octave)
            text.sample(QByteArray::number(cumulative[std::size_t(octave)]),
                        label + ",le=\"" + number(LatenessHistogram::octaveBoundMs(octave) / 1000) + '"', "_bucket");
        text.sample(QByteArray::number(worker.count), label + ",le=\"+Inf\"", "_bucket");
        text.sample(number(double(worker.sumNs) / 1e9), label, "_sum");
        text.sample(QByteArray::number(worker.count), label, "_count");
    }
}

double cpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Source: proc(5), /proc/[pid]/statm: size, resident, ... in pages.
qint64 residentBytes()
{
    QFile file(u"/proc/self/statm"_s);
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    const QList<QByteArray> fields = file.readAll().split(' ');
    return fields.size() < 2 ? -1 : fields[1].toLongLong() * sysconf(_SC_PAGESIZE);
}

// Bare readdir(): QDir would sort and stat() what may be tens of thousands.
int openDescriptors()
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == nullptr)
        return -1;
    int count = -1; // the folder's own
    while (const dirent *entry = readdir(folder))
        count += entry->d_name[0] != '.' ? 1 : 0;
    closedir(folder);
    return count;
}

// The names that every Prometheus client uses, left out where /proc can't be read.
// Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
void process(Text &text, qint64 startedAtMs)
{
    text.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
               number(double(startedAtMs) / 1000));
    text.family("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.");
    text.sample(number(cpuSeconds()));
    if (const qint64 resident = residentBytes(); resident >= 0)
        text.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", QByteArray::number(resident));
    if (const int open = openDescriptors(); open >= 0)
        text.gauge("process_open_fds", "Number of open file descriptors.", QByteArray::number(open));
}

} // namespace

QByteArray prometheusText(const Metrics &metrics)
{
    Text text;
    gauges(text, metrics);
    counters(text);
    lateness(text, metrics.workers);
    process(text, metrics.startedAtMs);
    return text.take();
}

} // namespace takt::admin
