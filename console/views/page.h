// SPDX-License-Identifier: GPL-3.0-or-later
// What the window asks of each of its pages. GUI's thread.
#pragma once

#include <QWidget>

namespace takt::console {

class Page : public QWidget
{
    Q_OBJECT
public:
    using QWidget::QWidget;

    // For Ctrl+F; nothing where nothing is typed.
    virtual void focusFilter() {}
    // Of what is chosen on the page; nothing where that can't be done.
    virtual void copyIds() {}
    virtual void rememberLayout() const {}
};

} // namespace takt::console
