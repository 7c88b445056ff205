// SPDX-License-Identifier: GPL-3.0-or-later
// ITU-T G.711 µ-law, as carriers send it: 8000 samples a second, one byte a sample. Pure; lives in any thread.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <span>
#include <vector>

namespace takt::media {

// The µ-law byte of a zero sample: what a silent line carries.
inline constexpr std::uint8_t kSilence = 0xFF;

// One linear 16-bit sample to its µ-law byte (14-bit precision, clipped at ±32635, bias 132) and back.
[[nodiscard]] std::uint8_t encodeMuLaw(std::int16_t sample);
[[nodiscard]] std::int16_t decodeMuLaw(std::uint8_t code);

[[nodiscard]] QByteArray encodeMuLaw(std::span<const std::int16_t> samples);
[[nodiscard]] std::vector<std::int16_t> decodeMuLaw(QByteArrayView codes);

} // namespace takt::media
