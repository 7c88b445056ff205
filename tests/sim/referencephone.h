// SPDX-License-Identifier: GPL-3.0-or-later
// The telephone side of the reference gateway: it answers webhooks with documents that a test may write, checks every
// signature by itself, and remembers what it was told. Belongs to the reference gateway's thread; seen() may be asked
// from any.
#pragma once

#include "sim/phone/form.h"
#include "sim/wire/httpserver.h"

#include <map>
#include <mutex>
#include <set>

namespace takt::sim {

enum class PhoneDefect {
    None,
    UnknownVerb, // a verb that TwiML does not have
    UnknownAttribute,
    BrokenXml,
    WrongType,      // TwiML as text/plain
    ServerError,    // 500 for the voice webhook
    Silent,         // never answers the voice webhook
    Slow,           // answers the voice webhook after 1.5 s
    RefusesStatus,  // 500 for callbacks
    PlainStream,    // <Stream url="ws:...">
    RefusesStreams, // 403 for every upgrade
    NeverChecks,    // takes any signature and any token, any number of times
};

struct ReferencePhoneOptions {
    PhoneDefect defect = PhoneDefect::None;
    std::string authToken;
    std::string publicHost; // as the carrier calls this gateway; empty: 127.0.0.1 and the port
    bool tls = false;       // its URLs are https and wss
    // Documents by path, instead of the built-in ones. {host} stands for the authority, {stream} for a URL of a media
    // stream with a fresh token, {http} for "https" or "http".
    std::map<std::string, std::string> documents;
};

class ReferencePhone
{
public:
    struct Seen {
        std::string path;
        HttpHead head;
        Params params;
        bool signedRight = false;
    };

    ReferencePhone(ReferencePhoneOptions options, Reactor &reactor, HttpServer &server);

    void setPort(std::uint16_t port);
    // Whether this upgrade may be let in: a right signature, and a token that is known and new.
    [[nodiscard]] bool admits(const HttpHead &upgrade);
    [[nodiscard]] std::vector<Seen> seen() const;

private:
    void answer(const HttpRequest &request, const HttpServer::Answer &reply);
    [[nodiscard]] std::string documentOf(const std::string &path);
    [[nodiscard]] std::string filled(std::string text);
    [[nodiscard]] bool rightlySigned(const std::string &url, const Params &params, const HttpHead &head) const;

    ReferencePhoneOptions m_options;
    Reactor &m_reactor;
    std::string m_host;
    int m_lastToken = 0;
    std::set<std::string> m_tokens; // given, and not used yet
    mutable std::mutex m_mutex;     // guards m_seen
    std::vector<Seen> m_seen;
};

} // namespace takt::sim
