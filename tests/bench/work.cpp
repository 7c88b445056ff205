// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/work.h"

#include "load/door.h"
#include "load/metrics.h"
#include "store/callstore.h"
#include "store/joblist.h"
#include "store/jobstore.h"

#include <QDateTime>
#include <QHash>

namespace takt::bench {

using namespace load;

using namespace Qt::Literals::StringLiterals;
using sim::Nanos;

namespace {

constexpr Nanos kLookEvery = 500 * sim::kMillisecond;
constexpr int kAll = 100'000;         // rows
constexpr int kFirstCall = 1'000'000; // none of those that are the load
const QString kEveryStage = u"*"_s;

double secondsSince(Nanos from)
{
    return sim::toMs(sim::monotonicNs() - from) / 1000;
}

} // namespace

Work::Work(const Options &options, const QString &databaseUrl)
    : m_options(options)
    , m_databaseUrl(databaseUrl)
{
}

QString Work::prepare(const QString &logFile)
{
    m_adminPort = freePort();
    if (QString error = m_world.start(m_options.sim, logFile); !error.isEmpty())
        return error;
    auto opened = store::Database::open(m_databaseUrl);
    if (!opened)
        return opened.error();
    m_database = std::move(opened).value();
    for (int number = 1; number <= m_options.recordings; ++number) {
        if (QString error = putCall(number); !error.isEmpty())
            return error;
    }
    return store::JobStore(*m_database).setPaused(kEveryStage, true);
}

// A call that ended a while ago, as the gateway would have left it.
QString Work::putCall(int number)
{
    const double seconds = m_options.minutes * 60;
    const auto length = qint64(seconds * 1000);
    const qint64 begun = QDateTime::currentMSecsSinceEpoch() - length - 60'000;
    const std::string sid = paddedSid("CA", kFirstCall + number);
    const std::string recording = m_world.addRecording(sid, seconds);
    if (recording.empty())
        return u"the simulated carrier makes no recording"_s;
    const QString call = QString::fromStdString(sid);
    const QString stream = QString::fromStdString(paddedSid("MZ", kFirstCall + number));
    const QString account = QString::fromLatin1(kAccount);
    const QString caller = u"+1555020%1"_s.arg(number, 4, 10, QChar(u'0'));
    store::Transaction transaction(*m_database);
    store::CallStore calls(*m_database, u"bench"_s);
    QSqlError error = calls.write(
        CallStarted{call, stream, account, {}, Direction::Inbound, caller, u"+15550100002"_s, begun});
    RecordingReport report;
    report.callSid = call;
    report.recordingSid = QString::fromStdString(recording);
    report.status = u"completed"_s;
    report.durationSeconds = int(seconds);
    report.channels = 2;
    report.startedAtMs = begun;
    report.atMs = begun + length;
    if (!error.isValid())
        error = calls.write(report);
    if (!error.isValid())
        error = calls.write(CallEnded{call, stream, EndReason::CarrierStop, {}, 0, {}, begun + length});
    if (error.isValid() || !transaction.commit())
        return u"a call can't be put on record: "_s + error.text() + transaction.error().text();
    return {};
}

Child::Environment Work::environment() const
{
    Child::Environment environment = m_world.environment();
    environment.emplace_back("TAKT_ADMIN_LISTEN", "127.0.0.1:" + std::to_string(m_adminPort));
    environment.emplace_back("TWILIO_AUTH_TOKEN", kAuthToken); // opens the carrier's REST API
    return environment;
}

QString Work::begin(const Child &gateway, bool release)
{
    const auto reading = read();
    const auto usage = gateway.usage();
    if (!reading || !usage)
        return u"the gateway's metrics can't be read"_s;
    m_first = *reading;
    m_usage = *usage;
    m_worldCpu = m_world.cpuSeconds();
    m_figures = WorkFigures();
    m_figures.released = release ? 1 : 0;
    m_figures.recordings = m_options.recordings;
    m_figures.minutes = m_options.minutes;
    m_releasedAtMs = QDateTime::currentMSecsSinceEpoch();
    m_begun = m_looked = sim::monotonicNs();
    return release ? store::JobStore(*m_database).setPaused(kEveryStage, false) : QString();
}

bool Work::look()
{
    if (!m_allDone && sim::monotonicNs() - m_looked >= kLookEvery)
        lookNow();
    return m_allDone;
}

void Work::lookNow()
{
    const double since = secondsSince(m_looked);
    m_looked = sim::monotonicNs();
    const auto reading = read();
    if (!reading)
        return;
    m_figures.gateShutSeconds += reading->gateShut ? since : 0;
    m_figures.ownStalls = reading->stalls - m_first.stalls;
    m_figures.ownResyncs = reading->resyncs - m_first.resyncs;
    m_figures.ownFramesDropped = reading->framesDropped - m_first.framesDropped;
    // The jobs of the calls that are the load wait for these calls' end.
    m_allDone = reading->finished >= double(m_options.recordings) * double(kStages.size());
}

void Work::end(const Child &gateway)
{
    lookNow();
    m_figures.seconds = secondsSince(m_begun);
    m_figures.childCpuSeconds = gateway.usage().value_or(m_usage).childCpuSeconds - m_usage.childCpuSeconds;
    m_figures.worldCpuSeconds = m_world.cpuSeconds() - m_worldCpu;
    countJobs();
}

std::optional<Work::Reading> Work::read() const
{
    const std::string text = metricsOf(m_adminPort);
    if (text.find("\ntakt_tx_stalls_total ") == std::string::npos)
        return std::nullopt;
    Reading reading;
    reading.gateShut = sampleOf(text, "takt_jobs_gate_closed") > 0;
    reading.finished = finishedJobs(text);
    reading.stalls = sampleOf(text, "takt_tx_stalls_total");
    reading.resyncs = sampleOf(text, "takt_tx_resyncs_total");
    reading.framesDropped = sampleOf(text, "takt_frames_dropped_total");
    return reading;
}

void Work::countJobs()
{
    const auto jobs = store::listJobs(*m_database, {{}, {}, {}, kAll});
    if (!jobs)
        return;
    QHash<QString, int> doneOf; // each call
    for (const JobSnapshot &job : *jobs) {
        if (job.finishedAtMs == 0)
            continue;
        const bool isSkipped = job.state == name(JobState::Skipped);
        const bool isCompleted = job.state == name(JobState::Completed);
        m_figures.jobsSkipped += isSkipped ? 1 : 0;
        m_figures.jobsFailed += isSkipped || isCompleted ? 0 : 1;
        doneOf[job.callSid] += isSkipped || isCompleted ? 1 : 0;
        if (!isCompleted)
            continue;
        m_figures.transcribed += job.stage == name(Stage::Transcribe) ? 1 : 0;
        if (job.stage != name(Stage::Convert))
            continue;
        ++m_figures.converted;
        m_figures.convertSeconds = std::max(m_figures.convertSeconds, double(job.finishedAtMs - m_releasedAtMs) / 1000);
    }
    for (const int done : std::as_const(doneOf))
        m_figures.callsDone += done == int(kStages.size()) ? 1 : 0;
}

} // namespace takt::bench
