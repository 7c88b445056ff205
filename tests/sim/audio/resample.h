// SPDX-License-Identifier: GPL-3.0-or-later
// From a recording's rate to the telephone's 8 kHz, through a windowed-sinc low-pass at 3.6 kHz: without it everything
// above 4 kHz would fold back into the voice. Pure; slow and good, used before the calls begin.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace takt::sim {

inline constexpr int kPhoneRate = 8000;

[[nodiscard]] std::vector<std::int16_t> toPhoneRate(std::span<const std::int16_t> samples, int rate);

// Cuts silence from both ends and brings the voice to the given RMS level (dB below full scale), without clipping.
[[nodiscard]] std::vector<std::int16_t> trimmedAndLevelled(std::span<const std::int16_t> samples, double rmsDb);

} // namespace takt::sim
