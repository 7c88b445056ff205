// SPDX-License-Identifier: GPL-3.0-or-later
// Finds text that does not fit where it stands. GUI's thread.
#pragma once

#include <QStringList>

class QWidget;

// Of all that is visible in the window: what each says that is cut off.
[[nodiscard]] QStringList clippedTexts(const QWidget &window);
