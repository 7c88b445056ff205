// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/referencephone.h"

#include "sim/phone/signature.h"

#include <algorithm>

namespace takt::sim {
namespace {

constexpr const char *kVoice = R"(<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Start><Recording channels="dual" recordingStatusCallback="{http}://{host}/twilio/recording"
    recordingStatusCallbackEvent="in-progress completed absent"/></Start>
  <Connect action="{http}://{host}/twilio/after" method="POST">
    <Stream url="{stream}" name="agent" statusCallback="{http}://{host}/twilio/stream">
      <Parameter name="line" value="sales"/>
    </Stream>
  </Connect>
  <Redirect method="POST">{http}://{host}/twilio/lost</Redirect>
</Response>)";
constexpr const char *kAfter = "<Response><Say>Goodbye.</Say><Hangup/></Response>";

void replaceAll(std::string &text, std::string_view what, const std::string &by)
{
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

} // namespace

ReferencePhone::ReferencePhone(ReferencePhoneOptions options, Reactor &reactor, HttpServer &server)
    : m_options(std::move(options))
    , m_reactor(reactor)
{
    for (const char *method : {"POST", "GET"}) {
        server.route(method, "/twilio/*",
                     [this](const HttpRequest &request, const HttpServer::Answer &reply) { answer(request, reply); });
    }
}

void ReferencePhone::setPort(std::uint16_t port)
{
    m_host = m_options.publicHost.empty() ? "127.0.0.1:" + std::to_string(port) : m_options.publicHost;
}

std::vector<ReferencePhone::Seen> ReferencePhone::seen() const
{
    const std::lock_guard lock(m_mutex);
    return m_seen;
}

bool ReferencePhone::rightlySigned(const std::string &url, const Params &params, const HttpHead &head) const
{
    return head.header("x-twilio-signature") == signatureOf(m_options.authToken, signedUrl(url), params);
}

std::string ReferencePhone::filled(std::string text)
{
    const std::string token = std::to_string(++m_lastToken);
    if (text.find("{stream}") != std::string::npos)
        m_tokens.insert(token);
    const bool secure = m_options.tls && m_options.defect != PhoneDefect::PlainStream;
    replaceAll(text, "{stream}", (secure ? "wss://" : "ws://") + m_host + "/media/" + token);
    replaceAll(text, "{http}", m_options.tls ? "https" : "http");
    replaceAll(text, "{host}", m_host);
    return text;
}

std::string ReferencePhone::documentOf(const std::string &path)
{
    const auto own = m_options.documents.find(path);
    std::string text = own != m_options.documents.end() ? own->second
                       : path == "/twilio/voice"        ? kVoice
                       : path == "/twilio/after"        ? kAfter
                                                        : "<Response/>";
    if (path == "/twilio/voice" && m_options.defect == PhoneDefect::UnknownVerb)
        replaceAll(text, "<Connect", "<Dance/><Connect");
    if (path == "/twilio/voice" && m_options.defect == PhoneDefect::UnknownAttribute)
        replaceAll(text, "<Stream ", "<Stream colour=\"blue\" ");
    if (path == "/twilio/voice" && m_options.defect == PhoneDefect::BrokenXml)
        replaceAll(text, "</Connect>", "");
    return filled(text);
}

void ReferencePhone::answer(const HttpRequest &request, const HttpServer::Answer &reply)
{
    const std::string path = request.head.path();
    const std::string scheme = m_options.tls ? "https://" : "http://";
    const Params params = request.head.first == "GET"
                              ? fromForm(std::string_view(request.head.target)
                                             .substr(std::min(path.size() + 1, request.head.target.size())))
                              : fromForm(request.body);
    const bool right = rightlySigned(scheme + m_host + request.head.target,
                                     request.head.first == "GET" ? Params() : params, request.head);
    {
        const std::lock_guard lock(m_mutex);
        m_seen.push_back({path, request.head, params, right});
    }
    const PhoneDefect defect = m_options.defect;
    if (!right && defect != PhoneDefect::NeverChecks)
        return reply({403, {}, "wrong signature\n", false});
    const bool voice = path == "/twilio/voice";
    const bool document = voice || path == "/twilio/after" || path == "/twilio/lost" || path == "/twilio/fallback"
                          || m_options.documents.contains(path);
    if (!document)
        return reply({defect == PhoneDefect::RefusesStatus ? 500 : 204, {}, {}, false});
    if (voice && defect == PhoneDefect::Silent)
        return;
    if (voice && defect == PhoneDefect::ServerError)
        return reply({500, {}, "sorry\n", false});
    const HttpReply twiml{
        200, {{"Content-Type", defect == PhoneDefect::WrongType ? "text/plain" : "text/xml"}}, documentOf(path), false};
    if (voice && defect == PhoneDefect::Slow)
        m_reactor.at(monotonicNs() + 3 * kSecond / 2, [reply, twiml] { reply(twiml); });
    else
        reply(twiml);
}

bool ReferencePhone::admits(const HttpHead &upgrade)
{
    const std::string url = (m_options.tls ? "wss://" : "ws://") + m_host + upgrade.target;
    const bool right = rightlySigned(url, {}, upgrade);
    {
        const std::lock_guard lock(m_mutex);
        m_seen.push_back({"upgrade", upgrade, {}, right});
    }
    if (m_options.defect == PhoneDefect::NeverChecks)
        return true;
    if (m_options.defect == PhoneDefect::RefusesStreams)
        return false;
    if (!right)
        return false;
    return m_tokens.erase(upgrade.target.substr(upgrade.target.rfind('/') + 1)) == 1;
}

} // namespace takt::sim
