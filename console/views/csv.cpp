// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/csv.h"

#include <QAbstractItemModel>
#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QMessageBox>
#include <QSaveFile>
#include <QStandardPaths>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Csv {
    Q_DECLARE_TR_FUNCTIONS(Csv)
};

QString cell(QString text)
{
    text.remove(QChar(0x200e));
    // A caller names himself: what begins so would be run by the spreadsheet.
    static const QString s_formula = u"=+-@\t\r"_s;
    if (!text.isEmpty() && s_formula.contains(text[0]))
        text.prepend(u'\'');
    if (text.contains(u'"') || text.contains(u',') || text.contains(u'\n'))
        return u'"' + text.replace(u'"', u"\"\""_s) + u'"';
    return text;
}

} // namespace

QByteArray toCsv(const QAbstractItemModel &model)
{
    QString csv;
    for (int row = -1; row < model.rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < model.columnCount(); ++column)
            cells << cell(row < 0 ? model.headerData(column, Qt::Horizontal).toString()
                                  : model.index(row, column).data().toString());
        csv += cells.join(u',') + u"\r\n"_s;
    }
    return "\xEF\xBB\xBF" + csv.toUtf8();
}

void exportCsv(const QAbstractItemModel &model, const QString &name, QWidget *parent)
{
    const QDir folder(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    const QString path = QFileDialog::getSaveFileName(parent, Csv::tr("Export"), folder.filePath(name),
                                                      Csv::tr("Tables (*.csv)"));
    if (path.isEmpty())
        return;
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(toCsv(model)) < 0 || !file.commit())
        QMessageBox::warning(parent, Csv::tr("Export"),
                             Csv::tr("The file was not written: %1").arg(file.errorString()));
}

} // namespace takt::console
