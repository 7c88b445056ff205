// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps what one caller said (left) and heard (right) on one time line, for a person's ears. Carrier thread.
#pragma once

#include "sim/wire/clock.h"

#include <QString>

#include <string>
#include <string_view>

namespace takt::sim {

class Recorder
{
public:
    explicit Recorder(Nanos start)
        : m_start(start)
    {
    }

    void said(Nanos at, std::string_view muLaw) { put(m_said, at, muLaw); }
    void heard(Nanos at, std::string_view muLaw) { put(m_heard, at, muLaw); }
    [[nodiscard]] bool save(const QString &path) const;

private:
    void put(std::string &track, Nanos at, std::string_view muLaw);

    Nanos m_start;
    std::string m_said;
    std::string m_heard;
};

} // namespace takt::sim
