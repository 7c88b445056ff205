// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/samples.h"

#include "console/fakegateway.h"
#include "shared/calldetail.h"
#include "shared/callrecord.h"
#include "shared/flightrecord.h"
#include "shared/gatewaysnapshot.h"
#include "shared/jobsnapshot.h"

#include <QJsonArray>

#include <cmath>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace samples {

namespace {

JobSnapshot job(int i, qint64 nowMs)
{
    static const QStringList s_states{u"running"_s,   u"available"_s, u"pending"_s,   u"failed"_s,
                                      u"retryable"_s, u"completed"_s, u"completed"_s, u"skipped"_s};
    JobSnapshot j;
    j.id = 1000 + i;
    j.callSid = u"CA%1"_s.arg(i / 7 + 1, 32, 16, QChar(u'0'));
    j.business = i / 7 % 2 == 0 ? u"Bike shop"_s : u"Dr. Levi"_s;
    j.stage = QString(name(kStages[std::size_t(i % 7)]));
    j.state = s_states[i % s_states.size()];
    j.attempt = i % 3 + 1;
    j.maxAttempts = 10;
    j.createdAtMs = nowMs - 1000 * (30 + i * 47);
    if (j.state == "running"_L1) {
        j.progress = 0.2 + 0.1 * (i % 7);
        j.worker = u"host-4711"_s;
    }
    if (j.state == "pending"_L1)
        j.waiting = u"waits for transcribe"_s;
    if (j.state == "retryable"_L1) {
        j.runAtMs = nowMs + 95'000;
        j.reason = u"the server said 503"_s;
    }
    if (j.state == "failed"_L1)
        j.reason = u"the receiver said 410"_s;
    if (j.state == "completed"_L1 || j.state == "failed"_L1)
        j.finishedAtMs = nowMs - 1000 * i;
    return j;
}

// 250 past calls, a page of them.
QJsonObject history(const QJsonObject &parameters, qint64 nowMs)
{
    const int first = parameters.contains("before_sid"_L1) ? parameters["before_sid"_L1].toString().mid(2).toInt() + 1
                                                           : 0;
    QJsonArray list;
    for (int i = first; i < 250 && list.size() < parameters["limit"_L1].toInt(); ++i) {
        const CallSnapshot live = call(i, nowMs);
        CallRecord c;
        c.callSid = u"CA%1"_s.arg(i, 4, 10, QChar(u'0'));
        c.business = live.business;
        c.direction = live.direction;
        c.from = live.from;
        c.to = live.to;
        c.startedAtMs = nowMs - 600'000 * (i + 1);
        c.endedAtMs = c.startedAtMs + 1000 * (40 + i);
        c.endReason = i % 4 == 0 ? u"agent_hangup"_s : u"carrier_stop"_s;
        c.interruptions = i % 3;
        c.worstLateUs = 300 + i;
        c.tokens = 1200 + i;
        if (i % 2 == 0)
            c.cost = Cost{98'700 + 1000 * i, u"USD"_s};
        if (c.business.contains(parameters["text"_L1].toString(), Qt::CaseInsensitive))
            list << c.toJson();
    }
    return {{"calls"_L1, list}};
}

QJsonObject record(qint64 nowMs, bool hebrew)
{
    QJsonArray transcript;
    const TopicState talk = conversation(nowMs, hebrew);
    for (int i = 0; talk.rows.contains(u"turn/%1"_s.arg(i)); ++i)
        transcript << talk.rows[u"turn/%1"_s.arg(i)];
    return {{"call"_L1, QJsonObject{{"from"_L1, "+1555010100"_L1},
                                    {"started_at_ms"_L1, nowMs - 600'000},
                                    {"business"_L1, "Bike shop"_L1},
                                    {"end_reason"_L1, "agent_hangup"_L1}}},
            {"transcript_source"_L1, "recording"_L1},
            {"transcript"_L1, transcript},
            {"live_transcript"_L1, QJsonArray{transcript[0], transcript[1], transcript[2]}},
            {"results"_L1,
             QJsonObject{{"summarize"_L1,
                          QJsonObject{{"summary"_L1,
                                       "Dana Cohen brings her bike tomorrow at ten: the rear brake squeaks."_L1}}}}}};
}

QJsonObject leads(qint64 nowMs)
{
    static const QStringList s_names{u"Dana Cohen"_s, u"Noa Levi"_s, QString(), u"Sam Miller"_s};
    QJsonArray list;
    for (int i = 0; i < 12; ++i)
        list << QJsonObject{{"id"_L1, i + 1},
                            {"name"_L1, s_names[i % 4]},
                            {"phone"_L1, u"+1555010%1"_s.arg(100 + i)},
                            {"business"_L1, i % 2 == 0 ? "Bike shop"_L1 : "Dr. Levi"_L1},
                            {"status"_L1, i % 3 == 0 ? "hot"_L1 : "new"_L1},
                            {"city"_L1, "Haifa"_L1},
                            {"service"_L1, "brake repair"_L1},
                            {"calls"_L1, i + 1},
                            {"updated_at_ms"_L1, nowMs - 3'600'000 * i}};
    return {{"leads"_L1, list}};
}

} // namespace

CallSnapshot call(int i, qint64 nowMs)
{
    static const QStringList s_states{u"talking"_s,     u"talking"_s,  u"talking"_s,
                                      u"interrupted"_s, u"greeting"_s, u"gate"_s};
    CallSnapshot c;
    c.callSid = u"CA%1"_s.arg(i + 1, 32, 16, QChar(u'0'));
    c.streamSid = u"MZ%1"_s.arg(i + 1, 32, 16, QChar(u'0'));
    c.business = i % 3 == 0 ? u"Bike shop"_s : i % 3 == 1 ? u"Dr. Levi"_s : u"Pizza Roma"_s;
    c.direction = i % 5 == 4 ? u"outbound"_s : u"inbound"_s;
    if (i != 11) // who is withheld
        c.from = u"+1555010%1"_s.arg(100 + i);
    c.to = u"+1555019%1"_s.arg(900 + i);
    c.state = s_states[i % s_states.size()];
    c.startedAtMs = nowMs - 1000 * (17 + i * 23);
    c.tx.framesSent = 50 * (10 + i);
    c.backlogMs = i % 3 == 0 ? 340 + 20 * i : 0;
    c.tx.worstLateUs = 210 + 37 * i % 900;
    c.interruptions = i % 4;
    c.modelLatencyMs = 380 + 17 * (i % 20);
    c.speaking = i % 3 == 0 ? u"agent"_s : i % 3 == 1 ? u"caller"_s : QString();
    c.lastSpeaker = u"agent"_s;
    c.lastText = u"We open at nine on Monday."_s;
    c.muted = i == 6;
    c.usage[UsageClass::OutputAudio] = 900 + 10 * i;
    if (i % 2 == 0)
        c.cost = Cost{57'600 + 640 * i, u"USD"_s};
    return c;
}

TopicState calls(int count, qint64 nowMs)
{
    TopicState state;
    for (int i = 0; i < count; ++i) {
        const CallSnapshot c = call(i, nowMs);
        state.rows.insert(c.callSid, c.toJson());
    }
    state.head.insert("live"_L1, count);
    return state;
}

TopicState conversation(qint64 nowMs, bool hebrew)
{
    const QStringList english{u"Good morning, this is the bike shop. How can I help you?"_s,
                              u"Hi, my rear brake is squeaking terribly and I need the bike on Friday."_s,
                              u"We can look at it tomorrow at ten. Shall I note your name, and"_s,
                              u"Yes, Dana Cohen."_s, u"Thank you, Dana. Tomorrow at ten, then."_s};
    const QStringList hebrewTexts{u"בוקר טוב, חנות האופניים, במה אפשר לעזור?"_s,
                                  u"שלום, הבלם האחורי שלי חורק נורא ואני צריכה את האופניים ליום שישי."_s,
                                  u"נוכל לבדוק אותם מחר בעשר. לרשום את השם, וגם"_s, u"כן, דנה כהן."_s,
                                  u"תודה דנה. אז מחר בעשר."_s};
    const QStringList &texts = hebrew ? hebrewTexts : english;
    TopicState state{{{"live"_L1, true}}, {}};
    for (int i = 0; i < texts.size(); ++i)
        state.rows.insert(u"turn/%1"_s.arg(i),
                          CallTurn{i, i % 2 == 0 ? u"agent"_s : u"caller"_s, texts[i], i == 2}.toJson());
    const QList<std::pair<QString, QString>> events{{u"started"_s, {}},
                                                    {u"model_ready"_s, {}},
                                                    {u"agent_speaks"_s, {}},
                                                    {u"caller_speaks"_s, {}},
                                                    {u"agent_speaks"_s, u"412"_s},
                                                    {u"barge_in"_s, {}},
                                                    {u"tool"_s, u"transfer_call"_s},
                                                    {u"digits"_s, u"3"_s},
                                                    {u"stall"_s, {}},
                                                    {u"say"_s, u"One moment, please."_s},
                                                    {u"mute"_s, u"on"_s},
                                                    {u"mute"_s, u"off"_s},
                                                    {u"transfer"_s, u"+15558880099"_s},
                                                    {u"transfer_failed"_s, u"no answer in time"_s}};
    for (int i = 0; i < events.size(); ++i)
        state.rows.insert(u"event/%1"_s.arg(i),
                          CallEvent{i, nowMs - 17'000 + 1700 * i, events[i].first, events[i].second}.toJson());
    return state;
}

TopicState beat(qint64 nowMs, int stalls)
{
    TopicState state{{{"has_calls"_L1, true},
                      {"real_time"_L1, u"TX SCHED_RR 10, calls SCHED_RR 5, memory locked"_s},
                      {"worst_late_us"_L1, 2100},
                      {"cpu_pressure"_L1, 3.4},
                      {"gate_closed"_L1, QString()},
                      {"jobs_running"_L1, 2}},
                     {}};
    const auto add = [&](const QString &span, int count, int seconds) {
        for (int i = 0; i < count; ++i) {
            const double wave = std::sin(i * 0.35) + std::sin(i * 0.11);
            state.rows.insert(u"%1/%2"_s.arg(span).arg(i), {{"span"_L1, span},
                                                            {"seconds"_L1, seconds},
                                                            {"at_ms"_L1, nowMs - qint64(count - i) * seconds * 1000},
                                                            {"slots"_L1, 600 * seconds},
                                                            {"frames"_L1, int((420 + 60 * wave) * seconds)},
                                                            {"p50_us"_L1, 80},
                                                            {"p99_us"_L1, int(420 + 90 * wave)},
                                                            {"p999_us"_L1, int(800 + 150 * wave)},
                                                            {"max_us"_L1, int(1100 + 400 * wave)},
                                                            {"stalls"_L1, span == "second"_L1 && i == 50 ? stalls : 0},
                                                            {"resyncs"_L1, span == "minute"_L1 && i % 17 == 3 ? 2 : 0},
                                                            {"dropped"_L1, 0}});
        }
    };
    add(u"second"_s, 60, 1);
    add(u"minute"_s, 42, 60);
    add(u"quarter"_s, 3, 900);
    for (int i = 0; i < 2; ++i)
        state.rows.insert(u"worker/%1"_s.arg(i), {{"span"_L1, u"worker"_s},
                                                  {"worker"_L1, i},
                                                  {"p50_us"_L1, 80},
                                                  {"p99_us"_L1, 410 + i},
                                                  {"p999_us"_L1, 820},
                                                  {"max_us"_L1, 1250},
                                                  {"slots"_L1, 300},
                                                  {"calls"_L1, 7},
                                                  {"underruns"_L1, 3 * i},
                                                  {"bursts"_L1, i},
                                                  {"stalls"_L1, 0},
                                                  {"dropped"_L1, 0},
                                                  {"socket_full"_L1, 12},
                                                  {"lead_ms"_L1, 40 * i}});
    for (int i = 0; i < 5; ++i)
        state.rows.insert(u"call/CA%1"_s.arg(i), {{"span"_L1, u"call"_s},
                                                  {"number"_L1, u"+1555010%1"_s.arg(100 + i)},
                                                  {"p50_us"_L1, 80 + i},
                                                  {"p99_us"_L1, 600 - 30 * i},
                                                  {"p999_us"_L1, 900 - 30 * i},
                                                  {"max_us"_L1, 1250 - 100 * i},
                                                  {"slots"_L1, 4000 + 77 * i},
                                                  {"underruns"_L1, 4 - i},
                                                  {"bursts"_L1, i == 0 ? 1 : 0},
                                                  {"stalls"_L1, i == 1 ? 1 : 0}});
    return state;
}

TopicState flights(qint64 nowMs)
{
    static const QStringList s_causes{u"queue starved"_s, u"worker late"_s, u"socket full"_s};
    TopicState state;
    for (int i = 0; i < 9; ++i) {
        FlightEntry entry;
        entry.atMs = nowMs - 61'000 * (9 - i);
        entry.callSid = call(i, nowMs).callSid;
        entry.reason = i == 4 ? u"crash"_s : i == 5 ? u"asked"_s : u"stall"_s;
        if (entry.reason == "stall"_L1) {
            entry.cause = s_causes[i % 3];
            entry.durationMs = 140 + 37 * i;
        }
        if (i != 3) // too soon after another
            entry.name = u"%1-%2-%3"_s.arg(entry.atMs).arg(entry.callSid, entry.reason);
        state.rows.insert(QString::number(i), entry.toJson());
    }
    return state;
}

QByteArray flight(qint64 nowMs)
{
    QByteArray lines = u"{\"flight\":1,\"call_sid\":\"CA1\",\"reason\":\"stall\",\"cause\":\"queue starved\","
                       "\"duration_ms\":400,\"at_ms\":%1,\"from_us\":0,\"until_us\":10000000}\n"_s.arg(nowMs)
                           .toUtf8();
    const auto add = [&](qint64 atMs, const char *what, const QString &figures = {}) {
        lines +=
            u"{\"t_us\":%1,\"what\":\"%2\"%3}\n"_s.arg(atMs * 1000).arg(QString::fromLatin1(what), figures).toUtf8();
    };
    int backlog = 0;
    for (int ms = 0; ms < 10'000; ms += 20) {
        add(ms, "media", u",\"bytes\":160,\"hole_ms\":0"_s);
        const bool speaks = ms >= 1000 && ms < 9000;
        if (ms == 1000)
            add(ms, "response");
        if (ms == 4000)
            add(ms, "barge_in");
        if (ms == 4000)
            add(ms, "clear", u",\"frames\":%1"_s.arg(std::exchange(backlog, 0)));
        const bool dry = (ms >= 4000 && ms < 4600) || (ms >= 6600 && ms < 7200); // interrupted; starving
        if (speaks && ms % 200 == 0 && !dry) {
            add(ms, "delta", u",\"bytes\":%1,\"item\":1"_s.arg(ms < 6000 ? 1920 : 1600));
            backlog += ms < 6000 ? 12 : 10;
        }
        if (backlog > 0)
            add(ms, "sent", u",\"late_us\":%1,\"backlog\":%2"_s.arg(300 + ms * 7 % 900).arg(--backlog));
        if (ms == 7200)
            add(ms, "stall_over", u",\"ms\":400,\"cause\":\"queue starved\""_s);
    }
    return lines;
}

TopicState jobs(qint64 nowMs)
{
    TopicState state;
    QJsonObject counts;
    for (int i = 0; i < 42; ++i) {
        const JobSnapshot j = job(i, nowMs);
        state.rows.insert(QString::number(j.id), j.toJson());
        counts[j.state] = counts[j.state].toInt() + 1;
    }
    state.head = {{"counts"_L1, counts}, {"closed"_L1, QString()}, {"paused"_L1, QJsonArray()}};
    return state;
}

TopicState gateway(int calls)
{
    GatewaySnapshot s;
    s.version = u"9.9.9"_s;
    s.role = u"all"_s;
    TopicState state{s.toJson(), {}};
    state.head.insert("calls_live"_L1, calls);
    return state;
}

void publishAll(FakeGateway &gateway, qint64 nowMs, bool hebrew)
{
    gateway.publish(u"gateway"_s, samples::gateway(14));
    gateway.publish(u"calls"_s, calls(14, nowMs));
    gateway.publish(u"call/"_s + call(0, nowMs).callSid, conversation(nowMs, hebrew));
    gateway.publish(u"tx"_s, beat(nowMs, 0));
    gateway.publish(u"flights"_s, flights(nowMs));
    gateway.handlers[u"flight"_s] = [nowMs](const QJsonObject &parameters) {
        return QJsonObject{{"flight"_L1, parameters["flight"_L1]}, {"ndjson"_L1, QString::fromUtf8(flight(nowMs))}};
    };
    gateway.publish(u"jobs"_s, jobs(nowMs));
    gateway.handlers[u"history"_s] = [nowMs](const QJsonObject &parameters) { return history(parameters, nowMs); };
    gateway.handlers[u"record"_s] = [nowMs, hebrew](const QJsonObject &) { return record(nowMs, hebrew); };
    gateway.handlers[u"leads"_s] = [nowMs](const QJsonObject &) { return leads(nowMs); };
    gateway.handlers[u"lead"_s] = [nowMs](const QJsonObject &) {
        return QJsonObject{
            {"lead"_L1, leads(nowMs)["leads"_L1][0]},
            {"history"_L1, QJsonArray{QJsonObject{{"effect"_L1, "call"_L1}, {"at_ms"_L1, nowMs - 90'000}},
                                      QJsonObject{{"effect"_L1, "status"_L1},
                                                  {"from"_L1, "new"_L1},
                                                  {"to"_L1, "hot"_L1},
                                                  {"at_ms"_L1, nowMs - 60'000}}}}};
    };
    gateway.handlers[u"jobs"_s] = [nowMs](const QJsonObject &) {
        QJsonArray list;
        for (int i = 0; i < 7; ++i)
            list << job(i, nowMs).toJson();
        return QJsonObject{{"jobs"_L1, list}};
    };
    gateway.handlers[u"job"_s] = [nowMs](const QJsonObject &parameters) {
        AttemptSnapshot attempt;
        attempt.startedAtMs = nowMs - 60'000;
        attempt.endedAtMs = nowMs - 55'000;
        attempt.outcome = u"retry"_s;
        attempt.error = u"the server said 503"_s;
        attempt.logTail = u"POST https://crm.example.com/takt\n503 Service Unavailable"_s;
        return QJsonObject{{"job"_L1, job(int(parameters["id"_L1].toInteger() - 1000), nowMs).toJson()},
                           {"attempts"_L1, QJsonArray{attempt.toJson()}}};
    };
}

} // namespace samples
