// SPDX-License-Identifier: GPL-3.0-or-later
// POST .../audio/transcriptions (and whisper.cpp's /inference): the checks of each flavour, and the forms of the answer.
// Office thread.
#pragma once

#include "sim/ai/multipart.h"
#include "sim/ai/options.h"
#include "sim/ai/transcriber.h"
#include "sim/verdict/workrecord.h"
#include "sim/wire/httpserver.h"

#include <QJsonObject>

namespace takt::sim {

class Transcription
{
public:
    static constexpr std::size_t kMaxUpload = 26'214'400;

    Transcription(const AiOptions &options, const Transcriber &transcriber, FaultBoard &faults)
        : m_options(options)
        , m_transcriber(transcriber)
        , m_faults(faults)
    {
    }
    [[nodiscard]] HttpReply answer(const HttpRequest &http, AiRequest &seen);

private:
    [[nodiscard]] std::optional<HttpReply> refusal(const Multipart &form, const AiRequest &seen) const;
    [[nodiscard]] HttpReply unreadable(const QString &why) const;
    [[nodiscard]] QJsonObject verbose(const Transcript &transcript, const Multipart &form, AiRequest &seen);
    [[nodiscard]] QJsonObject segment(const Transcript::Segment &said, int id, bool words) const;
    [[nodiscard]] bool whisperCpp() const { return m_options.flavour == AiFlavour::WhisperCpp; }

    const AiOptions &m_options;
    const Transcriber &m_transcriber;
    FaultBoard &m_faults;
};

} // namespace takt::sim
