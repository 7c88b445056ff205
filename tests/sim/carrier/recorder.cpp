// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/recorder.h"

#include "media/g711.h"
#include "sim/audio/resample.h"
#include "sim/audio/wav.h"

#include <algorithm>
#include <utility>
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

void Recorder::saying(Nanos at, const std::string &text)
{
    m_saying = Utterance{0, msOf(at), 0, text};
}

void Recorder::silent(Nanos at)
{
    if (m_saying) {
        m_saying->endMs = msOf(at);
        m_audio.said.push_back(*m_saying);
    }
    m_saying.reset();
}

void Recorder::heard(Nanos at, std::string_view muLaw, const Piece &piece)
{
    put(m_audio.tracks[1], at, muLaw);
    if (piece.item == nullptr)
        return;
    if (piece.item != m_item) {
        endHearing();
        m_item = piece.item;
        m_itemBytes = std::int64_t(piece.item->audio.size());
        m_hearing = Utterance{1, msOf(at), 0, piece.item->text};
    }
    m_heardTo = piece.offset + piece.length;
    m_hearing->endMs = msOf(at + piece.length * 125'000);
}

// Of a sentence that was interrupted only the words that were heard are kept.
void Recorder::endHearing()
{
    if (m_hearing) {
        m_hearing->text = wordsWithin(m_hearing->text, 0,
                                      double(m_heardTo) / double(std::max<std::int64_t>(1, m_itemBytes)));
        if (!m_hearing->text.empty())
            m_audio.said.push_back(*m_hearing);
    }
    m_hearing.reset();
    m_item = nullptr;
}

RecordedAudio Recorder::take(Nanos end)
{
    silent(end);
    endHearing();
    m_audio.samples = std::size_t(std::max<Nanos>(0, end - m_start) / 125'000);
    for (std::string &track : m_audio.tracks)
        track.resize(std::min(track.size(), m_audio.samples));
    std::stable_sort(m_audio.said.begin(), m_audio.said.end(),
                     [](const Utterance &a, const Utterance &b) { return a.startMs < b.startMs; });
    return std::exchange(m_audio, {});
}

bool Recorder::save(const QString &path) const
{
    WavWriter writer;
    if (!writer.open(path, kPhoneRate, 2))
        return false;
    const std::size_t length = std::max(m_audio.tracks[0].size(), m_audio.tracks[1].size());
    std::vector<std::int16_t> interleaved;
    interleaved.reserve(2 * length);
    for (std::size_t i = 0; i < length; ++i) {
        interleaved.push_back(m_audio.sample(0, i));
        interleaved.push_back(m_audio.sample(1, i));
    }
    writer.write(interleaved);
    return true;
}

} // namespace takt::sim
