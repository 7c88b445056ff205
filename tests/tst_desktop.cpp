// SPDX-License-Identifier: GPL-3.0-or-later
// All of it for real: fifty simulated people talk through the real gateway, and the console shows them on an X server. Once as
// a window of this process, which can be asked what it shows, and once as the program, by the pixels on the screen.
#include "console/clipped.h"
#include "console/language.h"
#include "console/models/livecallsmodel.h"
#include "console/screen.h"
#include "console/views/desk.h"
#include "console/views/mainwindow.h"
#include "console/views/theme.h"
#include "console/views/txpage.h"

#include <QApplication>
#include <QDir>
#include <QHeaderView>
#include <QHostAddress>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QTableView>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::console;

namespace {

constexpr int kCalls = 50;
constexpr int kPatienceMs = 40'000; // of a busy machine
constexpr int kSkipped = 77;

quint16 freePort()
{
    QTcpServer any;
    return any.listen(QHostAddress::LocalHost) ? any.serverPort() : quint16(0);
}

// How many dots of this colour stand one above the other.
int dots(const QImage &image, const QColor &colour)
{
    QMap<int, int> byColumn; // of their middle: how many
    const QRgb wanted = colour.rgb();
    for (int x = 0; x < image.width(); ++x) {
        int height = 0;
        for (int y = 0; y <= image.height(); ++y) {
            if (y < image.height() && image.pixel(x, y) == wanted) {
                ++height;
                continue;
            }
            if (height >= 6 && height <= 9)
                ++byColumn[x];
            height = 0;
        }
    }
    return byColumn.isEmpty() ? 0 : *std::max_element(byColumn.cbegin(), byColumn.cend());
}

} // namespace

class TestDesktop : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QCOMPARE(QGuiApplication::platformName(), u"xcb"_s);
        startGateway();
        startCalls();
        QCoreApplication::setOrganizationName(u"takt"_s);
        QCoreApplication::setApplicationName(u"takt-desktop-test"_s);
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_dir.path());
        QApplication::setPalette(palette(false));
        QApplication::setStyle(u"Fusion"_s);
        speak(QLocale(QLocale::English));
        dress();
        open();
    }
    void cleanupTestCase()
    {
        m_window.reset();
        for (Child *process : {&m_calls, &m_gateway}) {
            process->terminate();
            if (!process->waitForFinished(10'000))
                process->kill();
            process->waitForFinished();
        }
    }

    void fiftyCallsAreShown()
    {
        QTRY_COMPARE_WITH_TIMEOUT(calls()->model()->rowCount(), kCalls, kPatienceMs);
        // The same that the gateway says by another way.
        QSet<QString> shown;
        for (int row = 0; row < kCalls; ++row)
            shown << calls()->model()->index(row, 0).data(TopicModel::kKeyRole).toString();
        QCOMPARE(shown, callsByCtl());
        const auto talking = [this] {
            int n = 0;
            for (int row = 0; row < calls()->model()->rowCount(); ++row)
                n += calls()->model()->index(row, LiveCallsModel::Speaking).data().toString().isEmpty() ? 0 : 1;
            return n;
        };
        QTRY_VERIFY_WITH_TIMEOUT(talking() >= 10, kPatienceMs);
        QVERIFY(m_window->desk().verdict().title != Desk::tr("Reconnecting"));
        QCOMPARE(clippedTexts(*m_window).join(u", "_s), QString());
    }

    void oneIsFoundAndFollowed()
    {
        const QString sid = calls()->model()->index(20, 0).data(TopicModel::kKeyRole).toString();
        auto *filter = m_window->desk().page()->findChild<QLineEdit *>();
        QTest::mouseClick(filter, Qt::LeftButton);
        QTest::keyClicks(filter, sid);
        QTRY_COMPARE(calls()->model()->rowCount(), 1);
        const QRect row = calls()->visualRect(calls()->model()->index(0, 0));
        QTest::mouseClick(calls()->viewport(), Qt::LeftButton, {}, row.center());
        auto *conversation = m_window->desk().findChild<QAbstractItemView *>(u"conversation"_s);
        QTRY_VERIFY_WITH_TIMEOUT(conversation->model()->rowCount() > 0, kPatienceMs);
        QVERIFY(!conversation->model()->index(0, 0).data().toString().isEmpty());
    }

    void itIsHungUp()
    {
        const QString sid = calls()->currentIndex().data(TopicModel::kKeyRole).toString();
        QVERIFY(callsByCtl().contains(sid));
        auto *hangUp = m_window->desk().findChild<QPushButton *>(u"hangUp"_s);
        QTest::mouseClick(hangUp, Qt::LeftButton);
        QTest::mouseClick(hangUp, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(calls()->model()->rowCount(), 0, kPatienceMs);
        QVERIFY(!callsByCtl().contains(sid));
        m_window->desk().page()->findChild<QLineEdit *>()->clear();
        QTRY_VERIFY(calls()->model()->rowCount() >= kCalls - 1);
        m_window->showPage(3); // the past
        auto *history = m_window->desk().findChild<QTableView *>(u"history"_s);
        const auto isThere = [&] {
            return !history->model()->match(history->model()->index(0, 0), TopicModel::kKeyRole, sid).isEmpty();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isThere(), kPatienceMs);
    }

    void theBeatIsShown()
    {
        m_window->showPage(1);
        const auto frames = [this] {
            const auto labels = m_window->desk().page()->findChildren<QLabel *>();
            for (const QLabel *label : labels) {
                if (label->accessibleName() == TxPage::tr("Frames a second"))
                    return QLocale().toInt(label->text());
            }
            return 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(frames() > 100, kPatienceMs); // two of fifty speak, at least
        m_window->showPage(2);
        auto *jobs = m_window->desk().findChild<QTableView *>(u"jobs"_s);
        QTRY_VERIFY_WITH_TIMEOUT(jobs->model()->rowCount() >= 7, kPatienceMs);
    }

    void theLayoutIsRemembered()
    {
        m_window->showPage(0);
        auto *header = calls()->horizontalHeader();
        header->moveSection(header->visualIndex(LiveCallsModel::Latency), 0);
        header->resizeSection(LiveCallsModel::Caller, 203);
        header->hideSection(LiveCallsModel::Backlog);
        calls()->sortByColumn(LiveCallsModel::Caller, Qt::AscendingOrder);
        m_window->resize(1270, 777);
        QTRY_COMPARE(m_window->size(), QSize(1270, 777));
        m_window->desk().page()->findChild<QSplitter *>()->setSizes({500, 500});
        const QList<int> halves = m_window->desk().page()->findChild<QSplitter *>()->sizes();
        m_window->close();
        open();
        QTRY_COMPARE(m_window->size(), QSize(1270, 777));
        QCOMPARE(calls()->horizontalHeader()->visualIndex(LiveCallsModel::Latency), 0);
        QCOMPARE(calls()->columnWidth(LiveCallsModel::Caller), 203);
        QVERIFY(calls()->isColumnHidden(LiveCallsModel::Backlog));
        QCOMPARE(calls()->horizontalHeader()->sortIndicatorSection(), int(LiveCallsModel::Caller));
        QTRY_COMPARE(m_window->desk().page()->findChild<QSplitter *>()->sizes(), halves);
    }

    void theProgramShowsThem_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("dark");
        QTest::newRow("English") << u"en"_s << false;
        QTest::newRow("Hebrew, dark") << u"he"_s << true;
    }
    void theProgramShowsThem()
    {
        QFETCH(QString, language);
        QFETCH(bool, dark);
        m_window->hide();
        Child program;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"XDG_CONFIG_HOME"_s, m_dir.path());
        program.setProcessEnvironment(environment);
        program.setProcessChannelMode(QProcess::ForwardedChannels);
        program.start(QStringLiteral(TAKT_CONSOLE), {u"--socket"_s, m_socket, u"--language"_s, language, u"--theme"_s,
                                                     dark ? u"dark"_s : u"light"_s});
        // Each call that talks has a dot before its state, one above the other; what fits on the screen is a part of them.
        const QColor talking = Theme::of(palette(dark)).good;
        QImage seen;
        const auto look = [&] {
            seen = QGuiApplication::primaryScreen()->grabWindow(0).toImage();
            return dots(seen, talking);
        };
        const bool shown = QTest::qWaitFor([&] { return look() >= 8; }, kPatienceMs);
        if (const QString folder = qEnvironmentVariable("TAKT_PICTURES"); !folder.isEmpty())
            seen.save(u"%1/screen-%2.png"_s.arg(folder, language));
        QVERIFY2(shown, qPrintable(QString::number(look())));
        QCOMPARE(program.state(), QProcess::Running);
        program.terminate();
        QVERIFY(program.waitForFinished());
        QTRY_COMPARE(look(), 0); // they were its, indeed
        m_window->show();
    }

    void itDrainsWithACountdown()
    {
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTimer sure;
        connect(&sure, &QTimer::timeout, this, [&sure] {
            if (auto *box = qobject_cast<QMessageBox *>(QApplication::activeModalWidget())) {
                sure.stop();
                QTest::mouseClick(box->button(QMessageBox::Yes), Qt::LeftButton);
            }
        });
        sure.start(20);
        const auto actions = m_window->findChildren<QAction *>();
        const auto drain = std::find_if(actions.begin(), actions.end(), [](const QAction *action) {
            return action->shortcut() == QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D);
        });
        (*drain)->trigger();
        const auto detail = [this] { return m_window->desk().verdict().detail; };
        QTRY_VERIFY_WITH_TIMEOUT(detail().contains(u"0:0"_s), kPatienceMs);
        const QString before = detail();
        QTRY_VERIFY(detail() != before); // it counts down
        QTRY_COMPARE_WITH_TIMEOUT(m_window->desk().verdict().title, Desk::tr("Reconnecting"), kPatienceMs);
        QTRY_COMPARE_WITH_TIMEOUT(m_gateway.state(), QProcess::NotRunning, kPatienceMs);
    }

private:
    QTableView *calls() const { return m_window->desk().findChild<QTableView *>(u"liveCalls"_s); }

    void open()
    {
        m_window = std::make_unique<MainWindow>(QList<KnownGateway>{{u"Real"_s, m_socket}}, MainWindow::Memory::None);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_window->activateWindow();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->desk().isOpen(), kPatienceMs);
    }
    void startGateway()
    {
        m_media = freePort();
        m_model = freePort();
        m_socket = m_dir.filePath(u"takt.sock"_s);
        QProcessEnvironment environment;
        const QProcessEnvironment ours = QProcessEnvironment::systemEnvironment();
        for (const QString &name : ours.keys()) {
            if (!name.startsWith("TAKT_"_L1) && !name.startsWith("TWILIO_"_L1))
                environment.insert(name, ours.value(name));
        }
        environment.insert(u"TAKT_LISTEN"_s, u"127.0.0.1:%1"_s.arg(m_media));
        environment.insert(u"TAKT_ADMIN_LISTEN"_s, u"127.0.0.1:0"_s);
        environment.insert(u"TAKT_DATA_DIR"_s, m_dir.path());
        environment.insert(u"TAKT_CONTROL_SOCKET"_s, m_socket);
        environment.insert(u"TAKT_SPEECH_URL"_s, u"ws://127.0.0.1:%1/v1/realtime"_s.arg(m_model));
        environment.insert(u"OPENAI_API_KEY"_s, u"sk-test"_s);
        environment.insert(u"TAKT_DRAIN_SECONDS"_s, u"6"_s);
        environment.insert(u"TAKT_ADMISSION_MAX_LATE_MS"_s, u"0"_s); // a busy host is no matter of this test
        m_gateway.setProcessEnvironment(environment);
        m_gateway.setStandardErrorFile(m_dir.filePath(u"gateway.log"_s));
        m_gateway.start(QStringLiteral(TAKT_GATEWAY), {u"--insecure"_s});
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(m_socket), kPatienceMs);
    }
    void startCalls()
    {
        m_calls.setStandardOutputFile(QProcess::nullDevice());
        m_calls.setStandardErrorFile(m_dir.filePath(u"sim.log"_s));
        m_calls.start(QStringLiteral(TAKT_SIM), {u"--gateway"_s, u"ws://127.0.0.1:%1/media"_s.arg(m_media),
                                                 u"--model-port"_s, QString::number(m_model), u"--calls"_s,
                                                 QString::number(kCalls), u"--seconds"_s, u"600"_s, u"--no-limits"_s});
        QVERIFY(m_calls.waitForStarted());
    }
    // What an operator reads who has no desktop.
    QSet<QString> callsByCtl()
    {
        Child ctl;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"TAKT_CONTROL_SOCKET"_s, m_socket);
        ctl.setProcessEnvironment(environment);
        ctl.start(QStringLiteral(TAKT_GATEWAY), {u"ctl"_s, u"calls"_s, u"--json"_s});
        ctl.waitForFinished(kPatienceMs);
        QSet<QString> sids;
        const QJsonArray list = QJsonDocument::fromJson(ctl.readAllStandardOutput())["calls"_L1].toArray();
        for (const QJsonValue &call : list)
            sids << call["call_sid"_L1].toString();
        return sids;
    }

    QTemporaryDir m_dir;
    QString m_socket;
    quint16 m_media = 0;
    quint16 m_model = 0;
    Child m_gateway;
    Child m_calls;
    std::unique_ptr<MainWindow> m_window;
};

int main(int argc, char **argv)
{
    Screen screen;
    if (!screen.start("1500x1000x24")) {
        qWarning("there is no Xvfb: skipped");
        return kSkipped;
    }
    QApplication app(argc, argv);
    TestDesktop test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_desktop.moc"
