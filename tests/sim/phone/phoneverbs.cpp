// SPDX-License-Identifier: GPL-3.0-or-later
// The documents of a telephone call, and what their verbs do.
#include "sim/phone/phonecall.h"
#include "sim/phone/twimlschema.h"

#include <algorithm>
#include <cstdlib>

namespace takt::sim {
namespace {

constexpr int kTlsCode = 11237;
constexpr int kNoConnection = 11205;
constexpr int kBadStatus = 11217;
constexpr int kBadAnswer = 11200;

Subscription subscriptionOf(const Verb &verb, const std::string &prefix)
{
    Subscription subscription;
    subscription.url = verb.attribute(prefix);
    subscription.method = verb.attribute(prefix + "Method", "POST");
    if (verb.has(prefix + "Event"))
        subscription.events = wordsOf(verb.attribute(prefix + "Event"));
    return subscription;
}

double numberOf(const Verb &verb, const std::string &attribute, double otherwise)
{
    return verb.has(attribute) ? std::atof(verb.attribute(attribute).c_str()) : otherwise;
}

} // namespace

void PhoneCall::fetch(const std::string &url, const std::string &method, const Params &extra)
{
    ++m_generation;
    WebhookRequest request;
    request.url = url;
    request.method = method;
    request.params = standardParams(m_facts);
    request.params.insert(request.params.end(), extra.begin(), extra.end());
    request.idempotencyToken = m_random.hex(8) + "-" + m_random.hex(4) + "-" + m_random.hex(12);
    const bool first = m_record.phone.fetches.empty();
    if (first && has(CallFault::BadSignature))
        request.signing = Signing::Wrong;
    if (first && has(CallFault::NoSignature))
        request.signing = Signing::None;
    const std::size_t index = m_record.phone.fetches.size();
    m_record.phone.fetches.push_back({url, request.params, 0, 0});
    m_world.webhooks.send(
        request, [this, url, index, generation = m_generation, alive = m_alive](const HttpResult &result) {
            if (!*alive)
                return;
            FetchRecord &record = m_record.phone.fetches[index];
            record.status = result.status;
            record.ms = toMs(result.took);
            if (index == 0)
                m_record.phone.twimlMs = record.ms;
            for (const CallFault fault : {CallFault::BadSignature, CallFault::NoSignature}) {
                if (index == 0 && has(fault))
                    m_record.phone.attacks.push_back({std::string(nameOf(fault)), result.status, 0, 0});
            }
            if (generation == m_generation && !m_facts.over())
                fetched(result, url);
        });
}

void PhoneCall::fetched(const HttpResult &result, const std::string &url)
{
    using Failure = HttpResult::Failure;
    if (result.failure == Failure::Connect || result.failure == Failure::Timeout)
        return fetchFailed(kNoConnection, result.error, url);
    if (result.failure != Failure::None)
        return fetchFailed(result.failure == Failure::Tls ? kTlsCode : kBadAnswer, result.error, url);
    if (result.status >= 400)
        return fetchFailed(kBadStatus, "answered " + std::to_string(result.status), url);
    if (result.status != 200 && result.status != 204)
        return fetchFailed(kBadAnswer, "answered " + std::to_string(result.status), url);
    if (result.body.empty()) // nothing more to do
        return run({{}, {}, true}, url);
    const Twiml document = Twiml::parse(result.body, result.head.header("content-type"));
    if (document.usable)
        return run(document, url);
    for (const CarrierNotice &wrong : document.notices)
        fetchFailed(wrong.code, wrong.text, url);
}

void PhoneCall::fetchFailed(int code, const std::string &why, const std::string &url)
{
    notice(code, url + ": " + why);
    if (!m_fallbackUrl.empty() && !m_triedFallback) {
        m_triedFallback = true;
        return fetch(m_fallbackUrl, "POST", {{"ErrorCode", std::to_string(code)}, {"ErrorUrl", url}});
    }
    // "We are sorry, an application error has occurred": the call is answered for this.
    note("application error");
    answer();
    finish("completed");
}

void PhoneCall::run(const Twiml &document, const std::string &url)
{
    ++m_generation;
    const auto &notices = document.notices;
    m_record.phone.notices.insert(m_record.phone.notices.end(), notices.begin(), notices.end());
    if (!document.usable) {
        note("application error");
        return finish("completed");
    }
    m_document = Url::parse(url);
    m_verbs = document.verbs;
    m_at = 0;
    next();
}

void PhoneCall::next()
{
    if (m_facts.over())
        return;
    if (m_at >= m_verbs.size()) {
        answer();
        return finish("completed");
    }
    const Verb verb = m_verbs[m_at++];
    if (verb.name != "Reject" && verb.name != "Redirect")
        answer();
    execute(verb);
}

void PhoneCall::follow(const Verb &verb, const Params &extra)
{
    const auto url = m_document ? m_document->resolved(verb.attribute("action")) : Url::parse(verb.attribute("action"));
    if (!verb.has("action"))
        return next();
    fetch(url ? url->text() : verb.attribute("action"), verb.attribute("method", "POST"), extra);
}

void PhoneCall::execute(const Verb &verb)
{
    if (verb.name == "Start")
        return start(verb);
    if (verb.name == "Connect")
        return connect(verb);
    if (verb.name == "Redirect")
        return redirectTo(verb);
    if (verb.name == "Say")
        return say(verb);
    if (verb.name == "Dial")
        return dial(verb);
    if (verb.name == "Play") {
        note("Play: " + verb.text);
        return in(1000 * m_world.options.playSeconds, [this] { next(); });
    }
    if (verb.name == "Pause") {
        note("Pause: " + verb.attribute("length", "1"));
        return in(1000 * numberOf(verb, "length", 1), [this] { next(); });
    }
    if (verb.name == "Enqueue") { // until somebody fetches it from there, or hangs up
        note("Enqueue: " + verb.text);
        return;
    }
    note(verb.name);
    if (verb.name == "Hangup")
        return finish("completed");
    if (verb.name == "Reject")
        return finish(verb.attribute("reason") == "busy" ? "busy" : "no-answer");
    notice(12200, "<" + verb.name + "> is not simulated", true);
    next();
}

void PhoneCall::start(const Verb &verb)
{
    for (const Verb &noun : verb.children) {
        note("Start/" + noun.name);
        if (noun.name != "Recording") {
            notice(12200, "<Start><" + noun.name + "> is not simulated", true);
            continue;
        }
        RecordingRequest request;
        request.callback = subscriptionOf(noun, "recordingStatusCallback");
        request.channels = noun.attribute("channels", "mono");
        request.track = noun.attribute("track", "both");
        request.source = "StartCallRecordingTwiML";
        m_recordings.start(request);
    }
    next();
}

void PhoneCall::connect(const Verb &verb)
{
    const Verb *stream = verb.child("Stream");
    note(stream != nullptr ? "Connect/Stream" : "Connect");
    if (stream == nullptr) {
        notice(12200, "<Connect> without <Stream> is not simulated", true);
        return next();
    }
    CallPlan plan = m_plan;
    plan.seconds = remainingSeconds();
    if (!m_mediaLegs.empty()) { // the caller goes on where he was, and no mishap happens twice
        plan.script = m_mediaLegs.back()->unspoken();
        plan.faults = {};
    }
    MediaLeg::World world{m_world.reactor,
                          m_world.webhooks,
                          m_callbacks,
                          m_world.options,
                          m_facts,
                          m_record,
                          m_recordings.audio(),
                          m_world.open,
                          [this] { return m_world.otherCallSid(*this); },
                          [this, verb](MediaLeg &leg, bool callerHungUp) { streamOver(leg, callerHungUp, verb); },
                          [this] { settle(); }};
    m_mediaLegs.push_back(std::make_unique<MediaLeg>(std::move(world), *stream, std::move(plan), m_random.next()));
    m_media = m_mediaLegs.back().get();
    m_media->begin(m_document ? *m_document : Url{"https", "localhost", 0, "/"});
}

void PhoneCall::streamOver(MediaLeg &leg, bool callerHungUp, const Verb &connect)
{
    if (&leg != m_media) // the call had gone on without it
        return;
    m_media = nullptr;
    if (callerHungUp)
        return finish("completed");
    if (m_world.options.actionFallsThrough)
        return next();
    follow(connect, {});
}

void PhoneCall::say(const Verb &verb)
{
    note("Say: " + verb.text);
    const double times = std::max(1.0, numberOf(verb, "loop", 1));
    in(times * double(verb.text.size()) * m_world.options.speechMsPerLetter, [this] { next(); });
}

void PhoneCall::redirectTo(const Verb &verb)
{
    note("Redirect");
    const auto url = m_document ? m_document->resolved(verb.text) : Url::parse(verb.text);
    fetch(url ? url->text() : verb.text, verb.attribute("method", "POST"));
}

void PhoneCall::dial(const Verb &verb)
{
    const Verb *noun = verb.children.empty() ? nullptr : &verb.children.front();
    const std::string to = noun != nullptr ? noun->text : verb.text;
    note("Dial: " + to);
    CallFacts party;
    party.accountSid = m_facts.accountSid;
    party.callSid = "CA" + m_random.hex(32);
    party.parentCallSid = m_facts.callSid;
    party.from = verb.attribute("callerId", m_facts.from);
    party.to = to;
    party.direction = "outbound-dial";
    party.created = std::time(nullptr);
    StatusReports reports(m_callbacks, "dial",
                          noun != nullptr ? subscriptionOf(*noun, "statusCallback") : Subscription());
    m_dial = std::make_unique<Dial>(std::move(party), std::move(reports), verb);
    const Dialling &dialling = m_world.options.dialling;
    const double timeLimit = numberOf(verb, "timeLimit", dialling.talkSeconds);
    Leg::World world{m_world.reactor,
                     [dial = m_dial.get()](const char *event) { dial->reports.report(event, dial->facts); }, [] {},
                     [this](const std::string &status) { dialOver(status); }};
    m_dial->leg = std::make_unique<Leg>(std::move(world), m_dial->facts,
                                        Leg::Plan{dialling.of(to), dialling.ringMs, dialling.answerMs,
                                                  numberOf(verb, "timeout", 30),
                                                  std::min(timeLimit, dialling.talkSeconds)});
    m_dial->leg->begin();
}

void PhoneCall::dialOver(const std::string &status)
{
    const std::shared_ptr<Dial> dial(std::move(m_dial)); // its leg is on the call stack
    m_world.reactor.later([dial] {});
    dial->facts.status = status;
    dial->facts.ended = std::time(nullptr);
    dial->reports.report("completed", dial->facts);
    const bool bridged = dial->facts.answered != 0;
    Params extra{
        {"DialCallStatus", status}, {"DialCallSid", dial->facts.callSid}, {"DialBridged", bridged ? "true" : "false"}};
    if (bridged)
        extra.emplace_back("DialCallDuration", std::to_string(dial->facts.seconds()));
    follow(dial->verb, extra);
}

} // namespace takt::sim
