// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/gatewaysnapshot.h"

#include <QJsonArray>

namespace takt {

using namespace Qt::Literals::StringLiterals;

QJsonObject GatewaySnapshot::toJson() const
{
    QJsonArray list;
    for (const CallSnapshot &call : calls)
        list.append(call.toJson());
    return {
        {"version"_L1, version},    {"started_at_ms"_L1, startedAtMs},
        {"real_time"_L1, realTime}, {"worst_late_us"_L1, worstLateUs},
        {"draining"_L1, draining},  {"slots_held"_L1, slotsHeld},
        {"role"_L1, role},          {"not_ready"_L1, QJsonArray::fromStringList(notReady)},
        {"calls"_L1, list},         {"drain_ends_at_ms"_L1, drainEndsAtMs},
        {"data_dir"_L1, dataDir},   {"counters"_L1, counters},
    };
}

GatewaySnapshot GatewaySnapshot::fromJson(const QJsonObject &json)
{
    GatewaySnapshot snapshot;
    snapshot.version = json["version"_L1].toString();
    snapshot.startedAtMs = json["started_at_ms"_L1].toInteger();
    snapshot.realTime = json["real_time"_L1].toString();
    snapshot.worstLateUs = json["worst_late_us"_L1].toInteger();
    snapshot.draining = json["draining"_L1].toBool();
    snapshot.slotsHeld = json["slots_held"_L1].toInt();
    snapshot.dataDir = json["data_dir"_L1].toString();
    snapshot.role = json["role"_L1].toString();
    const QJsonArray reasons = json["not_ready"_L1].toArray();
    for (const QJsonValue &reason : reasons)
        snapshot.notReady << reason.toString();
    snapshot.drainEndsAtMs = json["drain_ends_at_ms"_L1].toInteger();
    snapshot.counters = json["counters"_L1].toObject();
    const QJsonArray list = json["calls"_L1].toArray();
    for (const QJsonValue &call : list)
        snapshot.calls.append(CallSnapshot::fromJson(call.toObject()));
    return snapshot;
}

} // namespace takt
