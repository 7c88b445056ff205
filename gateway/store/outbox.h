// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be told to the business's own systems: one message a call and event, with an id and a body that never change
// once they are written. Lives in the thread of its database connection; each function is a transaction of its own.
#pragma once

#include "shared/result.h"

#include <QByteArray>
#include <QString>

namespace takt::store {

class Database;

struct WebhookMessage {
    QString id; // the webhook-id
    QString callSid;
    QString eventType;
    QString business;
    QString url;
    QByteArray body;
    int attempts = 0; // so far
    bool delivered = false;
    bool endpointDisabled = false; // it said 410 some time
};

class Outbox
{
public:
    explicit Outbox(Database &database)
        : m_database(database)
    {
    }

    // Writes the message, unless there is one for this call and event already: that one is returned, and goes to the URL
    // that is told now while it is not delivered.
    [[nodiscard]] Result<WebhookMessage> freeze(const WebhookMessage &message);
    // The message of a call; an empty id: none.
    [[nodiscard]] Result<WebhookMessage> message(const QString &callSid, const QString &eventType);
    // An operator wants to try a receiver again that said 410.
    [[nodiscard]] QString enableEndpoint(const QString &url);

private:
    Database &m_database;
};

} // namespace takt::store
