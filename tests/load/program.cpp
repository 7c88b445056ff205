// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/program.h"

#include <csignal>

namespace takt::load {

namespace {

std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free); // a signal handler sets it

void onSignal(int)
{
    g_interrupted = true;
}

} // namespace

const std::atomic<bool> &catchInterrupts()
{
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        std::signal(number, onSignal);
    std::signal(SIGPIPE, SIG_IGN);
    return g_interrupted;
}

rlim_t raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return RLIM_INFINITY; // nobody knows
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

} // namespace takt::load
