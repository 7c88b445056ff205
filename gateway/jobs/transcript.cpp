// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/transcript.h"

#include <QJsonObject>

#include <algorithm>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kJoinGapMs = 1000;
const auto kCut = "\n[...]\n"_L1;

QString speakerName(const QString &speaker)
{
    if (speaker == kCaller)
        return u"Caller"_s;
    if (speaker == kAgent)
        return u"Agent"_s;
    return u"Speaker"_s;
}

bool isLetter(QChar c)
{
    return c.isLetterOrNumber() || c.isSurrogate();
}

// At a word's edge, where one is near; never inside of a surrogate pair.
qsizetype edgeBefore(const QString &text, qsizetype at)
{
    const qsizetype floor = std::max<qsizetype>(at - 80, 0);
    for (qsizetype i = at; i > floor; --i) {
        if (text.at(i - 1).isSpace())
            return i;
    }
    return at > 0 && text.at(at - 1).isHighSurrogate() ? at - 1 : at;
}

qsizetype edgeAfter(const QString &text, qsizetype at)
{
    const qsizetype ceiling = std::min(at + 80, text.size());
    for (qsizetype i = at; i < ceiling; ++i) {
        if (text.at(i).isSpace())
            return i + 1;
    }
    return at < text.size() && text.at(at).isLowSurrogate() ? at + 1 : at;
}

QString cutMiddle(const QString &text, qsizetype maxChars)
{
    const qsizetype room = maxChars - kCut.size();
    if (room <= 0)
        return text.left(edgeBefore(text, std::max<qsizetype>(maxChars, 0)));
    const qsizetype head = edgeBefore(text, room * 3 / 5);
    const qsizetype tail = edgeAfter(text, text.size() - (room - room * 3 / 5));
    return text.first(head).trimmed() % kCut % text.sliced(tail).trimmed();
}

} // namespace

Transcript transcriptOf(const store::Dossier &call)
{
    Transcript transcript;
    const QJsonObject result = call.results.value(Stage::Transcribe);
    transcript.segments = segmentsFrom(result.value("segments"_L1).toArray());
    if (!transcript.segments.isEmpty()) {
        transcript.source = u"recording"_s;
        transcript.language = result.value("language"_L1).toString();
        return transcript;
    }
    for (const store::Turn &turn : call.turns) {
        const QString text = turn.text.simplified();
        if (text.isEmpty())
            continue;
        const qint64 at = std::max<qint64>(turn.atMs - call.startedAtMs, 0);
        transcript.segments.append({turn.speaker, at, at, text});
    }
    if (!transcript.segments.isEmpty())
        transcript.source = u"live"_s;
    return transcript;
}

QList<Segment> merged(QList<Segment> segments)
{
    std::stable_sort(segments.begin(), segments.end(),
                     [](const Segment &a, const Segment &b) { return a.startMs < b.startMs; });
    QList<Segment> all;
    for (Segment &segment : segments) {
        segment.text = segment.text.simplified();
        if (segment.text.isEmpty())
            continue;
        if (all.isEmpty() || all.constLast().speaker != segment.speaker
            || segment.startMs - all.constLast().endMs >= kJoinGapMs) {
            all.append(std::move(segment));
            continue;
        }
        Segment &last = all.last();
        last.text += u' ' % segment.text;
        last.endMs = std::max(last.endMs, segment.endMs);
    }
    return all;
}

QJsonArray toJson(const QList<Segment> &segments)
{
    QJsonArray array;
    for (const Segment &s : segments)
        array.append(QJsonObject{
            {u"speaker"_s, s.speaker}, {u"start_ms"_s, s.startMs}, {u"end_ms"_s, s.endMs}, {u"text"_s, s.text}});
    return array;
}

QList<Segment> segmentsFrom(const QJsonArray &array)
{
    QList<Segment> segments;
    for (const QJsonValue &value : array) {
        const QJsonObject object = value.toObject();
        const QString text = object.value("text"_L1).toString().simplified();
        if (!text.isEmpty())
            segments.append({object.value("speaker"_L1).toString(), object.value("start_ms"_L1).toInteger(),
                             object.value("end_ms"_L1).toInteger(), text});
    }
    return segments;
}

QString asText(const Transcript &transcript, qsizetype maxChars)
{
    QString text;
    for (const Segment &segment : transcript.segments) {
        if (!text.isEmpty())
            text += u'\n';
        text += speakerName(segment.speaker) % ": "_L1 % segment.text;
    }
    return maxChars < 0 || text.size() <= maxChars ? text : cutMiddle(text, maxChars);
}

bool hasSpeech(const Transcript &transcript)
{
    return std::any_of(transcript.segments.begin(), transcript.segments.end(), [](const Segment &segment) {
        return segment.speaker != kAgent && std::any_of(segment.text.begin(), segment.text.end(), isLetter);
    });
}

} // namespace takt::jobs
