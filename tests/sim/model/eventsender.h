// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the service's events: each with an event_id, now and then with a field or an event that no client knows.
// One per session; model thread.
#pragma once

#include "sim/model/sessionconfig.h"
#include "sim/wire/websocket.h"

#include <QJsonArray>

namespace takt::sim {

class EventSender
{
public:
    EventSender(WebSocket &socket, std::uint64_t seed, bool extras)
        : m_socket(socket)
        , m_random(seed)
        , m_extras(extras)
    {
    }

    void send(const char *type, QJsonObject fields = {});
    void error(const ApiError &error, const QJsonValue &clientEventId);
    // The audio of one delta, µ-law or widened to the 24 kHz PCM of a session that never asked for anything else.
    void audioDelta(const QString &responseId, const QString &itemId, std::string_view muLaw, bool pcm);
    [[nodiscard]] QString newId(const char *prefix);

private:
    WebSocket &m_socket;
    Random m_random;
    bool m_extras;
    std::string m_buffer;
};

} // namespace takt::sim
