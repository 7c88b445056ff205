// SPDX-License-Identifier: GPL-3.0-or-later
// The console's window before a gateway that is played, with settings of its own. GUI's thread.
#pragma once

#include "console/fakegateway.h"
#include "console/views/desk.h"
#include "console/views/mainwindow.h"

#include <QLocale>
#include <QTemporaryDir>

#include <memory>

class WindowRig
{
public:
    // A busy gateway, connected and shown.
    explicit WindowRig(const QLocale &locale, bool dark = false);
    ~WindowRig();

    template <typename T>
    [[nodiscard]] T *find(const char16_t *name) const
    {
        return window->desk().findChild<T *>(QString::fromUtf16(name));
    }
    [[nodiscard]] takt::console::GatewayClient &client() const { return window->desk().client(); }
    [[nodiscard]] QWidget *page() const; // the one that is shown
    void selectRow(const char16_t *table, int row) const;

    QTemporaryDir dir;
    QString path;
    FakeGateway gateway;
    std::unique_ptr<takt::console::MainWindow> window;
    qint64 nowMs;
};
