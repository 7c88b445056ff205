// SPDX-License-Identifier: GPL-3.0-or-later
// Who said what in a call, as the stages after it read it: from the recording where that was transcribed, else as it was
// heard live. Plain values; any thread.
#pragma once

#include "store/dossier.h"

#include <QJsonArray>
#include <QLatin1StringView>
#include <QList>
#include <QString>

namespace takt::jobs {

inline constexpr QLatin1StringView kCaller{"caller"};
inline constexpr QLatin1StringView kAgent{"agent"};
inline constexpr QLatin1StringView kMixed{"mixed"}; // of a recording with one channel: nobody knows who it was

struct Segment {
    QString speaker;
    qint64 startMs = 0; // since the beginning of the recording, or of the call
    qint64 endMs = 0;
    QString text;
    friend bool operator==(const Segment &, const Segment &) = default;
};

struct Transcript {
    QString source = QStringLiteral("none"); // recording, live, none
    QString language;                        // ISO 639-1; empty: not known
    QList<Segment> segments;                 // by time
};

[[nodiscard]] Transcript transcriptOf(const store::Dossier &call);

// All speakers' segments by their beginning; those of one speaker that follow each other at once become one.
[[nodiscard]] QList<Segment> merged(QList<Segment> segments);

[[nodiscard]] QJsonArray toJson(const QList<Segment> &segments);
[[nodiscard]] QList<Segment> segmentsFrom(const QJsonArray &array);

// "Caller: ...\nAgent: ...". Longer than `maxChars` (-1: any length): the beginning and the end, which say most.
[[nodiscard]] QString asText(const Transcript &transcript, qsizetype maxChars = -1);
// Did the caller say anything?
[[nodiscard]] bool hasSpeech(const Transcript &transcript);

} // namespace takt::jobs
