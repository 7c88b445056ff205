// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/language.h"
#include "console/views/herald.h"
#include "console/views/mainwindow.h"
#include "console/views/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QStandardPaths>

using namespace Qt::Literals::StringLiterals;
using namespace takt::console;

namespace {

// Where a gateway of this user opens its socket, unless it is told otherwise.
QString usualSocket()
{
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    return (runtime.isEmpty() ? QDir::tempPath() : runtime) + u"/takt.sock"_s;
}

// Answered without a display: a QApplication that finds none aborts.
bool asksForText(int argc, char *argv[])
{
    QStringList words;
    for (int i = 1; i < argc; ++i)
        words << QString::fromLocal8Bit(argv[i]);
    for (const QString &asks : {u"-h"_s, u"--help"_s, u"--help-all"_s, u"-v"_s, u"--version"_s}) {
        if (words.contains(asks))
            return true;
    }
    return false;
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication::setApplicationName(u"takt-console"_s);
    QCoreApplication::setOrganizationName(u"takt"_s);
    QCoreApplication::setApplicationVersion(QString::fromLatin1(TAKT_VERSION));

    QCommandLineParser parser;
    parser.setApplicationDescription(u"Watches and steers a takt-gateway."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption socket(
        u"socket"_s, u"A gateway's control socket, this time alone; may come several times."_s, u"PATH"_s);
    const QCommandLineOption language(u"language"_s, u"en or he; otherwise the system's."_s, u"CODE"_s);
    const QCommandLineOption theme(u"theme"_s, u"light or dark; otherwise the system's."_s, u"NAME"_s);
    parser.addOptions({socket, language, theme});
    if (asksForText(argc, argv)) {
        const QCoreApplication app(argc, argv);
        parser.process(app); // and that is all
    }
    QApplication app(argc, argv);
    QApplication::setStyle(u"Fusion"_s);
    parser.process(app);

    speak(parser.isSet(language) ? QLocale(parser.value(language)) : QLocale::system());
    if (parser.isSet(theme))
        QApplication::setPalette(palette(parser.value(theme) == "dark"_L1));
    dress();

    QStringList sockets = parser.values(socket);
    if (const QString named = qEnvironmentVariable("TAKT_CONTROL_SOCKET"); sockets.isEmpty() && !named.isEmpty())
        sockets << named;
    QList<KnownGateway> gateways = sockets.isEmpty() ? rememberedGateways() : QList<KnownGateway>();
    for (const QString &path : std::as_const(sockets))
        gateways.append({{}, path});
    if (gateways.isEmpty())
        gateways.append({{}, usualSocket()});
    MainWindow window(gateways, sockets.isEmpty() ? MainWindow::Memory::Settings : MainWindow::Memory::None);
    Herald herald(&window);
    QObject::connect(&window, &MainWindow::notification, &herald, &Herald::notify);
    QObject::connect(&window, &MainWindow::sound, &herald, &Herald::sound);
    window.show();
    return QApplication::exec();
}
