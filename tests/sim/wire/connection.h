// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes to and from one peer in a reactor, buffered: what the HTTP client and the HTTP server stand on. Belongs to the
// thread of its reactor. Never destroy one from inside its own callbacks: use Reactor::later().
#pragma once

#include "sim/wire/reactor.h"
#include "sim/wire/stream.h"

#include <memory>

namespace takt::sim {

class Connection final : public Reactor::Handler
{
public:
    enum class Stage { Connecting, Securing, Open };
    class Owner
    {
    public:
        virtual ~Owner() = default;
        virtual void opened(Connection &) {} // connected, and secured if it is TLS; client ends only
        virtual void received(Connection &, std::string_view bytes) = 0;
        // At most once, and nothing follows. `why` is empty for an orderly end by the peer.
        virtual void ended(Connection &, const std::string &why) = 0;
    };

    Connection(Reactor &reactor, Owner &owner, std::unique_ptr<Stream> stream, bool dialling);
    ~Connection() override;
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    void send(std::string_view bytes);
    void closeWhenSent(); // then ended() follows
    void reset();         // the peer sees ECONNRESET; no ended()
    // Gives the stream away, to go on as something else; no ended().
    [[nodiscard]] std::unique_ptr<Stream> release();
    [[nodiscard]] Stage stage() const { return m_stage; }
    [[nodiscard]] std::size_t unsent() const { return m_out.size() - m_outAt; }

    void ready(std::uint32_t events) override;

private:
    void readAll();
    void flush();
    void updateInterest();
    void end(const std::string &why);
    void advance();

    Reactor &m_reactor;
    Owner &m_owner;
    std::unique_ptr<Stream> m_stream;
    Stage m_stage;
    bool m_dialled;
    bool m_closing = false;
    std::uint32_t m_interest;
    std::string m_out;
    std::size_t m_outAt = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace takt::sim
