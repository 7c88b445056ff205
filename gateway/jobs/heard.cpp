// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/heard.h"

#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double kSurelyNoSpeech = 0.9;
constexpr double kPerhapsNoSpeech = 0.6;
constexpr double kUnlikelyText = -1.0; // mean log probability of its tokens
constexpr int kMostRepeats = 3;
constexpr qint64 kLoopGapMs = 1000;

double number(const QJsonObject &object, QLatin1StringView key, double otherwise)
{
    const QJsonValue value = object.value(key);
    return value.isDouble() ? value.toDouble() : otherwise;
}

bool madeUp(const QJsonObject &segment)
{
    const double silent = number(segment, "no_speech_prob"_L1, 0);
    return silent > kSurelyNoSpeech
           || (silent > kPerhapsNoSpeech && number(segment, "avg_logprob"_L1, 0) < kUnlikelyText);
}

// "[BLANK_AUDIO]", "(music)", "♪♪": what the model says of sounds.
bool isRemark(const QString &text)
{
    if (std::none_of(text.begin(), text.end(), [](QChar c) { return c.isLetterOrNumber(); }))
        return true;
    constexpr std::array kPairs{std::pair(u'[', u']'), std::pair(u'(', u')'), std::pair(u'*', u'*')};
    return std::any_of(kPairs.begin(), kPairs.end(), [&](const auto &pair) {
        return text.startsWith(pair.first) && text.indexOf(pair.second, 1) == text.size() - 1;
    });
}

qint64 within(double seconds, const Piece &piece)
{
    const double ms = std::isfinite(seconds) ? seconds * 1000 : 0;
    return piece.startMs + qint64(std::clamp(ms, 0.0, double(piece.endMs - piece.startMs)));
}

QString errorOf(const QJsonObject &answer)
{
    const QJsonValue error = answer.value("error"_L1);
    if (error.isString())
        return error.toString();
    if (error.isObject())
        return error.toObject().value("message"_L1).toString(u"no reason given"_s);
    return {};
}

// A model in a loop says the same again and again, without a breath.
QList<Segment> withoutLoops(const QList<Segment> &segments)
{
    QList<Segment> all;
    for (qsizetype i = 0; i < segments.size();) {
        qsizetype end = i + 1;
        while (end < segments.size() && segments.at(end).text.compare(segments.at(i).text, Qt::CaseInsensitive) == 0
               && segments.at(end).startMs - segments.at(end - 1).endMs <= kLoopGapMs)
            ++end;
        all += segments.mid(i, end - i > kMostRepeats ? 1 : end - i);
        i = end;
    }
    return all;
}

} // namespace

Heard readHeard(const QJsonObject &answer, const Piece &piece, const QString &speaker)
{
    Heard heard;
    heard.error = errorOf(answer);
    heard.language = languageCode(answer.value("language"_L1).toString());
    const QJsonValue list = answer.value("segments"_L1);
    QStringList texts; // in case that nothing says when
    for (const QJsonValue &value : list.toArray()) {
        const QJsonObject object = value.toObject();
        const QString text = object.value("text"_L1).toString().simplified();
        const double start = number(object, "start"_L1, -1);
        heard.timed = heard.timed || start >= 0;
        if (text.isEmpty() || madeUp(object) || isRemark(text))
            continue;
        texts << text;
        const qint64 startMs = within(start, piece);
        const qint64 endMs = within(number(object, "end"_L1, start), piece);
        heard.segments.append({speaker, startMs, std::max(startMs, endMs), text});
    }
    if (heard.timed || !heard.error.isEmpty())
        return heard;
    heard.segments.clear();
    const QJsonValue whole = answer.value("text"_L1);
    if (!whole.isString() && !list.isArray()) {
        heard.error = u"the answer has no text"_s;
        return heard;
    }
    const QString text = whole.isString() ? whole.toString().simplified() : texts.join(u' ');
    if (text.isEmpty() || isRemark(text))
        heard.timed = true; // nothing was said, at no time
    else
        heard.segments.append({speaker, piece.startMs, piece.endMs, text});
    return heard;
}

QList<Segment> credible(const QList<Segment> &segments, const Loudness &channel)
{
    QList<Segment> all;
    for (Segment segment : withoutLoops(segments)) {
        // Times are rounded, and may be off by a word: the neighbourhood counts too.
        const Loudness::Range sound = channel.trimmed(kSilence, std::max<qint64>(segment.startMs - 200, 0),
                                                      std::max(segment.endMs, segment.startMs + 1) + 200);
        if (sound.startMs == sound.endMs)
            continue;
        // A model likes to begin its first sentence at 0, however late it was said: that would bring it before the
        // other side's.
        segment.startMs = std::max(segment.startMs, sound.startMs);
        segment.endMs = std::max(segment.startMs, std::min(segment.endMs, sound.endMs));
        all.append(segment);
    }
    return all;
}

QString languageCode(const QString &language)
{
    const QString word = language.trimmed().toLower();
    const QString code = word.section(u'-', 0, 0).section(u'_', 0, 0);
    if (code.size() == 2 || code.size() == 3) {
        const QLocale::Language known = QLocale::codeToLanguage(code);
        return known == QLocale::AnyLanguage ? QString() : QLocale::languageToCode(known);
    }
    for (int i = QLocale::C + 1; i <= QLocale::LastLanguage && !word.isEmpty(); ++i) {
        if (QLocale::languageToString(QLocale::Language(i)).compare(word, Qt::CaseInsensitive) == 0)
            return QLocale::languageToCode(QLocale::Language(i));
    }
    return {};
}

QString languageName(const QString &code)
{
    const QString known = languageCode(code);
    return known.isEmpty() ? QString() : QLocale::languageToString(QLocale::codeToLanguage(known));
}

QJsonObject condensed(QJsonObject answer)
{
    answer.remove("words"_L1);
    QJsonArray segments;
    const QJsonArray list = answer.value("segments"_L1).toArray();
    for (const QJsonValue &value : list) {
        QJsonObject segment = value.toObject();
        for (const auto key : {"tokens"_L1, "words"_L1, "seek"_L1})
            segment.remove(key);
        segments.append(segment);
    }
    if (answer.value("segments"_L1).isArray())
        answer["segments"_L1] = segments;
    return answer;
}

} // namespace takt::jobs
