// SPDX-License-Identifier: GPL-3.0-or-later
// The beat of the live calls, for those who watch it: what each TX worker's calls come to, and the calls of which most is
// to be told. Pure; any thread.
#pragma once

#include "shared/callsnapshot.h"
#include "shared/topic.h"

namespace takt {

// As many calls are shown, those with the most faults first, then the latest.
inline constexpr qsizetype kBeatCallsShown = 50;

// Adds to the rows "worker/N", and makes rows "call/CA...".
void addBeatOfCalls(QHash<QString, QJsonObject> &rows, QList<CallSnapshot> calls);

} // namespace takt
