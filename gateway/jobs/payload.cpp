// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/payload.h"

#include "jobs/party.h"
#include "jobs/transcript.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTimeZone>

#include <algorithm>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

// Upper bounds of all texts but the transcript: together well below kMaxPayload.
constexpr qsizetype kShort = 200;
constexpr qsizetype kUrl = 600;
constexpr qsizetype kSummary = 5000;

QString isoTime(qint64 ms)
{
    return ms <= 0 ? QString() : QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC).toString(Qt::ISODateWithMs);
}

QString textOf(const QJsonObject &object, QLatin1StringView key, qsizetype maxBytes = kShort)
{
    return clipped(object.value(key).toString(), maxBytes);
}

QString either(const QString &first, const QString &second)
{
    return first.isEmpty() ? clipped(second, kShort) : first;
}

// The last one that is complete; else the last one that is known.
const store::Recording *recordingOf(const store::Dossier &call)
{
    const auto complete = std::find_if(call.recordings.rbegin(), call.recordings.rend(),
                                       [](const store::Recording &r) { return r.status == "completed"_L1; });
    if (complete != call.recordings.rend())
        return &*complete;
    return call.recordings.isEmpty() ? nullptr : &call.recordings.constLast();
}

int durationSeconds(const store::Dossier &call)
{
    if (call.durationSeconds >= 0)
        return call.durationSeconds;
    return call.endedAtMs > call.startedAtMs && call.startedAtMs > 0 ? int((call.endedAtMs - call.startedAtMs) / 1000)
                                                                     : 0;
}

// What the original's receivers know of the caller's wishes. What this call did not tell, the lead may know.
void addExtracted(QJsonObject &flat, const store::Dossier &call, const std::optional<store::Lead> &lead)
{
    const QJsonObject extract = call.results.value(Stage::Extract);
    const store::Lead known = lead.value_or(store::Lead());
    const QString city = textOf(extract, "city"_L1);
    const QString raw = textOf(extract, "raw_city"_L1);
    const QString canonical = textOf(extract,
                                     "service_category"_L1); // one of the business's; "service": as it was said
    const QString category = either(canonical, either(textOf(extract, "service"_L1), known.service));
    flat[u"customer_name"_s] = either(textOf(extract, "customer_name"_L1), known.name);
    flat[u"city"_s] = either(city, known.city);
    flat[u"city_confidence"_s] = city.isEmpty() ? known.cityConfidence : extract.value("city_confidence"_L1).toDouble();
    flat[u"raw_city"_s] = raw;
    flat[u"city_raw_attempts"_s] = raw.isEmpty() ? QJsonArray() : QJsonArray{raw};
    flat[u"city_autocorrected"_s] = !city.isEmpty() && !raw.isEmpty() && city != raw;
    flat[u"name_raw_attempts"_s] = QJsonArray();
    flat[u"service_category"_s] = category;
    flat[u"service"_s] = category;
    flat[u"service_type_canonical"_s] = either(canonical, known.service);
    flat[u"preferred_time"_s] = textOf(extract, "preferred_time"_L1);
}

QJsonObject flatFields(const store::Dossier &call, const std::optional<store::Lead> &lead, qint64 endMs)
{
    const QString direction = call.direction.isEmpty() ? QString(name(Direction::Inbound)) : call.direction;
    const store::Recording *recording = recordingOf(call);
    QJsonObject flat{
        {u"type"_s, QString::fromLatin1(kCallCompleted)},
        {u"event_type"_s, QString::fromLatin1(kCallCompleted)},
        {u"timestamp"_s, isoTime(endMs)},
        {u"business_id"_s, clipped(call.business, kShort)},
        {u"call_id"_s, call.callSid},
        {u"lead_id"_s, lead ? QString::number(lead->id) : QString()},
        {u"phone"_s, clipped(partyNumber(call), kShort)},
        {u"started_at"_s, isoTime(call.startedAtMs)},
        {u"ended_at"_s, isoTime(endMs)},
        {u"duration_sec"_s, durationSeconds(call)},
        {u"summary"_s, textOf(call.results.value(Stage::Summarize), "summary"_L1, kSummary)},
        {u"agent_name"_s, u"Assistant"_s},
        {u"direction"_s, clipped(direction, kShort)},
        {u"call_direction"_s, clipped(direction, kShort)},
        // A call that a machine or nobody answered is over too, and its receiver wants to know.
        {u"call_status"_s, either(clipped(call.carrierStatus, kShort), u"completed"_s)},
        {u"recording_url"_s, recording == nullptr ? QString() : clipped(recording->url, kUrl)},
        {u"metadata"_s, QJsonObject()},
    };
    addExtracted(flat, call, lead);
    return flat;
}

QJsonArray stagesOf(const store::Dossier &call)
{
    QJsonArray stages;
    for (const store::StageOutcome &stage : call.stages) {
        if (stage.stage != Stage::Webhook) // that is this very message
            stages.append(QJsonObject{{u"stage"_s, QString(name(stage.stage))},
                                      {u"state"_s, QString(name(stage.state))},
                                      {u"reason"_s, clipped(stage.reason, kShort)}});
    }
    return stages;
}

QJsonObject structured(const store::Dossier &call, const std::optional<store::Lead> &lead)
{
    const QJsonObject status = call.results.value(Stage::Lead);
    QJsonObject data{
        {u"call_id"_s, call.callSid},
        {u"from"_s, clipped(call.from, kShort)},
        {u"to"_s, clipped(call.to, kShort)},
        {u"answered_by"_s, clipped(call.answeredBy, kShort)},
        {u"stages"_s, stagesOf(call)},
        {u"status"_s, QJsonObject{{u"label"_s, textOf(status, "status"_L1)},
                                  {u"source"_s, textOf(status, "source"_L1)},
                                  {u"confidence"_s, status.value("confidence"_L1).toDouble()}}},
        {u"end"_s,
         QJsonObject{{u"reason"_s, clipped(call.endReason, kShort)}, {u"detail"_s, clipped(call.endDetail, kShort)}}},
        {u"lead"_s, QJsonObject()},
        {u"recording"_s, QJsonObject()},
    };
    if (lead)
        data[u"lead"_s] = QJsonObject{{u"id"_s, QString::number(lead->id)},
                                      {u"phone"_s, clipped(lead->phone, kShort)},
                                      {u"name"_s, clipped(lead->name, kShort)},
                                      {u"status"_s, clipped(lead->status, kShort)}};
    if (const store::Recording *recording = recordingOf(call))
        data[u"recording"_s] = QJsonObject{{u"sid"_s, clipped(recording->sid, kShort)},
                                           {u"url"_s, clipped(recording->url, kUrl)},
                                           {u"status"_s, clipped(recording->status, kShort)},
                                           {u"channels"_s, std::max(recording->channels, 0)},
                                           {u"duration_sec"_s, std::max(recording->durationSeconds, 0)}};
    return data;
}

// The first and the last ones: so many characters of text in all.
QList<Segment> cut(const QList<Segment> &segments, qsizetype maxChars)
{
    QList<Segment> head;
    QList<Segment> tail;
    qsizetype room = maxChars;
    qsizetype last = segments.size();
    for (qsizetype first = 0; first < last && room > 0;) {
        const bool front = head.size() <= tail.size();
        Segment segment = segments.at(front ? first++ : --last);
        // A piece of the first one says more than nothing; after that whole ones only.
        if (head.isEmpty())
            segment.text = clipped(segment.text, room);
        room -= segment.text.size();
        if (room >= 0)
            (front ? head : tail).append(std::move(segment));
    }
    std::reverse(tail.begin(), tail.end());
    return head + tail;
}

qsizetype lengthOf(const QList<Segment> &segments)
{
    qsizetype length = 0;
    for (const Segment &segment : segments)
        length += segment.text.size();
    return length;
}

} // namespace

QString clipped(const QString &text, qsizetype maxBytes)
{
    const auto cost = [](char32_t c) {
        return c == '"' || c == '\\' ? 2 : c < 0x20 ? 6 : c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    };
    qsizetype bytes = 0;
    qsizetype end = 0;
    while (end < text.size()) {
        const bool pair = text.at(end).isHighSurrogate() && end + 1 < text.size() && text.at(end + 1).isLowSurrogate();
        bytes += cost(pair ? QChar::surrogateToUcs4(text.at(end), text.at(end + 1)) : text.at(end).unicode());
        if (bytes > maxBytes)
            break;
        end += pair ? 2 : 1;
    }
    return text.first(end);
}

QByteArray callCompleted(const store::Dossier &call, const std::optional<store::Lead> &lead, qint64 nowMs)
{
    QJsonObject flat = flatFields(call, lead, call.endedAtMs > 0 ? call.endedAtMs : nowMs);
    QJsonObject data = structured(call, lead);
    const Transcript transcript = transcriptOf(call);
    const QString text = asText(transcript);
    const auto body = [&](qsizetype maxChars) {
        const QList<Segment> segments = maxChars < 0 ? transcript.segments : cut(transcript.segments, maxChars);
        const bool whole = maxChars < 0 || (text.size() <= maxChars && segments.size() == transcript.segments.size());
        flat[u"transcript"_s] = maxChars < 0 ? text : asText(transcript, maxChars);
        flat[u"transcript_truncated"_s] = !whole;
        data[u"transcript"_s] = QJsonObject{{u"source"_s, transcript.source},
                                            {u"language"_s, clipped(transcript.language, kShort)},
                                            {u"segments"_s, toJson(segments)},
                                            {u"truncated"_s, !whole}};
        flat[u"data"_s] = data;
        return QJsonDocument(flat).toJson(QJsonDocument::Compact);
    };
    // Longer than the body may be, it needs no building to know that.
    QByteArray whole = lengthOf(transcript.segments) > kMaxPayload ? QByteArray() : body(-1);
    if (!whole.isEmpty() && whole.size() < kMaxPayload)
        return whole;
    // How long JSON gets is known only once it is made: halve the way to the most that fits.
    qsizetype fits = 0;
    qsizetype tooLong = std::min<qsizetype>(text.size() + 1, kMaxPayload);
    while (tooLong - fits > 64) {
        const qsizetype middle = fits + (tooLong - fits) / 2;
        (body(middle).size() < kMaxPayload ? fits : tooLong) = middle;
    }
    return body(fits);
}

} // namespace takt::jobs
