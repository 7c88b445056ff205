// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/dossier.h"

#include "store/database.h"
#include "store/sql.h"
#include "store/usagecolumns.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

int orMinus(const QSqlQuery &row, int column)
{
    return row.isNull(column) ? -1 : row.value(column).toInt();
}

QSqlError readCall(const QSqlDatabase &database, Dossier &d, bool &found)
{
    Query row = run(database,
                    u"SELECT business, direction, from_number, to_number, stream_sid, started_at_ms, ended_at_ms, "
                    "end_reason, end_detail, carrier_status, answered_by, duration_seconds, stream_error, "_s
                        % usageColumns() % u" FROM calls WHERE call_sid = ?"_s,
                    {d.callSid});
    found = row.next();
    if (!found)
        return row.lastError();
    d.business = row.value(0).toString();
    d.direction = row.value(1).toString();
    d.from = row.value(2).toString();
    d.to = row.value(3).toString();
    d.streamed = !row.value(4).toString().isEmpty();
    d.startedAtMs = row.value(5).toLongLong();
    d.endedAtMs = row.value(6).toLongLong();
    d.endReason = row.value(7).toString();
    d.endDetail = row.value(8).toString();
    d.carrierStatus = row.value(9).toString();
    d.answeredBy = row.value(10).toString();
    d.durationSeconds = orMinus(row, 11);
    d.streamError = row.value(12).toString();
    d.usage = readUsage(row, 13);
    d.cost = readCost(row, 13);
    return {};
}

QSqlError readTurns(const QSqlDatabase &database, Dossier &d)
{
    // Of several streams one after the other: by time, and within one stream by its own order.
    Query row = run(database,
                    u"SELECT speaker, text, interrupted, at_ms FROM turns WHERE call_sid = ? "
                    "ORDER BY (SELECT MIN(t.at_ms) FROM turns t WHERE t.stream_sid = turns.stream_sid), stream_sid, "
                    "position"_s,
                    {d.callSid});
    while (row.next())
        d.turns.append(
            {row.value(0).toString(), row.value(1).toString(), row.value(2).toInt() != 0, row.value(3).toLongLong()});
    return row.lastError();
}

QSqlError readRecordings(const QSqlDatabase &database, Dossier &d)
{
    Query row = run(database,
                    u"SELECT recording_sid, url, status, duration_seconds, channels, started_at_ms FROM recordings "
                    "WHERE call_sid = ? ORDER BY at_ms, recording_sid"_s,
                    {d.callSid});
    while (row.next())
        d.recordings.append({row.value(0).toString(), row.value(1).toString(), row.value(2).toString(), orMinus(row, 3),
                             orMinus(row, 4), row.value(5).toLongLong()});
    return row.lastError();
}

QSqlError readWork(const QSqlDatabase &database, Dossier &d)
{
    Query files = run(database, u"SELECT kind, path FROM artifacts WHERE call_sid = ?"_s, {d.callSid});
    while (files.next())
        d.artifacts.insert(files.value(0).toString(), files.value(1).toString());
    if (files.lastError().isValid())
        return files.lastError();
    Query results = run(database, u"SELECT stage, result FROM step_results WHERE call_sid = ?"_s, {d.callSid});
    while (results.next()) {
        if (const auto stage = stageNamed(results.value(0).toString()))
            d.results.insert(*stage, jsonObject(results.value(1)));
    }
    if (results.lastError().isValid())
        return results.lastError();
    Query jobs = run(database, u"SELECT stage, state, reason FROM jobs WHERE call_sid = ? ORDER BY priority DESC"_s,
                     {d.callSid});
    while (jobs.next()) {
        const auto stage = stageNamed(jobs.value(0).toString());
        const auto state = jobStateNamed(jobs.value(1).toString());
        if (stage && state)
            d.stages.append({*stage, *state, jobs.value(2).toString()});
    }
    return jobs.lastError();
}

} // namespace

Result<Dossier> readDossier(Database &database, const QString &callSid)
{
    Dossier d;
    d.callSid = callSid;
    bool found = false;
    const QSqlDatabase handle = database.handle();
    QSqlError error = readCall(handle, d, found);
    if (!error.isValid() && !found)
        return Error{u"there is no call %1"_s.arg(callSid)};
    if (!error.isValid())
        error = readTurns(handle, d);
    if (!error.isValid())
        error = readRecordings(handle, d);
    if (!error.isValid())
        error = readWork(handle, d);
    return error.isValid() ? Result<Dossier>(failure(error)) : d;
}

} // namespace takt::store
