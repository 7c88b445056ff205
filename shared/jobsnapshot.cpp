// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/jobsnapshot.h"

namespace takt {

using namespace Qt::Literals::StringLiterals;

QJsonObject JobSnapshot::toJson() const
{
    return {{"id"_L1, id},
            {"call_sid"_L1, callSid},
            {"business"_L1, business},
            {"stage"_L1, stage},
            {"state"_L1, state},
            {"waiting"_L1, waiting},
            {"reason"_L1, reason},
            {"attempt"_L1, attempt},
            {"max_attempts"_L1, maxAttempts},
            {"snoozes"_L1, snoozes},
            {"rescues"_L1, rescues},
            {"interruptions"_L1, interruptions},
            {"progress"_L1, progress},
            {"progress_text"_L1, progressText},
            {"worker"_L1, worker},
            {"run_at_ms"_L1, runAtMs},
            {"created_at_ms"_L1, createdAtMs},
            {"claimed_at_ms"_L1, claimedAtMs},
            {"finished_at_ms"_L1, finishedAtMs}};
}

JobSnapshot JobSnapshot::fromJson(const QJsonObject &json)
{
    JobSnapshot s;
    s.id = json["id"_L1].toInteger();
    s.callSid = json["call_sid"_L1].toString();
    s.business = json["business"_L1].toString();
    s.stage = json["stage"_L1].toString();
    s.state = json["state"_L1].toString();
    s.waiting = json["waiting"_L1].toString();
    s.reason = json["reason"_L1].toString();
    s.attempt = json["attempt"_L1].toInt();
    s.maxAttempts = json["max_attempts"_L1].toInt();
    s.snoozes = json["snoozes"_L1].toInt();
    s.rescues = json["rescues"_L1].toInt();
    s.interruptions = json["interruptions"_L1].toInt();
    s.progress = json["progress"_L1].toDouble();
    s.progressText = json["progress_text"_L1].toString();
    s.worker = json["worker"_L1].toString();
    s.runAtMs = json["run_at_ms"_L1].toInteger();
    s.createdAtMs = json["created_at_ms"_L1].toInteger();
    s.claimedAtMs = json["claimed_at_ms"_L1].toInteger();
    s.finishedAtMs = json["finished_at_ms"_L1].toInteger();
    return s;
}

QJsonObject AttemptSnapshot::toJson() const
{
    return {{"worker"_L1, worker},         {"outcome"_L1, outcome},
            {"error"_L1, error},           {"started_at_ms"_L1, startedAtMs},
            {"ended_at_ms"_L1, endedAtMs}, {"exit_code"_L1, exitCode},
            {"cpu_ms"_L1, cpuMs},          {"max_rss_kb"_L1, maxRssKb},
            {"log_tail"_L1, logTail}};
}

AttemptSnapshot AttemptSnapshot::fromJson(const QJsonObject &json)
{
    AttemptSnapshot s;
    s.worker = json["worker"_L1].toString();
    s.outcome = json["outcome"_L1].toString();
    s.error = json["error"_L1].toString();
    s.startedAtMs = json["started_at_ms"_L1].toInteger();
    s.endedAtMs = json["ended_at_ms"_L1].toInteger();
    s.exitCode = json["exit_code"_L1].toInt();
    s.cpuMs = json["cpu_ms"_L1].toInteger(-1);
    s.maxRssKb = json["max_rss_kb"_L1].toInteger(-1);
    s.logTail = json["log_tail"_L1].toString();
    return s;
}

} // namespace takt
