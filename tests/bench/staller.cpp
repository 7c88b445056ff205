// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/staller.h"

#include "sim/wire/reactor.h"

#include <chrono>
#include <csignal>

namespace takt::bench {

using sim::Nanos;

Staller::Staller(const load::Child &child, std::vector<Stall> plan, Nanos begin)
    : m_thread([this, &child, plan = std::move(plan), begin] { run(child, plan, begin); })
{
}

const std::vector<Stall> &Staller::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_over = true;
    }
    m_stopped.notify_one();
    if (m_thread.joinable())
        m_thread.join();
    return m_done;
}

void Staller::run(const load::Child &child, const std::vector<Stall> &plan, Nanos begin)
{
    sim::Reactor::tryRealtime();
    for (const Stall &stall : plan) {
        if (!waitUntil(begin + stall.at))
            return;
        const Nanos stopped = sim::monotonicNs();
        child.signal(SIGSTOP);
        (void)waitUntil(stopped + stall.length); // whatever ends it: nobody is left standing
        child.signal(SIGCONT);
        m_done.push_back({stopped, sim::monotonicNs() - stopped});
    }
}

bool Staller::waitUntil(Nanos at)
{
    const std::chrono::steady_clock::time_point until{std::chrono::nanoseconds(at)}; // the same clock
    std::unique_lock lock(m_mutex);
    return !m_stopped.wait_until(lock, until, [this] { return m_over; });
}

} // namespace takt::bench
