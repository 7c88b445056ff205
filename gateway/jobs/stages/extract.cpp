// SPDX-License-Identifier: GPL-3.0-or-later
// What the business wants to know of a caller: where, what for, who, when. Each field stands for itself: one that the model
// left out or got wrong takes nothing from the others.
#include "jobs/stages/stages.h"

#include "jobs/chat.h"
#include "jobs/match.h"
#include "jobs/transcript.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <cmath>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kEnough = 30; // characters
constexpr qsizetype kMaxTranscript = 24'000;
constexpr qsizetype kMaxListed = 150; // names in the prompt; longer lists are matched here alone
constexpr qsizetype kMaxValue = 200;  // characters of a field
constexpr double kUnsaid = 0.5;       // a confidence that is none
constexpr double kNotInTheList = 0.5; // at most, of a place that the business does not know
constexpr int kTokens = 300;

constexpr std::array kTexts{"city"_L1,        "raw_city"_L1,      "service"_L1,
                            "raw_service"_L1, "customer_name"_L1, "preferred_time"_L1};
constexpr std::array kNumbers{"city_confidence"_L1, "service_confidence"_L1};

QJsonObject schema()
{
    QJsonObject properties;
    for (const auto key : kTexts)
        properties[key] = orNull("string"_L1);
    for (const auto key : kNumbers)
        properties[key] = orNull("number"_L1);
    return strictObject(properties);
}

QString listed(const QString &what, const QStringList &names)
{
    if (names.isEmpty() || names.size() > kMaxListed)
        return {};
    return u" The business's %1, one a line:\n"_s.arg(what) % names.join(u'\n') % u'\n';
}

QString instructions(const config::Business &business)
{
    return u"You extract facts from a telephone call between a caller and the agent of a business. Only what was said; "
           "null for what was not. `raw_city` is the caller's city or town as it was said, `city` its usual name; "
           "`raw_service` is what the caller wants in the caller's words, `service` its usual name. If there is a "
           "list, "
           "`city` and `service` are the list's entry that is meant, exactly as it is written there, or null if none "
           "is. "
           "The confidences are from 0, a guess, to 1, certain. `customer_name` is the caller's own name. "
           "`preferred_time` is when the caller wants to be called, visited or served, as it was said."_s
           % listed(u"cities"_s, business.cities) % listed(u"services"_s, business.services);
}

// Empty: null, missing, of another type, or one of the words that models write instead of null.
QString textIn(const QJsonObject &answer, QLatin1StringView key)
{
    const QString text = answer.value(key).toString().simplified().left(kMaxValue);
    for (const auto nothing : {"null"_L1, "none"_L1, "n/a"_L1, "unknown"_L1, "not mentioned"_L1}) {
        if (text.compare(nothing, Qt::CaseInsensitive) == 0)
            return {};
    }
    return text;
}

double confidenceIn(const QJsonObject &answer, QLatin1StringView key)
{
    const QJsonValue value = answer.value(key);
    bool number = value.isDouble();
    const double sure = number ? value.toDouble() : value.toString().toDouble(&number);
    return number && std::isfinite(sure) ? std::clamp(sure, 0.0, 1.0) : kUnsaid;
}

struct Meant {
    QString name; // canonical; empty: none
    QString said;
    double confidence = 0;
};

Meant meant(const QString &name, const QString &said, double confidence, const QStringList &names)
{
    Meant m;
    m.said = said.isEmpty() ? name : said;
    if (m.said.isEmpty())
        return m;
    if (names.isEmpty()) {
        m.name = name.isEmpty() ? said : name;
        m.confidence = confidence;
        return m;
    }
    // The model's choice; else what was said, which it may have failed to see in the list.
    std::optional<Match> match = bestMatch(name, names);
    if (!match)
        match = bestMatch(said, names);
    if (match)
        m.name = match->name;
    m.confidence = match ? confidence * match->score : std::min(confidence, kNotInTheList);
    return m;
}

QJsonObject resultOf(const QJsonObject &answer, const config::Business &business)
{
    const Meant city = meant(textIn(answer, "city"_L1), textIn(answer, "raw_city"_L1),
                             confidenceIn(answer, "city_confidence"_L1), business.cities);
    const Meant service = meant(textIn(answer, "service"_L1), textIn(answer, "raw_service"_L1),
                                confidenceIn(answer, "service_confidence"_L1), business.services);
    const auto orNothing = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
    return {{u"city"_s, orNothing(city.name)},
            {u"raw_city"_s, orNothing(city.said)},
            {u"city_confidence"_s, city.said.isEmpty() ? QJsonValue() : QJsonValue(city.confidence)},
            {u"service"_s, orNothing(service.said)},
            {u"service_category"_s, orNothing(service.name)},
            {u"service_confidence"_s, service.said.isEmpty() ? QJsonValue() : QJsonValue(service.confidence)},
            {u"customer_name"_s, orNothing(textIn(answer, "customer_name"_L1))},
            {u"preferred_time"_s, orNothing(textIn(answer, "preferred_time"_L1))}};
}

// An answer may lack anything, but not everything; and the schema, said back, is none.
bool isAnswer(const QJsonObject &answer)
{
    const auto holds = [&](QLatin1StringView key) { return answer.contains(key) && !answer.value(key).isObject(); };
    return std::any_of(kTexts.begin(), kTexts.end(), holds) || std::any_of(kNumbers.begin(), kNumbers.end(), holds);
}

// The summary, which is shorter and clearer; else all that was said. Empty: too little.
QString source(const store::Dossier &call)
{
    const QString summary = call.results.value(Stage::Summarize).value("summary"_L1).toString().trimmed();
    if (summary.size() >= kEnough)
        return summary;
    const Transcript transcript = transcriptOf(call);
    const QString text = asText(transcript, kMaxTranscript);
    return hasSpeech(transcript) && text.size() >= kEnough ? text : QString();
}

} // namespace

store::Outcome extract(JobContext &context)
{
    if (const QString reason = whyNoChat(context.settings().openai, u"extraction is off"_s); !reason.isEmpty())
        return store::Outcome::skipped(reason);
    const QString text = source(context.call());
    if (text.isEmpty())
        return store::Outcome::skipped(u"too little was said"_s);

    ChatRequest request;
    request.name = u"call_facts"_s;
    request.schema = schema();
    request.system = instructions(context.business());
    request.user = asData(text);
    request.maxTokens = kTokens;
    request.fits = isAnswer;
    ChatReply reply = chat(context, request);
    if (!reply.value)
        return std::move(reply.outcome);
    store::Effects effects;
    effects.result = resultOf(*reply.value, context.business());
    return store::Outcome::completed(std::move(effects));
}

} // namespace takt::jobs
