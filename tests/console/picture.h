// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of windows as small files: few colours, chosen from those that are there.
#pragma once

#include <QImage>
#include <QString>

[[nodiscard]] bool savePicture(const QImage &image, const QString &path);
