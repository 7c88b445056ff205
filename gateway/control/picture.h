// SPDX-License-Identifier: GPL-3.0-or-later
// A topic as its source knows it: a call stays a value until it is known what of it is new, since no more than that
// has to become JSON. Plain values; any thread.
#pragma once

#include "shared/callsnapshot.h"
#include "shared/topic.h"

#include <variant>

namespace takt::control {

struct Row {
    std::variant<QJsonObject, CallSnapshot> facts;
};
using Picture = Topic<Row>;

// What is new of a row; all of it.
[[nodiscard]] QJsonObject news(const Row &before, const Row &after);
[[nodiscard]] QJsonObject whole(const Row &row);

[[nodiscard]] Picture pictureOf(const TopicState &state);
[[nodiscard]] Picture pictureOf(const QList<CallSnapshot> &calls);
[[nodiscard]] TopicState stateOf(const Picture &picture);

} // namespace takt::control
