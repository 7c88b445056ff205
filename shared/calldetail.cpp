// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/calldetail.h"

namespace takt {

using namespace Qt::Literals::StringLiterals;

QJsonObject CallTurn::toJson() const
{
    return {{"turn"_L1, position}, {"speaker"_L1, speaker}, {"text"_L1, text}, {"interrupted"_L1, interrupted}};
}

CallTurn CallTurn::fromJson(const QJsonObject &json)
{
    return {json["turn"_L1].toInt(), json["speaker"_L1].toString(), json["text"_L1].toString(),
            json["interrupted"_L1].toBool()};
}

QJsonObject CallEvent::toJson() const
{
    return {{"event"_L1, number}, {"at_ms"_L1, atMs}, {"what"_L1, what}, {"detail"_L1, detail}};
}

CallEvent CallEvent::fromJson(const QJsonObject &json)
{
    return {json["event"_L1].toInt(), json["at_ms"_L1].toInteger(), json["what"_L1].toString(),
            json["detail"_L1].toString()};
}

} // namespace takt
