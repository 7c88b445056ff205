// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/run.h"

#include "bench/attacker.h"
#include "load/carrier.h"
#include "load/child.h"
#include "load/machine.h"
#include "load/model.h"
#include "load/passes.h"
#include "load/shape.h"
#include "bench/work.h"

#include <QFile>
#include <QTemporaryDir>

#include <sys/resource.h>
#include <unistd.h>

namespace takt::bench {

using namespace load;

using namespace Qt::Literals::StringLiterals;
using sim::Nanos;
using sim::kSecond;

namespace {

constexpr Nanos kStartPatience = 15 * kSecond; // for the program to listen, and for all calls to be open
constexpr Nanos kClosePatience = 5 * kSecond;
constexpr Nanos kRest = kSecond;           // between its start and the first call
constexpr Nanos kAttackLead = 6 * kSecond; // before the first call: by then the first idle connections end
constexpr useconds_t kLookEveryUs = 5'000;

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
        , m_board(plan.calls)
        , m_model(m_board, options.barge)
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
            error = openCalls();
        if (error.isEmpty())
            error = watch();
        finish();
        if (!error.isEmpty() && !m_interrupted)
            error += lastWords();
        return m_interrupted ? u"interrupted"_s : error;
    }
    [[nodiscard]] Figures figures() const;
    [[nodiscard]] std::optional<AttackFigures> attackFigures() const;
    [[nodiscard]] std::optional<WorkFigures> workFigures() const;

private:
    QString prepareWork();
    QString startProgram();
    [[nodiscard]] Child::Environment gatewayEnvironment(int modelPort) const;
    QString startAttack();
    QString openCalls();
    QString watch();
    void finish();
    [[nodiscard]] QString lastWords() const;
    [[nodiscard]] QString databaseUrl() const { return u"sqlite:"_s + m_dir.filePath(u"takt.db"_s); }
    template <typename Condition>
    bool waitFor(Nanos patience, Condition reached);

    const Options &m_options;
    const RunPlan m_plan;
    const std::atomic<bool> &m_interrupted;
    Board m_board;
    Model m_model;
    std::unique_ptr<Carrier> m_carrier;
    std::unique_ptr<Attacker> m_attacker;
    std::unique_ptr<HonestCarrier> m_honest;
    QTemporaryDir m_dir;
    std::unique_ptr<Work> m_work;
    Child m_child;
    Door m_door;
    double m_seconds = 0;
    double m_benchCpu = 0;
    double m_stolen = 0;
    Child::Usage m_idle, m_first, m_last;
    bool m_cleanEnd = false;
};

template <typename Condition>
bool Run::waitFor(Nanos patience, Condition reached)
{
    const Nanos deadline = sim::monotonicNs() + patience;
    while (!m_interrupted) {
        if (reached())
            return true;
        if (sim::monotonicNs() > deadline || !m_child.running())
            return false;
        usleep(kLookEveryUs);
    }
    return false;
}

// Before the program: it finds the jobs, and that they are held back.
QString Run::prepareWork()
{
    if (!m_options.jobs)
        return {};
    m_work = std::make_unique<Work>(m_options, databaseUrl());
    return m_work->prepare(m_dir.filePath(u"world"_s));
}

QString Run::startProgram()
{
    const int modelPort = m_model.start();
    m_door.port = freePort();
    if (modelPort == 0 || m_door.port == 0 || !m_dir.isValid())
        return u"no free port, or no temporary directory"_s;
    if (m_options.withSignatures && m_plan.program == Program::Gateway)
        m_door.authToken = kAuthToken;
    std::vector<std::string> command;
    Child::Environment environment;
    if (m_plan.program == Program::Floor) {
        command = {m_options.floor.toStdString(), std::to_string(m_door.port), std::to_string(modelPort)};
    } else {
        command = {m_options.gateway.toStdString()};
        if (m_door.isOpen())
            command.emplace_back("--insecure");
        environment = gatewayEnvironment(modelPort);
    }
    if (QString error = m_child.start(command, environment, m_dir.filePath(u"output"_s).toStdString());
        !error.isEmpty())
        return error;
    if (!waitFor(kStartPatience, [&] { return accepts(m_door.port); }))
        return u"%1 does not listen"_s.arg(QString::fromStdString(command.front()));
    const Nanos rested = sim::monotonicNs() + kRest;
    if (!waitFor(2 * kRest, [&] { return sim::monotonicNs() > rested; }))
        return u"%1 ended at once"_s.arg(QString::fromStdString(command.front()));
    m_idle = m_child.usage().value_or(Child::Usage());
    return {};
}

Child::Environment Run::gatewayEnvironment(int modelPort) const
{
    const std::string address = "127.0.0.1:" + std::to_string(m_door.port);
    Child::Environment environment{{"TAKT_LISTEN", address},
                                   {"TAKT_PUBLIC_URL", "http://" + address},
                                   {"TAKT_ADMISSION_MAX_LATE_MS", "0"}, // a noisy host refuses no call
                                   {"TAKT_SPEECH_URL", "ws://127.0.0.1:" + std::to_string(modelPort) + "/v1/realtime"},
                                   {"TAKT_DATA_DIR", m_dir.path().toStdString()},
                                   {"TAKT_DATABASE_URL", databaseUrl().toStdString()},
                                   {"TAKT_CONTROL_SOCKET", m_dir.filePath(u"takt.sock"_s).toStdString()},
                                   {"OPENAI_API_KEY", "sk-bench"}};
    const Child::Environment more = m_work ? m_work->environment()
                                           : Child::Environment{{"TAKT_ADMIN_LISTEN", "127.0.0.1:0"}, // any free port
                                                                {"TWILIO_AUTH_TOKEN", m_door.authToken}};
    environment.insert(environment.end(), more.begin(), more.end());
    if (m_options.attack) // calls are announced that never come: nobody waits for them at the end
        environment.emplace_back("TAKT_DRAIN_SECONDS", "0");
    return environment;
}

// Well before the calls: they have to be opened under it, too.
QString Run::startAttack()
{
    if (!m_options.attack)
        return {};
    m_honest = std::make_unique<HonestCarrier>(m_door);
    m_honest->start();
    if (m_plan.disturbed) {
        m_attacker = std::make_unique<Attacker>(m_board, m_door, m_options.attackRate);
        m_attacker->start();
    }
    const Nanos led = sim::monotonicNs() + kAttackLead;
    if (!waitFor(2 * kAttackLead, [&] { return sim::monotonicNs() > led; }))
        return u"the program ended before the first call"_s;
    return {};
}

QString Run::openCalls()
{
    std::vector<Pass> passes;
    if (!m_door.isOpen()) {
        auto fetched = fetchPasses(m_door, m_plan.calls);
        if (!fetched)
            return u"a call's webhook was not answered with a stream"_s;
        passes = std::move(*fetched);
    }
    m_carrier = std::make_unique<Carrier>(m_board, m_door, std::move(passes), m_options.aligned);
    const auto planned = sim::monotonicNs() + Nanos((kRampSeconds + kSettleSeconds) * double(kSecond));
    m_carrier->start();
    const bool open = waitFor(kStartPatience, [&] {
        return m_board.callsOpen + m_board.callsFailed >= m_plan.calls && m_board.sessionsReady >= m_board.callsOpen
               && sim::monotonicNs() >= planned;
    });
    if (!open || m_board.callsOpen == 0)
        return u"only %1 of %2 calls and %3 sessions could be opened"_s.arg(m_board.callsOpen)
            .arg(m_plan.calls)
            .arg(m_board.sessionsReady);
    return {};
}

QString Run::watch()
{
    const auto first = m_child.usage();
    const double benchCpu = ownCpuSeconds();
    const double stolen = stolenSeconds();
    const Nanos start = sim::monotonicNs();
    m_board.measuring = true;
    if (m_work) {
        if (QString error = m_work->begin(m_child, m_plan.disturbed); !error.isEmpty())
            return error;
    }
    const int seconds = m_work && m_plan.disturbed ? m_options.jobsSeconds : m_options.seconds;
    const Nanos end = start + seconds * kSecond;
    const bool whole = waitFor((seconds + 5) * kSecond,
                               [&] { return (m_work && m_work->look()) || sim::monotonicNs() >= end; });
    const auto last = m_child.usage();
    if (m_work)
        m_work->end(m_child);
    m_seconds = double(sim::monotonicNs() - start) / double(kSecond);
    m_benchCpu = ownCpuSeconds() - benchCpu;
    m_stolen = stolenSeconds() - stolen;
    m_board.measuring = false;
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
    m_model.expectEnd();
    if (m_carrier) {
        m_carrier->hangUp();
        (void)waitFor(kClosePatience, [&] { return m_carrier->allClosed(); });
        m_carrier->stop();
    }
    m_cleanEnd = m_child.stop();
    m_model.stop();
}

// The end of what the program printed.
QString Run::lastWords() const
{
    constexpr qsizetype kEnough = 1500;
    QFile file(m_dir.filePath(u"output"_s));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray text = file.readAll().last(std::min<qsizetype>(kEnough, file.size())).trimmed();
    return text.isEmpty() ? QString() : u"; it printed:\n"_s + QString::fromUtf8(text);
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
    const CarrierFigures &c = m_carrier->figures();
    const double alive = std::max(1, c.alive);
    Figures f;
    f.seconds = m_seconds;
    f.callsAlive = c.alive;
    f.callsSilent = c.silent;
    f.callsFailed = m_board.callsFailed;
    f.callsDropped = c.dropped;
    setGapFigures(f, c.arrivals, m_seconds, alive);
    setSessionFigures(f, m_model.figures(), m_seconds, alive);
    f.clears = double(c.clears);
    f.clearsMissing = double(m_model.figures().bargesMissed);
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
    f.endedCleanly = m_cleanEnd ? 1 : 0;
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
