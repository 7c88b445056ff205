// SPDX-License-Identifier: GPL-3.0-or-later
// takt-bench: measures a gateway, and the floor next to it. The main thread starts the parts and waits.
#include "bench/leadrun.h"
#include "bench/report.h"
#include "bench/run.h"
#include "load/program.h"

#include <QCoreApplication>
#include <QFile>

#include <cstdio>

using namespace Qt::Literals::StringLiterals;
using namespace takt::bench;
using namespace takt::load;

namespace {

constexpr int kHeld = 0;
constexpr int kBroken = 1;
constexpr int kCannotMeasure = 2;
constexpr rlim_t kDescriptorsOfAttack = 10'000;

int fail(const QString &why)
{
    std::fprintf(stderr, "takt-bench: %s\n", qPrintable(why));
    return kCannotMeasure;
}

class Session
{
public:
    Session(const Options &options, const std::atomic<bool> &interrupted)
        : m_interrupted(interrupted)
        , m_text(options.json == "-"_L1 ? stderr : stdout) // only JSON on standard output then
    {
        m_report.options = options;
        m_report.machine = thisMachine();
    }

    int run()
    {
        print(heading(m_report.machine, m_report.options));
        for (const int calls : m_report.options.calls) {
            for (int number = 1; number <= m_report.options.repeat; ++number) {
                if (QString error = runsOf(calls, number); !error.isEmpty())
                    return fail(error);
            }
        }
        bool held = true;
        for (const int calls : m_report.options.calls) {
            held = judge(calls) && held;
        }
        if (!writeJson())
            return fail(u"can't write %1"_s.arg(m_report.options.json));
        print(held ? u"\nPASS: all limits hold\n"_s : u"\nFAIL: a limit is BROKEN\n"_s);
        return held ? kHeld : kBroken;
    }

private:
    // What is compared runs in turn: then both see the same machine.
    QString runsOf(int calls, int number)
    {
        if (m_report.options.lead)
            return leadsOf(calls, number);
        std::vector<RunPlan> plans;
        if (m_report.options.withFloor)
            plans.push_back({Program::Floor, calls, number, false});
        plans.push_back({Program::Gateway, calls, number, false});
        if (m_report.options.attack || m_report.options.jobs)
            plans.push_back({Program::Gateway, calls, number, true});
        if (m_report.options.jobs && number % 2 == 0) // what drifts in one direction favours neither
            std::swap(plans.front(), plans.back());
        for (const RunPlan &plan : plans) {
            const RunAttempt attempt = runOnce(m_report.options, plan, m_interrupted);
            if (!attempt.error.isEmpty())
                return u"%1, %2 calls: %3"_s.arg(programName(plan.program)).arg(calls).arg(attempt.error);
            m_report.runs.push_back(attempt.result);
            print(runText(attempt.result, m_report.options.barge > 0));
        }
        return {};
    }
    QString leadsOf(int calls, int number)
    {
        const LeadAttempt attempt = runLeads(m_report.options, calls, number, m_interrupted);
        if (!attempt.error.isEmpty())
            return attempt.error;
        for (const LeadResult &result : attempt.results) {
            m_report.leadRuns.push_back(result);
            print(leadRunText(result));
        }
        return {};
    }
    bool judge(int calls)
    {
        if (m_report.options.lead) {
            m_report.leads.push_back(compareLeads(m_report.leadRuns, calls));
            print(leadText(m_report.leads.back()));
            return m_report.leads.back().held();
        }
        if (m_report.options.attack) {
            m_report.duels.push_back(duel(m_report.runs, m_report.options, calls));
            print(duelText(m_report.duels.back()));
            return m_report.duels.back().held();
        }
        if (m_report.options.jobs) {
            m_report.workDuels.push_back(workDuel(m_report.runs, calls));
            print(workDuelText(m_report.workDuels.back()));
            return m_report.workDuels.back().held();
        }
        m_report.comparisons.push_back(compare(m_report.runs, calls));
        print(comparisonText(m_report.comparisons.back()));
        return m_report.comparisons.back().held();
    }
    bool writeJson() const
    {
        if (m_report.options.json.isEmpty())
            return true;
        const QByteArray json = toJson(m_report);
        if (m_report.options.json == "-"_L1)
            return std::fwrite(json.constData(), 1, std::size_t(json.size()), stdout) == std::size_t(json.size());
        QFile file(m_report.options.json);
        return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(json) == json.size();
    }
    void print(const QString &text) const
    {
        std::fputs(qUtf8Printable(text), m_text);
        std::fflush(m_text);
    }

    const std::atomic<bool> &m_interrupted;
    Report m_report;
    FILE *m_text;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const ParsedOptions parsed = parseOptions(QCoreApplication::arguments());
    if (!parsed.help.isEmpty()) {
        std::fputs(qUtf8Printable(parsed.help), stdout);
        return kHeld;
    }
    if (!parsed.error.isEmpty())
        return fail(parsed.error);
    const std::atomic<bool> &interrupted = catchInterrupts();
    if (raiseDescriptorLimit() < kDescriptorsOfAttack && parsed.options.attack)
        return fail(u"--attack needs a limit of %1 descriptors (ulimit -Hn)"_s.arg(kDescriptorsOfAttack));
    return Session(parsed.options, interrupted).run();
}
