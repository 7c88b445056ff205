// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/ctljobs.h"

#include "shared/controlprotocol.h"
#include "shared/jobsnapshot.h"

#include <QDateTime>
#include <QJsonArray>
#include <QStringList>

namespace takt::control {

using namespace Qt::Literals::StringLiterals;

namespace {

QString when(qint64 ms)
{
    return ms <= 0 ? u"-"_s : QDateTime::fromMSecsSinceEpoch(ms).toString(Qt::ISODate);
}

// "3 s", "5 min", "2 h", "4 d".
QString span(qint64 ms)
{
    const qint64 seconds = std::max<qint64>(0, ms) / 1000;
    if (seconds < 120)
        return u"%1 s"_s.arg(seconds);
    if (seconds < 2 * 3600)
        return u"%1 min"_s.arg(seconds / 60);
    return seconds < 48 * 3600 ? u"%1 h"_s.arg(seconds / 3600) : u"%1 d"_s.arg(seconds / 86'400);
}

QString orDash(const QString &text)
{
    return text.isEmpty() ? u"-"_s : text;
}

// What a job is about to do, or why it does not.
QString detail(const JobSnapshot &job)
{
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    QStringList parts;
    if (job.state == "running"_L1)
        parts << u"%1 %"_s.arg(int(job.progress * 100)) << job.progressText;
    if (job.state == "scheduled"_L1 || job.state == "retryable"_L1)
        parts << u"again in "_s + span(job.runAtMs - now);
    if (!job.waiting.isEmpty())
        parts << u"("_s + job.waiting + u')';
    parts << job.reason;
    parts.removeAll(QString());
    return parts.join(u"  "_s);
}

QString jobLine(const JobSnapshot &job)
{
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    return u"%1  %2  %3  %4  %5/%6  %7  %8"_s.arg(job.id, 6)
        .arg(job.state, -9)
        .arg(job.stage, -18)
        .arg(job.callSid, -34)
        .arg(job.attempt)
        .arg(job.maxAttempts)
        .arg(span(now - (job.finishedAtMs > 0 ? job.finishedAtMs : job.createdAtMs)), 6)
        .arg(detail(job));
}

QString jobsText(const QJsonObject &result)
{
    QStringList lines;
    const QJsonArray jobs = result["jobs"_L1].toArray();
    for (const QJsonValue &value : jobs)
        lines << jobLine(JobSnapshot::fromJson(value.toObject()));
    if (lines.isEmpty())
        lines << u"no jobs"_s;
    QStringList counts;
    const QJsonObject byState = result["counts"_L1].toObject();
    for (auto it = byState.begin(); it != byState.end(); ++it)
        counts << it.key() + u' ' + QString::number(it->toInteger());
    if (!counts.isEmpty())
        lines << u"in all: "_s + counts.join(u", "_s) + u" (finished: of the last day)"_s;
    if (const QString closed = result["closed"_L1].toString(); !closed.isEmpty())
        lines << u"no job starts now: "_s + closed;
    QStringList paused;
    const QJsonArray stages = result["paused"_L1].toArray();
    for (const QJsonValue &stage : stages)
        paused << (stage.toString() == "*"_L1 ? u"all stages"_s : stage.toString());
    if (!paused.isEmpty())
        lines << u"paused: "_s + paused.join(u", "_s);
    return lines.join(u'\n');
}

QString jobText(const QJsonObject &result)
{
    const JobSnapshot job = JobSnapshot::fromJson(result["job"_L1].toObject());
    QStringList lines{u"job %1: %2 of %3, %4"_s.arg(job.id).arg(job.stage, job.callSid, job.state),
                      u"business   %1"_s.arg(orDash(job.business)),
                      u"now        %1"_s.arg(orDash(detail(job))),
                      u"made       %1"_s.arg(when(job.createdAtMs)),
                      u"began      %1"_s.arg(when(job.claimedAtMs)),
                      u"finished   %1"_s.arg(when(job.finishedAtMs)),
                      u"attempts   %1 of %2; snoozed %3, interrupted %4, rescued %5"_s.arg(job.attempt)
                          .arg(job.maxAttempts)
                          .arg(job.snoozes)
                          .arg(job.interruptions)
                          .arg(job.rescues)};
    const QJsonArray attempts = result["attempts"_L1].toArray();
    for (const QJsonValue &value : attempts) {
        const AttemptSnapshot a = AttemptSnapshot::fromJson(value.toObject());
        lines << u"  %1  %2  %3  %4"_s.arg(when(a.startedAtMs),
                                           a.endedAtMs > 0 ? span(a.endedAtMs - a.startedAtMs) : u"..."_s,
                                           a.outcome.isEmpty() ? u"under way"_s : a.outcome, a.error);
        if (a.cpuMs >= 0)
            lines << u"      %1 ms of CPU, %2 kB, exit code %3"_s.arg(a.cpuMs).arg(a.maxRssKb).arg(a.exitCode);
        const QStringList tail = a.logTail.split(u'\n', Qt::SkipEmptyParts);
        for (const QString &line : tail)
            lines << u"      | "_s + line;
    }
    return lines.join(u'\n');
}

QString leadLine(const QJsonObject &lead)
{
    return u"%1  %2  %3  %4  calls %5  %6, %7, %8"_s.arg(lead["id"_L1].toInteger(), 5)
        .arg(lead["phone"_L1].toString(), -16)
        .arg(orDash(lead["status"_L1].toString()), -12)
        .arg(orDash(lead["business"_L1].toString()))
        .arg(lead["calls"_L1].toInt())
        .arg(orDash(lead["name"_L1].toString()), orDash(lead["city"_L1].toString()),
             orDash(lead["service"_L1].toString()));
}

QString leadsText(const QJsonObject &result)
{
    QStringList lines;
    const QJsonArray leads = result["leads"_L1].toArray();
    for (const QJsonValue &lead : leads)
        lines << leadLine(lead.toObject());
    return lines.isEmpty() ? u"no leads"_s : lines.join(u'\n');
}

QString leadText(const QJsonObject &result)
{
    const QJsonObject lead = result["lead"_L1].toObject();
    QStringList lines{leadLine(lead),
                      u"since %1, last call %2, status by %3"_s.arg(when(lead["created_at_ms"_L1].toInteger()),
                                                                    orDash(lead["last_call_sid"_L1].toString()),
                                                                    orDash(lead["status_source"_L1].toString()))};
    const QJsonArray history = result["history"_L1].toArray();
    for (const QJsonValue &value : history) {
        const QJsonObject e = value.toObject();
        const bool status = e["effect"_L1].toString() == "status"_L1;
        lines << u"  %1  %2  %3  %4"_s.arg(
            when(e["at_ms"_L1].toInteger()),
            e["call_sid"_L1].toString(u"by hand"_s).isEmpty() ? u"by hand"_s : e["call_sid"_L1].toString(),
            status ? u"status %1 -> %2"_s.arg(orDash(e["from"_L1].toString()), orDash(e["to"_L1].toString()))
                   : u"call"_s,
            e["detail"_L1].toString());
    }
    return lines.join(u'\n');
}

QString recordText(const QJsonObject &result)
{
    const QJsonObject call = result["call"_L1].toObject();
    const qint64 began = call["started_at_ms"_L1].toInteger();
    const qint64 ended = call["ended_at_ms"_L1].toInteger();
    QStringList lines{u"%1  %2 -> %3  %4  %5"_s.arg(call["call_sid"_L1].toString(), orDash(call["from"_L1].toString()),
                                                    orDash(call["to"_L1].toString()), call["direction"_L1].toString(),
                                                    call["business"_L1].toString()),
                      u"began %1, %2"_s.arg(when(began), ended > 0 ? u"lasted %1, ended: %2 %3"_s.arg(
                                                             span(ended - began), call["end_reason"_L1].toString(),
                                                             call["end_detail"_L1].toString())
                                                                   : u"active"_s)};
    lines << u"cost: "_s + costText(Usage::fromJson(call["usage"_L1].toObject()).tokens(), costFrom(call));
    lines << u"transcript (%1)"_s.arg(result["transcript_source"_L1].toString());
    const QJsonArray transcript = result["transcript"_L1].toArray();
    for (const QJsonValue &value : transcript) {
        const QJsonObject s = value.toObject();
        lines << u"  %1 s  %2: %3"_s.arg(double(s["start_ms"_L1].toInteger()) / 1000, 6, 'f', 1)
                     .arg(s["speaker"_L1].toString(), s["text"_L1].toString());
    }
    const QJsonObject results = result["results"_L1].toObject();
    if (const QString summary = results["summarize"_L1]["summary"_L1].toString(); !summary.isEmpty())
        lines << u"summary: "_s + summary;
    lines << u"work"_s;
    const QJsonArray stages = result["stages"_L1].toArray();
    for (const QJsonValue &value : stages) {
        const QJsonObject s = value.toObject();
        lines << u"  %1  %2  %3"_s.arg(s["stage"_L1].toString(), -18)
                     .arg(s["state"_L1].toString(), -9)
                     .arg(s["reason"_L1].toString())
                     .trimmed();
    }
    return lines.join(u'\n');
}

} // namespace

QString costText(qint64 tokens, const std::optional<Cost> &cost)
{
    const QString count = u"%1 tokens"_s.arg(tokens);
    return cost ? u"%1 %2, "_s.arg(double(cost->micros) / 1e6, 0, 'f', 4).arg(cost->currency) + count : count;
}

QString workText(const QString &method, const QJsonObject &result)
{
    if (method == kJobs)
        return jobsText(result);
    if (method == kJob)
        return jobText(result);
    if (method == kLeads)
        return leadsText(result);
    if (method == kLead)
        return leadText(result);
    return method == kRecord ? recordText(result) : u"done"_s;
}

} // namespace takt::control
