// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/dueljson.h"

#include <QJsonArray>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

QJsonObject countsJson(const std::map<int, std::uint64_t> &counts)
{
    QJsonObject object;
    for (const auto &[status, count] : counts) {
        const QString name = status > 0            ? QString::number(status)
                             : status == kSeveral  ? u"several"_s
                             : status == kNotEnded ? u"not_ended"_s
                                                   : u"no_http"_s;
        object[name] = double(count);
    }
    return object;
}

QJsonObject honestJson(const HonestFigures &f)
{
    return {{u"sent"_s, double(f.sent)}, {u"answered"_s, double(f.answered)}, {u"failed"_s, double(f.failed)},
            {u"answer_p50_ms"_s, f.p50}, {u"answer_p99_ms"_s, f.p99},         {u"answer_max_ms"_s, f.max}};
}

QJsonObject kindJson(const AttackKindFigures &f)
{
    return {{u"opened"_s, double(f.opened)},
            {u"held"_s, f.held},
            {u"not_connected"_s, double(f.unconnected)},
            {u"statuses"_s, countsJson(f.statuses)},
            {u"closed_without_status"_s, double(f.closed)},
            {u"open_at_the_end"_s, double(f.stillOpen)},
            {u"wrong"_s, double(f.wrong)},
            {u"wrong_by_status"_s, countsJson(f.wrongKinds)},
            {u"not_ended_in_time"_s, double(f.endless)}};
}

QJsonObject limitJson(const Limit &limit, const QString &way, const QString &command)
{
    return {{u"name"_s, limit.name},
            {u"wanted"_s, limit.wanted},
            {way, limit.value ? QJsonValue(*limit.value) : QJsonValue(QJsonValue::Null)},
            {u"undisturbed"_s, limit.floor ? QJsonValue(*limit.floor) : QJsonValue(QJsonValue::Null)},
            {u"verdict"_s, limit.held ? u"ok"_s : u"BROKEN"_s},
            {u"command"_s, command}};
}

// The gateway `disturbed` in that way next to itself, and the limits.
QJsonObject sidesJson(const QString &way, const Figures &disturbed, const Figures &undisturbed,
                      const std::vector<Limit> &limits, const QString &command)
{
    QJsonObject ratios;
    for (const FigureField &field : kFigureFields) {
        if (undisturbed.*field.field > 0)
            ratios[QString::fromLatin1(field.name)] = disturbed.*field.field / (undisturbed.*field.field);
    }
    QJsonArray judged;
    for (const Limit &limit : limits)
        judged.append(limitJson(limit, way, command));
    return {{u"command"_s, command},
            {way, figuresJson(disturbed)},
            {u"undisturbed"_s, figuresJson(undisturbed)},
            {u"ratios"_s, ratios},
            {u"limits"_s, judged}};
}

} // namespace

QJsonObject figuresJson(const Figures &figures)
{
    QJsonObject object;
    for (const FigureField &field : kFigureFields)
        object[QString::fromLatin1(field.name)] = figures.*field.field;
    return object;
}

QJsonObject attackJson(const AttackFigures &attack)
{
    QJsonObject object{{u"honest"_s, honestJson(attack.honest)}};
    if (!attack.attacked)
        return object;
    QJsonObject kinds;
    for (std::size_t kind = 0; kind < kAttackKinds.size(); ++kind)
        kinds[QLatin1StringView(kAttackKinds[kind].name)] = kindJson(attack.kinds[kind]);
    object[u"seconds"_s] = attack.seconds;
    object[u"connections"_s] = attack.opened();
    object[u"connections_per_second"_s] = attack.rate();
    object[u"attacker_cpu_seconds"_s] = attack.cpuSeconds;
    object[u"wrong"_s] = attack.wrong();
    object[u"kinds"_s] = kinds;
    return object;
}

QJsonObject duelJson(const Duel &duel, const Options &options)
{
    QJsonObject object = sidesJson(u"attacked"_s, duel.attacked, duel.undisturbed, duel.limits,
                                   options.command(duel.calls));
    object[u"calls"_s] = duel.calls;
    object[u"attack"_s] = attackJson(duel.attack);
    object[u"honest_undisturbed"_s] = honestJson(duel.honestUndisturbed);
    object[u"held"_s] = duel.held();
    return object;
}

QJsonObject workJson(const WorkFigures &work)
{
    QJsonObject object;
    for (const WorkField &field : kWorkFields)
        object[QString::fromLatin1(field.name)] = work.*field.field;
    return object;
}

QJsonObject workDuelJson(const WorkDuel &duel, const Options &options)
{
    QJsonArray ratios;
    for (const double ratio : duel.ratios)
        ratios.append(ratio);
    QJsonArray work;
    for (const WorkFigures &figures : duel.work)
        work.append(workJson(figures));
    QJsonObject object = sidesJson(u"with_jobs"_s, duel.working, duel.undisturbed, duel.limits,
                                   options.command(duel.calls));
    object[u"calls"_s] = duel.calls;
    object[u"gap_deviation_p99_9_ratio_of_each_repeat"_s] = ratios;
    object[u"work"_s] = work;
    object[u"held"_s] = duel.held();
    return object;
}

} // namespace takt::bench
