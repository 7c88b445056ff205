// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/comparison.h"

#include "load/median.h"

#include <algorithm>
#include <iterator>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;
using load::medianOf;

namespace {

std::vector<double> valuesOf(const Runs &runs, double Figures::*field)
{
    std::vector<double> values;
    for (const RunResult *run : runs)
        values.push_back(run->figures.*field);
    return values;
}

class Judge
{
public:
    Judge(const Runs &gateway, const Runs &floor, Comparison &comparison)
        : m_gateway(gateway)
        , m_floor(floor)
        , m_comparison(comparison)
    {
    }
    void none(const QString &name, std::initializer_list<double Figures::*> fields)
    {
        Limit limit{name, u"0"_s, sum(m_gateway, fields), {}, true, true};
        limit.held = *limit.value == 0;
        if (!m_floor.empty())
            limit.floor = sum(m_floor, fields);
        m_comparison.limits.push_back(limit);
    }
    // The median at most so much.
    void atMost(const QString &name, double Figures::*field, double most, const QString &unit, bool judged = true)
    {
        Limit limit{name, u"<= %1 %2"_s.arg(most).arg(unit), m_comparison.gateway.*field, {}, judged, true};
        limit.held = !judged || *limit.value <= most;
        if (m_comparison.floor)
            limit.floor = (*m_comparison.floor).*field;
        m_comparison.limits.push_back(limit);
    }
    void add(const Limit &limit) { m_comparison.limits.push_back(limit); }

private:
    const Runs &m_gateway;
    const Runs &m_floor;
    Comparison &m_comparison;
};

std::optional<double> cpuRatio(const Runs &gateway, const Runs &floor)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(gateway.size(), floor.size()); ++i) {
        if (floor[i]->figures.cpu > 0)
            ratios.push_back(gateway[i]->figures.cpu / floor[i]->figures.cpu);
    }
    return ratios.empty() ? std::nullopt : std::optional(medianOf(ratios));
}

void judgeRate(Judge &judge, const Comparison &c)
{
    const double rate = c.gateway.framesPerSecondSpeaking;
    Limit limit{u"frames/s while speaking"_s, u"50 +- 0.5"_s, rate, {}, true, rate >= 49.5 && rate <= 50.5};
    if (c.floor)
        limit.floor = c.floor->framesPerSecondSpeaking;
    judge.add(limit);
}

} // namespace

Figures medians(const Runs &runs)
{
    Figures result;
    for (const FigureField &field : kFigureFields)
        result.*field.field = medianOf(valuesOf(runs, field.field));
    return result;
}

double sum(const Runs &runs, std::initializer_list<double Figures::*> fields)
{
    double total = 0;
    for (const RunResult *run : runs) {
        for (double Figures::*field : fields)
            total += run->figures.*field;
    }
    return total;
}

bool Comparison::held() const
{
    return std::all_of(limits.begin(), limits.end(), [](const Limit &l) { return l.held; });
}

Comparison compare(const std::vector<RunResult> &runs, int calls)
{
    Runs gateway;
    Runs floor;
    for (const RunResult &run : runs) {
        if (run.plan.calls == calls)
            (run.plan.program == Program::Gateway ? gateway : floor).push_back(&run);
    }
    Comparison c;
    c.calls = calls;
    if (gateway.empty())
        return c;
    c.gateway = medians(gateway);
    if (!floor.empty())
        c.floor = medians(floor);
    c.cpuRatio = cpuRatio(gateway, floor);

    Judge judge(gateway, floor, c);
    judge.none(u"calls lost or silent"_s, {&Figures::callsFailed, &Figures::callsDropped, &Figures::callsSilent,
                                           &Figures::sessionsLost, &Figures::sessionsUnpaired});
    judgeRate(judge, c);
    judge.none(u"frames of a wrong size"_s, {&Figures::wrongSize});
    judge.none(u"stalls > 120 ms"_s, {&Figures::stalls});
    judge.none(u"bursts < 10 ms"_s, {&Figures::bursts});
    judge.atMost(u"silence inside speech"_s, &Figures::silence, 1, u"ms/s/call"_s, calls <= 100);
    const double ownP999 = std::max(2.0, c.floor ? c.floor->gapP999 : 0.0);
    judge.atMost(u"p99.9 |gap - 20 ms|"_s, &Figures::gapP999, ownP999, u"ms"_s, calls == 300);
    judge.add({u"CPU per call / floor"_s, u"<= 1.5"_s, c.cpuRatio, c.floor ? std::optional(1.0) : std::nullopt,
               c.cpuRatio.has_value(), !c.cpuRatio || *c.cpuRatio <= 1.5});
    const bool barged = sum(gateway, {&Figures::barges}) > 0;
    judge.atMost(u"clear after barge-in, p99"_s, &Figures::clearP99, 10, u"ms"_s, barged);
    if (barged)
        judge.none(u"barge-ins without clear"_s, {&Figures::clearsMissing});
    judge.atMost(u"resident memory"_s, &Figures::residentEnd, 40 + 0.08 * calls, u"MB"_s);
    // Connecting to the model takes three turns of a thread that looks at its sockets every 2.2 ms at the latest.
    judge.atMost(u"start adds to session.update, p99"_s, &Figures::startAddedP99, 10, u"ms"_s);
    return c;
}

} // namespace takt::bench
