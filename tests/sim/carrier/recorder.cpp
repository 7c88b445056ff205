// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/recorder.h"

#include "media/g711.h"
#include "sim/audio/resample.h"
#include "sim/audio/wav.h"

#include <algorithm>
#include <vector>

namespace takt::sim {

void Recorder::put(std::string &track, Nanos at, std::string_view muLaw)
{
    auto position = std::size_t(std::max<Nanos>(0, at - m_start) / 125'000);
    // What follows within a millisecond follows at once: a seam of a few samples would only be heard as a click.
    if (position >= track.size() && position - track.size() < 8)
        position = track.size();
    if (track.size() < position)
        track.resize(position, static_cast<char>(media::kSilence));
    const std::size_t overlap = std::min(muLaw.size(), track.size() - position);
    track.replace(position, overlap, muLaw);
}

bool Recorder::save(const QString &path) const
{
    WavWriter writer;
    if (!writer.open(path, kPhoneRate, 2))
        return false;
    const std::size_t length = std::max(m_said.size(), m_heard.size());
    std::vector<std::int16_t> interleaved;
    interleaved.reserve(2 * length);
    const auto sample = [](const std::string &track, std::size_t i) {
        return i < track.size() ? media::decodeMuLaw(static_cast<std::uint8_t>(track[i])) : std::int16_t(0);
    };
    for (std::size_t i = 0; i < length; ++i) {
        interleaved.push_back(sample(m_said, i));
        interleaved.push_back(sample(m_heard, i));
    }
    writer.write(interleaved);
    return true;
}

} // namespace takt::sim
