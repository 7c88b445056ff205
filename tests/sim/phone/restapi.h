// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier's REST API for calls and recordings, with faults to switch on, and /sim/..., by which other processes steer
// the simulator itself. The handlers live in the carrier's thread; log() may be asked from any.
#pragma once

#include "sim/phone/exchange.h"
#include "sim/phone/recordingmedia.h"
#include "sim/phone/restlog.h"
#include "sim/wire/httpserver.h"

#include <mutex>

namespace takt::sim {

class RestApi
{
public:
    struct World {
        Reactor &reactor;
        const PhoneOptions &options;
        Exchange &exchange;
        RecordingStore &store;
        FaultBoard &faults;
        WorkLog &log;
        const Voices &voices;
    };
    RestApi(World world, TlsContextPtr tls);

    // The port, or 0. Before the reactor runs.
    std::uint16_t listen();
    [[nodiscard]] std::vector<RestRequest> log() const;

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
    [[nodiscard]] HttpReply readRecording(const Request &request);
    [[nodiscard]] HttpReply listRecordings(const Request &request);
    [[nodiscard]] HttpReply recordingMedia(const Request &request);
    [[nodiscard]] HttpReply removeRecording(const Request &request);

    void addControl();
    [[nodiscard]] HttpReply addRecording(const Params &form);
    [[nodiscard]] HttpReply setFaults(const Params &form);
    [[nodiscard]] HttpReply fullLog() const;

    World m_world;
    HttpServer m_server;
    RecordingMedia m_media;
    bool m_encrypted;
    mutable std::mutex m_mutex; // guards m_log
    std::vector<RestRequest> m_log;
};

} // namespace takt::sim
