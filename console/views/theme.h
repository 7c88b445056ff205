// SPDX-License-Identifier: GPL-3.0-or-later
// Colours and spaces of the whole console, made from the system's palette: light where that is light, dark where it is
// dark. One accent; other colours only for state. GUI's thread.
#pragma once

#include "console/models/topicmodel.h"

#include <QColor>
#include <QPalette>
#include <QString>

class QFont;
class QLabel;
class QPlainTextEdit;
class QSplitter;
class QWidget;

namespace takt::console {

struct Theme {
    static constexpr int kSpace = 8; // everything is one, two or three of it apart

    bool dark = false;
    QColor window;
    QColor card;
    QColor text;
    QColor muted;
    QColor line;
    QColor accent;
    QColor good;
    QColor warning;
    QColor bad;

    [[nodiscard]] static Theme of(const QPalette &palette);
    [[nodiscard]] static Theme current();
    [[nodiscard]] QColor tone(Tone tone) const;
    // The colour of a tone, mixed with what it stands on.
    [[nodiscard]] QColor tint(Tone tone, double share) const;
    [[nodiscard]] QString styleSheet() const;
};

// Dark and light, for who does not want the system's.
[[nodiscard]] QPalette palette(bool dark);
// Dresses the application, now and whenever the system's palette changes.
void dress();

// Fonts of the interface by their use.
[[nodiscard]] QFont titleFont();
[[nodiscard]] QFont smallFont();
// Lines begin where the language begins them, also where a label says nothing but a number.
void alignToLanguage(QLabel *label);
void alignToLanguage(QPlainTextEdit *text);
// What is known, side by side, in the language's direction whatever the first fact is written in.
[[nodiscard]] QString sideBySide(QStringList facts);
// What stands side by side, with room between. From right to left Qt places it a pixel too far to the right, out of sight.
void spaceOut(QSplitter *splitter);
[[nodiscard]] QLabel *mutedLabel(const QString &text, QWidget *parent);

} // namespace takt::console
