// SPDX-License-Identifier: GPL-3.0-or-later
// The work after calls that a run with --jobs is disturbed by: calls of the past with their recordings, whose jobs wait in
// the gateway's own database until they are let go. Watches them, and what the gateway says of itself. Main thread.
#pragma once

#include "bench/options.h"
#include "bench/workfigures.h"
#include "load/world.h"
#include "sim/wire/clock.h"

#include <memory>

namespace takt::store {
class Database;
}

namespace takt::bench {

class Work
{
public:
    Work(const Options &options, const QString &databaseUrl);

    // Before the gateway starts. An error text, or nothing.
    [[nodiscard]] QString prepare(const QString &logFile);
    [[nodiscard]] load::Child::Environment environment() const;

    // Around the measured span. In a run that is not disturbed the jobs stay held back.
    [[nodiscard]] QString begin(const load::Child &gateway, bool release);
    // To be called all the time; looks now and then. True: nothing is left to be done.
    [[nodiscard]] bool look();
    void end(const load::Child &gateway);
    [[nodiscard]] const WorkFigures &figures() const { return m_figures; }

private:
    struct Reading { // of the gateway's own metrics
        bool gateShut = false;
        double finished = 0; // jobs
        double stalls = 0, resyncs = 0, framesDropped = 0;
    };
    [[nodiscard]] QString putCall(int number);
    void lookNow();
    [[nodiscard]] std::optional<Reading> read() const;
    void countJobs();

    const Options &m_options;
    const QString m_databaseUrl;
    load::World m_world;
    std::shared_ptr<store::Database> m_database;
    int m_adminPort = 0;
    WorkFigures m_figures;
    Reading m_first;
    load::Child::Usage m_usage;
    double m_worldCpu = 0;
    qint64 m_releasedAtMs = 0;
    sim::Nanos m_begun = 0;
    sim::Nanos m_looked = 0;
    bool m_allDone = false;
};

} // namespace takt::bench
