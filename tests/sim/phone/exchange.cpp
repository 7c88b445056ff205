// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/exchange.h"

#include <algorithm>

namespace takt::sim {
namespace {

constexpr std::size_t kRemembered = 100'000; // ended calls, in a run of days

} // namespace

Exchange::Exchange(World world, std::uint64_t seed)
    : m_world(std::move(world))
    , m_random(seed)
    , m_webhooks(m_world.reactor, m_world.options)
{
}

Exchange::~Exchange() = default;

CallFacts Exchange::newFacts()
{
    CallFacts facts;
    facts.accountSid = accountSid();
    facts.callSid = "CA" + m_random.hex(32);
    return facts;
}

void Exchange::dialIn(const CallPlan &plan, int number)
{
    CallFacts facts = newFacts();
    if (!plan.callSid.empty())
        facts.callSid = plan.callSid;
    const std::vector<std::string> &numbers = m_world.options.numbers;
    facts.from = plan.from;
    facts.to = plan.to;
    if (facts.from.empty())
        facts.from = "+97255" + std::to_string(m_random.between(1'000'000, 9'999'999));
    if (facts.to.empty() && !numbers.empty())
        facts.to = numbers[m_random.next() % numbers.size()];
    else if (facts.to.empty())
        facts.to = "+9723" + std::to_string(m_random.between(1'000'000, 9'999'999));
    add(plan, std::move(facts), number).dialIn();
}

PhoneCall &Exchange::dialOut(const std::string &from, const std::string &to, OutboundRequest request)
{
    CallFacts facts = newFacts();
    facts.from = from;
    facts.to = to;
    facts.direction = "outbound-api";
    facts.status = "queued";
    CallPlan plan = m_world.options.outbound;
    if (plan.seconds <= 0)
        plan.seconds = m_world.carrier.seconds;
    PhoneCall &call = add(plan, std::move(facts), m_world.begun());
    call.dialOut(std::move(request));
    return call;
}

PhoneCall &Exchange::add(const CallPlan &plan, CallFacts facts, int number)
{
    PhoneCall::World world{m_world.reactor,
                           m_webhooks,
                           m_world.options,
                           m_world.store,
                           m_world.faults,
                           m_world.open,
                           [this](const PhoneCall &asking) {
                               for (const PhoneCall &call : m_calls) {
                                   if (&call != &asking && !call.facts().over())
                                       return call.facts().callSid;
                               }
                               return "CA" + m_random.hex(32);
                           },
                           [this](PhoneCall &call) { done(call); }};
    return m_calls.emplace_back(std::move(world), plan, std::move(facts), number, m_random.next());
}

void Exchange::done(PhoneCall &call)
{
    if (m_past.size() < kRemembered)
        m_past[call.facts().callSid] = call.facts();
    m_world.reactor.later([this, over = &call] {
        CallRecord record = over->takeRecord();
        m_calls.remove_if([over](const PhoneCall &candidate) { return &candidate == over; });
        m_world.over(std::move(record));
    });
}

PhoneCall *Exchange::find(const std::string &callSid)
{
    const auto found = std::find_if(m_calls.begin(), m_calls.end(),
                                    [&](const PhoneCall &call) { return call.facts().callSid == callSid; });
    return found == m_calls.end() ? nullptr : &*found;
}

const CallFacts *Exchange::findPast(const std::string &callSid) const
{
    const auto found = m_past.find(callSid);
    return found == m_past.end() ? nullptr : &found->second;
}

PhoneCall *Exchange::withRecording(const std::string &recordingSid)
{
    const auto found = std::find_if(m_calls.begin(), m_calls.end(),
                                    [&](PhoneCall &call) { return !call.recordings().resource(recordingSid).empty(); });
    return found == m_calls.end() ? nullptr : &*found;
}

void Exchange::tell(const std::string &url, const Params &params)
{
    WebhookRequest request;
    request.url = m_webhooks.ownUrl(url);
    request.params = params;
    request.idempotencyToken = m_random.hex(32);
    m_webhooks.send(request, [](const HttpResult &) {});
}

void Exchange::hangUpAll()
{
    for (PhoneCall &call : m_calls)
        call.hangUp();
}

} // namespace takt::sim
