// SPDX-License-Identifier: GPL-3.0-or-later
// The titles over a table's columns, with the order's arrow beside a title and not over it. GUI's thread.
#pragma once

#include <QHeaderView>

namespace takt::console {

class Header final : public QHeaderView
{
    Q_OBJECT
public:
    explicit Header(QWidget *parent);

    // How wide a column must be for its title to be read, also when the table is sorted by it.
    [[nodiscard]] int widthOfTitle(int section) const;

protected:
    void paintSection(QPainter *painter, const QRect &rect, int section) const override;
    [[nodiscard]] QSize sizeHint() const override;

private:
    [[nodiscard]] QString title(int section) const;
};

} // namespace takt::console
