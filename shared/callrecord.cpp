// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/callrecord.h"

namespace takt {

using namespace Qt::Literals::StringLiterals;

QJsonObject CallRecord::toJson() const
{
    QJsonObject json{{"call_sid"_L1, callSid},
                     {"business"_L1, business},
                     {"direction"_L1, direction},
                     {"from"_L1, from},
                     {"to"_L1, to},
                     {"started_at_ms"_L1, startedAtMs},
                     {"ended_at_ms"_L1, endedAtMs},
                     {"end_reason"_L1, endReason},
                     {"interruptions"_L1, interruptions},
                     {"worst_late_us"_L1, worstLateUs},
                     {"duration_seconds"_L1, durationSeconds},
                     {"tokens"_L1, tokens}};
    addCost(json, cost);
    return json;
}

CallRecord CallRecord::fromJson(const QJsonObject &json)
{
    CallRecord c;
    c.callSid = json["call_sid"_L1].toString();
    c.business = json["business"_L1].toString();
    c.direction = json["direction"_L1].toString();
    c.from = json["from"_L1].toString();
    c.to = json["to"_L1].toString();
    c.startedAtMs = json["started_at_ms"_L1].toInteger();
    c.endedAtMs = json["ended_at_ms"_L1].toInteger();
    c.endReason = json["end_reason"_L1].toString();
    c.interruptions = json["interruptions"_L1].toInteger();
    c.worstLateUs = json["worst_late_us"_L1].toInteger();
    c.durationSeconds = json["duration_seconds"_L1].toInt(-1);
    c.tokens = json["tokens"_L1].toInteger();
    c.cost = costFrom(json);
    return c;
}

} // namespace takt
