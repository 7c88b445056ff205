// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/carrier.h"

#include <algorithm>
#include <cstdio>
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

Carrier::Carrier(CarrierOptions options, const Voices &voices, Ledger &ledger, RecordSink records)
    : m_options(std::move(options))
    , m_voices(voices)
    , m_ledger(ledger)
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

void Carrier::start(const std::vector<CallPlan> &plans)
{
    const Nanos now = monotonicNs();
    for (const CallPlan &plan : plans)
        schedule(plan, now + fromMs(1000 * plan.startSeconds));
    for (int i = 0; i < m_options.calls; ++i) {
        const CallPlan plan = chancePlan(m_options.ramp * i / m_options.calls);
        schedule(plan, now + fromMs(1000 * plan.startSeconds));
    }
    if (m_progress)
        m_reactor.at(now + kReportEvery, [this] { report(); });
    m_thread = std::thread([this] {
        // A few per cent of a core; without it a busy host's delays would be measured as the gateway's.
        Reactor::tryRealtime();
        m_reactor.run();
        m_calls.clear(); // their sockets belong to this thread
    });
}

void Carrier::schedule(const CallPlan &plan, Nanos at)
{
    ++m_pending;
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
    const auto spawn = [this](const CallPlan &second) { schedule(second, monotonicNs()); };
    Call &call = m_calls.emplace_back(
        Call::World{m_reactor, m_options, m_voices, m_ledger, m_reader, [this](Call &over) { ended(over); }, spawn},
        plan, ++m_number, m_random.next());
    call.begin();
}

void Carrier::ended(Call &call)
{
    m_framesOfEnded += call.frames();
    if (const SessionPtr session = call.session())
        m_ledger.remove(session);
    m_records(call.takeRecord());
    if (m_options.forever && !m_stopping)
        schedule(chancePlan(0), monotonicNs() + fromMs(m_random.real(500, 2000)));
    m_reactor.later([this, over = &call] {
        m_calls.remove_if([over](const Call &candidate) { return &candidate == over; });
        --m_pending;
    });
}

void Carrier::hangUpAll()
{
    m_reactor.post([this] {
        m_stopping = true;
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
