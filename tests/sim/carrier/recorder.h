// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps what one caller said (left) and heard (right) on one time line: for a person's ears, and for the carrier's own
// recordings. Carrier thread.
#pragma once

#include "sim/audio/recordedaudio.h"
#include "sim/carrier/audiotap.h"

#include <QString>

#include <algorithm>
#include <optional>

namespace takt::sim {

class Recorder final : public AudioTap
{
public:
    explicit Recorder(Nanos start)
        : m_start(start)
    {
    }

    void said(Nanos at, std::string_view muLaw) override { put(m_audio.tracks[0], at, muLaw); }
    void saying(Nanos at, const std::string &text) override;
    void silent(Nanos at) override;
    void heard(Nanos at, std::string_view muLaw, const Piece &piece) override;
    [[nodiscard]] bool save(const QString &path) const;
    // What was kept until then; the recorder is empty afterwards.
    [[nodiscard]] RecordedAudio take(Nanos end);

private:
    void put(std::string &track, Nanos at, std::string_view muLaw);
    void endHearing();
    [[nodiscard]] std::int64_t msOf(Nanos at) const { return std::max<Nanos>(0, at - m_start) / kMillisecond; }

    Nanos m_start;
    RecordedAudio m_audio;
    std::optional<Utterance> m_saying;
    std::optional<Utterance> m_hearing; // its text is the whole item's; m_heardTo of m_itemBytes were heard
    const GeneratedItem *m_item = nullptr;
    std::int64_t m_heardTo = 0;
    std::int64_t m_itemBytes = 0;
};

} // namespace takt::sim
