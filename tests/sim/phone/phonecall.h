// SPDX-License-Identifier: GPL-3.0-or-later
// One telephone call: it asks for documents, executes them verb by verb, and tells its callbacks. An incoming one is
// made by a caller, an outgoing one by the REST API. phonecall.cpp has its life, phoneverbs.cpp the verbs.
// Carrier thread.
#pragma once

#include "sim/phone/leg.h"
#include "sim/phone/medialeg.h"
#include "sim/phone/recordings.h"

#include <list>

namespace takt::sim {

// What the REST API asks of an outgoing call.
struct OutboundRequest {
    std::string url; // this ...
    std::string method = "POST";
    std::string twiml; // ... or this
    std::string fallbackUrl;
    Subscription status;
    double timeoutSeconds = 60;
    std::string machineDetection; // Enable, DetectMessageEnd; empty: none
    bool asyncAmd = false;
    Subscription amd;
    bool record = false;
    RecordingRequest recording;
};

class PhoneCall
{
public:
    struct World {
        Reactor &reactor;
        Webhooks &webhooks;
        const PhoneOptions &options;
        RecordingStore &store;
        FaultBoard &faults;
        MediaLeg::Opener open;
        std::function<std::string(const PhoneCall &)> otherCallSid;
        std::function<void(PhoneCall &)> done; // once, when everything has settled; destroy it later
    };

    PhoneCall(World world, CallPlan plan, CallFacts facts, int number, std::uint64_t seed);
    ~PhoneCall();

    void dialIn();
    void dialOut(OutboundRequest request);
    void hangUp(); // by the caller, or the called party

    // By the REST API. False: the state of the call does not allow it.
    [[nodiscard]] bool end(const std::string &status); // completed or canceled
    [[nodiscard]] bool redirect(const std::string &url, const std::string &method);
    [[nodiscard]] bool replaceTwiml(const std::string &text);
    void subscribe(const Subscription &status) { m_status.subscribe(status); }

    [[nodiscard]] const CallFacts &facts() const { return m_facts; }
    [[nodiscard]] Recordings &recordings() { return m_recordings; }
    [[nodiscard]] CallRecord takeRecord() { return std::move(m_record); }

private:
    struct Dial { // a <Dial> being executed
        Dial(CallFacts party, StatusReports reported, Verb dialVerb)
            : facts(std::move(party))
            , reports(std::move(reported))
            , verb(std::move(dialVerb))
        {
        }
        CallFacts facts;
        StatusReports reports;
        Verb verb;
        std::unique_ptr<Leg> leg;
    };

    // life
    void answer();
    void finish(const std::string &status);
    void settle();
    void answeredByParty();
    void detectMachine();
    void startOutbound(const Params &extra);
    [[nodiscard]] double remainingSeconds() const;
    [[nodiscard]] bool live() const { return !m_facts.over() && m_facts.answered != 0; }
    void stopEverything();
    void in(double milliseconds, std::function<void()> task); // unless the document is replaced before
    void notice(int code, const std::string &text, bool warning = false);
    [[nodiscard]] bool has(CallFault fault) const { return m_plan.faults.contains(fault); }

    // documents
    void fetch(const std::string &url, const std::string &method, const Params &extra = {});
    void fetched(const HttpResult &result, const std::string &url);
    void fetchFailed(int code, const std::string &why, const std::string &url);
    void run(const Twiml &document, const std::string &url);
    void next();
    void follow(const Verb &verb, const Params &extra); // its action, or the next verb

    // verbs
    void execute(const Verb &verb);
    void start(const Verb &verb);
    void connect(const Verb &verb);
    void streamOver(MediaLeg &leg, bool callerHungUp, const Verb &connect);
    void say(const Verb &verb);
    void redirectTo(const Verb &verb);
    void dial(const Verb &verb);
    void dialOver(const std::string &status);
    void note(const std::string &verb) { m_record.phone.verbs.push_back(verb); }

    World m_world;
    CallPlan m_plan;
    CallFacts m_facts;
    Random m_random;
    CallRecord m_record;
    Callbacks m_callbacks;
    StatusReports m_status;
    Recordings m_recordings;
    OutboundRequest m_request;
    std::unique_ptr<Leg> m_leg; // of an outgoing call
    std::unique_ptr<Dial> m_dial;
    MediaLeg *m_media = nullptr; // the one being executed
    std::list<std::unique_ptr<MediaLeg>> m_mediaLegs;
    std::vector<Verb> m_verbs;
    std::size_t m_at = 0;
    std::optional<Url> m_document;
    std::string m_fallbackUrl;
    bool m_triedFallback = false;
    bool m_done = false;
    std::uint64_t m_generation = 0; // of what is under way: a new document makes it obsolete
    Nanos m_began = 0;
    Nanos m_answeredAt = 0;
    Reactor::TimerId m_hangUpTimer = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace takt::sim
