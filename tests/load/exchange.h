// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to the public port: says what it is told to say, and keeps what came back. Tells its owner once how it
// ended, or after each read with `more`. Belongs to its reactor's thread.
#pragma once

#include "sim/wire/reactor.h"
#include "sim/wire/stream.h"

#include <functional>
#include <memory>
#include <string>

namespace takt::load {

// What a connection says.
struct Words {
    std::string first;    // as soon as it is connected
    std::string piece;    // then again and again, until it is closed
    sim::Nanos every = 0; // 0: nothing more
};

class Exchange final : public sim::Reactor::Handler
{
public:
    using Ended = std::function<void(Exchange &)>;

    Exchange(sim::Reactor &reactor, Words words, Ended ended);
    ~Exchange() override;
    Exchange(const Exchange &) = delete;
    Exchange &operator=(const Exchange &) = delete;

    // `stranger` tells the address that it comes from: 127.0.0.(1 + stranger). False: no descriptor or port is left.
    [[nodiscard]] bool dial(int port, int stranger);
    void ready(std::uint32_t events) override;

    [[nodiscard]] sim::Nanos begun() const { return m_begun; }
    [[nodiscard]] sim::Nanos stamp() const { return m_stamp; } // of the newest bytes that came
    [[nodiscard]] bool connected() const { return m_connected; }
    [[nodiscard]] const std::string &answer() const { return m_answer; }
    [[nodiscard]] int status() const; // 0: none
    [[nodiscard]] int answers() const;

private:
    void read();
    void send();
    void sendLater();
    void end();

    sim::Reactor &m_reactor;
    Words m_words;
    Ended m_ended;
    std::unique_ptr<sim::TcpStream> m_stream;
    std::string m_unsent;
    std::string m_answer;
    sim::Nanos m_begun = 0;
    sim::Nanos m_stamp = 0;
    sim::Reactor::TimerId m_timer = 0;
    bool m_connected = false;
    bool m_over = false;
    bool m_wantsOut = true;
};

// One request from its beginning to its end, in the calling thread: whoever answers has to close the connection. Empty: no
// answer within 5 s.
[[nodiscard]] std::string ask(int port, const std::string &request);

} // namespace takt::load
