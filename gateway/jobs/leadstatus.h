// SPDX-License-Identifier: GPL-3.0-or-later
// Which of a business's lead statuses a call speaks for. Pure; any thread.
#pragma once

#include "jobs/transcript.h"

#include <QJsonObject>
#include <QStringList>

namespace takt::jobs {

struct StatusSuggestion {
    QString status; // as the business spells it; empty: no idea
    double confidence = 0;
    QString source; // label (of the summary), keywords (of what was said), call (nobody answered)
};

// `summary`: the result of that stage; may be empty. The label decides when it is one of the statuses, or a part of just
// one; else what the caller said.
[[nodiscard]] StatusSuggestion suggest(const QStringList &statuses, const QJsonObject &summary,
                                       const Transcript &transcript, bool unanswered);

} // namespace takt::jobs
