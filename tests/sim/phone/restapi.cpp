// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/restapi.h"

#include "sim/carrier/streamwriter.h"
#include "sim/phone/twimlschema.h"
#include "sim/wire/base64.h"

#include <arpa/inet.h>
#include <cstdlib>

namespace takt::sim {
namespace {

constexpr std::size_t kMaxTwiml = 4000;

HttpReply json(int status, std::string body)
{
    HttpReply reply;
    reply.status = status;
    reply.headers = {{"Content-Type", "application/json"}};
    reply.body = std::move(body);
    return reply;
}

HttpReply error(int status, int code, const std::string &message)
{
    return json(status, R"({"code":)" + std::to_string(code) + R"(,"message":)" + quoted(message)
                            + R"(,"more_info":"https://www.twilio.com/docs/errors/)" + std::to_string(code)
                            + R"(","status":)" + std::to_string(status) + "}");
}

HttpReply unknown(const std::string &path)
{
    return error(404, 20404, "The requested resource " + path + " was not found");
}

Subscription subscriptionOf(const Params &form, const std::string &prefix)
{
    Subscription subscription;
    subscription.url = valueOf(form, prefix);
    if (has(form, prefix + "Method"))
        subscription.method = valueOf(form, prefix + "Method");
    if (has(form, prefix + "Event"))
        subscription.events = valuesOf(form, prefix + "Event");
    return subscription;
}

RecordingRequest recordingOf(const Params &form, const std::string &source)
{
    RecordingRequest recording;
    recording.callback = subscriptionOf(form, "RecordingStatusCallback");
    if (has(form, "RecordingStatusCallbackEvent")) // one value, separated by blanks
        recording.callback.events = wordsOf(valueOf(form, "RecordingStatusCallbackEvent"));
    recording.channels = has(form, "RecordingChannels") ? valueOf(form, "RecordingChannels") : "mono";
    recording.track = has(form, "RecordingTrack") ? valueOf(form, "RecordingTrack") : "both";
    recording.source = source;
    return recording;
}

} // namespace

RestApi::RestApi(Reactor &reactor, const PhoneOptions &options, Exchange &exchange, TlsContextPtr tls)
    : m_reactor(reactor)
    , m_options(options)
    , m_exchange(exchange)
    , m_server(reactor, std::move(tls))
    , m_left(options.restFaults)
{
    const std::string account = "/2010-04-01/Accounts/*";
    add("POST", account + "/Calls.json", &RestApi::createCall);
    add("GET", account + "/Calls/*.json", &RestApi::readCall);
    add("POST", account + "/Calls/*.json", &RestApi::updateCall);
    add("POST", account + "/Calls/*/Recordings.json", &RestApi::createRecording);
    add("POST", account + "/Calls/*/Recordings/*.json", &RestApi::updateRecordingOfCall);
    add("POST", account + "/Recordings/*.json", &RestApi::updateRecording);
}

std::uint16_t RestApi::listen()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(m_options.restPort);
    return m_server.listen(address);
}

void RestApi::add(const std::string &method, const std::string &path, Action action)
{
    m_server.route(method, path, [this, action](const HttpRequest &http, const HttpServer::Answer &answer) {
        handle(http, action, answer);
    });
}

bool RestApi::authorized(const HttpRequest &http) const
{
    const std::string header = http.head.header("authorization");
    std::string pair;
    return header.starts_with("Basic ") && fromBase64(header.substr(6), pair)
           && pair == m_exchange.accountSid() + ":" + m_options.authToken;
}

// What happens to a request before it has any effect.
std::optional<HttpReply> RestApi::faultBefore()
{
    if (m_left.dropBefore > 0) {
        --m_left.dropBefore;
        HttpReply reply;
        reply.drop = true;
        return reply;
    }
    if (m_left.first <= 0 || m_left.status == 0)
        return std::nullopt;
    --m_left.first;
    HttpReply reply = m_left.status == 429 ? error(429, 20429, "Too Many Requests")
                                           : error(m_left.status, 20500, "An internal server error has occurred");
    if (m_left.retryAfter >= 0)
        reply.headers.emplace_back("Retry-After", std::to_string(m_left.retryAfter));
    return reply;
}

void RestApi::handle(const HttpRequest &http, Action action, const HttpServer::Answer &answer)
{
    RestRequest seen{http.head.first, http.head.target, fromForm(http.body), 0, false, monotonicNs(), {}};
    HttpReply reply;
    if (auto fault = faultBefore()) {
        reply = *fault;
    } else if (!authorized(http)) {
        reply = error(401, 20003, "Authenticate");
        reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Twilio API\"");
    } else if (http.parts.front() != m_exchange.accountSid()) {
        reply = unknown(http.head.path());
    } else {
        reply = (this->*action)({http, seen.params});
        seen.applied = reply.status < 300;
        if (m_left.dropAfter > 0) {
            --m_left.dropAfter;
            reply.drop = true;
        }
    }
    seen.status = reply.drop ? 0 : reply.status;
    seen.body = reply.body;
    {
        const std::lock_guard lock(m_mutex);
        m_log.push_back(std::move(seen));
    }
    if (m_left.delayMs > 0)
        m_reactor.at(monotonicNs() + fromMs(m_left.delayMs), [answer, reply] { answer(reply); });
    else
        answer(reply);
}

std::vector<RestRequest> RestApi::log() const
{
    const std::lock_guard lock(m_mutex);
    return m_log;
}

HttpReply RestApi::createCall(const Request &request)
{
    if (request.value("To").empty())
        return error(400, 21201, "No 'To' number is specified");
    if (request.value("From").empty())
        return error(400, 21213, "'From' phone number is required");
    OutboundRequest call;
    call.url = request.value("Url");
    call.twiml = request.value("Twiml");
    if (call.url.empty() == call.twiml.empty())
        return error(400, 21205, "Exactly one of 'Url' and 'Twiml' is required");
    if (call.twiml.size() > kMaxTwiml || (!call.url.empty() && !Url::parse(call.url)))
        return error(400, 21205, "Url or Twiml is not a valid one");
    if (has(request.form, "Method"))
        call.method = request.value("Method");
    call.fallbackUrl = request.value("FallbackUrl");
    call.status = subscriptionOf(request.form, "StatusCallback");
    for (const std::string &event : call.status.events) {
        if (!hasWord("initiated ringing answered completed", event))
            return error(400, 21626, "Invalid StatusCallbackEvent: " + event);
    }
    if (has(request.form, "Timeout"))
        call.timeoutSeconds = std::atof(request.value("Timeout").c_str());
    call.machineDetection = request.value("MachineDetection");
    if (!call.machineDetection.empty() && !hasWord("Enable DetectMessageEnd", call.machineDetection))
        return error(400, 21212, "Invalid MachineDetection");
    call.asyncAmd = request.value("AsyncAmd") == "true";
    call.amd = subscriptionOf(request.form, "AsyncAmdStatusCallback");
    call.record = request.value("Record") == "true";
    call.recording = recordingOf(request.form, "OutboundAPI");
    const PhoneCall &made = m_exchange.dialOut(request.value("From"), request.value("To"), std::move(call));
    return json(201, callResource(made.facts()));
}

HttpReply RestApi::readCall(const Request &request)
{
    if (const PhoneCall *call = m_exchange.find(request.part(1)))
        return json(200, callResource(call->facts()));
    if (const CallFacts *past = m_exchange.findPast(request.part(1)))
        return json(200, callResource(*past));
    return unknown(request.http.head.path());
}

HttpReply RestApi::updateCall(const Request &request)
{
    PhoneCall *call = m_exchange.find(request.part(1));
    if (call == nullptr && m_exchange.findPast(request.part(1)) == nullptr)
        return unknown(request.http.head.path());
    const std::string status = request.value("Status");
    const std::string url = request.value("Url");
    const std::string twiml = request.value("Twiml");
    const int asked = int(!status.empty()) + int(!url.empty()) + int(!twiml.empty());
    if (asked > 1 || twiml.size() > kMaxTwiml)
        return error(400, 20001, "Url, Twiml and Status exclude each other; Twiml has at most 4000 characters");
    if (!status.empty() && status != "completed" && status != "canceled")
        return error(400, 20001, "Status is completed or canceled");
    if (!url.empty() && !Url::parse(url))
        return error(400, 21205, "Url is not a valid URL");
    bool done = call != nullptr && !call->facts().over();
    if (done && has(request.form, "StatusCallback"))
        call->subscribe(subscriptionOf(request.form, "StatusCallback"));
    if (done && !status.empty())
        done = call->end(status);
    else if (done && !url.empty())
        done = call->redirect(url, has(request.form, "Method") ? request.value("Method") : "POST");
    else if (done && !twiml.empty())
        done = call->replaceTwiml(twiml);
    if (!done)
        return error(400, 21220, "Call is not in-progress. Cannot redirect.");
    return json(200, callResource(call->facts()));
}

HttpReply RestApi::createRecording(const Request &request)
{
    PhoneCall *call = m_exchange.find(request.part(1));
    if (call == nullptr && m_exchange.findPast(request.part(1)) == nullptr)
        return unknown(request.http.head.path());
    const bool refused = m_left.ineligible > 0 && m_left.ineligible-- > 0;
    if (refused || call == nullptr || call->facts().status != "in-progress")
        return error(400, 21220, "Requested resource is not eligible for recording");
    const std::string sid = call->recordings().start(recordingOf(request.form, "StartCallRecordingAPI"));
    return json(201, call->recordings().resource(sid));
}

HttpReply RestApi::updateRecording(const Request &request)
{
    PhoneCall *call = m_exchange.withRecording(request.part(1));
    const std::string status = request.value("Status");
    if (call == nullptr)
        return unknown(request.http.head.path());
    if (!hasWord("paused in-progress stopped", status) || call->recordings().update(request.part(1), status).empty())
        return error(400, 21220, "The recording's state does not allow it");
    return json(200, call->recordings().resource(request.part(1)));
}

HttpReply RestApi::updateRecordingOfCall(const Request &request)
{
    PhoneCall *call = m_exchange.find(request.part(1));
    const std::string status = request.value("Status");
    if (call == nullptr)
        return unknown(request.http.head.path());
    const std::string sid = hasWord("paused in-progress stopped", status)
                                ? call->recordings().update(request.part(2), status)
                                : std::string();
    return sid.empty() ? error(400, 21220, "The recording's state does not allow it")
                       : json(200, call->recordings().resource(sid));
}

} // namespace takt::sim
