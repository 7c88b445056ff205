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

QJsonObject limitJson(const Limit &limit, const QString &command)
{
    return {{u"name"_s, limit.name},
            {u"wanted"_s, limit.wanted},
            {u"attacked"_s, limit.value ? QJsonValue(*limit.value) : QJsonValue(QJsonValue::Null)},
            {u"undisturbed"_s, limit.floor ? QJsonValue(*limit.floor) : QJsonValue(QJsonValue::Null)},
            {u"verdict"_s, limit.held ? u"ok"_s : u"BROKEN"_s},
            {u"command"_s, command}};
}

} // namespace

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
    const QString command = options.command(duel.calls);
    QJsonObject attacked;
    QJsonObject undisturbed;
    QJsonObject ratios;
    for (const FigureField &field : kFigureFields) {
        const QString name = QString::fromLatin1(field.name);
        attacked[name] = duel.attacked.*field.field;
        undisturbed[name] = duel.undisturbed.*field.field;
        if (duel.undisturbed.*field.field > 0)
            ratios[name] = duel.attacked.*field.field / (duel.undisturbed.*field.field);
    }
    QJsonArray limits;
    for (const Limit &limit : duel.limits)
        limits.append(limitJson(limit, command));
    return {{u"calls"_s, duel.calls},
            {u"command"_s, command},
            {u"attacked"_s, attacked},
            {u"undisturbed"_s, undisturbed},
            {u"ratios"_s, ratios},
            {u"attack"_s, attackJson(duel.attack)},
            {u"honest_undisturbed"_s, honestJson(duel.honestUndisturbed)},
            {u"limits"_s, limits},
            {u"held"_s, duel.held()}};
}

} // namespace takt::bench
