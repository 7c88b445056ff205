// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier's REST API for calls and recordings, with faults to switch on. The handlers live in the carrier's thread;
// log() may be asked from any.
#pragma once

#include "sim/phone/exchange.h"
#include "sim/phone/restlog.h"
#include "sim/wire/httpserver.h"

#include <mutex>

namespace takt::sim {

class RestApi
{
public:
    RestApi(Reactor &reactor, const PhoneOptions &options, Exchange &exchange, TlsContextPtr tls);

    // The port, or 0. Before the reactor runs.
    std::uint16_t listen();
    [[nodiscard]] std::vector<RestRequest> log() const;
    // For more than calls: other services that the gateway talks to may answer at the same port.
    [[nodiscard]] HttpServer &server() { return m_server; }

private:
    struct Request {
        const HttpRequest &http;
        Params form;
        const std::string &part(std::size_t index) const { return http.parts[index]; }
        [[nodiscard]] std::string value(std::string_view name) const { return valueOf(form, name); }
    };
    using Action = HttpReply (RestApi::*)(const Request &);

    void add(const std::string &method, const std::string &path, Action action);
    void handle(const HttpRequest &http, Action action, const HttpServer::Answer &answer);
    [[nodiscard]] std::optional<HttpReply> faultBefore();
    [[nodiscard]] bool authorized(const HttpRequest &http) const;
    void log(const HttpRequest &http, const Params &form, const HttpReply &reply);

    [[nodiscard]] HttpReply createCall(const Request &request);
    [[nodiscard]] HttpReply readCall(const Request &request);
    [[nodiscard]] HttpReply updateCall(const Request &request);
    [[nodiscard]] HttpReply createRecording(const Request &request);
    [[nodiscard]] HttpReply updateRecording(const Request &request);
    [[nodiscard]] HttpReply updateRecordingOfCall(const Request &request);

    Reactor &m_reactor;
    const PhoneOptions &m_options;
    Exchange &m_exchange;
    HttpServer m_server;
    RestFaults m_left;          // counts down
    mutable std::mutex m_mutex; // guards m_log
    std::vector<RestRequest> m_log;
};

} // namespace takt::sim
