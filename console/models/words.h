// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol's names in the operator's language, and numbers as he reads them. What is unknown is shown as it came: a
// newer gateway has newer names. Lives in the GUI's thread.
#pragma once

#include "shared/usage.h"

#include <QCoreApplication>
#include <QString>

namespace takt::console {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(Words)
public:
    [[nodiscard]] static QString callState(const QString &name);
    [[nodiscard]] static QString direction(const QString &name);
    [[nodiscard]] static QString speaker(const QString &name);
    [[nodiscard]] static QString endReason(const QString &name);
    [[nodiscard]] static QString event(const QString &what, const QString &detail);
    [[nodiscard]] static QString stage(const QString &name);
    [[nodiscard]] static QString jobState(const QString &name);
    [[nodiscard]] static QString outcome(const QString &name);
    [[nodiscard]] static QString waiting(const QString &reason);
    [[nodiscard]] static QString stallCause(const QString &name);
    [[nodiscard]] static QString flightReason(const QString &name);
    // What happened, in a flight record.
    [[nodiscard]] static QString flight(const QString &what);

    [[nodiscard]] static QString number(qint64 n);
    [[nodiscard]] static QString milliseconds(qint64 ms);
    // Of microseconds: "0.4 ms".
    [[nodiscard]] static QString lateness(qint64 us);
    // "0.012 USD"; where no price is known the tokens, and nothing of nothing.
    [[nodiscard]] static QString cost(const std::optional<Cost> &cost, qint64 tokens);
    // As a clock counts: 0:07, 12:34, 1:02:03.
    [[nodiscard]] static QString clock(qint64 ms);
    // About: "5 s", "3 min", "2 h", "4 d".
    [[nodiscard]] static QString span(qint64 ms);
    [[nodiscard]] static QString time(qint64 atMs);
    [[nodiscard]] static QString dateAndTime(qint64 atMs);
    // What must not be turned round among Hebrew words: numbers of telephones, names of files and calls.
    [[nodiscard]] static QString leftToRight(const QString &text);
    [[nodiscard]] static QString caller(const QString &number);

private:
    [[nodiscard]] static QString order(const QString &what, const QString &detail);
};

} // namespace takt::console
