// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/phonecall.h"

#include <algorithm>
#include <utility>

namespace takt::sim {

PhoneCall::PhoneCall(World world, CallPlan plan, CallFacts facts, int number, std::uint64_t seed)
    : m_world(std::move(world))
    , m_plan(std::move(plan))
    , m_facts(std::move(facts))
    , m_random(seed)
    , m_callbacks({m_world.reactor, m_world.webhooks, m_world.options.disorder, [this] { settle(); }}, m_record.phone,
                  m_random.next())
    , m_status(m_callbacks, "status", {m_world.webhooks.ownUrl(m_world.options.statusUrl)})
    , m_recordings({m_world.reactor, m_callbacks, m_facts, m_world.store, m_world.faults, [this] { settle(); }},
                   m_record.phone, m_random.next())
    , m_fallbackUrl(m_world.webhooks.ownUrl(m_world.options.fallbackUrl))
    , m_began(monotonicNs())
{
    m_record.number = number;
    m_record.from = m_facts.from;
    m_record.healthy = !isHard(m_plan.faults);
    m_record.phone.callSid = m_facts.callSid;
    m_record.phone.direction = m_facts.direction;
    m_record.phone.to = m_facts.to;
    m_facts.created = std::time(nullptr);
}

PhoneCall::~PhoneCall()
{
    *m_alive = false;
    m_world.reactor.cancel(m_hangUpTimer);
}

void PhoneCall::notice(int code, const std::string &text, bool warning)
{
    m_record.phone.notices.push_back({code, text, warning, false});
}

void PhoneCall::in(double milliseconds, std::function<void()> task)
{
    m_world.reactor.at(monotonicNs() + fromMs(milliseconds),
                       [this, task = std::move(task), generation = m_generation, alive = m_alive] {
                           if (*alive && generation == m_generation)
                               task();
                       });
}

double PhoneCall::remainingSeconds() const
{
    return std::max(0.1, m_plan.seconds - toMs(monotonicNs() - m_answeredAt) / 1000);
}

void PhoneCall::dialIn()
{
    const double patience = m_plan.abandonSeconds >= 0 ? m_plan.abandonSeconds
                                                       : m_plan.seconds + 2 * m_world.options.webhookSeconds;
    m_hangUpTimer = m_world.reactor.at(m_began + fromMs(1000 * patience), [this] { hangUp(); });
    fetch(m_world.webhooks.ownUrl(m_world.options.voiceUrl), "POST");
}

void PhoneCall::dialOut(OutboundRequest request)
{
    m_request = std::move(request);
    m_status.subscribe(m_request.status);
    m_fallbackUrl = m_request.fallbackUrl;
    const Dialling &dialling = m_world.options.dialling;
    Leg::World world{m_world.reactor, [this](const char *event) { m_status.report(event, m_facts); },
                     [this] { answeredByParty(); }, [this](const std::string &status) { finish(status); }};
    m_leg = std::make_unique<Leg>(
        std::move(world), m_facts,
        Leg::Plan{dialling.of(m_facts.to), dialling.ringMs, dialling.answerMs, m_request.timeoutSeconds, -1});
    in(dialling.ringMs, [this] { m_leg->begin(); });
}

void PhoneCall::answer()
{
    if (m_answeredAt != 0)
        return;
    m_answeredAt = monotonicNs();
    if (m_facts.answered == 0)
        m_facts.answered = std::time(nullptr);
    m_facts.status = "in-progress";
    m_world.reactor.cancel(m_hangUpTimer);
    m_hangUpTimer = m_world.reactor.at(m_answeredAt + fromMs(1000 * m_plan.seconds), [this] { hangUp(); });
}

void PhoneCall::answeredByParty()
{
    answer();
    if (m_request.record)
        m_recordings.start(m_request.recording);
    if (m_request.machineDetection.empty())
        return startOutbound({});
    if (m_request.asyncAmd)
        startOutbound({});
    // Not in(): a new document doesn't stop the detection.
    m_world.reactor.at(monotonicNs() + fromMs(m_world.options.dialling.machineMs), [this, alive = m_alive] {
        if (*alive && !m_facts.over())
            detectMachine();
    });
}

void PhoneCall::detectMachine()
{
    const Answer answer = m_world.options.dialling.of(m_facts.to);
    const bool end = m_request.machineDetection == "DetectMessageEnd";
    m_facts.answeredBy = answer == Answer::Fax       ? "fax"
                         : answer != Answer::Machine ? "human"
                         : end                       ? "machine_end_beep"
                                                     : "machine_start";
    if (!m_request.asyncAmd)
        return startOutbound({{"AnsweredBy", m_facts.answeredBy}});
    Params params{{"CallSid", m_facts.callSid},
                  {"AccountSid", m_facts.accountSid},
                  {"AnsweredBy", m_facts.answeredBy},
                  {"MachineDetectionDuration", std::to_string(int(m_world.options.dialling.machineMs))}};
    m_callbacks.send("amd", m_request.amd.url, m_request.amd.method, std::move(params));
}

void PhoneCall::startOutbound(const Params &extra)
{
    if (m_request.twiml.empty())
        fetch(m_request.url, m_request.method, extra);
    else
        run(Twiml::parse(m_request.twiml), {});
}

void PhoneCall::hangUp()
{
    if (m_facts.over())
        return;
    const bool spoken = m_answeredAt != 0;
    if (m_dial && m_dial->verb.has("action") && m_document) { // told, but its answer is of no use any more
        const std::string action = m_dial->verb.attribute("action");
        const auto url = m_document->resolved(action);
        Params params = standardParams(m_facts);
        params.emplace_back("DialCallStatus", m_dial->facts.answered != 0 ? "completed" : "canceled");
        m_callbacks.send("dial-action", url ? url->text() : action, m_dial->verb.attribute("method", "POST"),
                         std::move(params));
    }
    finish(spoken ? "completed" : "no-answer");
}

void PhoneCall::stopEverything()
{
    ++m_generation;
    if (MediaLeg *media = std::exchange(m_media, nullptr))
        media->hangUp();
    if (m_dial) {
        m_dial->facts.status = m_dial->facts.answered != 0 ? "completed" : "no-answer";
        m_dial->facts.ended = std::time(nullptr);
        m_dial->reports.report("completed", m_dial->facts);
        m_dial.reset();
    }
}

void PhoneCall::finish(const std::string &status)
{
    if (m_facts.over())
        return;
    stopEverything();
    m_world.reactor.cancel(m_hangUpTimer);
    m_facts.ended = std::time(nullptr);
    m_facts.status = status;
    m_record.phone.status = status;
    m_recordings.callEnded();
    m_status.report("completed", m_facts);
    m_world.reactor.later([this, alive = m_alive] { // a leg may be on the call stack
        if (!*alive)
            return;
        m_leg.reset();
        settle();
    });
}

// The record is complete when the last callback has been answered and the last socket has gone.
void PhoneCall::settle()
{
    const bool sockets = std::any_of(m_mediaLegs.begin(), m_mediaLegs.end(),
                                     [](const auto &leg) { return !leg->settled(); });
    if (m_done || !m_facts.over() || m_leg || sockets || !m_callbacks.settled() || !m_recordings.settled())
        return;
    m_done = true;
    m_world.done(*this);
}

bool PhoneCall::end(const std::string &status)
{
    const bool ringing = m_facts.status == "queued" || m_facts.status == "initiated" || m_facts.status == "ringing";
    if (m_facts.over() || (status == "canceled" && !ringing))
        return false;
    finish(status);
    return true;
}

bool PhoneCall::redirect(const std::string &url, const std::string &method)
{
    if (!live())
        return false;
    stopEverything();
    fetch(url, method);
    return true;
}

bool PhoneCall::replaceTwiml(const std::string &text)
{
    if (!live())
        return false;
    stopEverything();
    // Not from within the API's handler: it answers before anything else happens.
    in(0, [this, text] { run(Twiml::parse(text), m_document ? m_document->text() : std::string()); });
    return true;
}

} // namespace takt::sim
