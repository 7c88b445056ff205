// SPDX-License-Identifier: GPL-3.0-or-later
// The unit of the beat. G.711 µ-law at 8000 Hz: 8 bytes a millisecond, one 160-byte frame every 20 ms.
#pragma once

#include <QtGlobal>

#include <array>
#include <cstdint>

namespace takt::media {

inline constexpr int kBytesPerMs = 8;
inline constexpr int kFrameMs = 20;
inline constexpr int kFrameBytes = kFrameMs * kBytesPerMs;
inline constexpr int kFramesPerSecond = 1000 / kFrameMs;
inline constexpr qint64 kNsPerUs = 1'000;
inline constexpr qint64 kNsPerMs = 1'000'000;
inline constexpr qint64 kFrameNs = kFrameMs * kNsPerMs;

using Frame = std::array<std::uint8_t, kFrameBytes>;

} // namespace takt::media
