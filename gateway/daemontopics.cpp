// SPDX-License-Identifier: GPL-3.0-or-later
// Of the daemon: what clients of the operator's door may subscribe to.
#include "control/picture.h"
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

// The calls are a topic of their own.
TopicState gatewayState(const GatewaySnapshot &snapshot, int liveCalls)
{
    TopicState state;
    state.head = snapshot.toJson();
    state.head.remove("calls"_L1);
    state.head.insert("calls_live"_L1, liveCalls);
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

TopicState txState(const QJsonObject &head, const QHash<QString, QJsonObject> &history,
                   const QList<CallSnapshot> &calls)
{
    TopicState state{head, history};
    state.head.insert("cpu_pressure"_L1, cpuPressure());
    addBeatOfCalls(state.rows, calls);
    return state;
}

TopicState jobsState(const Result<QJsonObject> &answer)
{
    if (!answer)
        return {{{"error"_L1, answer.error()}}, {}}; // the database may come back
    TopicState state;
    state.head = *answer;
    state.head.remove("jobs"_L1);
    const QJsonArray jobs = (*answer)["jobs"_L1].toArray();
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

// But for the pressure on the processor, for which a file has to be read.
QJsonObject Daemon::txHead() const
{
    return {{"has_calls"_L1, d->engine != nullptr},
            {"real_time"_L1, d->engine != nullptr ? d->engine->realTime() : QString()},
            {"worst_late_us"_L1, d->engine != nullptr ? d->engine->worstLateNs() / 1000 : 0},
            {"refusing_late"_L1, d->admission.late()},
            {"gate_closed"_L1, d->jobs->gate().closedReason()},
            {"jobs_running"_L1, d->jobs->gate().running()}};
}

// Here the values are collected; what is given to deliver() draws them in the control thread.
QHash<QString, control::Publisher::Kind> Daemon::topics()
{
    using control::pictureOf;
    using Deliver = control::Feed::Deliver;
    return {
        {control::kGatewayTopic,
         {[this](const QString &, const Deliver &deliver) {
              deliver([snapshot = snapshot(), live = d->liveCalls] { return pictureOf(gatewayState(snapshot, live)); });
          },
          kSecondMs}},
        {control::kCallsTopic,
         {[this](const QString &, const Deliver &deliver) {
              askCalls([deliver](const QList<CallSnapshot> &calls) { deliver([calls] { return pictureOf(calls); }); });
          },
          kCallsMs}},
        {control::kCallTopic,
         {[this](const QString &callSid, const Deliver &deliver) {
              const auto show = [deliver](const CallDetail &detail) {
                  deliver([detail] { return pictureOf(callState(detail)); });
              };
              if (d->engine == nullptr)
                  return show({});
              d->engine->askCall(callSid, show);
          },
          kCallsMs, true}},
        {control::kTxTopic,
         {[this](const QString &, const Deliver &deliver) {
              askCalls([this, deliver](const QList<CallSnapshot> &calls) {
                  deliver([head = txHead(), rows = d->txHistory.rows(), calls] {
                      return pictureOf(txState(head, rows, calls));
                  });
              });
          },
          kSecondMs}},
        {control::kFlightsTopic,
         {[this](const QString &, const Deliver &deliver) {
              const auto show = [deliver](const QHash<QString, QJsonObject> &rows) {
                  deliver([rows] { return pictureOf({{}, rows}); });
              };
              if (d->flights == nullptr)
                  return show({});
              d->flights->askRows(show);
          },
          kSecondMs}},
        {control::kJobsTopic,
         {[this](const QString &, const Deliver &deliver) {
              d->jobs->ask(control::kJobs, {{"limit"_L1, kJobsShown}}, [deliver](const Result<QJsonObject> &answer) {
                  deliver([answer] { return pictureOf(jobsState(answer)); });
              });
          },
          kSecondMs}},
    };
}

} // namespace takt
