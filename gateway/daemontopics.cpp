// SPDX-License-Identifier: GPL-3.0-or-later
// Of the daemon: what clients of the operator's door may subscribe to.
#include "daemonparts.h"
#include "shared/controlprotocol.h"
#include "shared/jobsnapshot.h"
#include "telemetry/counters.h"
#include "txrows.h"

#include <QFile>
#include <QJsonArray>

namespace takt {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::counted;

namespace {

constexpr int kCallsMs = 200;
constexpr int kSecondMs = 1000;
constexpr int kJobsShown = 500;

// The share of the last ten seconds in which something waited for the processor, in percent; -1: the kernel does not say.
double cpuPressure()
{
    QFile file(u"/proc/pressure/cpu"_s);
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray line = file.readLine(); // some avg10=1.23 avg60=...
    const qsizetype at = line.indexOf("avg10=");
    return at < 0 ? -1 : line.mid(at + 6, line.indexOf(' ', at) - at - 6).toDouble();
}

TopicState callsState(const QList<CallSnapshot> &calls)
{
    TopicState state;
    state.rows.reserve(calls.size());
    for (const CallSnapshot &call : calls)
        state.rows.insert(call.callSid, call.toJson());
    state.head.insert("live"_L1, calls.size());
    return state;
}

TopicState callState(const CallDetail &detail)
{
    TopicState state;
    state.head.insert("live"_L1, detail.live);
    for (const CallTurn &turn : detail.turns)
        state.rows.insert(u"turn/%1"_s.arg(turn.position), turn.toJson());
    for (const CallEvent &event : detail.events)
        state.rows.insert(u"event/%1"_s.arg(event.number), event.toJson());
    return state;
}

TopicState jobsState(const QJsonObject &answer)
{
    TopicState state;
    state.head = answer;
    state.head.remove("jobs"_L1);
    const QJsonArray jobs = answer["jobs"_L1].toArray();
    for (const QJsonValue &job : jobs)
        state.rows.insert(QString::number(job["id"_L1].toInteger()), job.toObject());
    return state;
}

} // namespace

void Daemon::noteTx()
{
    TxHistory::Totals totals;
    totals.workers = d->engine->lateness();
    totals.frames = counted(Counter::FramesSent);
    totals.stalls = counted(Counter::TxStalls);
    totals.resyncs = counted(Counter::TxResyncs);
    totals.dropped = counted(Counter::FramesDropped) + counted(Counter::FramesRefused);
    totals.socketFull = counted(Counter::SocketFullTicks);
    d->txHistory.add(QDateTime::currentMSecsSinceEpoch(), totals);
}

TopicState Daemon::txState(const QList<CallSnapshot> &calls) const
{
    TopicState state;
    state.rows = d->txHistory.rows();
    addBeatOfCalls(state.rows, calls);
    state.head = {{"has_calls"_L1, d->engine != nullptr},
                  {"real_time"_L1, d->engine != nullptr ? d->engine->realTime() : QString()},
                  {"worst_late_us"_L1, d->engine != nullptr ? d->engine->worstLateNs() / 1000 : 0},
                  {"refusing_late"_L1, d->admission.late()},
                  {"cpu_pressure"_L1, cpuPressure()},
                  {"gate_closed"_L1, d->jobs->gate().closedReason()},
                  {"jobs_running"_L1, d->jobs->gate().running()}};
    return state;
}

QHash<QString, control::Publisher::Kind> Daemon::topics()
{
    using Deliver = control::Feed::Deliver;
    return {
        {control::kGatewayTopic,
         {[this](const QString &, const Deliver &deliver) {
              takeSnapshot([deliver](const GatewaySnapshot &snapshot) {
                  TopicState state;
                  state.head = snapshot.toJson();
                  state.head.remove("calls"_L1); // they are a topic of their own
                  state.head.insert("calls_live"_L1, snapshot.calls.size());
                  deliver(state);
              });
          },
          kSecondMs}},
        {control::kCallsTopic,
         {[this](const QString &, const Deliver &deliver) {
              askCalls([deliver](const QList<CallSnapshot> &calls) { deliver(callsState(calls)); });
          },
          kCallsMs}},
        {control::kCallTopic,
         {[this](const QString &callSid, const Deliver &deliver) {
              if (d->engine == nullptr)
                  return deliver(callState({}));
              d->engine->askCall(callSid, [deliver](const CallDetail &detail) { deliver(callState(detail)); });
          },
          kCallsMs, true}},
        {control::kTxTopic,
         {[this](const QString &, const Deliver &deliver) {
              askCalls([this, deliver](const QList<CallSnapshot> &calls) { deliver(txState(calls)); });
          },
          kSecondMs}},
        {control::kFlightsTopic,
         {[this](const QString &, const Deliver &deliver) {
              if (d->flights == nullptr)
                  return deliver({});
              d->flights->askRows([deliver](const QHash<QString, QJsonObject> &rows) { deliver({{}, rows}); });
          },
          kSecondMs}},
        {control::kJobsTopic,
         {[this](const QString &, const Deliver &deliver) {
              d->jobs->ask(control::kJobs, {{"limit"_L1, kJobsShown}}, [deliver](const Result<QJsonObject> &answer) {
                  deliver(answer ? jobsState(*answer)
                                 : TopicState{{{"error"_L1, answer.error()}}, {}}); // the database may come back
              });
          },
          kSecondMs}},
    };
}

} // namespace takt
