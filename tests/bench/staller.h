// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a process stand still by the plan, in a thread of its own while it lives. Used from one thread.
#pragma once

#include "bench/stallplan.h"
#include "load/child.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace takt::bench {

class Staller
{
public:
    // `begin`: of the plan, on the monotonic clock.
    Staller(const load::Child &child, std::vector<Stall> plan, sim::Nanos begin);
    ~Staller() { (void)stop(); }
    Staller(const Staller &) = delete;
    Staller &operator=(const Staller &) = delete;

    // At once, also in the midst of a stall. What was done, in the clock's time.
    const std::vector<Stall> &stop();

private:
    void run(const load::Child &child, const std::vector<Stall> &plan, sim::Nanos begin);
    // False: it was stopped.
    bool waitUntil(sim::Nanos at);

    std::mutex m_mutex; // guards m_over
    std::condition_variable m_stopped;
    bool m_over = false;
    std::vector<Stall> m_done;
    std::thread m_thread;
};

} // namespace takt::bench
