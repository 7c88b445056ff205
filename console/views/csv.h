// SPDX-License-Identifier: GPL-3.0-or-later
// Rows as a file that spreadsheets read. GUI's thread.
#pragma once

#include <QByteArray>
#include <QString>

class QAbstractItemModel;
class QWidget;

namespace takt::console {

// With the titles above; UTF-8 with the mark that spreadsheets know it by. Nothing in it is taken for a formula.
[[nodiscard]] QByteArray toCsv(const QAbstractItemModel &model);
// Asks where to, and says so if it fails.
void exportCsv(const QAbstractItemModel &model, const QString &name, QWidget *parent);

} // namespace takt::console
