// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/dueljson.h"
#include "bench/report.h"
#include "load/shape.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

QJsonValue orNull(const std::optional<double> &value)
{
    return value ? QJsonValue(*value) : QJsonValue(QJsonValue::Null);
}

QJsonObject runJson(const RunResult &run, const Options &options)
{
    QJsonObject object{{u"program"_s, programName(run.plan.program)},
                       {u"calls"_s, run.plan.calls},
                       {u"run"_s, run.plan.number},
                       {u"load_before"_s, run.loadBefore},
                       {u"command"_s, options.command(run.plan.calls)},
                       {u"figures"_s, figuresJson(run.figures)}};
    if (run.attack) {
        object[u"attacked"_s] = run.plan.disturbed;
        object[u"attack"_s] = attackJson(*run.attack);
    }
    if (run.work)
        object[u"work"_s] = workJson(*run.work);
    return object;
}

QJsonObject limitJson(const Limit &limit, const QString &command)
{
    return {{u"name"_s, limit.name},
            {u"wanted"_s, limit.wanted},
            {u"gateway"_s, orNull(limit.value)},
            {u"floor"_s, orNull(limit.floor)},
            {u"verdict"_s, !limit.judged ? u"not judged"_s
                           : limit.held  ? u"ok"_s
                                         : u"BROKEN"_s},
            {u"command"_s, command}};
}

QJsonObject comparisonJson(const Comparison &comparison, const Options &options)
{
    const QString command = options.command(comparison.calls);
    QJsonArray limits;
    for (const Limit &limit : comparison.limits)
        limits.append(limitJson(limit, command));
    QJsonObject ratios;
    for (const FigureField &field : kFigureFields) {
        const double floor = comparison.floor ? (*comparison.floor).*field.field : 0;
        if (floor > 0)
            ratios[QString::fromLatin1(field.name)] = comparison.gateway.*field.field / floor;
    }
    if (comparison.cpuRatio)
        ratios[u"cpu_ms_per_second_per_call"_s] = *comparison.cpuRatio;
    return {{u"calls"_s, comparison.calls},
            {u"command"_s, command},
            {u"gateway"_s, figuresJson(comparison.gateway)},
            {u"floor"_s, comparison.floor ? QJsonValue(figuresJson(*comparison.floor)) : QJsonValue(QJsonValue::Null)},
            {u"ratios"_s, ratios},
            {u"limits"_s, limits},
            {u"held"_s, comparison.held()}};
}

} // namespace

QByteArray toJson(const Report &report)
{
    const Options &options = report.options;
    QJsonArray runs;
    for (const RunResult &run : report.runs)
        runs.append(runJson(run, options));
    QJsonArray comparisons;
    bool held = true;
    for (const Comparison &comparison : report.comparisons) {
        comparisons.append(comparisonJson(comparison, options));
        held = held && comparison.held();
    }
    QJsonArray duels;
    for (const Duel &duel : report.duels) {
        duels.append(duelJson(duel, options));
        held = held && duel.held();
    }
    QJsonArray workDuels;
    for (const WorkDuel &duel : report.workDuels) {
        workDuels.append(workDuelJson(duel, options));
        held = held && duel.held();
    }
    QJsonArray leads;
    for (const LeadComparison &lead : report.leads) {
        QJsonObject object = leadJson(lead, report.leadRuns);
        object[u"command"_s] = options.command(lead.calls);
        leads.append(object);
        held = held && lead.held();
    }
    QJsonObject root{{u"program"_s, u"takt-bench"_s},
                     {u"version"_s, QStringLiteral(TAKT_VERSION)},
                     {u"machine"_s, QJsonObject{{u"cores"_s, report.machine.cores},
                                                {u"kernel"_s, report.machine.kernel},
                                                {u"processor"_s, report.machine.processor}}},
                     {u"settings"_s, QJsonObject{{u"gateway"_s, options.gateway},
                                                 {u"seconds"_s, options.seconds},
                                                 {u"repeat"_s, options.repeat},
                                                 {u"barge_seconds"_s, options.barge},
                                                 {u"aligned"_s, options.aligned},
                                                 {u"signed"_s, options.withSignatures},
                                                 {u"ramp_seconds"_s, load::kRampSeconds},
                                                 {u"settle_seconds"_s, load::kSettleSeconds},
                                                 {u"delta_bytes"_s, load::kDeltaBytes},
                                                 {u"ahead_seconds"_s, load::kAheadSeconds}}},
                     {u"runs"_s, runs},
                     {u"comparisons"_s, comparisons},
                     {u"held"_s, held}};
    if (options.attack)
        root[u"duels"_s] = duels;
    if (options.jobs)
        root[u"work_duels"_s] = workDuels;
    if (options.lead)
        root[u"leads"_s] = leads;
    return QJsonDocument(root).toJson();
}

} // namespace takt::bench
