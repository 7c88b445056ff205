// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/picture.h"

namespace takt::control {

using namespace Qt::Literals::StringLiterals;

QJsonObject news(const Row &before, const Row &after)
{
    const auto *callBefore = std::get_if<CallSnapshot>(&before.facts);
    const auto *callAfter = std::get_if<CallSnapshot>(&after.facts);
    if (callBefore != nullptr && callAfter != nullptr)
        return callAfter->newsSince(*callBefore);
    return takt::news(whole(before), whole(after));
}

QJsonObject whole(const Row &row)
{
    const auto *call = std::get_if<CallSnapshot>(&row.facts);
    return call != nullptr ? call->toJson() : std::get<QJsonObject>(row.facts);
}

Picture pictureOf(const TopicState &state)
{
    Picture picture{state.head, {}};
    picture.rows.reserve(state.rows.size());
    for (auto it = state.rows.cbegin(); it != state.rows.cend(); ++it)
        picture.rows.insert(it.key(), {*it});
    return picture;
}

Picture pictureOf(const QList<CallSnapshot> &calls)
{
    Picture picture{{{"live"_L1, calls.size()}}, {}};
    picture.rows.reserve(calls.size());
    for (const CallSnapshot &call : calls)
        picture.rows.insert(call.callSid, {call});
    return picture;
}

TopicState stateOf(const Picture &picture)
{
    TopicState state{picture.head, {}};
    state.rows.reserve(picture.rows.size());
    for (auto it = picture.rows.cbegin(); it != picture.rows.cend(); ++it)
        state.rows.insert(it.key(), whole(*it));
    return state;
}

} // namespace takt::control
