// SPDX-License-Identifier: GPL-3.0-or-later
// Answers that wait until what the webhook told is on disk: the carrier says nothing twice, so an answer is a promise to
// remember. A caller hears nothing meanwhile, so none waits for long. Told the time; lives in the main thread.
#pragma once

#include "http/listener.h"

#include <deque>

namespace takt::frontdoor {

class HeldAnswers
{
public:
    static constexpr qint64 kLongestMs = 250;

    // Its ticket; they grow.
    [[nodiscard]] quint64 hold(http::Listener::Reply reply, http::Response response, qint64 nowMs);
    // What was told up to this ticket is on disk.
    void release(quint64 ticket);
    // Those that have waited for too long are given all the same, and counted.
    void expire(qint64 nowMs);
    // When the next one will have; -1: none waits.
    [[nodiscard]] qint64 dueMs() const { return m_held.empty() ? -1 : m_held.front().sinceMs + kLongestMs; }

private:
    struct Held {
        quint64 ticket = 0;
        qint64 sinceMs = 0;
        http::Listener::Reply reply;
        http::Response response;
    };
    void give();

    std::deque<Held> m_held; // the oldest first
    quint64 m_lastTicket = 0;
};

} // namespace takt::frontdoor
