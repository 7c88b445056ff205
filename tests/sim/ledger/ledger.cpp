// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ledger/ledger.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace takt::sim {

GeneratedItem::GeneratedItem(std::string itemId, std::string spoken, std::string bytes, Nanos now)
    : id(std::move(itemId))
    , text(std::move(spoken))
    , audio(std::move(bytes))
    , createdAt(now)
{
    m_deliveries.resize(audio.size() / 100 + 16); // no delta but the last is shorter than 100 bytes
}

void GeneratedItem::deliver(Nanos now, std::int64_t end, bool late)
{
    sent.store(end, std::memory_order_release);
    const std::size_t count = m_count.load(std::memory_order_relaxed);
    if (late || count == m_deliveries.size())
        return;
    m_deliveries[count] = {now, end};
    m_count.store(count + 1, std::memory_order_release);
}

Nanos GeneratedItem::deliveredAt(std::int64_t end) const
{
    const auto first = m_deliveries.begin();
    const auto last = first + std::ptrdiff_t(m_count.load(std::memory_order_acquire));
    const auto found = std::lower_bound(first, last, end, [](const Delivery &d, std::int64_t e) { return d.end < e; });
    return found == last ? std::numeric_limits<Nanos>::max() : found->at;
}

void SessionLog::addItem(ItemPtr item)
{
    const std::lock_guard lock(m_mutex);
    m_items.push_back(std::move(item));
    m_itemCount.store(m_items.size(), std::memory_order_release);
}

std::vector<ItemPtr> SessionLog::items() const
{
    const std::lock_guard lock(m_mutex);
    return m_items;
}

void SessionLog::addSpeechStarted(Nanos at)
{
    const std::lock_guard lock(m_mutex);
    m_speechStarted.push_back(at);
}

std::vector<Nanos> SessionLog::speechStarted() const
{
    const std::lock_guard lock(m_mutex);
    return m_speechStarted;
}

void SessionLog::setSaid(const std::string &text)
{
    const std::lock_guard lock(m_mutex);
    m_said += m_said.empty() ? text : ", " + text;
}

std::string SessionLog::takeSaid()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_said, {});
}

void Ledger::add(SessionPtr session)
{
    const std::lock_guard lock(m_mutex);
    m_sessions.push_back(std::move(session));
}

void Ledger::remove(const SessionPtr &session)
{
    const std::lock_guard lock(m_mutex);
    std::erase(m_sessions, session);
}

std::vector<SessionPtr> Ledger::unlinked() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<SessionPtr> found;
    for (const SessionPtr &session : m_sessions) {
        if (!session->linked && session->itemCount() > 0)
            found.push_back(session);
    }
    return found;
}

} // namespace takt::sim
