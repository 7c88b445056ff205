// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/workduel.h"

#include "load/median.h"

#include <algorithm>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double kMostRatio = 1.5; // of p99.9

double total(const Runs &runs, double WorkFigures::*field)
{
    double sum = 0;
    for (const RunResult *run : runs)
        sum += (*run->work).*field;
    return sum;
}

class Judge
{
public:
    Judge(const Runs &working, const Runs &undisturbed, WorkDuel &duel)
        : m_working(working)
        , m_undisturbed(undisturbed)
        , m_duel(duel)
    {
    }
    void none(const QString &name, std::initializer_list<double Figures::*> fields)
    {
        add(name, sum(m_working, fields), sum(m_undisturbed, fields));
    }
    void none(const QString &name, double WorkFigures::*field)
    {
        add(name, total(m_working, field), total(m_undisturbed, field));
    }
    // Work that was not done disturbs nobody, and proves nothing.
    void all(const QString &name, double WorkFigures::*field)
    {
        const double wanted = total(m_working, &WorkFigures::recordings);
        const double got = total(m_working, field);
        m_duel.limits.push_back({name, u"all %1"_s.arg(wanted), got, {}, true, got == wanted});
    }
    void p999()
    {
        const double ratio = load::medianOf(m_duel.ratios);
        m_duel.limits.push_back(
            {u"p99.9 |gap - 20 ms|, ratio"_s, u"<= %1"_s.arg(kMostRatio), ratio, 1, true, ratio <= kMostRatio});
    }

private:
    void add(const QString &name, double own, double other)
    {
        m_duel.limits.push_back({name, u"0"_s, own, other, true, own == 0});
    }

    const Runs &m_working;
    const Runs &m_undisturbed;
    WorkDuel &m_duel;
};

} // namespace

bool WorkDuel::held() const
{
    return !limits.empty() && std::all_of(limits.begin(), limits.end(), [](const Limit &l) { return l.held; });
}

WorkDuel workDuel(const std::vector<RunResult> &runs, int calls)
{
    Runs working;
    Runs undisturbed;
    for (const RunResult &run : runs) {
        if (run.plan.calls == calls && run.work)
            (run.plan.disturbed ? working : undisturbed).push_back(&run);
    }
    WorkDuel d;
    d.calls = calls;
    if (working.empty() || working.size() != undisturbed.size())
        return d;
    d.working = medians(working);
    d.undisturbed = medians(undisturbed);
    for (std::size_t i = 0; i < working.size(); ++i) {
        d.ratios.push_back(working[i]->figures.gapP999 / std::max(undisturbed[i]->figures.gapP999, 1e-3));
        d.work.push_back(*working[i]->work);
    }

    Judge judge(working, undisturbed, d);
    judge.none(u"calls lost or silent"_s, {&Figures::callsFailed, &Figures::callsDropped, &Figures::callsSilent,
                                           &Figures::sessionsLost, &Figures::sessionsUnpaired});
    judge.none(u"stalls > 120 ms"_s, {&Figures::stalls});
    judge.none(u"bursts < 10 ms"_s, {&Figures::bursts});
    judge.none(u"stalls that the gateway counts"_s, &WorkFigures::ownStalls);
    judge.none(u"frames that the gateway drops"_s, &WorkFigures::ownFramesDropped);
    judge.p999();
    judge.all(u"recordings converted"_s, &WorkFigures::converted);
    judge.all(u"recordings transcribed"_s, &WorkFigures::transcribed);
    judge.all(u"calls with all work done"_s, &WorkFigures::callsDone);
    return d;
}

} // namespace takt::bench
