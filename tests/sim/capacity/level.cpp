// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/level.h"

#include "load/machine.h"
#include "load/metrics.h"
#include "load/stage.h"
#include "load/world.h"
#include "sim/capacity/cores.h"
#include "sim/capacity/watch.h"

#include <QFileInfo>
#include <QUrl>

#include <sched.h>

namespace takt::capacity {

using namespace Qt::Literals::StringLiterals;
using load::Child;
using load::Stage;
using load::StageOptions;
using sim::Nanos;
using sim::kSecond;

namespace {

constexpr int kFirstPastCall = 1'000'000; // none of those that are the load

// All threads that are begun from now on stay on these; what was before comes back.
class OnCores
{
public:
    explicit OnCores(const std::vector<int> &cores)
    {
        CPU_ZERO(&m_before);
        sched_getaffinity(0, sizeof m_before, &m_before);
        cpu_set_t set;
        CPU_ZERO(&set);
        for (const int core : cores)
            CPU_SET(std::size_t(core), &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    ~OnCores() { sched_setaffinity(0, sizeof m_before, &m_before); }
    OnCores(const OnCores &) = delete;
    OnCores &operator=(const OnCores &) = delete;

private:
    cpu_set_t m_before{};
};

class Measurement
{
public:
    Measurement(const Options &options, const Variant &variant, int calls, const std::atomic<bool> &interrupted)
        : m_options(options)
        , m_variant(variant)
        , m_interrupted(interrupted)
        , m_cores(options.pid > 0 ? keepClear(allowedCores(), allowedCores(options.pid))
                                  : dealOut(allowedCores(), variant.cores))
        , m_onCores(m_cores.own)
        , m_stage({calls, options.barge, false, false, variant.tls,
                   variant.cores > 0 ? m_cores.gateway : std::vector<int>()},
                  interrupted)
    {
        m_level.figures.calls = calls;
    }

    QString run()
    {
        QString error = m_options.url.isEmpty() ? startGateway() : join();
        if (error.isEmpty() && m_variant.jobs)
            error = leaveWork();
        if (!error.isEmpty())
            return error + m_stage.lastWords();
        m_before = read(pid(), m_cores.gateway);
        m_level.figures.opening = m_stage.openCalls();
        if (m_level.figures.opening.isEmpty())
            watch();
        m_after = read(pid(), m_cores.gateway);
        m_level.evidence = evidenceOf(m_before, m_after, pid());
        m_level.evidence.gatewayEnded = m_options.url.isEmpty() && !m_stage.child().running();
        m_level.evidence.gatewayKilled = m_level.evidence.gatewayEnded && m_stage.child().killed();
        m_stage.finish();
        settle();
        return m_interrupted ? u"interrupted"_s : QString();
    }
    [[nodiscard]] const Level &level() const { return m_level; }

private:
    [[nodiscard]] pid_t pid() const { return m_options.url.isEmpty() ? m_stage.child().pid() : m_options.pid; }
    QString startGateway();
    QString join();
    QString leaveWork();
    void watch();
    void settle();

    const Options &m_options;
    const Variant m_variant;
    const std::atomic<bool> &m_interrupted;
    const Cores m_cores;
    const OnCores m_onCores;
    load::World m_world;
    Stage m_stage;
    int m_adminPort = 0;
    Reading m_before, m_after;
    Level m_level;
};

QString Measurement::startGateway()
{
    if (QString error = m_stage.prepare(); !error.isEmpty())
        return error;
    m_adminPort = load::freePort();
    Child::Environment environment = m_stage.gatewayEnvironment();
    environment.emplace_back("TAKT_ADMIN_LISTEN", "127.0.0.1:" + std::to_string(m_adminPort));
    environment.emplace_back("TAKT_DRAIN_SECONDS", "0");
    if (m_variant.jobs) {
        const QString own = QFileInfo(u"/proc/self/exe"_s).symLinkTarget();
        if (QString error = m_world.start(own, m_stage.folder(u"world"_s)); !error.isEmpty())
            return error;
        const Child::Environment more = m_world.environment();
        environment.insert(environment.end(), more.begin(), more.end());
        environment.emplace_back("TWILIO_AUTH_TOKEN", load::kAuthToken); // opens the carrier's REST API
    }
    return m_stage.launch({m_options.gateway.toStdString(), "--insecure"}, environment);
}

QString Measurement::join()
{
    if (QString error = m_stage.prepare(m_options.modelPort); !error.isEmpty())
        return error;
    const QUrl url(m_options.url);
    m_stage.door().port = url.port();
    m_stage.door().path = url.path().toStdString();
    if (url.scheme() == "wss"_L1) { // whose certificate it has is its own affair
        std::string error;
        m_stage.door().tls = sim::TlsContext::client({}, false, error);
    }
    return load::accepts(url.port()) ? QString() : u"nobody listens at %1"_s.arg(m_options.url);
}

// Their recordings are with the carrier when they end; the gateway asks for them.
QString Measurement::leaveWork()
{
    for (int i = 0; i < m_options.recordings; ++i) {
        if (m_world.addRecording(load::paddedSid("CA", kFirstPastCall + i), m_options.minutes * 60).empty())
            return u"the simulated carrier makes no recording"_s;
    }
    return m_stage.passBy(m_options.recordings, kFirstPastCall);
}

void Measurement::watch()
{
    const double jobs = m_variant.jobs ? load::finishedJobs(load::metricsOf(m_adminPort)) : 0;
    m_before = read(pid(), m_cores.gateway);
    m_stage.board().measuring = true;
    const Nanos begin = sim::monotonicNs();
    const Nanos end = begin + m_options.seconds * kSecond;
    (void)m_stage.waitFor((m_options.seconds + 5) * kSecond, [&] { return sim::monotonicNs() >= end; });
    m_stage.board().measuring = false;
    m_level.figures.seconds = sim::toMs(sim::monotonicNs() - begin) / 1000;
    if (m_variant.jobs)
        m_level.figures.jobsFinished = load::finishedJobs(load::metricsOf(m_adminPort)) - jobs;
}

void Measurement::settle()
{
    const load::CarrierFigures &carrier = m_stage.carrier();
    const load::ArrivalFigures &arrivals = carrier.arrivals;
    LevelFigures &f = m_level.figures;
    Evidence &e = m_level.evidence;
    f.opened = m_stage.board().callsOpen;
    f.failed = m_stage.board().callsFailed;
    f.refused = carrier.refused;
    f.dropped = carrier.dropped;
    f.silent = carrier.silent;
    f.gaps = double(arrivals.gaps);
    f.stalls = double(arrivals.stalls);
    f.bursts = double(arrivals.bursts);
    f.framesPerSecond = arrivals.speaking > 0 ? double(arrivals.gaps) * double(kSecond) / double(arrivals.speaking) : 0;
    f.p50Ms = arrivals.deviation.quantileMs(0.5);
    f.p99Ms = arrivals.deviation.quantileMs(0.99);
    f.p999Ms = arrivals.deviation.quantileMs(0.999);
    f.maxMs = arrivals.deviation.maxMs();
    f.clearP99Ms = carrier.clearLatency.quantileMs(0.99);
    f.cpuPerCallMs = 1000 * e.gatewayBusy() / std::max(1, carrier.alive);
    f.residentMb = e.residentMb.value_or(0);
    e.sharedCores = m_cores.shared;
    e.withWork = m_variant.jobs;
    e.callerLateP99Ms = carrier.callerLate.quantileMs(0.99);
    e.notMeasurable = arrivals.gaps > 0 ? double(arrivals.notMeasurable) / double(arrivals.gaps) : 0;
    e.refused = carrier.refused;
    m_level.slipped = slips(f, m_options.limits);
    if (!m_level.held())
        m_level.cause = causeOf(e);
}

} // namespace

QStringList slips(const LevelFigures &f, const Limits &limits)
{
    QStringList all;
    const auto some = [&all](double count, const QString &what) {
        if (count > 0)
            all << u"%1 %2"_s.arg(count).arg(what);
    };
    if (!f.opening.isEmpty())
        all << f.opening;
    some(f.refused, u"calls refused"_s);
    some(f.failed - f.refused, u"calls that could not be opened"_s);
    some(f.dropped, u"calls lost"_s);
    some(f.silent, u"calls silent"_s);
    some(f.stalls, u"stalls over 120 ms"_s);
    some(f.bursts, u"bursts under 10 ms"_s);
    if (f.p999Ms > limits.p999Ms)
        all << u"p99.9 of |gap - 20 ms| is %1 ms"_s.arg(f.p999Ms, 0, 'f', 1);
    if (f.opening.isEmpty() && (f.framesPerSecond < 49.5 || f.framesPerSecond > 50.5))
        all << u"%1 frames a second instead of 50"_s.arg(f.framesPerSecond, 0, 'f', 2);
    return all;
}

LevelAttempt measure(const Options &options, const Variant &variant, int calls, const std::atomic<bool> &interrupted)
{
    Measurement measurement(options, variant, calls, interrupted);
    LevelAttempt attempt;
    attempt.error = measurement.run();
    attempt.level = measurement.level();
    return attempt;
}

} // namespace takt::capacity
