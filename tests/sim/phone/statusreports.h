// SPDX-License-Identifier: GPL-3.0-or-later
// The status callbacks of one leg: those events that were asked for, numbered. Carrier thread.
#pragma once

#include "sim/phone/callbacks.h"
#include "sim/phone/callfacts.h"

#include <algorithm>
#include <ctime>

namespace takt::sim {

struct Subscription {
    std::string url; // empty: nobody asked
    std::string method = "POST";
    std::vector<std::string> events{"completed"};
};

class StatusReports
{
public:
    StatusReports(Callbacks &callbacks, std::string kind, Subscription subscription)
        : m_callbacks(callbacks)
        , m_kind(std::move(kind))
        , m_subscription(std::move(subscription))
    {
    }
    // An event ("initiated", "ringing", "answered", "completed" for every end) of the leg as it is now.
    void report(const std::string &event, const CallFacts &facts, const Params &extra = {})
    {
        const std::vector<std::string> &wanted = m_subscription.events;
        if (std::find(wanted.begin(), wanted.end(), event) == wanted.end())
            return;
        Params params = statusParams(facts, m_sequence++, std::time(nullptr));
        params.insert(params.end(), extra.begin(), extra.end());
        m_callbacks.send(m_kind + ":" + event, m_subscription.url, m_subscription.method, std::move(params));
    }
    [[nodiscard]] const Subscription &subscription() const { return m_subscription; }
    void subscribe(Subscription subscription) { m_subscription = std::move(subscription); }

private:
    Callbacks &m_callbacks;
    std::string m_kind;
    Subscription m_subscription;
    int m_sequence = 0;
};

} // namespace takt::sim
