// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/report.h"

#include "load/median.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace takt::capacity {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Field {
    const char *name;
    double LevelFigures::*field;
};
constexpr Field kFields[] = {
    {"seconds", &LevelFigures::seconds},
    {"gaps", &LevelFigures::gaps},
    {"stalls", &LevelFigures::stalls},
    {"bursts", &LevelFigures::bursts},
    {"frames_per_second_speaking", &LevelFigures::framesPerSecond},
    {"gap_deviation_p50_ms", &LevelFigures::p50Ms},
    {"gap_deviation_p99_ms", &LevelFigures::p99Ms},
    {"gap_deviation_p99_9_ms", &LevelFigures::p999Ms},
    {"gap_deviation_max_ms", &LevelFigures::maxMs},
    {"clear_p99_ms", &LevelFigures::clearP99Ms},
    {"cpu_ms_per_second_per_call", &LevelFigures::cpuPerCallMs},
    {"resident_mb", &LevelFigures::residentMb},
    {"jobs_finished", &LevelFigures::jobsFinished},
};

QString number(double value)
{
    return QString::number(value, 'f', value < 10 ? 2 : 0);
}

QJsonObject figuresJson(const LevelFigures &figures)
{
    QJsonObject object{{u"calls"_s, figures.calls},   {u"opened"_s, figures.opened},   {u"refused"_s, figures.refused},
                       {u"failed"_s, figures.failed}, {u"dropped"_s, figures.dropped}, {u"silent"_s, figures.silent}};
    for (const Field &field : kFields)
        object[QString::fromLatin1(field.name)] = figures.*field.field;
    return object;
}

QJsonArray threadsJson(const std::vector<ThreadUse> &threads)
{
    QJsonArray all;
    for (const ThreadUse &thread : threads)
        all.append(QJsonObject{{u"name"_s, QString::fromStdString(thread.name)},
                               {u"busy"_s, thread.busy},
                               {u"waiting"_s, thread.waiting}});
    return all;
}

QJsonObject evidenceJson(const Evidence &e)
{
    QJsonObject object{{u"seconds"_s, e.seconds},
                       {u"cores"_s, e.cores},
                       {u"cores_shared_with_load"_s, e.sharedCores},
                       {u"cores_busy"_s, e.coresBusy},
                       {u"stolen"_s, e.stolen},
                       {u"gateway_threads"_s, threadsJson(e.gateway)},
                       {u"load_threads"_s, threadsJson(e.generator)},
                       {u"caller_frames_late_p99_ms"_s, e.callerLateP99Ms},
                       {u"gaps_not_measurable"_s, e.notMeasurable},
                       {u"memory_available_mb"_s, e.availableMb},
                       {u"listen_overflows"_s, e.listenOverflows}};
    if (e.pressure)
        object[u"cpu_pressure"_s] = *e.pressure;
    if (e.descriptors)
        object[u"gateway_descriptors"_s] = *e.descriptors;
    return object;
}

QJsonObject levelJson(const Level &level)
{
    QJsonObject object{{u"figures"_s, figuresJson(level.figures)},
                       {u"evidence"_s, evidenceJson(level.evidence)},
                       {u"held"_s, level.held()},
                       {u"slipped"_s, QJsonArray::fromStringList(level.slipped)}};
    if (!level.held())
        object[u"cause"_s] = QJsonObject{{u"resource"_s, name(level.cause.resource)},
                                         {u"why"_s, level.cause.why},
                                         {u"beside"_s, QJsonArray::fromStringList(level.cause.beside)}};
    return object;
}

QString row(const QStringList &cells)
{
    return u"| "_s + cells.join(u" | "_s) + u" |\n"_s;
}

// Markdown has a line for each variant.
QStringList cellsOf(const Found &found)
{
    const Variant &variant = found.variant;
    const auto figures = figuresOf(found);
    const Level *end = endOf(found);
    QStringList cells{variant.cores > 0 ? QString::number(variant.cores) : u"all"_s, variant.tls ? u"yes"_s : u"no"_s,
                      variant.jobs ? u"yes"_s : u"no"_s,
                      QString::number(found.held) + (found.slipped ? QString() : u" or more"_s)};
    if (figures)
        cells << number(figures->p99Ms) + u" / "_s + number(figures->p999Ms) << number(figures->cpuPerCallMs)
              << number(figures->residentMb);
    else
        cells << QString() << QString() << QString();
    cells << (end != nullptr ? name(end->cause.resource) : u"the search"_s);
    return cells;
}

} // namespace

std::optional<LevelFigures> figuresOf(const Found &found)
{
    std::vector<const LevelFigures *> same;
    for (const Level &level : found.levels) {
        if (level.held() && level.figures.calls == found.held)
            same.push_back(&level.figures);
    }
    if (same.empty())
        return std::nullopt;
    LevelFigures medians = *same.front();
    for (const Field &field : kFields) {
        std::vector<double> values;
        for (const LevelFigures *figures : same)
            values.push_back(figures->*field.field);
        medians.*field.field = load::medianOf(std::move(values));
    }
    return medians;
}

const Level *endOf(const Found &found)
{
    const Level *end = nullptr;
    for (const Level &level : found.levels) {
        if (!level.held() && found.slipped == level.figures.calls)
            end = &level;
    }
    return end;
}

QString variantText(const Variant &variant)
{
    const QString cores = variant.cores == 0   ? u"all cores"_s
                          : variant.cores == 1 ? u"1 core"_s
                                               : u"%1 cores"_s.arg(variant.cores);
    return cores + (variant.tls ? u", with TLS"_s : u", without TLS"_s)
           + (variant.jobs ? u", with jobs"_s : u", without jobs"_s);
}

QString levelText(const Level &level)
{
    const LevelFigures &f = level.figures;
    const Evidence &e = level.evidence;
    QString text =
        u"%1 calls %2  |gap-20ms| p99 %3 p99.9 %4 max %5 ms; CPU %6 ms/s/call, %7 MB; cores busy %8 %, stolen %9 %"_s
            .arg(f.calls, 5)
            .arg(level.held() ? u"held   "_s : u"SLIPPED"_s, number(f.p99Ms), number(f.p999Ms), number(f.maxMs),
                 number(f.cpuPerCallMs), number(f.residentMb))
            .arg(100 * e.coresBusy, 0, 'f', 0)
            .arg(100 * e.stolen, 0, 'f', 1);
    if (f.jobsFinished > 0)
        text += u"; %1 jobs done"_s.arg(f.jobsFinished);
    text += u'\n';
    if (!level.held())
        text += u"            "_s + level.slipped.join(u", "_s) + u"\n            "_s + level.cause.why + u'\n';
    return text;
}

QString foundText(const Found &found)
{
    QString text = u"\n%1: %2 calls held"_s.arg(variantText(found.variant)).arg(found.held);
    const auto figures = figuresOf(found);
    if (figures)
        text += u" (|gap - 20 ms| p99 %1, p99.9 %2 ms; CPU %3 ms/s/call; %4 MB)"_s.arg(
            number(figures->p99Ms), number(figures->p999Ms), number(figures->cpuPerCallMs),
            number(figures->residentMb));
    const Level *end = endOf(found);
    if (end == nullptr)
        return text + u"\nnothing ended it: more were not tried\n"_s;
    text += u"\n%1 were too many: %2\nwhat ended it: %3. %4\n"_s.arg(end->figures.calls)
                .arg(end->slipped.join(u", "_s), name(end->cause.resource), end->cause.why);
    for (const QString &more : end->cause.beside)
        text += u"also: "_s + more + u'\n';
    return text;
}

QString table(const std::vector<Found> &all, const load::Machine &machine, const Options &options)
{
    QString text = row({u"cores"_s, u"TLS"_s, u"jobs"_s, u"calls held"_s, u"p99 / p99.9 of \\|gap - 20 ms\\|, ms"_s,
                        u"CPU, ms a second and call"_s, u"memory, MB"_s, u"what ended it"_s});
    text += u"|---|---|---|---|---|---|---|---|\n"_s;
    for (const Found &found : all)
        text += row(cellsOf(found));
    text +=
        u"\n%1 cores, %2, %3; steps of %4 s, known to %5 calls, medians of %6 measurements; p99.9 at most %7 ms.\n"_s
            .arg(machine.cores)
            .arg(machine.processor, machine.kernel)
            .arg(options.seconds)
            .arg(options.range.step)
            .arg(options.range.repeat)
            .arg(options.limits.p999Ms);
    return text;
}

QByteArray toJson(const std::vector<Found> &all, const load::Machine &machine, const Options &options)
{
    QJsonArray searches;
    for (const Found &found : all) {
        QJsonArray levels;
        for (const Level &level : found.levels)
            levels.append(levelJson(level));
        const auto figures = figuresOf(found);
        const Level *end = endOf(found);
        searches.append(QJsonObject{
            {u"cores"_s, found.variant.cores},
            {u"tls"_s, found.variant.tls},
            {u"jobs"_s, found.variant.jobs},
            {u"held"_s, found.held},
            {u"slipped"_s, found.slipped ? QJsonValue(*found.slipped) : QJsonValue(QJsonValue::Null)},
            {u"medians"_s, figures ? QJsonValue(figuresJson(*figures)) : QJsonValue(QJsonValue::Null)},
            {u"ended_by"_s, end != nullptr ? QJsonValue(name(end->cause.resource)) : QJsonValue(QJsonValue::Null)},
            {u"levels"_s, levels}});
    }
    return QJsonDocument(QJsonObject{{u"program"_s, u"takt-sim capacity"_s},
                                     {u"version"_s, QStringLiteral(TAKT_VERSION)},
                                     {u"machine"_s, QJsonObject{{u"cores"_s, machine.cores},
                                                                {u"kernel"_s, machine.kernel},
                                                                {u"processor"_s, machine.processor}}},
                                     {u"settings"_s, QJsonObject{{u"from"_s, options.range.from},
                                                                 {u"step"_s, options.range.step},
                                                                 {u"max"_s, options.range.most},
                                                                 {u"repeat"_s, options.range.repeat},
                                                                 {u"seconds"_s, options.seconds},
                                                                 {u"p99_9_ms"_s, options.limits.p999Ms},
                                                                 {u"barge_seconds"_s, options.barge}}},
                                     {u"searches"_s, searches}})
        .toJson();
}

} // namespace takt::capacity
