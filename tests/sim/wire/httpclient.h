// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1.1 requests, one connection each. Every request has exactly one result, never before send() has returned.
// Belongs to the thread of its reactor.
#pragma once

#include "sim/wire/httphead.h"
#include "sim/wire/reactor.h"
#include "sim/wire/tlsstream.h"

#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace takt::sim {

// Where a URL's bytes go.
struct Endpoint {
    sockaddr_in address{};
    TlsContextPtr tls; // null: plain
    std::string serverName;
};

struct HttpCall {
    std::string method = "POST";
    Endpoint endpoint;
    std::string host; // as the Host header says it
    std::string target = "/";
    std::vector<std::pair<std::string, std::string>> headers; // beside Host, Content-Length and Connection
    std::string body;
    Nanos connectTime = 10 * kSecond;
    Nanos wholeTime = 15 * kSecond;
};

struct HttpResult {
    enum class Failure { None, Connect, Tls, Timeout, Broken };
    Failure failure = Failure::None;
    std::string error; // in words, if it failed
    int status = 0;
    HttpHead head;
    std::string body;
    Nanos took = 0;

    [[nodiscard]] bool success() const { return failure == Failure::None && status >= 200 && status < 300; }
};

class HttpClient
{
public:
    using Done = std::function<void(const HttpResult &)>;

    explicit HttpClient(Reactor &reactor);
    ~HttpClient(); // what is under way is dropped without a result
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    void send(HttpCall call, Done done);
    [[nodiscard]] std::size_t underWay() const { return m_exchanges.size(); }

private:
    class Exchange;

    Reactor &m_reactor;
    std::uint64_t m_next = 1;
    std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> m_exchanges;
};

} // namespace takt::sim
