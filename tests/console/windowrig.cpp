// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/windowrig.h"

#include "console/language.h"
#include "console/samples.h"
#include "console/views/page.h"
#include "console/views/theme.h"

#include <QApplication>
#include <QDateTime>
#include <QSettings>
#include <QTableView>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::console;

WindowRig::WindowRig(const QLocale &locale, bool dark)
    : path(dir.filePath(u"takt.sock"_s))
    , nowMs(QDateTime::currentMSecsSinceEpoch())
{
    QCoreApplication::setOrganizationName(u"takt"_s);
    QCoreApplication::setApplicationName(u"takt-console-test"_s);
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, dir.path());
    QApplication::setStyle(u"Fusion"_s);
    speak(locale);
    QApplication::setPalette(palette(dark));
    static const bool s_dressed = (dress(), true);
    Q_UNUSED(s_dressed)
    samples::publishAll(gateway, nowMs, locale.language() == QLocale::Hebrew);
    (void)gateway.listen(path);
    window = std::make_unique<MainWindow>(QList<KnownGateway>{{u"Main street"_s, path}}, MainWindow::Memory::Settings);
    window->show();
    (void)QTest::qWaitFor([this] {
        const auto *calls = find<QTableView>(u"liveCalls");
        const auto *jobs = find<QTableView>(u"jobs");
        return calls->model()->rowCount() == 14 && jobs->model()->rowCount() > 0;
    });
}

WindowRig::~WindowRig()
{
    window.reset();
}

QWidget *WindowRig::page() const
{
    return window->desk().page();
}

void WindowRig::selectRow(const char16_t *table, int row) const
{
    auto *view = find<QTableView>(table);
    view->setCurrentIndex(view->model()->index(row, 0));
}
