// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/match.h"

#include <QList>

#include <algorithm>
#include <vector>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double kEnough = 0.82;
constexpr double kAmbiguous = 0.03;  // nearer to each other than that: nobody knows which
constexpr qsizetype kShort = 3;      // letters; one wrong letter of three is another name
constexpr qsizetype kMaxWords = 6;   // of what was said, to look for a misspelt name inside of it
constexpr qsizetype kMaxSaid = 400;  // characters; the rest can't be a name
constexpr double kWithPrefix = 0.98; // "in Haifa" as one Hebrew word
constexpr double kNameInside = 0.95; // more was said than the name
constexpr double kPartOfName = 0.9;  // less was said
const auto kPrefixes = u"בלמה"_s;    // in, to, from, the
const auto kFinals = u"ךםןףץ"_s;
const auto kOrdinary = u"כמנפצ"_s;

bool isQuote(QChar c)
{
    // Geresh, gershayim and all that is typed for them and for apostrophes: inside of words, and often left out.
    return u"'\"`´‘’‚‛“”„′″׳״"_s.contains(c);
}

qsizetype letters(QStringView plain)
{
    return std::count_if(plain.begin(), plain.end(), [](QChar c) { return !c.isSpace() && !c.isLowSurrogate(); });
}

bool isShort(QStringView plain)
{
    return letters(plain) <= kShort;
}

// Without the Hebrew preposition that is written as a part of the word; empty: there is none.
QString withoutPrefix(const QString &plain)
{
    return plain.size() > 2 && kPrefixes.contains(plain.front()) && plain.at(1).script() == QChar::Script_Hebrew
               ? plain.sliced(1)
               : QString();
}

// As whole words.
bool holds(const QString &text, const QString &words)
{
    return QString(u' ' % text % u' ').contains(u' ' % words % u' ');
}

// The same, also with a preposition before the first of the words.
bool holdsSaid(const QString &text, const QString &words)
{
    if (holds(text, words))
        return true;
    if (words.front().script() != QChar::Script_Hebrew)
        return false;
    return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](QChar p) { return holds(text, p % words); });
}

struct Candidate {
    qsizetype index = 0;
    QString plain;
};

std::optional<qsizetype> exact(const QString &said, const QList<Candidate> &names)
{
    const auto it = std::find_if(names.begin(), names.end(), [&](const Candidate &c) { return c.plain == said; });
    return it == names.end() ? std::nullopt : std::optional(it->index);
}

// The name that was said among other words. Several: the one that holds the others ("Tel Aviv" beside "Aviv"), or none.
// The bool: names were found, but it can't be told which is meant.
std::pair<std::optional<qsizetype>, bool> nameInside(const QString &said, const QList<Candidate> &names)
{
    const Candidate *longest = nullptr;
    QList<const Candidate *> found;
    for (const Candidate &c : names) {
        if (isShort(c.plain) || !holdsSaid(said, c.plain))
            continue;
        found.append(&c);
        if (longest == nullptr || c.plain.size() > longest->plain.size())
            longest = &c;
    }
    if (longest == nullptr)
        return {std::nullopt, false};
    const bool clear = std::all_of(found.begin(), found.end(),
                                   [&](const Candidate *c) { return holds(longest->plain, c->plain); });
    return clear ? std::pair(std::optional(longest->index), false) : std::pair(std::optional<qsizetype>(), true);
}

// What was said is a part of exactly one name.
std::pair<std::optional<qsizetype>, bool> partOfName(const QString &said, const QList<Candidate> &names)
{
    if (isShort(said))
        return {std::nullopt, false};
    QList<qsizetype> found;
    for (const Candidate &c : names) {
        if (holds(c.plain, said))
            found.append(c.index);
    }
    if (found.size() == 1)
        return {found.front(), false};
    return {std::nullopt, !found.isEmpty()};
}

double nearness(const QString &said, const QString &name)
{
    double best = similarity(said, name);
    if (const QString bare = withoutPrefix(said); !bare.isEmpty())
        best = std::max(best, similarity(bare, name) * kWithPrefix);
    // A misspelt name among other words.
    const QStringList words = said.split(u' ');
    const qsizetype n = name.count(u' ') + 1;
    if (words.size() > n && words.size() <= kMaxWords) {
        for (qsizetype at = 0; at + n <= words.size(); ++at) {
            const QString window = words.sliced(at, n).join(u' ');
            best = std::max(best, similarity(window, name) * kNameInside);
            if (const QString bare = withoutPrefix(window); !bare.isEmpty())
                best = std::max(best, similarity(bare, name) * kNameInside * kWithPrefix);
        }
    }
    return best;
}

std::optional<Match> nearest(const QString &said, const QList<Candidate> &candidates, const QStringList &names)
{
    double best = 0;
    double second = 0;
    const Candidate *winner = nullptr;
    for (const Candidate &c : candidates) {
        if (isShort(c.plain) || isShort(said))
            continue;
        const double score = nearness(said, c.plain);
        if (score > best) {
            second = best;
            best = score;
            winner = &c;
        } else {
            second = std::max(second, score);
        }
    }
    if (winner == nullptr || best < kEnough || best - second < kAmbiguous)
        return std::nullopt;
    return Match{names.at(winner->index), best};
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
qsizetype editDistance(QStringView a, QStringView b)
{
    std::vector<qsizetype> before(size_t(b.size()) + 1);
    std::vector<qsizetype> last(before.size());
    std::vector<qsizetype> now(before.size());
    for (size_t j = 0; j < last.size(); ++j)
        last[j] = qsizetype(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const auto k = size_t(j);
            const bool same = a[i - 1] == b[j - 1];
            now[k] = std::min({last[k] + 1, now[k - 1] + 1, last[k - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[k] = std::min(now[k], before[k - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last.back();
}

double jaro(QStringView a, QStringView b)
{
    const qsizetype reach = std::max<qsizetype>(std::max(a.size(), b.size()) / 2 - 1, 0);
    std::vector<bool> used(size_t(b.size()), false);
    QList<QChar> inA;
    for (qsizetype i = 0; i < a.size(); ++i) {
        const qsizetype to = std::min(i + reach + 1, b.size());
        for (qsizetype j = std::max<qsizetype>(i - reach, 0); j < to; ++j) {
            if (used[size_t(j)] || a[i] != b[j])
                continue;
            used[size_t(j)] = true;
            inA.append(a[i]);
            break;
        }
    }
    if (inA.isEmpty())
        return 0;
    qsizetype swapped = 0;
    for (qsizetype j = 0, k = 0; j < b.size(); ++j) {
        if (used[size_t(j)] && inA.at(k++) != b[j])
            ++swapped;
    }
    const auto m = double(inA.size());
    return (m / double(a.size()) + m / double(b.size()) + (m - double(swapped) / 2) / m) / 3;
}

} // namespace

double similarity(QStringView a, QStringView b)
{
    if (a.isEmpty() || b.isEmpty())
        return a.size() == b.size() ? 1 : 0;
    const double edits = 1 - double(editDistance(a, b)) / double(std::max(a.size(), b.size()));
    // Jaro-Winkler: people get the end of a name wrong rather than its beginning. Alone it takes too many for the same.
    const double j = jaro(a, b);
    const qsizetype most = std::min<qsizetype>({4, a.size(), b.size()});
    qsizetype prefix = 0;
    while (prefix < most && a[prefix] == b[prefix])
        ++prefix;
    return (edits + j + double(prefix) * 0.1 * (1 - j)) / 2;
}

QString plainForm(const QString &text)
{
    QString plain;
    const QString decomposed = text.normalized(QString::NormalizationForm_KD);
    for (const QChar c : decomposed) {
        if (c.isMark() || isQuote(c) || c.category() == QChar::Other_Format)
            continue;
        if (const qsizetype final = kFinals.indexOf(c); final >= 0)
            plain += kOrdinary.at(final);
        else
            plain += c.isLetterOrNumber() || c.isSurrogate() ? c : u' ';
    }
    return plain.toCaseFolded().simplified();
}

std::optional<Match> bestMatch(const QString &said, const QStringList &names)
{
    const QString plain = plainForm(said.left(kMaxSaid));
    if (plain.isEmpty())
        return std::nullopt;
    QList<Candidate> candidates;
    for (qsizetype i = 0; i < names.size(); ++i) {
        const QString name = plainForm(names.at(i));
        // Twice in the list, spelt differently: the first is meant.
        if (!name.isEmpty() && !exact(name, candidates))
            candidates.append({i, name});
    }
    if (const auto index = exact(plain, candidates))
        return Match{names.at(*index), 1};
    if (const QString bare = withoutPrefix(plain); !bare.isEmpty()) {
        if (const auto index = exact(bare, candidates))
            return Match{names.at(*index), kWithPrefix};
    }
    const auto [inside, which] = nameInside(plain, candidates);
    if (inside || which)
        return inside ? std::optional(Match{names.at(*inside), kNameInside}) : std::nullopt;
    const auto [part, whichPart] = partOfName(plain, candidates);
    if (part || whichPart)
        return part ? std::optional(Match{names.at(*part), kPartOfName}) : std::nullopt;
    return nearest(plain, candidates, names);
}

} // namespace takt::jobs
