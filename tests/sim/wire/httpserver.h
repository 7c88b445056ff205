// SPDX-License-Identifier: GPL-3.0-or-later
// An HTTP/1.1 server: handlers by method and path, which answer now or later. Connections are kept alive, and may become
// something else (a WebSocket). Belongs to the thread of its reactor.
#pragma once

#include "sim/wire/acceptor.h"
#include "sim/wire/httphead.h"
#include "sim/wire/tlsstream.h"

#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace takt::sim {

struct HttpRequest {
    HttpHead head; // head.first is the method
    std::string body;
    std::vector<std::string> parts; // what the stars of the route stood for
};

// A body that is made while it is sent, so that an hour of audio needs no memory.
class HttpBody
{
public:
    virtual ~HttpBody() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual std::string read(std::size_t from, std::size_t count) = 0; // within size()
};

struct HttpReply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool drop = false;                        // no answer: the connection is reset
    std::shared_ptr<HttpBody> stream{};       // instead of `body`
    double bytesPerSecond = 0;                // of `stream`; 0: as fast as the client takes it
    std::size_t cutAfter = std::string::npos; // the connection ends after so many bytes of `stream`
};

class HttpServer
{
public:
    using Answer = std::function<void(const HttpReply &)>; // once; harmless when the client has gone
    using Handler = std::function<void(const HttpRequest &, const Answer &)>;
    // Takes over the connection of an upgrade request; `bytes` are all that it has sent.
    using Upgrade = std::function<void(std::unique_ptr<Stream>, std::string bytes)>;

    explicit HttpServer(Reactor &reactor, TlsContextPtr tls = nullptr);
    ~HttpServer();
    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

    // A star stands for one segment, or for the rest of one: "/Calls/*.json". The first route that fits is taken.
    void route(const std::string &method, const std::string &path, Handler handler);
    void onUpgrade(Upgrade upgrade) { m_upgrade = std::move(upgrade); }
    // For whatever no route fits.
    void otherwise(Handler handler) { m_otherwise = std::move(handler); }
    // From an address (its port 0: any) to the port; 0 if it cannot be had. Before the reactor runs, or in its thread.
    std::uint16_t listen(sockaddr_in address);

private:
    class Client;
    struct Route {
        std::string method;
        std::string path;
        Handler handler;
    };

    void accept(int fd);
    void dispatch(HttpRequest &request, const Answer &answer);
    void drop(Client *client);

    Reactor &m_reactor;
    TlsContextPtr m_tls;
    std::vector<Route> m_routes;
    Upgrade m_upgrade;
    Handler m_otherwise;
    std::unique_ptr<Acceptor> m_acceptor;
    std::list<std::shared_ptr<Client>> m_clients;
};

// Whether the path has this form; what the stars stand for is put into `parts`.
[[nodiscard]] bool fitsRoute(std::string_view route, std::string_view path, std::vector<std::string> &parts);

} // namespace takt::sim
