// SPDX-License-Identifier: GPL-3.0-or-later
// What the model generated, when it was delivered and what became of it: the truth against which the carrier side
// judges what a caller heard. Written by the model's thread, read by the carrier's; each field says how it is shared.
#pragma once

#include "sim/wire/clock.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace takt::sim {

// One assistant audio item. Its whole audio exists before its first delta leaves.
class GeneratedItem
{
public:
    struct Delivery {
        Nanos at;
        std::int64_t end; // bytes of the item delivered up to and with this delta
    };

    GeneratedItem(std::string itemId, std::string spoken, std::string bytes, Nanos now);

    const std::string id;
    const std::string text;
    const std::string audio; // µ-law
    const Nanos createdAt;

    std::atomic<std::int64_t> sent{0};         // bytes delivered, late deltas included
    std::atomic<std::int64_t> due{-1};         // bytes that a caller is owed, known once the response has ended
    std::atomic<std::int64_t> truncatedMs{-1}; // audio_end_ms of a truncate that was accepted
    std::atomic<bool> cancelledByClient{false};
    std::atomic<bool> abandoned{false}; // the model broke off by itself (failure, drop): nothing to judge

    // Model thread. Late: after the response was cancelled, so that nobody is owed it.
    void deliver(Nanos now, std::int64_t end, bool late);
    // Any thread: when byte `end` - 1 was delivered; INT64_MAX if it never was.
    [[nodiscard]] Nanos deliveredAt(std::int64_t end) const;

private:
    std::vector<Delivery> m_deliveries; // never grows beyond what was reserved, so readers need no lock
    std::atomic<std::size_t> m_count{0};
};

using ItemPtr = std::shared_ptr<GeneratedItem>;

// One model session as both sides see it.
class SessionLog
{
public:
    explicit SessionLog(std::string sessionId)
        : id(std::move(sessionId))
    {
    }

    const std::string id;
    std::atomic<bool> linked{false}; // to a call, by the content of its audio
    std::atomic<bool> ended{false};
    std::atomic<bool> interrupts{true}; // interrupt_response of the session
    std::atomic<bool> faulty{false};    // the model misbehaves here on purpose

    void addItem(ItemPtr item);
    [[nodiscard]] std::size_t itemCount() const { return m_itemCount.load(std::memory_order_acquire); }
    [[nodiscard]] std::vector<ItemPtr> items() const;

    void addSpeechStarted(Nanos at);
    [[nodiscard]] std::vector<Nanos> speechStarted() const;

    // The carrier tells what the caller says, so that the model can "transcribe" it.
    void setSaid(const std::string &text);
    [[nodiscard]] std::string takeSaid();

private:
    mutable std::mutex m_mutex;
    std::vector<ItemPtr> m_items;
    std::atomic<std::size_t> m_itemCount{0};
    std::vector<Nanos> m_speechStarted;
    std::string m_said;
};

using SessionPtr = std::shared_ptr<SessionLog>;

class Ledger
{
public:
    void add(SessionPtr session);
    void remove(const SessionPtr &session);
    // Those that no call has claimed yet and that have generated something.
    [[nodiscard]] std::vector<SessionPtr> unlinked() const;

private:
    mutable std::mutex m_mutex;
    std::vector<SessionPtr> m_sessions;
};

} // namespace takt::sim
