// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/effects.h"

#include "store/database.h"
#include "store/leadstore.h"
#include "store/sql.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

QSqlError writeArtifacts(const QSqlDatabase &database, const Job &job, const Effects &effects, qint64 nowMs)
{
    for (const Artifact &artifact : effects.artifacts) {
        const QSqlError error = exec(
            database,
            u"INSERT INTO artifacts (call_sid, kind, path, bytes, at_ms) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (call_sid, kind) DO UPDATE SET path = excluded.path, "
            "bytes = excluded.bytes, at_ms = excluded.at_ms"_s,
            {job.callSid, artifact.kind, artifact.path, artifact.bytes, nowMs});
        if (error.isValid())
            return error;
    }
    for (const QString &kind : effects.artifactsGone) {
        const QSqlError error = exec(database, u"DELETE FROM artifacts WHERE call_sid = ? AND kind = ?"_s,
                                     {job.callSid, kind});
        if (error.isValid())
            return error;
    }
    return {};
}

QSqlError writeDelivery(const QSqlDatabase &database, const DeliveryAttempt &d, qint64 nowMs)
{
    QSqlError error = exec(
        database,
        u"INSERT INTO webhook_attempts (message_id, number, status, error, response, duration_ms, at_ms) "
        "SELECT ?, COALESCE(MAX(number), 0) + 1, CAST(? AS BIGINT), ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT) "
        "FROM webhook_attempts "
        "WHERE message_id = ?"_s,
        {d.messageId, d.status, d.error, d.response, d.durationMs, nowMs, d.messageId});
    if (!error.isValid() && d.delivered)
        error = exec(database, u"UPDATE webhook_messages SET delivered_at_ms = ? WHERE id = ?"_s, {nowMs, d.messageId});
    if (!error.isValid() && d.disablesEndpoint)
        error = exec(database,
                     u"INSERT INTO webhook_endpoints (url, disabled_at_ms, reason) SELECT url, CAST(? AS BIGINT), ? "
                     "FROM webhook_messages WHERE id = ? ON CONFLICT (url) DO UPDATE SET "
                     "disabled_at_ms = excluded.disabled_at_ms, reason = excluded.reason"_s,
                     {nowMs, d.error, d.messageId});
    return error;
}

} // namespace

QSqlError write(Database &database, const Job &job, const Effects &effects, qint64 nowMs)
{
    const QSqlDatabase handle = database.handle();
    QSqlError error;
    if (!effects.result.isEmpty())
        error = exec(handle,
                     u"INSERT INTO step_results (call_sid, stage, result, at_ms) VALUES (?, ?, ?, ?) "
                     "ON CONFLICT (call_sid, stage) DO UPDATE SET result = excluded.result, at_ms = excluded.at_ms"_s,
                     {job.callSid, QString(name(job.stage)), jsonText(effects.result), nowMs});
    if (!error.isValid())
        error = writeArtifacts(handle, job, effects, nowMs);
    if (!error.isValid() && effects.lead)
        error = LeadStore(database).apply(job.callSid, job.business, *effects.lead);
    if (!error.isValid() && effects.delivery)
        error = writeDelivery(handle, *effects.delivery, nowMs);
    return error;
}

} // namespace takt::store
