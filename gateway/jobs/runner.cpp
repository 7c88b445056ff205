// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/runner.h"

#include "jobs/pipeline.h"
#include "store/database.h"
#include "store/jobstore.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QFile>
#include <QtConcurrent>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;
using store::JobStore;
using store::Outcome;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcJobs;

namespace {

constexpr int kPollMs = 1000; // hints come as well, but a hint may be lost
constexpr int kSweepMs = 15'000;
constexpr int kLightSlots = 4;
constexpr qint64 kHourMs = 3'600'000;
constexpr qint64 kForgottenMs = 4 * kHourMs; // no call that is only rung lasts so long
const QString kCancelled = u"cancelled"_s;
const QString kTooLong = u"took too long"_s;
const QString kLost = u"the lease was lost"_s;

// Why the stage was stopped tells what its end means.
Outcome judged(Outcome outcome, const QString &stopReason)
{
    if (outcome.kind != AttemptOutcome::Interrupted)
        return outcome;
    if (stopReason == kCancelled)
        outcome.kind = AttemptOutcome::Cancelled;
    else if (stopReason == kTooLong)
        outcome.kind = AttemptOutcome::Retry;
    return outcome;
}

} // namespace

Runner::Runner(const config::Settings &settings, CallGate &gate, const store::Worker &self, bool claims)
    : m_settings(std::make_shared<const config::Settings>(settings))
    , m_gate(gate)
    , m_self(self)
    , m_claims(claims)
{
    for (QTimer *timer : {&m_poll, &m_heartbeat, &m_sweep})
        timer->setParent(this); // they move to the thread with us
    m_pool.setParent(this);
    m_pool.setMaxThreadCount(settings.jobs.workers + kLightSlots);
    connect(&m_poll, &QTimer::timeout, this, &Runner::poll);
    connect(&m_heartbeat, &QTimer::timeout, this, &Runner::heartbeat);
    connect(&m_sweep, &QTimer::timeout, this, &Runner::sweep);
    connect(&m_gate, &CallGate::opened, this, &Runner::poll, Qt::QueuedConnection);
}

Runner::~Runner() = default;

QString Runner::open()
{
    auto database = store::Database::open(m_settings->databaseUrl);
    if (!database)
        return database.error();
    m_database = std::move(database).value();
    if (const QString error = store::WorkerStore(*m_database).announce(m_self); !error.isEmpty())
        return error;
    m_database->listen(this, [this] { wake(); });
    sweep();
    m_poll.start(kPollMs);
    m_heartbeat.start(int(store::kHeartbeatMs));
    m_sweep.start(kSweepMs);
    poll();
    return {};
}

void Runner::close()
{
    for (QTimer *timer : {&m_poll, &m_heartbeat, &m_sweep})
        timer->stop();
    m_gate.stopAll(u"shutdown"_s);
    m_pool.waitForDone();
    while (!m_running.empty())
        onFinished(m_running.begin()->first);
    if (!m_unwritten.empty()) // their leases run out, and others take them over
        qCWarning(lcJobs) << m_unwritten.size() << "jobs ended and the database would not take it";
    if (m_database != nullptr)
        (void)store::WorkerStore(*m_database).retire(m_self.uid);
    m_database.reset();
}

void Runner::configure(const config::Settings &settings)
{
    m_settings = std::make_shared<const config::Settings>(settings);
    m_pool.setMaxThreadCount(settings.jobs.workers + kLightSlots);
}

void Runner::wake()
{
    heartbeat(); // somebody may want one of ours to stop
    poll();
}

void Runner::poll()
{
    writeOutcomes();
    checkLimits();
    if (m_self.activeCalls != m_activeCalls.load(std::memory_order_relaxed))
        announce();
    if (m_settings->jobs.gate == config::GateMode::Quiet) {
        const auto beside = store::WorkerStore(*m_database).activeCallsBeside(m_self);
        m_gate.noteCallsBeside(beside ? *beside : 0);
    }
    if (!m_claims || !m_unwritten.empty() || !m_gate.closedReason().isEmpty())
        return;
    if (!claimInto(true, m_settings->jobs.workers) || !claimInto(false, kLightSlots))
        noteOutage();
}

int Runner::runningIn(bool heavy) const
{
    return int(std::count_if(m_running.begin(), m_running.end(),
                             [heavy](const auto &entry) { return entryOf(entry.second.job.stage).heavy == heavy; }));
}

// False: the database does not answer.
bool Runner::claimInto(bool heavy, int slotCount)
{
    const int freeSlots = slotCount - runningIn(heavy);
    if (freeSlots <= 0)
        return true;
    const auto jobs = JobStore(*m_database).claim(m_self.uid, stagesIn(heavy), freeSlots);
    if (!jobs) {
        qCWarning(lcJobs).noquote() << "can't claim jobs:" << jobs.error();
        return false;
    }
    for (const store::Job &job : *jobs)
        start(job);
    return true;
}

void Runner::start(const store::Job &job)
{
    QString reason;
    Running running{job, m_gate.enter(job.callSid, reason), nullptr};
    if (running.pass == nullptr) { // between the claim and now
        const Finished refused{Outcome::interrupted(reason), {}};
        if (!writeOutcome(running, refused))
            m_unwritten.emplace_back(running, refused);
        return;
    }
    count(Counter::JobsStarted);
    const qint64 id = job.id;
    connect(
        running.pass.get(), &GatePass::heldChanged, this, [this, id] { noteHeld(id); }, Qt::QueuedConnection);
    running.watcher = new QFutureWatcher<Finished>(this);
    connect(running.watcher, &QFutureWatcher<Finished>::finished, this, [this, id] {
        onFinished(id);
        poll(); // a slot is free, and the call's next stage may run
    });
    running.watcher->setFuture(QtConcurrent::run(
        &m_pool, [pass = running.pass.get(), settings = m_settings, job] { return work(*pass, *settings, job); }));
    m_running.emplace(id, std::move(running));
}

void Runner::onFinished(qint64 jobId)
{
    const auto it = m_running.find(jobId);
    if (it == m_running.end())
        return;
    Running running = std::move(it->second);
    m_running.erase(it);
    Finished finished = running.watcher->result();
    running.watcher->disconnect(this);
    running.watcher->deleteLater();
    finished.outcome = judged(std::move(finished.outcome), running.pass->stopReason());
    if (!writeOutcome(running, finished))
        m_unwritten.emplace_back(std::move(running), std::move(finished));
}

void Runner::writeOutcomes()
{
    std::erase_if(m_unwritten, [this](const auto &entry) { return writeOutcome(entry.first, entry.second); });
}

// False: the database does not take it now.
bool Runner::writeOutcome(const Running &running, const Finished &finished)
{
    const auto written = JobStore(*m_database).finish(running.job, finished.outcome);
    if (!written) {
        qCWarning(lcJobs).noquote() << running.job.label()
                                    << "ended, and can't be written down yet:" << written.error();
        noteOutage();
        return false;
    }
    if (!*written) {
        count(Counter::JobsLost);
        return true;
    }
    for (const QString &file : finished.files)
        QFile::remove(file);
    switch (finished.outcome.kind) {
    case AttemptOutcome::Completed: count(Counter::JobsCompleted); break;
    case AttemptOutcome::Skipped: count(Counter::JobsSkipped); break;
    case AttemptOutcome::Retry: count(Counter::JobsRetried); break;
    case AttemptOutcome::Failed: count(Counter::JobsFailed); break;
    default: break;
    }
    if (finished.outcome.kind == AttemptOutcome::Failed)
        qCWarning(lcJobs).noquote() << running.job.label() << "failed for good:" << finished.outcome.reason;
    return true;
}

void Runner::heartbeat()
{
    QList<store::Job> jobs;
    for (const auto &[id, running] : m_running)
        jobs << running.job;
    announce();
    if (jobs.isEmpty())
        return;
    const auto orders = JobStore(*m_database).heartbeat(jobs);
    if (!orders) {
        noteOutage();
        return;
    }
    for (const auto &[id, running] : m_running) {
        switch (orders->value(id, store::Order::Lost)) {
        case store::Order::Go: break;
        case store::Order::Cancel: running.pass->stop(kCancelled); break;
        case store::Order::Hold: running.pass->stop(u"call active"_s); break;
        case store::Order::Lost: running.pass->stop(kLost); break;
        }
    }
}

void Runner::checkLimits()
{
    for (const auto &[id, running] : m_running) {
        if (running.pass->activeMs() > entryOf(running.job.stage).limitMs)
            running.pass->stop(kTooLong);
    }
}

void Runner::announce()
{
    m_self.activeCalls = m_activeCalls.load(std::memory_order_relaxed);
    if (const QString error = store::WorkerStore(*m_database).announce(m_self); !error.isEmpty()) {
        qCWarning(lcJobs).noquote() << "can't tell the others that we are alive:" << error;
        noteOutage();
    }
}

void Runner::noteOutage()
{
    m_sinceOutage.start();
    (void)m_database->revive();
}

// What dead processes left behind, and what is too old to be kept.
void Runner::sweep()
{
    // After an outage everybody's heartbeat is old: nobody is dead for that.
    if (m_sinceOutage.isValid() && !m_sinceOutage.hasExpired(store::kWorkerDeadMs))
        return;
    store::WorkerStore workers(*m_database);
    const auto dead = workers.dead(m_self);
    if (!dead) {
        noteOutage();
        return;
    }
    const auto rescued = JobStore(*m_database).rescue(*dead);
    const auto ended = workers.bury(*dead);
    if (rescued && *rescued > 0)
        qCWarning(lcJobs) << *rescued << "jobs taken back from workers that died";
    if (ended && *ended > 0)
        qCWarning(lcJobs) << *ended << "calls ended that a dead gateway had left open";
    count(Counter::JobsRescued, rescued ? *rescued : 0);
    count(Counter::CallsBuried, ended ? *ended : 0);
    const qint64 now = m_database->nowMs();
    if (now < 0 || now - m_prunedAtMs < kHourMs)
        return;
    m_prunedAtMs = now;
    (void)workers.endForgottenCalls(now - kForgottenMs);
    (void)JobStore(*m_database).prune(now - m_settings->jobs.keepDays * 24 * kHourMs);
}

void Runner::noteHeld(qint64 jobId)
{
    const auto it = m_running.find(jobId);
    if (it != m_running.end())
        (void)JobStore(*m_database).saveHeld(it->second.job, it->second.pass->heldReason());
}

} // namespace takt::jobs
