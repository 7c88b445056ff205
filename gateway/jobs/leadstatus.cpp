// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/leadstatus.h"

#include "jobs/leadwords.h"
#include "jobs/match.h"

#include <QRegularExpression>
#include <QSet>

#include <algorithm>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double kUnsaidLabelConfidence = 0.8; // what the original took for every label
constexpr double kPartOfLabel = 0.9;
constexpr double kUnansweredConfidence = 0.9;
constexpr qsizetype kNegationReach = 3;

struct Phrase {
    LeadClass kind;
    QStringList words;
};

QStringList wordsOf(const QString &text)
{
    return plainForm(text).split(u' ', Qt::SkipEmptyParts);
}

// The longest first: "not interested" is found before "interested" is.
QList<Phrase> compiled(const std::vector<LeadWords> &tables)
{
    QList<Phrase> all;
    for (const LeadWords &table : tables) {
        for (const char16_t *phrase : table.phrases)
            all.append({table.kind, wordsOf(QString::fromUtf16(phrase))});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Phrase &a, const Phrase &b) { return a.words.size() > b.words.size(); });
    return all;
}

QSet<QString> setOf(const std::vector<const char16_t *> &words)
{
    QSet<QString> set;
    for (const char16_t *word : words)
        set.insert(plainForm(QString::fromUtf16(word)));
    return set;
}

bool isHebrew(QChar c)
{
    return c.unicode() >= 0x05d0 && c.unicode() <= 0x05ea;
}

// Hebrew writes "and", "that", "the", "to" and "in" onto the word that follows.
bool sameWord(const QString &said, const QString &word)
{
    if (said == word)
        return true;
    return said.size() == word.size() + 1 && word.size() >= 3 && isHebrew(word.front())
           && u"ושהלב"_s.contains(said.front()) && said.endsWith(word);
}

bool standsAt(const QStringList &words, qsizetype at, const QStringList &phrase)
{
    if (at + phrase.size() > words.size() || !sameWord(words.at(at), phrase.front()))
        return false;
    return std::equal(phrase.begin() + 1, phrase.end(), words.begin() + at + 1);
}

bool holds(const QStringList &words, const QStringList &phrase)
{
    for (qsizetype at = 0; at < words.size() && !phrase.isEmpty(); ++at) {
        if (standsAt(words, at, phrase))
            return true;
    }
    return false;
}

bool isNegation(const QString &word, bool beside)
{
    static const QSet<QString> s_far = setOf(kNegations);
    static const QSet<QString> s_beside = setOf(kNegationsBeside);
    return s_far.contains(word) || (beside && s_beside.contains(word));
}

// From `since` on, which is where the last phrase ended.
bool isNegated(const QStringList &words, qsizetype since, qsizetype at)
{
    for (qsizetype i = std::max(since, at - kNegationReach); i < at; ++i) {
        if (isNegation(words.at(i), i == at - 1))
            return true;
    }
    return false;
}

bool hasNegation(const QStringList &words)
{
    return std::any_of(words.begin(), words.end(), [](const QString &word) { return isNegation(word, true); });
}

// Different phrases, each once however often it was said.
using Hits = std::array<QSet<QString>, kLeadClasses.size()>;

void score(const QStringList &words, const QList<Phrase> &phrases, Hits &hits)
{
    qsizetype since = 0;
    for (qsizetype at = 0; at < words.size();) {
        const auto found = std::find_if(phrases.begin(), phrases.end(),
                                        [&](const Phrase &phrase) { return standsAt(words, at, phrase.words); });
        if (found == phrases.end()) {
            ++at;
            continue;
        }
        const bool wish = found->kind <= LeadClass::FollowUp && !isNegation(found->words.front(), true);
        const QString key = found->words.join(u' ');
        if (!wish || !isNegated(words, since, at))
            hits[std::size_t(found->kind)].insert(key);
        else if (found->kind == LeadClass::Hot)
            hits[std::size_t(LeadClass::NotRelevant)].insert(u"not "_s % key);
        at += found->words.size();
        since = at;
    }
}

// A negation reaches no further than its clause.
QList<QStringList> clausesOf(const QString &text)
{
    static const QRegularExpression s_ends(u"[.,!?;:\\n\\x{2026}\\x{2013}\\x{2014}]"_s);
    QList<QStringList> clauses;
    const QStringList parts = text.split(s_ends, Qt::SkipEmptyParts);
    for (const QString &part : parts)
        clauses.append(wordsOf(part));
    return clauses;
}

std::optional<LeadClass> classOf(const QString &status)
{
    static const QList<Phrase> s_names = compiled(kStatusNames);
    const QStringList words = wordsOf(status);
    for (const LeadWords &table : kStatusNames) { // in its order
        for (const Phrase &phrase : s_names) {
            if (phrase.kind != table.kind || !holds(words, phrase.words))
                continue;
            const bool wish = phrase.kind <= LeadClass::FollowUp;
            return wish && hasNegation(words) ? std::nullopt : std::optional(phrase.kind);
        }
    }
    return std::nullopt;
}

// Of several statuses of one class the first.
QString statusOf(const QStringList &statuses, LeadClass wanted)
{
    for (const QString &status : statuses) {
        if (classOf(status) == wanted)
            return status;
    }
    // Who has an appointment is a good lead in any case.
    return wanted == LeadClass::Appointment ? statusOf(statuses, LeadClass::Hot) : QString();
}

StatusSuggestion byLabel(const QStringList &statuses, const QJsonObject &summary)
{
    const QStringList label = wordsOf(summary.value("status_label"_L1).toString());
    if (label.isEmpty())
        return {};
    const double confidence = std::clamp(summary.value("status_confidence"_L1).toDouble(kUnsaidLabelConfidence), 0.0,
                                         1.0);
    QStringList parts;
    for (const QString &status : statuses) {
        const QStringList words = wordsOf(status);
        if (words.join(QString()) == label.join(QString()))
            return {status, confidence, u"label"_s};
        // "interested" is a part of "not interested", and its opposite.
        if (hasNegation(words) == hasNegation(label) && (holds(words, label) || holds(label, words)))
            parts << status;
    }
    if (parts.size() != 1)
        return {};
    return {parts.constFirst(), confidence * kPartOfLabel, u"label"_s};
}

StatusSuggestion byKeywords(const QStringList &statuses, const Transcript &transcript)
{
    static const QList<Phrase> s_callers = compiled(kSaidByCallers);
    static const QList<Phrase> s_agents = compiled(kSaidByAgents);
    Hits hits;
    for (const Segment &segment : transcript.segments) {
        const QList<QStringList> clauses = clausesOf(segment.text);
        for (const QStringList &words : clauses)
            score(words, segment.speaker == kAgent ? s_agents : s_callers, hits);
    }
    const auto most = std::max_element(hits.begin(), hits.end(),
                                       [](const auto &a, const auto &b) { return a.size() < b.size(); });
    if (most->isEmpty())
        return {};
    // The strongest class decides, even where the business has no status for it: the next one would be wrong.
    const QString status = statusOf(statuses, kLeadClasses[std::size_t(most - hits.begin())]);
    const double confidence = std::min(0.65 + 0.1 * double(most->size() - 1), 0.9);
    return status.isEmpty() ? StatusSuggestion() : StatusSuggestion{status, confidence, u"keywords"_s};
}

} // namespace

StatusSuggestion suggest(const QStringList &statuses, const QJsonObject &summary, const Transcript &transcript,
                         bool unanswered)
{
    if (unanswered) {
        const QString status = statusOf(statuses, LeadClass::NoAnswer);
        return status.isEmpty() ? StatusSuggestion() : StatusSuggestion{status, kUnansweredConfidence, u"call"_s};
    }
    const StatusSuggestion label = byLabel(statuses, summary);
    return label.status.isEmpty() ? byKeywords(statuses, transcript) : label;
}

} // namespace takt::jobs
