// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/leadcomparison.h"

#include "bench/stallplan.h"
#include "load/median.h"

#include <algorithm>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::size_t kCalm = 0, kLong = 1, kCalmAgain = 2, kShort = 3; // of kStallPhases
constexpr double kFrameMs = 20;
constexpr double kMostShare = 0.5; // of the silence of strict that a cushion may leave

template <typename Value>
double medianOfRuns(const std::vector<const LeadResult *> &runs, Value value)
{
    std::vector<double> values;
    for (const LeadResult *run : runs)
        values.push_back(value(*run));
    return load::medianOf(values);
}

LeadResult mediansOf(const std::vector<const LeadResult *> &runs)
{
    LeadResult result;
    result.lead = runs.front()->lead;
    result.calls = runs.front()->calls;
    result.phases.resize(runs.front()->phases.size());
    for (std::size_t i = 0; i < result.phases.size(); ++i) {
        for (const LeadField &field : kLeadFields)
            result.phases[i]
                .*field.field = medianOfRuns(runs, [&](const LeadResult &run) { return run.phases[i].*field.field; });
    }
    for (std::size_t second = 0; second < runs.front()->cushionMs.size(); ++second)
        result.cushionMs.push_back(medianOfRuns(runs, [&](const LeadResult &run) { return run.cushionMs[second]; }));
    result.stolen = medianOfRuns(runs, [](const LeadResult &run) { return run.stolen; });
    for (const LeadResult *run : runs) {
        result.callsLost += run->callsLost;
        result.bursts += run->bursts;
    }
    return result;
}

class LeadJudge
{
public:
    explicit LeadJudge(LeadComparison &comparison)
        : m_comparison(comparison)
    {
    }
    void none(const QString &name, double LeadResult::*field)
    {
        double sum = 0;
        for (const LeadResult &setting : m_comparison.settings)
            sum += setting.*field;
        m_comparison.limits.push_back({name, u"0"_s, sum, {}, true, sum == 0});
    }
    void atMost(const QString &name, double value, double most, std::optional<double> strict = {})
    {
        m_comparison.limits.push_back({name, u"<= %1"_s.arg(most, 0, 'f', 1), value, strict, true, value <= most});
    }

private:
    LeadComparison &m_comparison;
};

// A frame that arrives while the one before is still played is what any beat is a little early by.
void judgeAuto(LeadJudge &judge, const LeadResult &own, const LeadResult &strict)
{
    const auto silence = [](const LeadResult &result, std::size_t phase) { return result.phases[phase].silence; };
    const auto cushion = [](const LeadResult &result, std::size_t phase) { return result.phases[phase].cushionLast; };
    for (const std::size_t phase : {kLong, kShort})
        judge.atMost(u"auto, silence: "_s + QLatin1StringView(kStallPhases[phase].name), silence(own, phase),
                     kMostShare * silence(strict, phase), silence(strict, phase));
    for (const std::size_t phase : {kCalm, kCalmAgain})
        judge.atMost(u"auto, cushion at the end: "_s + QLatin1StringView(kStallPhases[phase].name), cushion(own, phase),
                     cushion(strict, phase) + kFrameMs, cushion(strict, phase));
}

} // namespace

bool LeadComparison::held() const
{
    return std::all_of(limits.begin(), limits.end(), [](const Limit &l) { return l.held; });
}

LeadComparison compareLeads(const std::vector<LeadResult> &runs, int calls)
{
    LeadComparison comparison;
    comparison.calls = calls;
    QStringList leads;
    for (const LeadResult &run : runs) {
        if (run.calls == calls && !leads.contains(run.lead))
            leads << run.lead;
    }
    const LeadResult *strict = nullptr;
    const LeadResult *own = nullptr;
    for (const QString &lead : std::as_const(leads)) {
        std::vector<const LeadResult *> same;
        for (const LeadResult &run : runs) {
            if (run.calls == calls && run.lead == lead)
                same.push_back(&run);
        }
        comparison.repeats = int(same.size());
        comparison.settings.push_back(mediansOf(same));
    }
    for (const LeadResult &setting : comparison.settings) {
        if (setting.lead == "0"_L1)
            strict = &setting;
        if (setting.lead == "auto"_L1)
            own = &setting;
    }
    LeadJudge judge(comparison);
    judge.none(u"calls lost or silent"_s, &LeadResult::callsLost);
    judge.none(u"bursts < 10 ms"_s, &LeadResult::bursts);
    if (strict != nullptr)
        judge.atMost(u"strict, left at clear p95: calm"_s, strict->phases[kCalm].leftP95, 2 * kFrameMs);
    if (strict != nullptr && own != nullptr)
        judgeAuto(judge, *own, *strict);
    return comparison;
}

} // namespace takt::bench
