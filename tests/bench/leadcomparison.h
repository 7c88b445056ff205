// SPDX-License-Identifier: GPL-3.0-or-later
// Judges the settings of tx.lead_ms next to each other: medians over the repeats, and each limit. Pure.
#pragma once

#include "bench/comparison.h"
#include "bench/leadfigures.h"

#include <QByteArray>
#include <QJsonObject>

namespace takt::bench {

struct LeadComparison {
    int calls = 0;
    int repeats = 0;
    std::vector<LeadResult> settings; // medians; what must not happen is summed
    std::vector<Limit> limits;        // `floor`: strict
    [[nodiscard]] bool held() const;
};

[[nodiscard]] LeadComparison compareLeads(const std::vector<LeadResult> &runs, int calls);
[[nodiscard]] QString leadRunText(const LeadResult &result);
// As the README has it.
[[nodiscard]] QString leadTable(const LeadComparison &comparison);
[[nodiscard]] QString leadText(const LeadComparison &comparison);
[[nodiscard]] QJsonObject leadJson(const LeadComparison &comparison, const std::vector<LeadResult> &runs);

} // namespace takt::bench
