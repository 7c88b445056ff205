// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/carrier.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdio>
#include <future>
#include <iterator>

namespace takt::sim {
namespace {

constexpr Nanos kWatch = 4 * kMillisecond; // see Reactor::waitBegan()
constexpr Nanos kReportEvery = 2 * kSecond;

std::string grouped(std::int64_t number)
{
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

} // namespace

Carrier::Carrier(CarrierOptions options, PhoneOptions phone, const Voices &voices, Ledger &ledger, Work work,
                 RecordSink records)
    : m_options(std::move(options))
    , m_phone(std::move(phone))
    , m_voices(voices)
    , m_ledger(ledger)
    , m_work(std::move(work))
    , m_records(std::move(records))
    , m_random(m_options.seed)
{
    m_reactor.setMaxWait(kWatch);
}

Carrier::~Carrier()
{
    if (!m_thread.joinable())
        return;
    m_reactor.quit();
    m_thread.join();
}

CallPlan Carrier::chancePlan(double startSeconds)
{
    CallPlan plan;
    plan.startSeconds = startSeconds;
    plan.seconds = m_options.forever ? m_options.seconds * m_random.real(0.7, 1.3) : m_options.seconds;
    for (const auto &[fault, probability] : m_options.faults) {
        if (m_random.chance(probability))
            plan.faults.insert(fault);
    }
    return plan;
}

std::string Carrier::open()
{
    if (std::string wrong = setFaults(); !wrong.empty())
        return wrong;
    if (m_phone.enabled()) {
        m_store = std::make_unique<RecordingStore>(m_options.accountSid, m_work.log, m_work.learn,
                                                   m_options.seed ^ 0x7265636FULL);
        m_store->setKeepsAudio(m_phone.rest);
        Exchange::World world{m_reactor,
                              m_options,
                              m_phone,
                              *m_store,
                              m_work.faults,
                              [this](const CallPlan &plan, const StreamTarget &target,
                                     std::function<void(Call &)> opened, std::function<void(Call &)> ended) {
                                  return &addStream(plan, m_number, target, std::move(opened), std::move(ended));
                              },
                              [this] {
                                  ++m_pending;
                                  return ++m_number;
                              },
                              [this](CallRecord record) { over(std::move(record)); }};
        m_exchange = std::make_unique<Exchange>(std::move(world), m_options.seed ^ 0x70686F6E65ULL);
    }
    if (m_phone.rest) {
        std::string error;
        TlsContextPtr tls;
        if (!m_phone.restCertificate.empty())
            tls = TlsContext::server(m_phone.restCertificate, m_phone.restKey, error);
        if (!error.empty())
            return error;
        m_rest = std::make_unique<RestApi>(
            RestApi::World{m_reactor, m_phone, *m_exchange, *m_store, m_work.faults, m_work.log, m_voices}, tls);
        m_restPort = m_rest->listen();
        if (m_restPort == 0)
            return "the REST API cannot listen on port " + std::to_string(m_phone.restPort);
    }
    if (m_progress)
        m_reactor.at(monotonicNs() + kReportEvery, [this] { report(); });
    m_thread = std::thread([this] {
        // A few per cent of a core; without it a busy host's delays would be measured as the gateway's.
        Reactor::tryRealtime();
        m_reactor.run();
        m_rest.reset(); // their sockets belong to this thread
        m_exchange.reset();
        m_calls.clear();
    });
    return {};
}

// From the options to the board, where they count down and may be changed.
std::string Carrier::setFaults()
{
    const RestFaults &rest = m_phone.restFaults;
    FaultBoard &faults = m_work.faults;
    for (const auto &[name, value] : {std::pair{"rest.first", double(rest.first)},
                                      {"rest.status", double(rest.status)},
                                      {"rest.retry-after", double(rest.retryAfter)},
                                      {"rest.delay", rest.delayMs},
                                      {"rest.drop-before", double(rest.dropBefore)},
                                      {"rest.drop-after", double(rest.dropAfter)},
                                      {"rest.ineligible", double(rest.ineligible)},
                                      {"rest.absent", m_phone.recordingAbsent}})
        faults.set(name, value);
    const std::string unknown = faults.set("rest", rest.media);
    return unknown.empty() ? unknown : "unknown fault: " + unknown;
}

std::string Carrier::addRecording(const std::string &callSid, double seconds, int channels)
{
    if (!m_store)
        return {};
    std::promise<std::string> sid;
    m_reactor.post([&] { sid.set_value(m_store->addSynthetic(callSid, seconds, channels, m_voices)->sid); });
    return sid.get_future().get();
}

std::vector<RestRequest> Carrier::restLog() const
{
    return m_rest ? m_rest->log() : std::vector<RestRequest>();
}

void Carrier::start(const sockaddr_in &gateway, const std::string &host, const std::vector<CallPlan> &plans)
{
    m_pending += int(plans.size()) + m_options.calls;
    m_reactor.post([this, gateway, host, plans] {
        m_options.gateway = gateway;
        m_options.host = host;
        if (m_exchange)
            m_exchange->setGatewayPort(ntohs(gateway.sin_port));
        begin(plans);
    });
}

void Carrier::begin(const std::vector<CallPlan> &plans)
{
    const Nanos now = monotonicNs();
    for (const CallPlan &plan : plans)
        schedule(plan, now + fromMs(1000 * plan.startSeconds));
    for (int i = 0; i < m_options.calls; ++i) {
        const CallPlan plan = chancePlan(m_options.ramp * i / m_options.calls);
        schedule(plan, now + fromMs(1000 * plan.startSeconds));
    }
}

// The call has been counted as pending.
void Carrier::schedule(const CallPlan &plan, Nanos at)
{
    m_reactor.at(at, [this, plan] { place(plan); });
}

void Carrier::add(const CallPlan &plan)
{
    ++m_pending;
    m_reactor.post([this, plan] {
        m_reactor.at(monotonicNs() + fromMs(1000 * plan.startSeconds), [this, plan] { place(plan); });
    });
}

void Carrier::place(const CallPlan &plan)
{
    if (m_stopping) {
        --m_pending;
        return;
    }
    if (!m_phone.voiceUrl.empty()) {
        m_exchange->dialIn(plan, ++m_number);
        return;
    }
    addStream(plan, ++m_number, {}, {}, [this](Call &call) { over(call.takeRecord()); }).begin();
}

Call &Carrier::addStream(const CallPlan &plan, int number, const std::optional<StreamTarget> &target,
                         std::function<void(Call &)> opened, std::function<void(Call &)> ended)
{
    const auto spawn = [this, target](const CallPlan &second) {
        ++m_pending;
        if (!target) {
            schedule(second, monotonicNs());
            return;
        }
        StreamTarget again = *target; // beside the telephone call that the first one belongs to
        again.identity.streamSid = "MZ" + m_random.hex(32);
        addStream(second, ++m_number, again, {}, [this](Call &call) { over(call.takeRecord()); }).begin();
    };
    return m_calls.emplace_back(Call::World{m_reactor, m_options, m_voices, m_ledger, m_reader,
                                            [this, ended = std::move(ended)](Call &call) {
                                                streamEnded(call);
                                                ended(call);
                                            },
                                            spawn, std::move(opened)},
                                plan, number, m_random.next(), target);
}

void Carrier::streamEnded(Call &call)
{
    m_framesOfEnded += call.frames();
    if (const SessionPtr session = call.session())
        m_ledger.remove(session);
    m_reactor.later(
        [this, over = &call] { m_calls.remove_if([over](const Call &candidate) { return &candidate == over; }); });
}

void Carrier::over(CallRecord record)
{
    const bool another = m_options.forever && !m_stopping && record.phone.direction != "outbound-api";
    m_records(std::move(record));
    if (another) {
        ++m_pending;
        schedule(chancePlan(0), monotonicNs() + fromMs(m_random.real(500, 2000)));
    }
    m_reactor.later([this] { --m_pending; });
}

void Carrier::hangUpAll()
{
    m_reactor.post([this] {
        m_stopping = true;
        if (m_exchange)
            m_exchange->hangUpAll();
        for (Call &call : m_calls)
            call.hangUp();
    });
}

// One line for people: what is going on, and what is being said right now on one call after another.
void Carrier::report()
{
    m_reactor.at(monotonicNs() + kReportEvery, [this] { report(); });
    std::int64_t frames = m_framesOfEnded;
    Nanos worst = 0;
    std::vector<Call::Snapshot> live;
    for (Call &call : m_calls) {
        frames += call.frames();
        worst = std::max(worst, call.takeWorstGap());
        if (Call::Snapshot snapshot = call.snapshot(); snapshot.live)
            live.push_back(std::move(snapshot));
    }
    char gap[32];
    std::snprintf(gap, sizeof gap, "%.1f", toMs(worst));
    std::string line = "live " + std::to_string(live.size()) + " | frames sent to callers " + grouped(frames)
                       + " | worst gap " + gap + " ms";
    if (!live.empty()) {
        const Call::Snapshot &shown = live[m_rotation++ % live.size()];
        line += " | caller " + shown.from.substr(0, 5)
                + "…: " + (shown.saying.empty() ? "(listens)" : "\"" + shown.saying + "\"")
                + " / agent: " + (shown.hearing.empty() ? "(listens)" : "\"" + shown.hearing + "\"");
    }
    m_progress(line);
}

} // namespace takt::sim
