// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/outbox.h"

#include "store/database.h"
#include "store/failpoint.h"
#include "store/sql.h"

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

Result<WebhookMessage> Outbox::freeze(const WebhookMessage &message)
{
    const QSqlError error = exec(m_database.handle(),
                                 u"INSERT INTO webhook_messages (id, call_sid, event_type, business, url, body, "
                                 "created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_sid, event_type) "
                                 "DO UPDATE SET url = excluded.url WHERE webhook_messages.delivered_at_ms IS NULL"_s,
                                 {message.id, message.callSid, message.eventType, message.business, message.url,
                                  QString::fromUtf8(message.body), m_database.nowMs()});
    if (error.isValid())
        return failure(error);
    failpoint("webhook-frozen");
    return this->message(message.callSid, message.eventType);
}

Result<WebhookMessage> Outbox::message(const QString &callSid, const QString &eventType)
{
    Query query = run(m_database.handle(),
                      u"SELECT id, business, url, body, delivered_at_ms, "
                      "(SELECT COUNT(*) FROM webhook_attempts a WHERE a.message_id = webhook_messages.id), "
                      "(SELECT COUNT(*) FROM webhook_endpoints e WHERE e.url = webhook_messages.url "
                      "AND e.disabled_at_ms IS NOT NULL) "
                      "FROM webhook_messages WHERE call_sid = ? AND event_type = ?"_s,
                      {callSid, eventType});
    if (query.lastError().isValid())
        return failure(query.lastError());
    WebhookMessage found;
    if (!query.next())
        return found;
    found.id = query.value(0).toString();
    found.callSid = callSid;
    found.eventType = eventType;
    found.business = query.value(1).toString();
    found.url = query.value(2).toString();
    found.body = query.value(3).toString().toUtf8();
    found.delivered = !query.isNull(4);
    found.attempts = query.value(5).toInt();
    found.endpointDisabled = query.value(6).toInt() > 0;
    return found;
}

QString Outbox::enableEndpoint(const QString &url)
{
    return exec(m_database.handle(), u"DELETE FROM webhook_endpoints WHERE url = ?"_s, {url}).text();
}

} // namespace takt::store
