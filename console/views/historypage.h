// SPDX-License-Identifier: GPL-3.0-or-later
// Past calls: found, read, exported. GUI's thread.
#pragma once

#include "console/models/historymodel.h"
#include "console/views/page.h"

#include <QSortFilterProxyModel>
#include <QTimer>

class QLabel;
class QLineEdit;
class QSplitter;

namespace takt::console {

class RecordPane;
class Table;

class HistoryPage final : public Page
{
    Q_OBJECT
public:
    HistoryPage(GatewayClient &client, QWidget *parent);

    void focusFilter() override;
    void copyIds() override;
    void rememberLayout() const override;
    void setDataDir(const QString &path);

private:
    void showEvent(QShowEvent *event) override;
    void search();
    void exportRows();
    void count();

    GatewayClient &m_client;
    HistoryModel m_model;
    QSortFilterProxyModel m_rows;
    QLineEdit *m_text;
    QLabel *m_count;
    Table *m_table;
    RecordPane *m_pane;
    QSplitter *m_splitter;
    QTimer m_typing;
};

} // namespace takt::console
