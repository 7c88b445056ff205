// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong on purpose at the services around the calls (REST API, AI, CRM): named numbers that may be changed
// while a run is on. Any thread; a lock, for all of this is far from the beat.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <string>

namespace takt::sim {

struct FaultInfo {
    const char *name; // "rest.media404"
    const char *value;
    const char *help;
};

class FaultBoard
{
public:
    using Values = std::map<std::string, double>;
    static constexpr double kAll = -1; // a number of times without an end

    [[nodiscard]] static std::span<const FaultInfo> known();
    [[nodiscard]] static bool isKnown(const std::string &name);

    // False, and nothing happens, for an unknown name.
    bool set(const std::string &name, double value);
    // All of one service; the first unknown name, or nothing.
    [[nodiscard]] std::string set(const std::string &service, const Values &values);
    [[nodiscard]] double value(const std::string &name, double otherwise = 0) const;
    // Whether it happens now; counts down.
    [[nodiscard]] bool take(const std::string &name);
    [[nodiscard]] Values values() const;

private:
    mutable std::mutex m_mutex;
    Values m_values;
};

} // namespace takt::sim
