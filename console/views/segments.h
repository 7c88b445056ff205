// SPDX-License-Identifier: GPL-3.0-or-later
// A few choices side by side, one of them chosen. GUI's thread.
#pragma once

#include <QStringList>
#include <QWidget>

class QButtonGroup;

namespace takt::console {

class Segments final : public QWidget
{
    Q_OBJECT
public:
    Segments(const QStringList &names, QWidget *parent);

    void setName(int segment, const QString &name);
    void choose(int segment);
    [[nodiscard]] int current() const;

Q_SIGNALS:
    void chosen(int segment);

private:
    QButtonGroup *m_buttons;
};

} // namespace takt::console
