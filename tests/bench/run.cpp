// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/run.h"

#include "bench/attacker.h"
#include "bench/work.h"
#include "load/machine.h"
#include "load/stage.h"

#include <sys/resource.h>

namespace takt::bench {

using namespace load;
using namespace Qt::Literals::StringLiterals;
using sim::Nanos;
using sim::kSecond;

namespace {

constexpr Nanos kAttackLead = 6 * kSecond; // before the first call: by then the first idle connections end

double ownCpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The parts of a run, ended in any case: first the calls, then the program, then the model.
class Run
{
public:
    Run(const Options &options, const RunPlan &plan, const std::atomic<bool> &interrupted)
        : m_options(options)
        , m_plan(plan)
        , m_interrupted(interrupted)
        , m_stage({plan.calls, options.barge, options.aligned, false, false, {}}, interrupted)
    {
    }

    QString measure()
    {
        QString error = prepareWork();
        if (error.isEmpty())
            error = startProgram();
        if (error.isEmpty())
            error = startAttack();
        if (error.isEmpty())
            error = m_stage.openCalls();
        if (error.isEmpty())
            error = watch();
        finish();
        if (!error.isEmpty() && !m_interrupted)
            error += m_stage.lastWords();
        return m_interrupted ? u"interrupted"_s : error;
    }
    [[nodiscard]] Figures figures() const;
    [[nodiscard]] std::optional<AttackFigures> attackFigures() const;
    [[nodiscard]] std::optional<WorkFigures> workFigures() const;

private:
    QString prepareWork();
    QString startProgram();
    [[nodiscard]] Child::Environment gatewayEnvironment() const;
    QString startAttack();
    QString watch();
    void finish();

    const Options &m_options;
    const RunPlan m_plan;
    const std::atomic<bool> &m_interrupted;
    Stage m_stage;
    std::unique_ptr<Attacker> m_attacker;
    std::unique_ptr<HonestCarrier> m_honest;
    std::unique_ptr<Work> m_work;
    double m_seconds = 0;
    double m_benchCpu = 0;
    double m_stolen = 0;
    Child::Usage m_idle, m_first, m_last;
};

// Before the program: it finds the jobs, and that they are held back.
QString Run::prepareWork()
{
    if (!m_options.jobs)
        return {};
    m_work = std::make_unique<Work>(m_options, m_stage.databaseUrl());
    return m_work->prepare(m_stage.folder(u"world"_s));
}

QString Run::startProgram()
{
    if (QString error = m_stage.prepare(); !error.isEmpty())
        return error;
    Door &door = m_stage.door();
    if (m_options.withSignatures && m_plan.program == Program::Gateway)
        door.authToken = kAuthToken;
    std::vector<std::string> command;
    Child::Environment environment;
    if (m_plan.program == Program::Floor) {
        command = {m_options.floor.toStdString(), std::to_string(door.port), std::to_string(m_stage.modelPort())};
    } else {
        command = {m_options.gateway.toStdString()};
        if (door.isOpen())
            command.emplace_back("--insecure");
        environment = gatewayEnvironment();
    }
    if (QString error = m_stage.launch(command, environment); !error.isEmpty())
        return error;
    m_idle = m_stage.child().usage().value_or(Child::Usage());
    return {};
}

Child::Environment Run::gatewayEnvironment() const
{
    Child::Environment environment = m_stage.gatewayEnvironment();
    environment.emplace_back("TAKT_ADMISSION_MAX_LATE_MS", "0"); // a noisy host refuses no call
    if (m_work) {
        const Child::Environment more = m_work->environment();
        environment.insert(environment.end(), more.begin(), more.end());
    }
    if (m_options.attack) // calls are announced that never come: nobody waits for them at the end
        environment.emplace_back("TAKT_DRAIN_SECONDS", "0");
    return environment;
}

// Well before the calls: they have to be opened under it, too.
QString Run::startAttack()
{
    if (!m_options.attack)
        return {};
    m_honest = std::make_unique<HonestCarrier>(m_stage.door());
    m_honest->start();
    if (m_plan.disturbed) {
        m_attacker = std::make_unique<Attacker>(m_stage.board(), m_stage.door(), m_options.attackRate);
        m_attacker->start();
    }
    const Nanos led = sim::monotonicNs() + kAttackLead;
    if (!m_stage.waitFor(2 * kAttackLead, [&] { return sim::monotonicNs() > led; }))
        return u"the program ended before the first call"_s;
    return {};
}

QString Run::watch()
{
    const auto first = m_stage.child().usage();
    const double benchCpu = ownCpuSeconds();
    const double stolen = stolenSeconds();
    const Nanos start = sim::monotonicNs();
    m_stage.board().measuring = true;
    if (m_work) {
        if (QString error = m_work->begin(m_stage.child(), m_plan.disturbed); !error.isEmpty())
            return error;
    }
    const int seconds = m_work && m_plan.disturbed ? m_options.jobsSeconds : m_options.seconds;
    const Nanos end = start + seconds * kSecond;
    const bool whole = m_stage.waitFor((seconds + 5) * kSecond,
                                       [&] { return (m_work && m_work->look()) || sim::monotonicNs() >= end; });
    const auto last = m_stage.child().usage();
    if (m_work)
        m_work->end(m_stage.child());
    m_seconds = double(sim::monotonicNs() - start) / double(kSecond);
    m_benchCpu = ownCpuSeconds() - benchCpu;
    m_stolen = stolenSeconds() - stolen;
    m_stage.board().measuring = false;
    if (!whole || !first || !last)
        return u"the program ended while it was measured"_s;
    m_first = *first;
    m_last = *last;
    return {};
}

void Run::finish()
{
    if (m_attacker)
        m_attacker->stop();
    if (m_honest)
        m_honest->stop();
    m_stage.finish();
}

void setGapFigures(Figures &f, const ArrivalFigures &a, double seconds, double alive)
{
    f.framesPerSecond = double(a.frames) / seconds / alive;
    f.framesPerSecondSpeaking = a.speaking > 0 ? double(a.gaps) / (double(a.speaking) / double(kSecond)) : 0;
    f.wrongSize = double(a.wrongSize);
    f.gaps = double(a.gaps);
    f.notMeasurable = double(a.notMeasurable);
    f.gapP50 = a.deviation.quantileMs(0.5);
    f.gapP99 = a.deviation.quantileMs(0.99);
    f.gapP999 = a.deviation.quantileMs(0.999);
    f.gapP9999 = a.deviation.quantileMs(0.9999);
    f.gapMax = a.deviation.maxMs();
    f.plainGapP999 = a.plainDeviation.quantileMs(0.999);
    f.plainGapMax = a.plainDeviation.maxMs();
    f.late = double(a.late);
    f.stalls = double(a.stalls);
    f.plainStalls = double(a.plainStalls);
    f.bursts = double(a.bursts);
    f.plainBursts = double(a.plainBursts);
    f.silence = sim::toMs(a.silence) / seconds / alive;
    f.plainSilence = sim::toMs(a.plainSilence) / seconds / alive;
}

void setSessionFigures(Figures &f, const ModelFigures &m, double seconds, double alive)
{
    f.sessionsLost = m.lost;
    f.sessionsUnpaired = m.unpaired;
    f.barges = double(m.barges);
    f.startP50 = m.start.total.quantileMs(0.5);
    f.startP99 = m.start.total.quantileMs(0.99);
    f.startConnectP50 = m.start.toConnect.quantileMs(0.5);
    f.startUpgradeP50 = m.start.upgrade.quantileMs(0.5);
    f.startUpdateP50 = m.start.toUpdate.quantileMs(0.5);
    f.startAddedP50 = m.start.added.quantileMs(0.5);
    f.startAddedP99 = m.start.added.quantileMs(0.99);
    f.startAddedMax = m.start.added.maxMs();
    f.callerBytes = double(m.appendedBytes) / seconds / alive;
    f.appends = double(m.appends) / seconds / alive;
    f.truncates = double(m.truncates);
    f.cancels = double(m.cancels);
}

Figures Run::figures() const
{
    const CarrierFigures &c = m_stage.carrier();
    const double alive = std::max(1, c.alive);
    Figures f;
    f.seconds = m_seconds;
    f.callsAlive = c.alive;
    f.callsSilent = c.silent;
    f.callsFailed = m_stage.board().callsFailed;
    f.callsDropped = c.dropped;
    setGapFigures(f, c.arrivals, m_seconds, alive);
    setSessionFigures(f, m_stage.model(), m_seconds, alive);
    f.clears = double(c.clears);
    f.clearsMissing = double(m_stage.model().bargesMissed);
    f.clearsNotMeasurable = double(c.clearsNotMeasurable);
    f.clearP50 = c.clearLatency.quantileMs(0.5);
    f.clearP99 = c.clearLatency.quantileMs(0.99);
    f.clearMax = c.clearLatency.maxMs();
    f.marks = double(c.marks);
    f.callerFrames = double(c.sentFrames) / m_seconds / alive;
    const double perCall = 1000 / m_seconds / alive;
    f.cpu = (m_last.cpuSeconds - m_first.cpuSeconds) * perCall;
    f.benchCpu = m_benchCpu * perCall;
    f.stolen = 1000 * m_stolen / m_seconds;
    f.residentBefore = m_idle.residentMb;
    f.residentEnd = m_last.residentMb;
    f.residentPerCall = (m_last.residentMb - m_idle.residentMb) * 1000 / alive;
    f.endedCleanly = m_stage.endedCleanly() ? 1 : 0;
    return f;
}

std::optional<AttackFigures> Run::attackFigures() const
{
    if (!m_honest)
        return std::nullopt;
    AttackFigures figures;
    figures.honest = m_honest->figures();
    figures.attacked = m_attacker != nullptr;
    if (m_attacker) {
        figures.seconds = m_attacker->seconds();
        figures.cpuSeconds = m_attacker->cpuSeconds();
        figures.kinds = m_attacker->figures();
    }
    return figures;
}

std::optional<WorkFigures> Run::workFigures() const
{
    return m_work ? std::optional(m_work->figures()) : std::nullopt;
}

} // namespace

RunAttempt runOnce(const Options &options, const RunPlan &plan, const std::atomic<bool> &interrupted)
{
    RunAttempt attempt;
    attempt.result.plan = plan;
    attempt.result.loadBefore = loadAverage();
    Run run(options, plan, interrupted);
    attempt.error = run.measure();
    if (attempt.error.isEmpty())
        attempt.result.figures = run.figures();
    attempt.result.attack = run.attackFigures();
    attempt.result.work = run.workFigures();
    return attempt;
}

} // namespace takt::bench
