// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/audio/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace takt::sim {
namespace {

constexpr double kCutoff = 3600.0;
constexpr int kLobes = 16;       // of the sinc, to each side
constexpr int kTableSteps = 256; // per lobe

// Blackman-windowed sinc, tabulated over its right half in units of lobes.
std::vector<double> makeKernel()
{
    std::vector<double> table(std::size_t(kLobes * kTableSteps + 2), 0.0);
    for (int i = 0; i < kLobes * kTableSteps; ++i) {
        const double x = double(i) / kTableSteps;
        const double angle = std::numbers::pi * x;
        const double w = std::numbers::pi * x / kLobes;
        const double window = 0.42 + 0.5 * std::cos(w) + 0.08 * std::cos(2 * w);
        table[std::size_t(i)] = (i == 0 ? 1.0 : std::sin(angle) / angle) * window;
    }
    return table;
}

std::int16_t clip(double value)
{
    return static_cast<std::int16_t>(std::clamp(std::lround(value), -32768L, 32767L));
}

} // namespace

std::vector<std::int16_t> toPhoneRate(std::span<const std::int16_t> samples, int rate)
{
    if (rate == kPhoneRate)
        return {samples.begin(), samples.end()};
    static const std::vector<double> kernel = makeKernel();
    const double lobesPerSample = 2.0 * std::min(kCutoff, rate * 0.45) / rate;
    const double reach = kLobes / lobesPerSample;
    const auto count = std::size_t(double(samples.size()) * kPhoneRate / rate);
    std::vector<std::int16_t> out(count);
    for (std::size_t n = 0; n < count; ++n) {
        const double centre = double(n) * rate / kPhoneRate;
        const auto first = std::max<std::int64_t>(0, std::int64_t(std::ceil(centre - reach)));
        const auto last = std::min(std::int64_t(samples.size()) - 1, std::int64_t(std::floor(centre + reach)));
        double sum = 0;
        for (std::int64_t k = first; k <= last; ++k) {
            const double at = std::abs(double(k) - centre) * lobesPerSample * kTableSteps;
            const auto step = std::size_t(at);
            const double part = at - double(step);
            sum += samples[std::size_t(k)] * (kernel[step] + (kernel[step + 1] - kernel[step]) * part);
        }
        out[n] = clip(sum * lobesPerSample);
    }
    return out;
}

std::vector<std::int16_t> trimmedAndLevelled(std::span<const std::int16_t> samples, double rmsDb)
{
    int peak = 1;
    for (const std::int16_t s : samples)
        peak = std::max(peak, std::abs(int(s)));
    const auto loud = [peak](std::int16_t s) { return std::abs(int(s)) * 50 > peak; };
    const auto first = std::find_if(samples.begin(), samples.end(), loud);
    const auto last = std::find_if(samples.rbegin(), samples.rend(), loud).base();
    if (first >= last)
        return {};
    double energy = 0;
    for (auto it = first; it != last; ++it)
        energy += double(*it) * *it;
    const double rms = std::sqrt(energy / double(last - first));
    const double gain = std::min(32767.0 * std::pow(10.0, rmsDb / 20.0) / rms, 32000.0 / peak);
    std::vector<std::int16_t> out;
    out.reserve(std::size_t(last - first));
    for (auto it = first; it != last; ++it)
        out.push_back(clip(*it * gain));
    return out;
}

} // namespace takt::sim
