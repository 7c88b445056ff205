// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/httpclient.h"

#include "sim/wire/connection.h"
#include "sim/wire/httpmessage.h"

namespace takt::sim {

class HttpClient::Exchange final : public Connection::Owner
{
public:
    Exchange(Reactor &reactor, HttpCall call, std::function<void(HttpResult)> settled)
        : m_reactor(reactor)
        , m_call(std::move(call))
        , m_settled(std::move(settled))
        , m_began(monotonicNs())
    {
    }
    ~Exchange() override
    {
        m_reactor.cancel(m_connectTimer);
        m_reactor.cancel(m_wholeTimer);
    }

    void begin()
    {
        m_wholeTimer = m_reactor.at(m_began + m_call.wholeTime,
                                    [this] { settle(HttpResult::Failure::Timeout, "no whole answer in time"); });
        std::unique_ptr<Stream> stream = TcpStream::dial(m_call.endpoint.address, 0);
        if (!stream) {
            m_connectTimer = m_reactor.at(0, [this] { settle(HttpResult::Failure::Connect, "cannot connect"); });
            return;
        }
        if (m_call.endpoint.tls)
            stream = TlsStream::client(std::move(stream), m_call.endpoint.tls, m_call.endpoint.serverName);
        m_connection.emplace(m_reactor, *this, std::move(stream), true);
        m_connectTimer = m_reactor.at(m_began + m_call.connectTime,
                                      [this] { settle(HttpResult::Failure::Connect, "no connection in time"); });
    }

private:
    void opened(Connection &connection) override
    {
        m_reactor.cancel(m_connectTimer);
        std::string text = m_call.method + " " + m_call.target + " HTTP/1.1\r\nHost: " + m_call.host + "\r\n";
        for (const auto &[name, value] : m_call.headers)
            text += name + ": " + value + "\r\n";
        if (!m_call.body.empty() || m_call.method == "POST")
            text += "Content-Length: " + std::to_string(m_call.body.size()) + "\r\n";
        connection.send(text + "Connection: close\r\n\r\n" + m_call.body);
    }
    void received(Connection &, std::string_view bytes) override
    {
        m_message.feed(bytes);
        if (m_message.done())
            settle(m_message.error().empty() ? HttpResult::Failure::None : HttpResult::Failure::Broken,
                   m_message.error());
    }
    void ended(Connection &connection, const std::string &why) override
    {
        if (connection.stage() == Connection::Stage::Connecting)
            return settle(HttpResult::Failure::Connect, why);
        if (connection.stage() == Connection::Stage::Securing)
            return settle(HttpResult::Failure::Tls, why.empty() ? "the connection ended in the TLS handshake" : why);
        m_message.connectionEnded();
        if (!why.empty() || !m_message.error().empty())
            return settle(HttpResult::Failure::Broken, why.empty() ? m_message.error() : why);
        settle(HttpResult::Failure::None, {});
    }

    void settle(HttpResult::Failure failure, const std::string &error)
    {
        if (!m_settled)
            return;
        HttpResult result;
        result.failure = failure;
        result.error = error;
        if (failure == HttpResult::Failure::None) {
            result.head = m_message.head();
            result.status = result.head.status;
            result.body = m_message.body();
        }
        result.took = monotonicNs() - m_began;
        std::exchange(m_settled, {})(std::move(result));
    }

    Reactor &m_reactor;
    HttpCall m_call;
    std::function<void(HttpResult)> m_settled;
    Nanos m_began;
    HttpMessage m_message{HttpMessage::Kind::Response};
    std::optional<Connection> m_connection;
    Reactor::TimerId m_connectTimer = 0;
    Reactor::TimerId m_wholeTimer = 0;
};

HttpClient::HttpClient(Reactor &reactor)
    : m_reactor(reactor)
{
}

HttpClient::~HttpClient() = default;

void HttpClient::send(HttpCall call, Done done)
{
    const std::uint64_t id = m_next++;
    auto settled = [this, id, done = std::move(done)](HttpResult result) {
        // The exchange is on the call stack: it goes, and its result is told, when the stack is clear.
        auto gone = std::make_shared<std::unique_ptr<Exchange>>(std::move(m_exchanges.at(id)));
        m_exchanges.erase(id);
        m_reactor.later([gone, done, result = std::move(result)] {
            gone->reset();
            done(result);
        });
    };
    Exchange &exchange = *m_exchanges
                              .emplace(id, std::make_unique<Exchange>(m_reactor, std::move(call), std::move(settled)))
                              .first->second;
    exchange.begin();
}

} // namespace takt::sim
