// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/websocket.h"

#include "sim/wire/base64.h"

#include <algorithm>
#include <array>
#include <sys/epoll.h>

namespace takt::sim {
namespace {

constexpr std::size_t kMaxHead = 16384;
constexpr Nanos kCloseTimeout = 3 * kSecond;
constexpr Nanos kHandshakeTimeout = 15 * kSecond;

} // namespace

WebSocket::WebSocket(Reactor &reactor, Listener &listener, std::uint64_t seed)
    : m_reactor(reactor)
    , m_listener(listener)
    , m_random(seed)
{
}

WebSocket::~WebSocket()
{
    m_reactor.cancel(m_timer);
    if (m_stream)
        m_reactor.forget(m_stream->descriptor());
}

void WebSocket::start(std::unique_ptr<Stream> stream, std::uint32_t events)
{
    m_stream = std::move(stream);
    m_interest = events;
    m_reactor.watch(m_stream->descriptor(), events, this);
    m_timer = m_reactor.at(monotonicNs() + kHandshakeTimeout, [this] {
        Ending ending;
        ending.reason = "no answer to the handshake";
        finish(ending);
    });
}

void WebSocket::dial(const sockaddr_in &to, const std::string &host, const std::string &target, const Headers &headers,
                     int receiveBuffer, const TlsContextPtr &tls)
{
    m_client = true;
    std::array<std::uint8_t, 16> nonce{};
    for (auto &byte : nonce)
        byte = static_cast<std::uint8_t>(m_random.next());
    const std::string key = toBase64(nonce);
    m_accept = acceptFor(key);
    m_request = "GET " + target + " HTTP/1.1\r\nhost: " + host + "\r\n";
    for (const auto &[name, value] : headers)
        m_request += name + ": " + (name == "sec-websocket-key" ? key : value) + "\r\n";
    m_request += "\r\n";
    std::unique_ptr<Stream> stream = TcpStream::dial(to, receiveBuffer);
    if (stream && tls)
        stream = TlsStream::client(std::move(stream), tls, host.substr(0, host.find(':')));
    if (!stream) {
        Ending ending;
        ending.reason = "cannot connect";
        finishLater(ending);
        return;
    }
    m_phase = Phase::Connecting;
    start(std::move(stream), EPOLLOUT);
}

void WebSocket::adopt(int fd)
{
    adopt(std::make_unique<TcpStream>(fd), {});
}

void WebSocket::adopt(std::unique_ptr<Stream> stream, std::string_view bytes)
{
    m_reader = FrameReader(true);
    m_phase = Phase::Handshake;
    m_stage = Stage::Upgrading;
    start(std::move(stream), EPOLLIN);
    m_head = bytes;
    if (!m_head.empty())
        readHandshake();
}

void WebSocket::beginHandshake()
{
    m_stage = m_stream->secured() ? Stage::Upgrading : Stage::Securing;
    m_phase = Phase::Handshake;
    m_out += m_request;
    flush();
}

void WebSocket::ready(std::uint32_t events)
{
    if (m_phase == Phase::Connecting) {
        if (!m_stream->connected()) {
            Ending ending;
            ending.reason = "connection refused";
            finish(ending);
            return;
        }
        beginHandshake();
        return;
    }
    if ((events & EPOLLOUT) != 0)
        flush();
    if (!m_reading && (events & (EPOLLERR | EPOLLHUP)) != 0) { // reported even to those who read nothing
        Ending ending;
        ending.reason = "connection reset";
        ending.byPeer = !m_closeAsked;
        finish(ending);
        return;
    }
    if ((events & ~std::uint32_t(EPOLLOUT)) != 0 && m_phase != Phase::Closed)
        readAll();
}

void WebSocket::readAll()
{
    std::array<char, kMostRead> space; // NOLINT: filled by the kernel, no need to clear it first
    const std::span buffer(space.data(), std::min(m_mostRead, space.size()));
    while (m_phase != Phase::Closed && (m_reading || m_phase == Phase::Closing)) {
        const Stream::Outcome got = m_stream->read(buffer);
        if (m_stage == Stage::Securing && m_stream->secured())
            m_stage = Stage::Upgrading;
        if (got.status == Stream::Status::Again) {
            if (unsent() > 0 || m_stream->unflushed())
                flush(); // it may have waited for the keys, not for the socket
            return;
        }
        if (got.status != Stream::Status::Moved) {
            Ending ending;
            ending.reason = got.status == Stream::Status::Ended ? "connection closed without a close frame"
                                                                : "connection reset";
            if (const std::string why = m_stream->failure(); !why.empty())
                ending.reason = why;
            ending.byPeer = !m_closeAsked;
            finish(ending);
            return;
        }
        const std::string_view bytes(buffer.data(), got.bytes);
        if (m_phase == Phase::Handshake) {
            m_head.append(bytes);
            readHandshake();
        } else if (m_phase == Phase::Open || m_phase == Phase::Closing) {
            m_reader.feed(bytes);
        }
        if (m_phase == Phase::Open || m_phase == Phase::Closing)
            readMessages(got.stamp);
        if (got.bytes < buffer.size())
            return; // drained; one more read would only tell so
    }
}

void WebSocket::readHandshake()
{
    const std::size_t end = m_head.find("\r\n\r\n");
    if (end == std::string::npos && m_head.size() < kMaxHead)
        return;
    const auto head = end == std::string::npos ? std::nullopt : HttpHead::parse(m_head.substr(0, end));
    if (!head || (head->status != 0) != m_client) {
        Ending ending;
        ending.reason = "not an HTTP handshake";
        ending.protocolError = true;
        finish(ending);
        return;
    }
    const std::string rest = m_head.substr(end + 4);
    m_stage = Stage::Upgrading;
    if (m_client) {
        readUpgradeReply(*head);
    } else if (head->header("sec-websocket-key").empty()) {
        answer(*head, {400, {}, "expected a WebSocket upgrade\n", 0});
    } else {
        answer(*head, m_listener.upgrade(*this, *head));
    }
    m_reader.feed(rest);
}

void WebSocket::answer(const HttpHead &request, const Answer &reply)
{
    if (reply.delay > 0) {
        Answer now = reply;
        now.delay = 0;
        m_reactor.cancel(m_timer);
        m_timer = m_reactor.at(monotonicNs() + reply.delay, [this, request, now] { answer(request, now); });
        return;
    }
    m_reactor.cancel(m_timer);
    if (reply.status != 101) {
        m_out += "HTTP/1.1 " + std::to_string(reply.status) + " Refused\r\nconnection: close\r\ncontent-length: "
                 + std::to_string(reply.body.size()) + "\r\n" + reply.headers + "\r\n" + reply.body;
        m_phase = Phase::Refusing;
        flush();
        Ending ending;
        ending.httpStatus = reply.status;
        ending.byPeer = false;
        finishLater(ending);
        return;
    }
    m_out += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
             + acceptFor(request.header("sec-websocket-key")) + "\r\n" + reply.headers + "\r\n";
    m_phase = Phase::Open;
    m_stage = Stage::Open;
    flush();
    if (m_phase == Phase::Open)
        m_listener.opened(*this);
    if (m_phase == Phase::Open)
        readMessages(monotonicNs());
}

void WebSocket::readUpgradeReply(const HttpHead &reply)
{
    m_reactor.cancel(m_timer);
    Ending ending;
    if (reply.status != 101)
        ending.httpStatus = reply.status;
    else if (reply.header("sec-websocket-accept") != m_accept)
        ending.reason = "wrong Sec-WebSocket-Accept";
    else if (!reply.header("sec-websocket-extensions").empty() || !reply.header("sec-websocket-protocol").empty())
        ending.reason = "accepted an extension or a subprotocol that was never offered";
    else
        ending.code = 0;
    if (ending.code == 0) {
        m_phase = Phase::Open;
        m_stage = Stage::Open;
        m_listener.opened(*this);
        return;
    }
    if (ending.httpStatus != 0)
        ending.reason = reply.first;
    ending.protocolError = ending.httpStatus == 0;
    finish(ending);
}

void WebSocket::readMessages(Nanos stamp)
{
    Arrival arrival{stamp, false, true};
    while (m_phase == Phase::Open || m_phase == Phase::Closing) {
        const auto message = m_reader.next();
        if (!message)
            break;
        arrival.alone = arrival.alone && !m_reader.hasMore();
        if (message->opcode == Opcode::Ping)
            sendFrame(Opcode::Pong, message->payload);
        else if (message->opcode == Opcode::Close)
            handleClose(message->payload);
        else if (message->opcode != Opcode::Pong && m_phase == Phase::Open)
            m_listener.message(*this, message->opcode, message->payload, arrival);
        arrival.shared = true;
        arrival.alone = false;
    }
    if (!m_reader.error().empty() && m_phase != Phase::Closed) {
        Ending ending;
        ending.reason = m_reader.error();
        ending.protocolError = true;
        sendFrame(Opcode::Close, std::string_view("\x03\xEA", 2)); // 1002
        finish(ending);
    }
}

void WebSocket::handleClose(std::string_view payload)
{
    Ending ending;
    ending.code = 1005;
    if (payload.size() >= 2) {
        ending.code = (static_cast<unsigned char>(payload[0]) << 8) | static_cast<unsigned char>(payload[1]);
        ending.reason = std::string(payload.substr(2));
    }
    ending.byPeer = !m_closeAsked;
    if (!m_closeAsked)
        sendFrame(Opcode::Close, payload.substr(0, 2));
    finish(ending);
}

void WebSocket::sendFrame(Opcode opcode, std::string_view payload, bool final)
{
    if (m_phase != Phase::Open && m_phase != Phase::Closing)
        return;
    std::optional<MaskKey> mask;
    if (m_client) {
        const std::uint64_t bits = m_random.next();
        mask = MaskKey{static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
                       static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 24)};
    }
    appendFrame(m_out, opcode, payload, mask, final);
    flush();
}

void WebSocket::sendFragmented(std::string_view text, std::size_t pieces)
{
    const std::size_t step = std::max<std::size_t>(1, text.size() / std::max<std::size_t>(1, pieces));
    for (std::size_t at = 0; at < text.size(); at += step)
        sendFrame(at == 0 ? Opcode::Text : Opcode::Continuation, text.substr(at, step), at + step >= text.size());
}

void WebSocket::sendRaw(std::string_view bytes)
{
    m_out.append(bytes);
    flush();
}

void WebSocket::close(int code, std::string_view reason)
{
    if (m_phase != Phase::Open) {
        if (m_phase != Phase::Closing && m_phase != Phase::Closed) {
            Ending ending;
            ending.byPeer = false;
            finishLater(ending);
        }
        return;
    }
    m_closeAsked = true;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    payload.append(reason);
    sendFrame(Opcode::Close, payload);
    if (m_phase == Phase::Closed)
        return;
    m_phase = Phase::Closing;
    setReading(true);
    m_timer = m_reactor.at(monotonicNs() + kCloseTimeout, [this] {
        Ending ending;
        ending.reason = "no answer to our close frame";
        ending.byPeer = false;
        finish(ending);
    });
}

void WebSocket::reset()
{
    if (m_stream)
        m_stream->reset();
    m_closeAsked = true;
    Ending ending;
    ending.byPeer = false;
    ending.reason = "reset by the simulator";
    finishLater(ending);
}

void WebSocket::setReading(bool reading)
{
    m_reading = reading;
    updateInterest();
}

void WebSocket::flush()
{
    if (m_stream && m_stream->unflushed())
        m_stream->flush(); // a failure shows in what follows
    while (m_stream && m_outAt < m_out.size()) {
        const Stream::Outcome sent = m_stream->write(std::string_view(m_out).substr(m_outAt));
        if (sent.status == Stream::Status::Again)
            break;
        if (sent.status != Stream::Status::Moved) {
            m_out.clear();
            m_outAt = 0;
            Ending ending;
            ending.reason = "connection broken while writing";
            ending.byPeer = !m_closeAsked;
            finishLater(ending);
            return;
        }
        m_outAt += sent.bytes;
    }
    if (m_outAt == m_out.size()) {
        m_out.clear();
        m_outAt = 0;
    }
    updateInterest();
}

void WebSocket::updateInterest()
{
    if (!m_stream || m_phase == Phase::Closed || m_phase == Phase::Connecting)
        return;
    const bool blocked = m_stream->unflushed() || (unsent() > 0 && m_stream->secured());
    const std::uint32_t wanted = (m_reading ? std::uint32_t(EPOLLIN) : 0U) | (blocked ? std::uint32_t(EPOLLOUT) : 0U);
    if (wanted == m_interest)
        return;
    m_interest = wanted;
    m_reactor.rewatch(m_stream->descriptor(), wanted);
}

void WebSocket::finishLater(Ending ending)
{
    if (m_timer != 0)
        m_reactor.cancel(m_timer);
    m_timer = m_reactor.at(0, [this, ending = std::move(ending)] { finish(ending); });
}

void WebSocket::finish(Ending ending)
{
    if (m_phase == Phase::Closed)
        return;
    m_phase = Phase::Closed;
    ending.stage = m_stage;
    m_reactor.cancel(m_timer);
    if (m_stream) {
        m_reactor.forget(m_stream->descriptor());
        m_stream.reset();
    }
    m_listener.closed(*this, ending);
}

} // namespace takt::sim
