// SPDX-License-Identifier: GPL-3.0-or-later
// The realtime speech model: a WebSocket server with one session per connection. Owns its thread; the public functions
// may be called from any other one.
#pragma once

#include "shared/result.h"
#include "sim/model/session.h"
#include "sim/wire/acceptor.h"

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

namespace takt::sim {

class Model
{
public:
    Model(ModelOptions options, const Voices &voices, Ledger &ledger);
    ~Model(); // closes all sessions and joins
    Model(const Model &) = delete;
    Model &operator=(const Model &) = delete;

    // The port that it listens on, or why it can't.
    [[nodiscard]] Result<quint16> start();
    [[nodiscard]] ModelRecord record() const;
    [[nodiscard]] int live() const { return m_live; }

private:
    [[nodiscard]] WebSocket::Answer admit(const HttpHead &request);
    void accept(int fd);

    ModelOptions m_options;
    const Voices &m_voices;
    Ledger &m_ledger;
    Random m_random;
    Reactor m_reactor;
    std::unique_ptr<simdjson::dom::parser> m_parser;
    std::unique_ptr<Acceptor> m_acceptor;
    std::list<Session> m_sessions;
    std::int64_t m_attempts = 0;
    std::atomic<int> m_live{0};
    mutable std::mutex m_mutex; // guards m_record
    ModelRecord m_record;
    std::thread m_thread;
};

} // namespace takt::sim
