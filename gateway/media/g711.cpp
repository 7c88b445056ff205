// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/g711.h"

#include <algorithm>
#include <array>
#include <bit>

namespace takt::media {
namespace {

constexpr int kBias = 132; // shifts the smallest segment to a power of two
constexpr int kClip = 32635;

constexpr std::int16_t decodeOne(std::uint8_t code)
{
    const int bits = ~code & 0xFF;
    const int exponent = (bits >> 4) & 7;
    const int magnitude = ((((bits & 0x0F) << 3) + kBias) << exponent) - kBias;
    return static_cast<std::int16_t>((bits & 0x80) != 0 ? -magnitude : magnitude);
}

constexpr std::array<std::int16_t, 256> makeTable()
{
    std::array<std::int16_t, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = decodeOne(static_cast<std::uint8_t>(i));
    return table;
}

constexpr std::array<std::int16_t, 256> kDecoded = makeTable();

} // namespace

std::uint8_t encodeMuLaw(std::int16_t sample)
{
    const int sign = sample < 0 ? 0x80 : 0;
    const int magnitude = std::min(sample < 0 ? -int(sample) : int(sample), kClip) + kBias;
    // The biased magnitude has its top bit at 7..14; that position is the segment.
    const int exponent = int(std::bit_width(unsigned(magnitude))) - 8;
    const int mantissa = (magnitude >> (exponent + 3)) & 0x0F;
    return static_cast<std::uint8_t>(~(sign | (exponent << 4) | mantissa));
}

std::int16_t decodeMuLaw(std::uint8_t code)
{
    return kDecoded[code];
}

QByteArray encodeMuLaw(std::span<const std::int16_t> samples)
{
    QByteArray codes(static_cast<qsizetype>(samples.size()), Qt::Uninitialized);
    std::transform(samples.begin(), samples.end(), codes.begin(),
                   [](std::int16_t s) { return static_cast<char>(encodeMuLaw(s)); });
    return codes;
}

std::vector<std::int16_t> decodeMuLaw(QByteArrayView codes)
{
    std::vector<std::int16_t> samples(static_cast<std::size_t>(codes.size()));
    std::transform(codes.begin(), codes.end(), samples.begin(),
                   [](char c) { return kDecoded[static_cast<std::uint8_t>(c)]; });
    return samples;
}

} // namespace takt::media
