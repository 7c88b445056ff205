// SPDX-License-Identifier: GPL-3.0-or-later
// Claims jobs as slots are free and the gate is open, lets a pool of threads do them, and writes down how they ended. Keeps
// this process announced to the others that share the database, and takes over what dead ones left behind. Lives in the
// jobs thread, with a database connection of its own; everything here is called there but noteActiveCalls().
#pragma once

#include "jobs/gate.h"
#include "jobs/worker.h"
#include "store/job.h"
#include "store/workerstore.h"

#include <QElapsedTimer>
#include <QFutureWatcher>
#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <atomic>
#include <map>

namespace takt::store {
class Database;
}

namespace takt::jobs {

class Runner final : public QObject
{
    Q_OBJECT
public:
    // `claims`: false for a process that leaves all jobs to others.
    Runner(const config::Settings &settings, CallGate &gate, const store::Worker &self, bool claims);
    ~Runner() override;

    // Opens the database, takes its place among the others, and ends what dead ones left open. Empty on success.
    [[nodiscard]] QString open();
    // Stops all jobs, and writes down that they were interrupted.
    void close();
    // For jobs from now on.
    void configure(const config::Settings &settings);
    // There may be something to do, or something to be told to what runs.
    void wake();
    // Any thread.
    void noteActiveCalls(int calls) { m_activeCalls.store(calls, std::memory_order_relaxed); }

    [[nodiscard]] store::Database &database() { return *m_database; }
    [[nodiscard]] CallGate &gate() { return m_gate; }
    [[nodiscard]] const config::Settings &settings() const { return *m_settings; }
    [[nodiscard]] bool claims() const { return m_claims; }

private:
    struct Running {
        store::Job job;
        std::shared_ptr<GatePass> pass;
        QFutureWatcher<Finished> *watcher = nullptr;
    };

    void poll();
    [[nodiscard]] bool claimInto(bool heavy, int slotCount);
    void start(const store::Job &job);
    void onFinished(qint64 jobId);
    void writeOutcomes();
    [[nodiscard]] bool writeOutcome(const Running &running, const Finished &finished);
    void heartbeat();
    void checkLimits();
    void noteOutage();
    void sweep();
    void announce();
    void noteHeld(qint64 jobId);
    [[nodiscard]] int runningIn(bool heavy) const;

    std::shared_ptr<const config::Settings> m_settings;
    CallGate &m_gate;
    store::Worker m_self;
    const bool m_claims;
    std::atomic<int> m_activeCalls{0};
    std::shared_ptr<store::Database> m_database;
    QThreadPool m_pool;
    std::map<qint64, Running> m_running;                   // by the job's id
    std::vector<std::pair<Running, Finished>> m_unwritten; // ended, and the database would not hear of it yet
    QTimer m_poll;
    QTimer m_heartbeat;
    QTimer m_sweep;
    QElapsedTimer m_sinceOutage; // of the database, as seen from here
    qint64 m_prunedAtMs = 0;
};

} // namespace takt::jobs
