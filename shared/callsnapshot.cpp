// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/callsnapshot.h"

#include <functional>

namespace takt {

using namespace Qt::Literals::StringLiterals;

namespace {

// Tells each fact but those of the beat: its name, and how to get it from a call.
template <typename Tell>
void tellFacts(Tell tell)
{
    tell("call_sid"_L1, &CallSnapshot::callSid);
    tell("stream_sid"_L1, &CallSnapshot::streamSid);
    tell("business"_L1, &CallSnapshot::business);
    tell("direction"_L1, &CallSnapshot::direction);
    tell("from"_L1, &CallSnapshot::from);
    tell("to"_L1, &CallSnapshot::to);
    tell("state"_L1, &CallSnapshot::state);
    tell("started_at_ms"_L1, &CallSnapshot::startedAtMs);
    tell("backlog_ms"_L1, &CallSnapshot::backlogMs);
    tell("tx_worker"_L1, &CallSnapshot::txWorker);
    tell("interruptions"_L1, &CallSnapshot::interruptions);
    tell("model_latency_ms"_L1, &CallSnapshot::modelLatencyMs);
    tell("muted"_L1, &CallSnapshot::muted);
    tell("speaking"_L1, &CallSnapshot::speaking);
    tell("last_speaker"_L1, &CallSnapshot::lastSpeaker);
    tell("last_text"_L1, &CallSnapshot::lastText);
    tell("usage"_L1, &CallSnapshot::usage);
    tell("cost_micros"_L1, [](const CallSnapshot &call) { return microsOf(call.cost); });
    tell("currency"_L1, [](const CallSnapshot &call) { return currencyOf(call.cost); });
}

template <typename Fact>
QJsonValue json(const Fact &fact)
{
    return fact;
}
QJsonValue json(const Usage &usage)
{
    return usage.toJson();
}

} // namespace

QJsonObject CallSnapshot::toJson() const
{
    QJsonObject all;
    tellFacts([&](QLatin1StringView name, auto fact) { all.insert(name, json(std::invoke(fact, *this))); });
    tx.addTo(all);
    return all;
}

QJsonObject CallSnapshot::newsSince(const CallSnapshot &before) const
{
    QJsonObject news;
    tellFacts([&](QLatin1StringView name, auto fact) {
        if (const auto &now = std::invoke(fact, *this); now != std::invoke(fact, before))
            news.insert(name, json(now));
    });
    tx.addNewsTo(news, before.tx);
    return news;
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
