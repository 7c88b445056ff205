// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/audio/recordedaudio.h"

#include "media/g711.h"
#include "sim/wire/random.h"

#include <algorithm>
#include <cmath>

namespace takt::sim {
namespace {

constexpr std::size_t kLoopSamples = 20 * 8000; // about; ended by the sentence that passes it

void append(RecordedAudio &audio, int channel, const Clip &clip, std::size_t gapSamples)
{
    const std::size_t start = audio.loop;
    for (std::string &track : audio.tracks)
        track.resize(start + clip.speech.size() + gapSamples, static_cast<char>(media::kSilence));
    for (std::size_t i = 0; i < clip.speech.size(); ++i)
        audio.tracks[std::size_t(channel)][start + i] = static_cast<char>(media::encodeMuLaw(clip.speech[i]));
    audio.said.push_back({channel, std::int64_t(start / 8), std::int64_t((start + clip.speech.size()) / 8), clip.text});
    audio.loop = start + clip.speech.size() + gapSamples;
}

} // namespace

std::int16_t RecordedAudio::sample(int channel, std::size_t index) const
{
    const std::string &track = tracks[std::size_t(channel)];
    const std::size_t at = loop != 0 ? index % loop : index;
    return at < track.size() ? media::decodeMuLaw(static_cast<std::uint8_t>(track[at])) : std::int16_t(0);
}

std::int16_t RecordedAudio::mixed(std::size_t index) const
{
    const int sum = int(sample(0, index)) + int(sample(1, index));
    return static_cast<std::int16_t>(std::clamp(sum, -32768, 32767));
}

std::string RecordedAudio::pcm(std::size_t from, std::size_t count, int asChannels) const
{
    std::string out;
    out.reserve(count * 2 * std::size_t(asChannels));
    const auto put = [&out](std::int16_t value) {
        const auto bits = static_cast<std::uint16_t>(value);
        out += static_cast<char>(bits & 0xFFU);
        out += static_cast<char>(bits >> 8U);
    };
    for (std::size_t i = from; i < from + count; ++i) {
        put(asChannels == 2 ? sample(0, i) : mixed(i));
        if (asChannels == 2)
            put(sample(1, i));
    }
    return out;
}

RecordedAudio syntheticAudio(const Voices &voices, double seconds, std::uint64_t seed)
{
    Random random(seed);
    RecordedAudio audio;
    const auto gap = [&] { return std::size_t(8 * random.between(500, 1500)); };
    const auto pick = [&](const std::vector<Clip> &clips) -> const Clip & {
        return clips[std::size_t(random.between(0, std::int64_t(clips.size()) - 1))];
    };
    while (audio.loop < kLoopSamples) {
        append(audio, 1, pick(voices.agent), gap());
        append(audio, 0, pick(voices.caller), gap());
    }
    audio.samples = std::size_t(std::max(0.0, seconds) * 8000);
    return audio;
}

std::string wordsWithin(const std::string &text, double from, double to)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at)
            words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    const auto index = [&](double fraction) {
        return std::size_t(std::lround(std::clamp(fraction, 0.0, 1.0) * double(words.size())));
    };
    std::string out;
    for (std::size_t i = index(from); i < index(to); ++i)
        out += (out.empty() ? "" : " ") + words[i];
    return out;
}

} // namespace takt::sim
