// SPDX-License-Identifier: GPL-3.0-or-later
// One WebSocket, client or server end, over a raw socket in a reactor. Why not QWebSocket: the simulator times every
// frame by the kernel's receive stamp, and has to be able to misbehave (fragments, broken frames, an abrupt reset, a
// peer that stops reading). Extensions offered by a client are ignored; none is ever offered.
// Belongs to the thread of its reactor. Never destroy one from inside its own callbacks: use Reactor::later().
#pragma once

#include "sim/wire/frame.h"
#include "sim/wire/httphead.h"
#include "sim/wire/random.h"
#include "sim/wire/reactor.h"
#include "sim/wire/tlsstream.h"

#include <string>
#include <utility>
#include <vector>

namespace takt::sim {

class WebSocket final : public Reactor::Handler
{
public:
    struct Arrival {
        Nanos stamp = 0;     // when the kernel had the bytes
        bool shared = false; // an earlier message came out of the same read ...
        bool alone = true;   // ... or a later one too: all of them bear the stamp of the last
    };
    enum class Stage { Connecting, Securing, Upgrading, Open };
    struct Ending {
        Stage stage = Stage::Open; // how far it had come
        int httpStatus = 0;        // the upgrade was refused with it; 0 if it wasn't
        int code = 1006; // of the peer's close frame; 1006: the connection ended without one, 1005: with an empty one
        std::string reason; // the peer's, or what went wrong
        bool byPeer = true; // the peer ended it, or broke the protocol; false if we asked for it first
        bool protocolError = false;
    };
    // How a server answers an upgrade. 101 accepts; anything else refuses with this body.
    struct Answer {
        int status = 101;
        std::string headers; // further lines, each with its CRLF
        std::string body;
        Nanos delay = 0;
    };
    class Listener
    {
    public:
        virtual ~Listener() = default;
        virtual Answer upgrade(WebSocket &, const HttpHead &) { return {}; } // server end only
        virtual void opened(WebSocket &) {}
        virtual void message(WebSocket &, Opcode, std::string_view payload, const Arrival &) = 0;
        virtual void closed(WebSocket &, const Ending &) = 0; // exactly once, and last
    };
    using Headers = std::vector<std::pair<std::string, std::string>>;

    WebSocket(Reactor &reactor, Listener &listener, std::uint64_t seed);
    ~WebSocket() override;

    // Client end. The headers are sent as they are, in this order, after "host".
    // With a context the connection is TLS, to a server of the host's name.
    void dial(const sockaddr_in &to, const std::string &host, const std::string &target, const Headers &headers,
              int receiveBuffer = 0, const TlsContextPtr &tls = nullptr);
    // Server end: takes over a connection just accepted, or one of which these bytes have been read.
    void adopt(int fd);
    void adopt(std::unique_ptr<Stream> stream, std::string_view bytes);

    void sendText(std::string_view text) { sendFrame(Opcode::Text, text); }
    void sendFrame(Opcode opcode, std::string_view payload, bool final = true);
    void sendFragmented(std::string_view text, std::size_t pieces);
    void sendRaw(std::string_view bytes); // as they are, lawful or not
    void close(int code, std::string_view reason = {});
    void reset(); // ends with ECONNRESET at the peer; closed() follows
    void setReading(bool reading);
    void setMostRead(std::size_t bytes) { m_mostRead = bytes; } // at once

    [[nodiscard]] bool isOpen() const { return m_phase == Phase::Open; }
    [[nodiscard]] std::size_t unsent() const { return m_out.size() - m_outAt; }

    void ready(std::uint32_t events) override;

private:
    static constexpr std::size_t kMostRead = 65536;
    enum class Phase { Idle, Connecting, Handshake, Refusing, Open, Closing, Closed };

    void start(std::unique_ptr<Stream> stream, std::uint32_t events);
    void beginHandshake();
    void readAll();
    void readHandshake();
    void answer(const HttpHead &request, const Answer &reply);
    void readUpgradeReply(const HttpHead &reply);
    void readMessages(Nanos stamp);
    void handleClose(std::string_view payload);
    void flush();
    void updateInterest();
    void finish(Ending ending);
    void finishLater(Ending ending);

    Reactor &m_reactor;
    Listener &m_listener;
    Random m_random;
    std::unique_ptr<Stream> m_stream;
    Phase m_phase = Phase::Idle;
    Stage m_stage = Stage::Connecting;
    bool m_client = false;
    bool m_reading = true;
    std::size_t m_mostRead = kMostRead;
    bool m_closeAsked = false;
    std::uint32_t m_interest = 0;
    std::string m_request;
    std::string m_accept;
    std::string m_head; // of the handshake, until it is whole
    FrameReader m_reader{false};
    std::string m_out;
    std::size_t m_outAt = 0;
    Reactor::TimerId m_timer = 0;
};

} // namespace takt::sim
