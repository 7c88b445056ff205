// SPDX-License-Identifier: GPL-3.0-or-later
// The shape of the load. Not options: every figure depends on them, and figures are compared between machines. Plain
// values.
#pragma once

namespace takt::load {

inline constexpr double kRampSeconds = 2;   // the calls begin spread over this time
inline constexpr double kSettleSeconds = 3; // then so much time passes before measuring
inline constexpr int kDeltaBytes = 1200;    // of audio in one delta of the model
inline constexpr double kAheadSeconds = 3;  // by which the model is faster than the caller hears

} // namespace takt::load
