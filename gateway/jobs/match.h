// SPDX-License-Identifier: GPL-3.0-or-later
// Which of a list's names was meant, however it was said, written or misheard. Pure; any thread.
//
// Own code: of the string similarity libraries, Debian 12 has only libfstrcmp, whose author is gone, and which knows
// neither transpositions nor anything beyond bytes and wchar_t.
#pragma once

#include <QString>
#include <QStringList>

#include <optional>

namespace takt::jobs {

struct Match {
    QString name;     // as in the list
    double score = 0; // 1: the same but for spelling
};

// None when nothing is near enough, or two are equally near.
[[nodiscard]] std::optional<Match> bestMatch(const QString &said, const QStringList &names);

// Lower case, without diacritics, niqqud and punctuation, final letters of Hebrew as others; words with a space between.
[[nodiscard]] QString plainForm(const QString &text);
// 0 to 1.
[[nodiscard]] double similarity(QStringView a, QStringView b);

} // namespace takt::jobs
