// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/callsnapshot.h"

namespace takt {

using namespace Qt::Literals::StringLiterals;

QJsonObject CallSnapshot::toJson() const
{
    QJsonObject json{
        {"call_sid"_L1, callSid},
        {"stream_sid"_L1, streamSid},
        {"business"_L1, business},
        {"direction"_L1, direction},
        {"from"_L1, from},
        {"to"_L1, to},
        {"state"_L1, state},
        {"started_at_ms"_L1, startedAtMs},
        {"backlog_ms"_L1, backlogMs},
        {"tx_worker"_L1, txWorker},
        {"interruptions"_L1, interruptions},
        {"model_latency_ms"_L1, modelLatencyMs},
        {"muted"_L1, muted},
        {"speaking"_L1, speaking},
        {"last_speaker"_L1, lastSpeaker},
        {"last_text"_L1, lastText},
        {"usage"_L1, usage.toJson()},
    };
    tx.addTo(json);
    addCost(json, cost);
    return json;
}

CallSnapshot CallSnapshot::fromJson(const QJsonObject &json)
{
    CallSnapshot call;
    call.callSid = json["call_sid"_L1].toString();
    call.streamSid = json["stream_sid"_L1].toString();
    call.business = json["business"_L1].toString();
    call.direction = json["direction"_L1].toString();
    call.from = json["from"_L1].toString();
    call.to = json["to"_L1].toString();
    call.state = json["state"_L1].toString();
    call.startedAtMs = json["started_at_ms"_L1].toInteger();
    call.backlogMs = json["backlog_ms"_L1].toInteger();
    call.txWorker = json["tx_worker"_L1].toInt();
    call.tx = TxFacts::fromJson(json);
    call.interruptions = json["interruptions"_L1].toInteger();
    call.modelLatencyMs = json["model_latency_ms"_L1].toInteger(-1);
    call.muted = json["muted"_L1].toBool();
    call.speaking = json["speaking"_L1].toString();
    call.lastSpeaker = json["last_speaker"_L1].toString();
    call.lastText = json["last_text"_L1].toString();
    call.usage = Usage::fromJson(json["usage"_L1].toObject());
    call.cost = costFrom(json);
    return call;
}

} // namespace takt
