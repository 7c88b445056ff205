// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/search.h"

namespace takt::capacity {

namespace {

constexpr int kSlips = 2; // of one number of calls: then it is too many

} // namespace

void CapacitySearch::tell(bool held)
{
    Seen &seen = m_seen[m_level];
    ++(held ? seen.held : seen.slips);
    if (!held && seen.slips < kSlips)
        return; // once more
    if (held) {
        m_held = std::max(m_held, m_level);
    } else {
        m_slipped = m_level;
        if (m_held >= m_level) { // it had seemed to hold
            m_held = 0;
            for (const auto &[level, known] : m_seen) {
                if (level < m_level && known.slips < kSlips && known.held > 0)
                    m_held = level;
            }
        }
    }
    choose();
}

void CapacitySearch::choose()
{
    if (!m_slipped) {
        if (m_held < m_range.most) {
            m_level = std::min(2 * m_held, m_range.most);
            return;
        }
    } else if (*m_slipped - m_held > m_range.step) {
        const int middle = (m_held + *m_slipped) / 2;
        m_level = wholeSteps(middle) > m_held ? wholeSteps(middle) : middle;
        return;
    }
    m_level = m_held;
    m_over = m_held == 0 || m_seen[m_held].held >= m_range.repeat;
}

} // namespace takt::capacity
