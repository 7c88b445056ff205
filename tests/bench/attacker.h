// SPDX-License-Identifier: GPL-3.0-or-later
// A stranger who abuses the public port: at a steady rate it opens connections of each kind, and does with them what
// their kind does until they are closed. Beside it, honest requests of a carrier, ten a second: these also come when
// nobody attacks. The object belongs to the main thread; sockets and figures belong to its own threads "attacker" and
// "honest", and are the main thread's again after stop().
#pragma once

#include "bench/abuse.h"
#include "load/board.h"
#include "load/histogram.h"

#include <thread>
#include <unordered_map>

namespace takt::bench {

// The loop of either thread.
class AttackLoop
{
public:
    explicit AttackLoop(const char *name)
        : m_name(name)
    {
    }
    virtual ~AttackLoop() = default;
    AttackLoop(const AttackLoop &) = delete;
    AttackLoop &operator=(const AttackLoop &) = delete;

    void start();
    void stop();
    [[nodiscard]] double seconds() const { return sim::toMs(m_ended - m_began) / 1000; }
    [[nodiscard]] double cpuSeconds() const { return sim::toMs(m_cpu) / 1000; }

protected:
    virtual void begin() = 0;
    sim::Reactor m_reactor;

private:
    const char *m_name;
    sim::Nanos m_began = 0, m_ended = 0, m_cpu = 0;
    std::thread m_thread;
};

class HonestCarrier final : public AttackLoop
{
public:
    explicit HonestCarrier(const load::Door &door);
    ~HonestCarrier() override { stop(); }
    [[nodiscard]] HonestFigures figures() const;

private:
    void begin() override;
    void next();
    void finished(load::Exchange &exchange);

    const load::Door m_door;
    HonestFigures m_figures;
    load::Histogram m_time;
    std::unordered_map<load::Exchange *, std::unique_ptr<load::Exchange>> m_open;
    sim::Nanos m_nextAt = 0;
};

class Attacker final : public AttackLoop
{
public:
    Attacker(const load::Board &board, const load::Door &door, int perSecond);
    ~Attacker() override { stop(); }
    // After stop(): takes account of what is still open.
    [[nodiscard]] std::array<AttackKindFigures, kAttackKinds.size()> figures();

private:
    struct Hostile {
        AttackKind kind;
        std::unique_ptr<load::Exchange> exchange;
    };
    void begin() override;
    void openNext();
    void open(AttackKind kind);
    [[nodiscard]] AttackKind choose();
    void finished(load::Exchange &exchange);
    void look();
    void forget(load::Exchange *exchange);
    [[nodiscard]] AttackKindFigures &of(AttackKind kind) { return m_figures[std::size_t(kind)]; }

    const load::Board &m_board;
    const load::Door m_door;
    const int m_perSecond;
    sim::Random m_random{3};
    std::array<AttackKindFigures, kAttackKinds.size()> m_figures;
    std::array<int, kAttackKinds.size()> m_count{};        // open now
    std::array<std::int64_t, kAttackKinds.size()> m_sum{}; // of the counts at each look in the measured span
    std::int64_t m_looks = 0;
    std::unordered_map<load::Exchange *, Hostile> m_open;
    sim::Nanos m_begun = 0;
    std::int64_t m_opened = 0;
};

} // namespace takt::bench
