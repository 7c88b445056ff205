// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/flightrecord.h"

#include <QJsonDocument>

namespace takt {

using namespace Qt::Literals::StringLiterals;

QJsonObject FlightEntry::toJson() const
{
    return {{"flight"_L1, name},   {"at_ms"_L1, atMs},  {"call_sid"_L1, callSid},
            {"reason"_L1, reason}, {"cause"_L1, cause}, {"duration_ms"_L1, durationMs}};
}

FlightEntry FlightEntry::fromJson(const QJsonObject &json)
{
    return {json["flight"_L1].toString(), json["at_ms"_L1].toInteger(), json["call_sid"_L1].toString(),
            json["reason"_L1].toString(), json["cause"_L1].toString(),  json["duration_ms"_L1].toInteger()};
}

Result<FlightRecord> FlightRecord::fromNdjson(const QByteArray &lines)
{
    FlightRecord record;
    qsizetype number = 0;
    // What has no line feed was being written when the process died, or the disk was full: it is left out.
    for (qsizetype at = 0, end = 0; (end = lines.indexOf('\n', at)) >= 0; at = end + 1) {
        const QByteArray line = lines.sliced(at, end - at);
        const QJsonObject json = QJsonDocument::fromJson(line).object();
        if (++number == 1) {
            if (json["flight"_L1].toInt() != kFlightVersion)
                return Error{u"this is no flight record that is known here"_s};
            record.head = json;
            record.about = FlightEntry::fromJson(json);
            record.about.name.clear(); // "flight" is the version there
            record.fromUs = json["from_us"_L1].toInteger();
            record.untilUs = json["until_us"_L1].toInteger();
            continue;
        }
        if (!json.contains("t_us"_L1) || !json.contains("what"_L1))
            return Error{u"line %1 of the flight record is no event"_s.arg(number)};
        record.events.append({json["t_us"_L1].toInteger(), json["what"_L1].toString(), json});
    }
    if (number == 0)
        return Error{lines.isEmpty() ? u"the flight record is empty"_s
                                     : u"this is no flight record: not a whole line"_s};
    return record;
}

} // namespace takt
