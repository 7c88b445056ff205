// SPDX-License-Identifier: GPL-3.0-or-later
// The pages' names, one under the other, each with a number that tells whether it is worth a look. GUI's thread.
#pragma once

#include <QList>
#include <QWidget>

class QButtonGroup;
class QLabel;
class QVBoxLayout;

namespace takt::console {

class Sidebar final : public QWidget
{
    Q_OBJECT
public:
    explicit Sidebar(QWidget *parent);

    void addPage(const QString &name);
    void setCount(int page, const QString &count);
    void setPagesEnabled(bool enabled);
    void setCurrent(int page);

Q_SIGNALS:
    void chosen(int page);

private:
    QButtonGroup *m_buttons;
    QVBoxLayout *m_layout;
    QList<QLabel *> m_counts;
};

} // namespace takt::console
