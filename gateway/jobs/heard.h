// SPDX-License-Identifier: GPL-3.0-or-later
// The answers of transcription servers, and which parts of them to believe: where there is nothing to hear, these models
// make something up. Pure; any thread.
//
// Shapes: https://platform.openai.com/docs/api-reference/audio (json, verbose_json), whisper.cpp examples/server.
#pragma once

#include "jobs/pieces.h"
#include "jobs/transcript.h"

#include <QJsonObject>

namespace takt::jobs {

struct Heard {
    QList<Segment> segments; // in the recording's time
    QString language;        // ISO 639-1; empty: not said
    bool timed = false;      // the server said when
    QString error;           // of an answer that is none: there are servers that say so with status 200
};

// Any field may be missing.
[[nodiscard]] Heard readHeard(const QJsonObject &answer, const Piece &piece, const QString &speaker);

// Without what was made up; each segment begins and ends where there is sound.
[[nodiscard]] QList<Segment> credible(const QList<Segment> &segments, const Loudness &channel);

// "english", "en", "en-US" -> "en"; empty: not a language.
[[nodiscard]] QString languageCode(const QString &language);
// "he" -> "Hebrew"; empty: not a language.
[[nodiscard]] QString languageName(const QString &code);

// What of an answer is worth keeping: without the tokens and words, which are most of it.
[[nodiscard]] QJsonObject condensed(QJsonObject answer);

} // namespace takt::jobs
