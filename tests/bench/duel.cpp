// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/duel.h"

#include <algorithm>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double kMostRatio = 1.5; // of p99.9, and
constexpr double kMostMoreMs = 1;  // so much more
constexpr double kLeastRate = 0.9; // of the attack that was asked for: less proves nothing

void add(std::map<int, std::uint64_t> &into, const std::map<int, std::uint64_t> &from)
{
    for (const auto &[status, count] : from)
        into[status] += count;
}

void add(AttackKindFigures &into, const AttackKindFigures &from, double repeats)
{
    into.opened += from.opened;
    into.unconnected += from.unconnected;
    into.closed += from.closed;
    into.wrong += from.wrong;
    into.endless += from.endless;
    into.stillOpen += from.stillOpen;
    into.held += from.held / repeats;
    add(into.statuses, from.statuses);
    add(into.wrongKinds, from.wrongKinds);
}

void add(HonestFigures &into, const HonestFigures &from)
{
    into.sent += from.sent;
    into.answered += from.answered;
    into.failed += from.failed;
    into.p50 = std::max(into.p50, from.p50);
    into.p99 = std::max(into.p99, from.p99);
    into.max = std::max(into.max, from.max);
}

void addAttacks(Duel &d, const Runs &attacked, const Runs &undisturbed)
{
    d.attack.attacked = true;
    for (const RunResult *run : attacked) {
        d.attack.seconds += run->attack->seconds;
        d.attack.cpuSeconds += run->attack->cpuSeconds;
        for (std::size_t kind = 0; kind < kAttackKinds.size(); ++kind)
            add(d.attack.kinds[kind], run->attack->kinds[kind], double(attacked.size()));
        add(d.attack.honest, run->attack->honest);
    }
    for (const RunResult *run : undisturbed)
        add(d.honestUndisturbed, run->attack->honest);
}

class Judge
{
public:
    Judge(const Runs &attacked, const Runs &undisturbed, Duel &duel)
        : m_attacked(attacked)
        , m_undisturbed(undisturbed)
        , m_duel(duel)
    {
    }
    void noMore(const QString &name, std::initializer_list<double Figures::*> fields)
    {
        const double own = sum(m_attacked, fields);
        const double other = sum(m_undisturbed, fields);
        m_duel.limits.push_back({name, u"not more"_s, own, other, true, own <= other});
    }
    void p999()
    {
        const double own = m_duel.attacked.gapP999;
        const double other = m_duel.undisturbed.gapP999;
        m_duel.limits.push_back({u"p99.9 |gap - 20 ms|, ms"_s, u"<= * %1 or + %2 ms"_s.arg(kMostRatio).arg(kMostMoreMs),
                                 own, other, true, own <= other * kMostRatio || own <= other + kMostMoreMs});
    }
    void none(const QString &name, double own, std::optional<double> other = {})
    {
        m_duel.limits.push_back({name, u"0"_s, own, other, true, own == 0});
    }

private:
    const Runs &m_attacked;
    const Runs &m_undisturbed;
    Duel &m_duel;
};

} // namespace

bool Duel::held() const
{
    return std::all_of(limits.begin(), limits.end(), [](const Limit &l) { return l.held; });
}

Duel duel(const std::vector<RunResult> &runs, const Options &options, int calls)
{
    Runs attacked;
    Runs undisturbed;
    for (const RunResult &run : runs) {
        if (run.plan.calls == calls && run.attack)
            (run.plan.disturbed ? attacked : undisturbed).push_back(&run);
    }
    Duel d;
    d.calls = calls;
    if (attacked.empty() || undisturbed.empty())
        return d;
    d.attacked = medians(attacked);
    d.undisturbed = medians(undisturbed);
    addAttacks(d, attacked, undisturbed);

    Judge judge(attacked, undisturbed, d);
    judge.noMore(u"calls lost or silent"_s, {&Figures::callsFailed, &Figures::callsDropped, &Figures::callsSilent,
                                             &Figures::sessionsLost, &Figures::sessionsUnpaired});
    judge.noMore(u"stalls > 120 ms"_s, {&Figures::stalls});
    judge.noMore(u"bursts < 10 ms"_s, {&Figures::bursts});
    judge.p999();
    judge.none(u"wrong ends of abuse"_s, d.attack.wrong());
    judge.none(u"honest requests failed"_s, double(d.attack.honest.failed), double(d.honestUndisturbed.failed));
    const double least = kLeastRate * options.attackRate;
    d.limits.push_back(
        {u"connections/s of the attack"_s, u">= %1"_s.arg(least), d.attack.rate(), {}, true, d.attack.rate() >= least});
    return d;
}

} // namespace takt::bench
