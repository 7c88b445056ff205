// SPDX-License-Identifier: GPL-3.0-or-later
// The body of call.completed. One JSON object for two kinds of receivers: those of Standard Webhooks read type, timestamp
// and data; those that were built for the original read its flat fields beside them, by its names and with its types:
// what is not known is "" or 0, never null. Pure; any thread.
#pragma once

#include "store/dossier.h"
#include "store/leadstore.h"

#include <QByteArray>

#include <optional>

namespace takt::jobs {

inline constexpr auto kCallCompleted = "call.completed";
// Receivers may refuse more than 20 kB: the transcript gives way, in its middle.
inline constexpr qsizetype kMaxPayload = 20'000;

// `nowMs` stands in for the end of a call that has none.
[[nodiscard]] QByteArray callCompleted(const store::Dossier &call, const std::optional<store::Lead> &lead,
                                       qint64 nowMs);

// As much of a text as makes at most so many bytes of JSON, whole characters only.
[[nodiscard]] QString clipped(const QString &text, qsizetype maxBytes);

} // namespace takt::jobs
