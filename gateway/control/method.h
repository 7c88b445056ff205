// SPDX-License-Identifier: GPL-3.0-or-later
// What clients of the operator's door may ask for: one handler a method, which runs in the main thread.
#pragma once

#include "shared/result.h"

#include <QHash>
#include <QJsonObject>

#include <functional>

namespace takt::control {

// What a method may do: a client that only looks on can give up the rest.
enum class Tier { View, Act };

// Given once, in the main thread, soon or later; harmless when the client, or the whole door, has gone meanwhile.
class Reply
{
public:
    // Of values: an answer that is long is made in the control thread.
    using Answer = std::function<Result<QJsonObject>()>;

    explicit Reply(std::function<void(const Answer &)> deliver)
        : m_deliver(std::move(deliver))
    {
    }
    void operator()(const Answer &answer) const { m_deliver(answer); }
    void operator()(const Result<QJsonObject> &result) const
    {
        m_deliver([result] { return result; });
    }

private:
    std::function<void(const Answer &)> m_deliver;
};

using Handler = std::function<void(const QJsonObject &parameters, const Reply &)>;

struct Method {
    Tier tier = Tier::Act;
    Handler handler;
};
using Methods = QHash<QString, Method>;

} // namespace takt::control
