// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/httpserver.h"

#include "sim/wire/connection.h"
#include "sim/wire/httpmessage.h"

#include <algorithm>
#include <netinet/in.h>
#include <utility>

namespace takt::sim {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kEnoughUnsent = 4 * kChunk;
constexpr Nanos kPumpEvery = kMillisecond; // a body must not keep the thread's other business waiting
constexpr Nanos kPacedEvery = 20 * kMillisecond;

std::string textOf(const HttpReply &reply, bool keep)
{
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + (reply.status < 400 ? " OK" : " Error") + "\r\n";
    for (const auto &[name, value] : reply.headers)
        text += name + ": " + value + "\r\n";
    const std::size_t size = reply.stream ? reply.stream->size() : reply.body.size();
    if (reply.status != 204)
        text += "Content-Length: " + std::to_string(size) + "\r\n";
    return text + (keep ? "" : "Connection: close\r\n") + "\r\n" + reply.body;
}

} // namespace

class HttpServer::Client final : public Connection::Owner, public std::enable_shared_from_this<Client>
{
public:
    Client(HttpServer &server, std::unique_ptr<Stream> stream)
        : m_server(server)
        , m_connection(server.m_reactor, *this, std::move(stream), false)
    {
    }

    void received(Connection &, std::string_view bytes) override
    {
        m_seen.append(bytes);
        m_message.feed(bytes);
        next();
    }
    void ended(Connection &, const std::string &) override { leave(); }

private:
    void leave()
    {
        m_gone = true;
        m_server.drop(this);
    }

    void next()
    {
        if (m_busy || m_gone || !m_message.done())
            return;
        if (!m_message.error().empty())
            return answer({400, {}, "bad request\n", false});
        const HttpHead &head = m_message.head();
        if (!head.header("upgrade").empty() && m_server.m_upgrade) {
            std::unique_ptr<Stream> stream = m_connection.release();
            m_server.m_upgrade(std::move(stream), std::move(m_seen));
            return leave();
        }
        m_busy = true;
        HttpRequest request{head, m_message.body(), {}};
        m_server.dispatch(request,
                          [self = weak_from_this(), first = std::make_shared<bool>(true)](const HttpReply &reply) {
                              if (const auto client = self.lock(); client && std::exchange(*first, false))
                                  client->answer(reply);
                          });
    }

    void answer(const HttpReply &reply)
    {
        if (m_gone)
            return;
        if (reply.drop) {
            m_connection.reset();
            return leave();
        }
        const bool keep = m_message.error().empty() && lowered(m_message.head().header("connection")) != "close";
        m_connection.send(textOf(reply, keep));
        if (!reply.stream)
            return answered(keep);
        m_reply = reply;
        m_streamed = 0;
        pump(keep);
    }

    // Sends some more of a body, and comes again for the rest.
    void pump(bool keep)
    {
        if (m_gone)
            return;
        const std::size_t end = std::min(m_reply.stream->size(), m_reply.cutAfter);
        const bool paced = m_reply.bytesPerSecond > 0;
        const auto portion = paced ? std::size_t(m_reply.bytesPerSecond * toMs(kPacedEvery) / 1000) + 1 : kChunk;
        if (m_connection.unsent() < kEnoughUnsent && m_streamed < end) {
            const std::size_t count = std::min(portion, end - m_streamed);
            m_connection.send(m_reply.stream->read(m_streamed, count));
            m_streamed += count;
        }
        if (m_streamed < end) {
            m_server.m_reactor.at(monotonicNs() + (paced ? kPacedEvery : kPumpEvery), [self = weak_from_this(), keep] {
                if (const auto client = self.lock())
                    client->pump(keep);
            });
            return;
        }
        const bool cut = end < m_reply.stream->size();
        m_reply = {};
        answered(keep && !cut);
    }

    void answered(bool keep)
    {
        if (!keep)
            return m_connection.closeWhenSent();
        std::string rest = std::move(m_message.rest());
        m_message = HttpMessage(HttpMessage::Kind::Request);
        m_seen = rest;
        m_busy = false;
        m_message.feed(rest);
        if (!rest.empty()) // not from here: a client that sends many at once would nest them
            m_server.m_reactor.later([self = weak_from_this()] {
                if (const auto client = self.lock())
                    client->next();
            });
    }

    HttpServer &m_server;
    std::string m_seen; // since the last answer
    HttpMessage m_message{HttpMessage::Kind::Request};
    bool m_busy = false;
    bool m_gone = false;
    HttpReply m_reply; // whose body is under way
    std::size_t m_streamed = 0;
    Connection m_connection;
};

HttpServer::HttpServer(Reactor &reactor, TlsContextPtr tls)
    : m_reactor(reactor)
    , m_tls(std::move(tls))
{
}

HttpServer::~HttpServer() = default;

void HttpServer::route(const std::string &method, const std::string &path, Handler handler)
{
    m_routes.push_back({method, path, std::move(handler)});
}

std::uint16_t HttpServer::listen(sockaddr_in address)
{
    const int fd = TcpStream::listenOn(address);
    if (fd < 0)
        return 0;
    m_acceptor = std::make_unique<Acceptor>(m_reactor, fd, [this](int accepted) { accept(accepted); });
    return ntohs(address.sin_port);
}

void HttpServer::accept(int fd)
{
    std::unique_ptr<Stream> stream = std::make_unique<TcpStream>(fd);
    if (m_tls)
        stream = TlsStream::server(std::move(stream), m_tls);
    m_clients.push_back(std::make_shared<Client>(*this, std::move(stream)));
}

void HttpServer::dispatch(HttpRequest &request, const Answer &answer)
{
    bool known = false;
    for (const Route &route : m_routes) {
        request.parts.clear();
        if (!fitsRoute(route.path, request.head.path(), request.parts))
            continue;
        known = true;
        if (route.method == request.head.first)
            return route.handler(request, answer);
    }
    request.parts.clear();
    if (!known && m_otherwise)
        return m_otherwise(request, answer);
    answer(
        {known ? 405 : 404, {{"Content-Type", "text/plain"}}, known ? "method not allowed\n" : "not found\n", false});
}

void HttpServer::drop(Client *client)
{
    m_reactor.later([this, client] {
        m_clients.remove_if([client](const std::shared_ptr<Client> &candidate) { return candidate.get() == client; });
    });
}

bool fitsRoute(std::string_view route, std::string_view path, std::vector<std::string> &parts)
{
    while (!route.empty()) {
        if (route.front() != '*') {
            if (path.empty() || path.front() != route.front())
                return false;
            route.remove_prefix(1);
            path.remove_prefix(1);
            continue;
        }
        route.remove_prefix(1);
        const std::string_view after = route.substr(0, route.find('/')); // what must follow in the same segment
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment.size() <= after.size() || !segment.ends_with(after))
            return false;
        parts.emplace_back(segment.substr(0, segment.size() - after.size()));
        path.remove_prefix(segment.size());
        route.remove_prefix(after.size());
    }
    return path.empty();
}

} // namespace takt::sim
