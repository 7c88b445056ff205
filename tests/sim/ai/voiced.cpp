// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ai/voiced.h"

#include <algorithm>
#include <cmath>

namespace takt::sim {
namespace {

constexpr std::int64_t kWindowMs = 10;
constexpr std::int64_t kPauseMs = 300;
constexpr std::int64_t kShortestMs = 60;
constexpr double kBelowLoudest = 0.03; // 30 dB
constexpr double kFloor = 60;          // RMS: a line's own noise is far below

std::vector<Stretch> stretchesOf(const std::vector<double> &levels)
{
    const double loudest = levels.empty() ? 0 : *std::max_element(levels.begin(), levels.end());
    const double threshold = std::max(kFloor, loudest * kBelowLoudest);
    std::vector<Stretch> found;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (levels[i] < threshold)
            continue;
        const std::int64_t at = std::int64_t(i) * kWindowMs;
        if (!found.empty() && at - found.back().endMs < kPauseMs)
            found.back().endMs = at + kWindowMs;
        else
            found.push_back({at, at + kWindowMs});
    }
    std::erase_if(found, [](const Stretch &stretch) { return stretch.ms() < kShortestMs; });
    return found;
}

// The sample at an index is what `sample` says.
template <typename Sample>
std::vector<double> levelsOf(std::size_t count, std::size_t window, Sample sample)
{
    std::vector<double> levels;
    levels.reserve(count / window + 1);
    for (std::size_t at = 0; at + window <= count; at += window) {
        double sum = 0;
        for (std::size_t i = at; i < at + window; ++i)
            sum += double(sample(i)) * double(sample(i));
        levels.push_back(std::sqrt(sum / double(window)));
    }
    return levels;
}

} // namespace

std::vector<Stretch> voicedStretches(std::span<const std::int16_t> samples, int rate)
{
    // Windows of whole samples would drift at rates such as 11025: each begins where its time is.
    std::vector<double> levels;
    const auto indexAt = [&](std::int64_t ms) { return std::size_t(ms * rate / 1000); };
    for (std::int64_t ms = 0; indexAt(ms + kWindowMs) <= samples.size(); ms += kWindowMs) {
        const auto window = samples.subspan(indexAt(ms), indexAt(ms + kWindowMs) - indexAt(ms));
        levels.push_back(levelsOf(window.size(), window.size(), [&](std::size_t i) { return window[i]; }).front());
    }
    return stretchesOf(levels);
}

std::vector<Stretch> voicedStretches(const RecordedAudio &audio, int channel)
{
    constexpr std::size_t kWindow = 8 * std::size_t(kWindowMs);
    const std::size_t once = audio.loop != 0 ? std::min(audio.loop, audio.samples) : audio.samples;
    const std::vector<Stretch> first = stretchesOf(levelsOf(
        once, kWindow, [&](std::size_t i) { return channel == 2 ? audio.mixed(i) : audio.sample(channel, i); }));
    if (audio.loop == 0)
        return first;
    std::vector<Stretch> all; // a loop ends with a pause, so that no stretch goes over its end
    const auto loopMs = std::int64_t(audio.loop / 8);
    for (std::int64_t at = 0; at < audio.ms(); at += loopMs) {
        for (const Stretch &stretch : first) {
            if (at + stretch.startMs < audio.ms())
                all.push_back({at + stretch.startMs, std::min(at + stretch.endMs, audio.ms())});
        }
    }
    return all;
}

} // namespace takt::sim
