// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/restapi.h"

#include "sim/phone/restreply.h"
#include "sim/phone/twimlschema.h"
#include "sim/wire/base64.h"

#include <arpa/inet.h>
#include <cstdlib>

namespace takt::sim {
namespace {

constexpr std::size_t kMaxTwiml = 4000;

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

RestApi::RestApi(World world, TlsContextPtr tls)
    : m_world(world)
    , m_server(world.reactor, tls)
    , m_media(world.reactor, world.store, world.faults, world.log, tls)
    , m_encrypted(tls != nullptr)
{
    const std::string account = "/2010-04-01/Accounts/*";
    add("POST", account + "/Calls.json", &RestApi::createCall);
    add("GET", account + "/Calls/*/Recordings.json", &RestApi::listRecordings);
    add("GET", account + "/Calls/*.json", &RestApi::readCall);
    add("POST", account + "/Calls/*.json", &RestApi::updateCall);
    add("POST", account + "/Calls/*/Recordings.json", &RestApi::createRecording);
    add("POST", account + "/Calls/*/Recordings/*.json", &RestApi::updateRecordingOfCall);
    add("POST", account + "/Recordings/*.json", &RestApi::updateRecording);
    add("GET", account + "/Recordings/*.json", &RestApi::readRecording);
    add("GET", account + "/Recordings/*", &RestApi::recordingMedia);
    add("DELETE", account + "/Recordings/*", &RestApi::removeRecording);
    addControl();
}

std::uint16_t RestApi::listen()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(m_world.options.restPort);
    const std::uint16_t port = m_server.listen(address);
    m_world.store.setBaseUrl((m_encrypted ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port));
    return m_media.listen() ? port : std::uint16_t(0);
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
           && pair == m_world.exchange.accountSid() + ":" + m_world.options.authToken;
}

// What happens to a request before it has any effect.
std::optional<HttpReply> RestApi::faultBefore()
{
    FaultBoard &faults = m_world.faults;
    if (faults.take("rest.drop-before")) {
        HttpReply reply;
        reply.drop = true;
        return reply;
    }
    const int status = int(faults.value("rest.status"));
    if (status == 0 || !faults.take("rest.first"))
        return std::nullopt;
    HttpReply reply = status == 429 ? errorReply(429, 20429, "Too Many Requests")
                                    : errorReply(status, 20500, "An internal server error has occurred");
    if (const int seconds = int(faults.value("rest.retry-after", -1)); seconds >= 0)
        reply.headers.emplace_back("Retry-After", std::to_string(seconds));
    return reply;
}

void RestApi::handle(const HttpRequest &http, Action action, const HttpServer::Answer &answer)
{
    RestRequest seen{http.head.first, http.head.target, fromForm(http.body), 0, false, monotonicNs(), {}};
    HttpReply reply;
    if (auto fault = faultBefore()) {
        reply = *fault;
        m_media.refused(http, reply.drop ? 0 : reply.status);
    } else if (!authorized(http)) {
        reply = errorReply(401, 20003, "Authenticate");
        reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Twilio API\"");
        m_media.refused(http, 401);
    } else if (http.parts.front() != m_world.exchange.accountSid()) {
        reply = unknownReply(http.head.path());
        m_media.refused(http, 404);
    } else {
        reply = (this->*action)({http, seen.params});
        seen.applied = reply.status < 300;
        reply.drop = m_world.faults.take("rest.drop-after");
    }
    seen.status = reply.drop ? 0 : reply.status;
    seen.body = reply.body;
    {
        const std::lock_guard lock(m_mutex);
        m_log.push_back(std::move(seen));
    }
    if (const double ms = m_world.faults.value("rest.delay"); ms > 0)
        m_world.reactor.at(monotonicNs() + fromMs(ms), [answer, reply] { answer(reply); });
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
        return errorReply(400, 21201, "No 'To' number is specified");
    if (request.value("From").empty())
        return errorReply(400, 21213, "'From' phone number is required");
    OutboundRequest call;
    call.url = request.value("Url");
    call.twiml = request.value("Twiml");
    if (call.url.empty() == call.twiml.empty())
        return errorReply(400, 21205, "Exactly one of 'Url' and 'Twiml' is required");
    if (call.twiml.size() > kMaxTwiml || (!call.url.empty() && !Url::parse(call.url)))
        return errorReply(400, 21205, "Url or Twiml is not a valid one");
    if (has(request.form, "Method"))
        call.method = request.value("Method");
    call.fallbackUrl = request.value("FallbackUrl");
    call.status = subscriptionOf(request.form, "StatusCallback");
    for (const std::string &event : call.status.events) {
        if (!hasWord("initiated ringing answered completed", event))
            return errorReply(400, 21626, "Invalid StatusCallbackEvent: " + event);
    }
    if (has(request.form, "Timeout"))
        call.timeoutSeconds = std::atof(request.value("Timeout").c_str());
    call.machineDetection = request.value("MachineDetection");
    if (!call.machineDetection.empty() && !hasWord("Enable DetectMessageEnd", call.machineDetection))
        return errorReply(400, 21212, "Invalid MachineDetection");
    call.asyncAmd = request.value("AsyncAmd") == "true";
    call.amd = subscriptionOf(request.form, "AsyncAmdStatusCallback");
    call.record = request.value("Record") == "true";
    call.recording = recordingOf(request.form, "OutboundAPI");
    const PhoneCall &made = m_world.exchange.dialOut(request.value("From"), request.value("To"), std::move(call));
    return jsonReply(201, callResource(made.facts()));
}

HttpReply RestApi::readCall(const Request &request)
{
    if (const PhoneCall *call = m_world.exchange.find(request.part(1)))
        return jsonReply(200, callResource(call->facts()));
    if (const CallFacts *past = m_world.exchange.findPast(request.part(1)))
        return jsonReply(200, callResource(*past));
    return unknownReply(request.http.head.path());
}

HttpReply RestApi::updateCall(const Request &request)
{
    PhoneCall *call = m_world.exchange.find(request.part(1));
    if (call == nullptr && m_world.exchange.findPast(request.part(1)) == nullptr)
        return unknownReply(request.http.head.path());
    const std::string status = request.value("Status");
    const std::string url = request.value("Url");
    const std::string twiml = request.value("Twiml");
    const int asked = int(!status.empty()) + int(!url.empty()) + int(!twiml.empty());
    if (asked > 1 || twiml.size() > kMaxTwiml)
        return errorReply(400, 20001, "Url, Twiml and Status exclude each other; Twiml has at most 4000 characters");
    if (!status.empty() && status != "completed" && status != "canceled")
        return errorReply(400, 20001, "Status is completed or canceled");
    if (!url.empty() && !Url::parse(url))
        return errorReply(400, 21205, "Url is not a valid URL");
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
        return errorReply(400, 21220, "Call is not in-progress. Cannot redirect.");
    return jsonReply(200, callResource(call->facts()));
}

HttpReply RestApi::createRecording(const Request &request)
{
    PhoneCall *call = m_world.exchange.find(request.part(1));
    if (call == nullptr && m_world.exchange.findPast(request.part(1)) == nullptr)
        return unknownReply(request.http.head.path());
    if (m_world.faults.take("rest.ineligible") || call == nullptr || call->facts().status != "in-progress")
        return errorReply(400, 21220, "Requested resource is not eligible for recording");
    const std::string sid = call->recordings().start(recordingOf(request.form, "StartCallRecordingAPI"));
    return jsonReply(201, call->recordings().resource(sid));
}

HttpReply RestApi::updateRecording(const Request &request)
{
    PhoneCall *call = m_world.exchange.withRecording(request.part(1));
    const std::string status = request.value("Status");
    if (call == nullptr)
        return unknownReply(request.http.head.path());
    if (!hasWord("paused in-progress stopped", status) || call->recordings().update(request.part(1), status).empty())
        return errorReply(400, 21220, "The recording's state does not allow it");
    return jsonReply(200, call->recordings().resource(request.part(1)));
}

HttpReply RestApi::updateRecordingOfCall(const Request &request)
{
    PhoneCall *call = m_world.exchange.find(request.part(1));
    const std::string status = request.value("Status");
    if (call == nullptr)
        return unknownReply(request.http.head.path());
    const std::string sid = hasWord("paused in-progress stopped", status)
                                ? call->recordings().update(request.part(2), status)
                                : std::string();
    return sid.empty() ? errorReply(400, 21220, "The recording's state does not allow it")
                       : jsonReply(200, call->recordings().resource(sid));
}

HttpReply RestApi::readRecording(const Request &request)
{
    const StoredPtr recording = m_world.store.find(request.part(1));
    return recording ? jsonReply(200, m_world.store.resource(*recording)) : unknownReply(request.http.head.path());
}

HttpReply RestApi::listRecordings(const Request &request)
{
    const std::string &callSid = request.part(1);
    if (m_world.exchange.find(callSid) == nullptr && m_world.exchange.findPast(callSid) == nullptr
        && m_world.store.ofCall(callSid).empty())
        return unknownReply(request.http.head.path());
    return jsonReply(200, m_world.store.listResource(callSid));
}

HttpReply RestApi::recordingMedia(const Request &request)
{
    return m_media.get(request.http, request.part(1));
}

HttpReply RestApi::removeRecording(const Request &request)
{
    return m_media.remove(request.http, request.part(1));
}

} // namespace takt::sim
