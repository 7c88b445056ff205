// SPDX-License-Identifier: GPL-3.0-or-later
// What the call was about, in a few sentences, and which of the business's lead statuses fits.
#include "jobs/stages/stages.h"

#include "jobs/chat.h"
#include "jobs/heard.h"
#include "jobs/transcript.h"

#include <QJsonArray>

#include <algorithm>
#include <cmath>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kMaxTranscript = 24'000; // characters
constexpr qsizetype kMaxWords = 200;
constexpr qsizetype kCutWords = 180;

QString summaryIn(const QJsonObject &answer)
{
    return answer.value("summary"_L1).toString().trimmed();
}

QJsonObject schema(const QStringList &statuses)
{
    QJsonObject label{{u"type"_s, u"null"_s}};
    if (!statuses.isEmpty()) {
        QJsonArray allowed = QJsonArray::fromStringList(statuses);
        allowed.append(QJsonValue());
        label = {{u"type"_s, QJsonArray{u"string"_s, u"null"_s}}, {u"enum"_s, allowed}};
    }
    return strictObject({{u"summary"_s, QJsonObject{{u"type"_s, u"string"_s}}},
                         {u"status_label"_s, label},
                         {u"status_confidence"_s, QJsonObject{{u"type"_s, u"number"_s}}},
                         {u"language"_s, QJsonObject{{u"type"_s, u"string"_s}}}});
}

QString instructions(const QString &language, const QStringList &statuses)
{
    QString text = u"You summarise a telephone call between a caller and the agent of a business, for the people of "
                   u"that business. "
                   "Say what the caller wants, what was agreed, and what is still to be done. Only what was said; at "
                   "most 150 words; no "
                   "greetings, no headings. "_s;
    text += language.isEmpty() ? u"Write in the language of the conversation."_s
                               : u"Write in %1."_s.arg(languageName(language));
    text += " `language` is the ISO 639-1 code of the summary's language."_L1;
    text += statuses.isEmpty()
                ? " `status_label` is null and `status_confidence` 0."_L1
                : " `status_label` is the one that fits the caller's interest best, or null if none clearly "
                  "does; `status_confidence` is from 0, a guess, to 1, certain."_L1;
    return text;
}

QString shortened(const QString &summary)
{
    const QStringList words = summary.simplified().split(u' ');
    return words.size() <= kMaxWords ? summary : words.first(kCutWords).join(u' ') % u" \u2026"_s;
}

// As the business writes it; empty: none of them.
QString labelIn(const QJsonObject &answer, const QStringList &statuses)
{
    const QString said = answer.value("status_label"_L1).toString().trimmed();
    const auto it = std::find_if(statuses.begin(), statuses.end(), [&](const QString &status) {
        return status.trimmed().compare(said, Qt::CaseInsensitive) == 0;
    });
    return it == statuses.end() || said.isEmpty() ? QString() : *it;
}

QJsonObject resultOf(const QJsonObject &answer, const QStringList &statuses, const QString &language,
                     const Transcript &transcript)
{
    const QString label = labelIn(answer, statuses);
    const double sure = answer.value("status_confidence"_L1).toDouble();
    QString written = languageCode(answer.value("language"_L1).toString());
    if (written.isEmpty())
        written = language.isEmpty() ? transcript.language : language;
    const auto orNothing = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
    return {{u"summary"_s, shortened(summaryIn(answer))},
            {u"status_label"_s, orNothing(label)},
            {u"status_confidence"_s, label.isEmpty() || !std::isfinite(sure) ? 0 : std::clamp(sure, 0.0, 1.0)},
            {u"language"_s, orNothing(written)},
            {u"transcript_source"_s, transcript.source}};
}

} // namespace

store::Outcome summarize(JobContext &context)
{
    if (const QString reason = whyNoChat(context.settings().openai, u"summaries are off"_s); !reason.isEmpty())
        return store::Outcome::skipped(reason);
    const Transcript transcript = transcriptOf(context.call());
    if (!hasSpeech(transcript))
        return store::Outcome::skipped(context.call().streamed ? u"no speech"_s : u"the call was not answered"_s);

    const QStringList statuses = context.business().leadStatuses;
    const QString language = languageCode(context.business().speech.language);
    ChatRequest request;
    request.name = u"call_summary"_s;
    request.schema = schema(statuses);
    request.system = instructions(language, statuses);
    request.user = asData(asText(transcript, kMaxTranscript));
    request.fits = [](const QJsonObject &answer) { return !summaryIn(answer).isEmpty(); };
    ChatReply reply = chat(context, request);
    if (!reply.value)
        return std::move(reply.outcome);
    store::Effects effects;
    effects.result = resultOf(*reply.value, statuses, language, transcript);
    return store::Outcome::completed(std::move(effects));
}

} // namespace takt::jobs
