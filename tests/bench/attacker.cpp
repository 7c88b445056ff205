// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/attacker.h"

#include "load/wiretext.h"

#include <algorithm>
#include <pthread.h>

namespace takt::bench {

using namespace load;

using sim::Nanos;
using sim::kMillisecond;
using sim::kSecond;

namespace {

constexpr Nanos kHonestEvery = 100 * kMillisecond;
constexpr Nanos kHonestPatience = 5 * kSecond; // the carrier itself would wait for 15 s
constexpr Nanos kOpenEvery = 2 * kMillisecond;
constexpr std::int64_t kMostAtOnce = 50; // after the attacker was late itself
constexpr Nanos kLookEvery = 100 * kMillisecond;
constexpr Nanos kPatience = 15 * kSecond; // longer than all that the program allows a request, and its goodbye
constexpr int kStrangers = 32;
constexpr int kAnyAddress = 100; // of the honest carrier
constexpr int kFirstHonestCall = 500'000;

} // namespace

void AttackLoop::start()
{
    m_thread = std::thread([this] {
        pthread_setname_np(pthread_self(), m_name);
        m_began = sim::monotonicNs();
        begin();
        m_reactor.run();
        m_ended = sim::monotonicNs();
        m_cpu = sim::clockNs(CLOCK_THREAD_CPUTIME_ID);
    });
}

void AttackLoop::stop()
{
    if (!m_thread.joinable())
        return;
    m_reactor.quit();
    m_thread.join();
}

// Honest requests -----------------------------------------------------------------------------------------------------

HonestCarrier::HonestCarrier(const Door &door)
    : AttackLoop("honest")
    , m_door(door)
{
}

void HonestCarrier::begin()
{
    m_nextAt = sim::monotonicNs();
    next();
}

void HonestCarrier::next()
{
    const std::string request = voiceRequest(m_door, paddedSid("CA", kFirstHonestCall + int(m_figures.sent)));
    auto owned = std::make_unique<Exchange>(m_reactor, Words{request, {}, 0}, [this](Exchange &e) { finished(e); });
    Exchange *exchange = owned.get();
    m_open.emplace(exchange, std::move(owned));
    ++m_figures.sent;
    if (!exchange->dial(m_door.port, kAnyAddress)) {
        finished(*exchange);
    } else {
        m_reactor.at(exchange->begun() + kHonestPatience, [this, exchange, begun = exchange->begun()] {
            if (const auto found = m_open.find(exchange); found != m_open.end() && exchange->begun() == begun)
                finished(*exchange);
        });
    }
    m_nextAt = std::max(m_nextAt + kHonestEvery, sim::monotonicNs());
    m_reactor.at(m_nextAt, [this] { next(); });
}

void HonestCarrier::finished(Exchange &exchange)
{
    const auto found = m_open.find(&exchange);
    if (found == m_open.end())
        return;
    if (exchange.status() == 200 && contains(exchange.answer(), "<Stream")
        && contains(exchange.answer(), "</Response>")) {
        ++m_figures.answered;
        m_time.add(exchange.stamp() - exchange.begun());
    } else {
        ++m_figures.failed;
    }
    m_reactor.later([kept = std::shared_ptr<Exchange>(std::move(found->second))] {});
    m_open.erase(found);
}

HonestFigures HonestCarrier::figures() const
{
    HonestFigures figures = m_figures;
    figures.p50 = m_time.quantileMs(0.5);
    figures.p99 = m_time.quantileMs(0.99);
    figures.max = m_time.maxMs();
    return figures;
}

// Abuse ---------------------------------------------------------------------------------------------------------------

Attacker::Attacker(const Board &board, const Door &door, int perSecond)
    : AttackLoop("attacker")
    , m_board(board)
    , m_door(door)
    , m_perSecond(perSecond)
{
}

void Attacker::begin()
{
    m_begun = sim::monotonicNs();
    openNext();
    look();
}

// As many as are due, so that the rate is kept whatever the timer does, but never a flood to make up for lost time.
void Attacker::openNext()
{
    const Nanos now = sim::monotonicNs();
    const auto due = std::int64_t(double(now - m_begun) / double(kSecond) * m_perSecond);
    for (std::int64_t i = std::min(due - m_opened, kMostAtOnce); i > 0; --i)
        open(choose());
    m_opened = std::max(m_opened, due - kMostAtOnce);
    m_reactor.at(now + kOpenEvery, [this] { openNext(); });
}

AttackKind Attacker::choose()
{
    while (true) {
        auto at = int(m_random.between(0, 99));
        std::size_t kind = 0;
        for (; at >= kAttackKinds[kind].share; ++kind)
            at -= kAttackKinds[kind].share;
        if (kAttackKinds[kind].most == 0 || m_count[kind] < kAttackKinds[kind].most)
            return AttackKind(kind);
    }
}

void Attacker::open(AttackKind kind)
{
    auto owned = std::make_unique<Exchange>(m_reactor, abuse(kind, m_door, m_random),
                                            [this](Exchange &e) { finished(e); });
    Exchange *exchange = owned.get();
    m_open.emplace(exchange, Hostile{kind, std::move(owned)});
    ++m_opened;
    ++of(kind).opened;
    ++m_count[std::size_t(kind)];
    if (!exchange->dial(m_door.port, int(m_random.between(1, kStrangers))))
        finished(*exchange);
}

void Attacker::finished(Exchange &exchange)
{
    const auto found = m_open.find(&exchange);
    if (found == m_open.end())
        return;
    const AttackKind kind = found->second.kind;
    AttackKindFigures &figures = of(kind);
    const int status = exchange.status();
    if (!exchange.connected()) {
        ++figures.unconnected;
    } else if (exchange.answer().empty()) {
        ++figures.closed;
    } else {
        ++figures.statuses[status];
        const bool several = exchange.answers() > 1;
        if (several || !isRight(kind, m_door, status)) {
            ++figures.wrong;
            ++figures.wrongKinds[several ? kSeveral : status];
        }
    }
    forget(&exchange);
}

// Not at once: it may be the one that tells so.
void Attacker::forget(Exchange *exchange)
{
    const auto found = m_open.find(exchange);
    --m_count[std::size_t(found->second.kind)];
    m_reactor.later([kept = std::make_shared<Hostile>(std::move(found->second))] {});
    m_open.erase(found);
}

// Counts what is open, and whom nobody has closed in time.
void Attacker::look()
{
    const Nanos now = sim::monotonicNs();
    if (m_board.measuring.load(std::memory_order_relaxed)) {
        ++m_looks;
        for (std::size_t kind = 0; kind < m_count.size(); ++kind)
            m_sum[kind] += m_count[kind];
    }
    std::vector<Exchange *> endless;
    for (const auto &[exchange, hostile] : m_open) {
        if (now - exchange->begun() > kPatience)
            endless.push_back(exchange);
    }
    for (Exchange *exchange : endless) {
        AttackKindFigures &figures = of(m_open.at(exchange).kind);
        if (exchange->connected()) {
            ++figures.wrong;
            ++figures.endless;
            ++figures.wrongKinds[kNotEnded];
        } else {
            ++figures.unconnected;
        }
        forget(exchange);
    }
    m_reactor.at(now + kLookEvery, [this] { look(); });
}

std::array<AttackKindFigures, kAttackKinds.size()> Attacker::figures()
{
    for (std::size_t kind = 0; kind < m_figures.size(); ++kind) {
        m_figures[kind].stillOpen = std::uint64_t(m_count[kind]);
        m_figures[kind].held = m_looks > 0 ? double(m_sum[kind]) / double(m_looks) : 0;
    }
    return m_figures;
}

} // namespace takt::bench
