// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway says of itself at /metrics. Blocking; any thread.
#pragma once

#include "load/exchange.h"

#include <cstdlib>

namespace takt::load {

// Empty: no answer.
[[nodiscard]] inline std::string metricsOf(int adminPort)
{
    return ask(adminPort, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
}

// The value of a sample; 0: there is none.
[[nodiscard]] inline double sampleOf(const std::string &metrics, const std::string &name)
{
    const std::size_t at = metrics.find('\n' + name + ' ');
    return at == std::string::npos ? 0 : std::strtod(metrics.c_str() + at + name.size() + 2, nullptr);
}

// Jobs of the work after calls that are over, however they ended.
[[nodiscard]] inline double finishedJobs(const std::string &metrics)
{
    double sum = 0;
    for (const char *state : {"completed", "skipped", "failed", "cancelled"})
        sum += sampleOf(metrics, std::string("takt_jobs{state=\"").append(state).append("\"}"));
    return sum;
}

} // namespace takt::load
