// SPDX-License-Identifier: GPL-3.0-or-later
// Which number of calls is measured next: upwards by doubling until the beat slips, then by halving what lies between, until
// it is known to one step; then the highest number that held is measured again until it has been seen often enough. A slip
// counts when it happens twice: one hiccup of the host is none of the gateway's limits. Pure.
#pragma once

#include <algorithm>
#include <map>
#include <optional>

namespace takt::capacity {

struct SearchRange {
    int from = 50;
    int step = 25;
    int most = 2000;
    int repeat = 3; // measurements of the highest number that held
};

class CapacitySearch
{
public:
    explicit CapacitySearch(const SearchRange &range)
        : m_range(range)
        , m_level(std::min(range.from, range.most))
    {
    }

    // How many calls; nothing: the search is over.
    [[nodiscard]] std::optional<int> next() const { return m_over ? std::nullopt : std::optional(m_level); }
    void tell(bool held);
    // The most that held; 0: none did.
    [[nodiscard]] int held() const { return m_held; }
    // The fewest that slipped; nothing: none did, the search ended at its upper end.
    [[nodiscard]] std::optional<int> slipped() const { return m_slipped; }

private:
    struct Seen {
        int held = 0;
        int slips = 0;
    };
    void choose();
    [[nodiscard]] int wholeSteps(int calls) const { return calls / m_range.step * m_range.step; }

    SearchRange m_range;
    int m_level;
    int m_held = 0;
    std::optional<int> m_slipped;
    std::map<int, Seen> m_seen;
    bool m_over = false;
};

} // namespace takt::capacity
