// SPDX-License-Identifier: GPL-3.0-or-later
// Several gateways in one window: each keeps its own, and says how it is, whichever is looked at.
#include "console/models/livecallsmodel.h"
#include "console/samples.h"
#include "console/views/gatewaydialog.h"
#include "console/views/switcher.h"
#include "console/windowrig.h"

#include <QDialogButtonBox>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::console;

class TestConsoleGateways : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<QLocale>("locale");
        QTest::newRow("English") << QLocale(QLocale::English);
        QTest::newRow("Hebrew") << QLocale(QLocale::Hebrew);
    }
    // Two gateways: one with 14 calls, one with 3.
    void init()
    {
        QFETCH_GLOBAL(QLocale, locale);
        m_rig = std::make_unique<WindowRig>(locale);
        m_second = std::make_unique<FakeGateway>();
        m_path = m_rig->dir.filePath(u"second.sock"_s);
        samples::publishAll(*m_second, m_rig->nowMs, false);
        m_second->publish(u"calls"_s, samples::calls(3, m_rig->nowMs));
        QCOMPARE(m_second->listen(m_path), QString());
        m_rig->window->addGateway({u"Airport"_s, m_path});
        QVERIFY(QTest::qWaitForWindowExposed(m_rig->window.get()));
        QTRY_COMPARE(m_second->clients(), 1);
    }
    void cleanup()
    {
        m_rig.reset();
        m_second.reset();
    }

    void eachKeepsItsOwn()
    {
        m_rig->page()->findChild<QLineEdit *>()->setText(u"bike"_s);
        m_rig->selectRow(u"liveCalls", 1);
        const QString sid = key();
        QTest::keyClick(m_rig->window.get(), Qt::Key_2, Qt::AltModifier);
        QTRY_COMPARE(calls()->model()->rowCount(), 3);
        QVERIFY(key().isEmpty());
        QTest::keyClick(m_rig->window.get(), Qt::Key_1, Qt::AltModifier);
        QCOMPARE(calls()->model()->rowCount(), 5);
        QCOMPARE(key(), sid);
    }

    void anOrderReachesTheGatewayThatIsShown()
    {
        QTest::mouseClick(buttons()[1], Qt::LeftButton);
        QTRY_COMPARE(calls()->model()->rowCount(), 3);
        m_rig->selectRow(u"liveCalls", 0);
        auto *hangUp = m_rig->find<QPushButton>(u"hangUp");
        QTest::mouseClick(hangUp, Qt::LeftButton);
        QTest::mouseClick(hangUp, Qt::LeftButton);
        QTRY_VERIFY(m_second->orders().contains(u"hangup"_s));
        QVERIFY(!m_rig->gateway.orders().contains(u"hangup"_s));
    }

    void eachSaysHowItIs()
    {
        QCOMPARE(buttons()[0]->accessibleName(), u"Main street"_s);
        const QString fine = state(0);
        QTRY_COMPARE(state(1), fine);
        m_second->publish(u"tx"_s, samples::beat(m_rig->nowMs, 2)); // it stalls, while the other one is looked at
        QTRY_VERIFY(state(1) != fine);
        m_second->vanish();
        QTRY_COMPARE(state(1), Desk::tr("Reconnecting"));
        m_second->hello = R"({"type":"hello","protocol":7,"gateway":"7.0","features":["subscribe"]})";
        QCOMPARE(m_second->listen(m_path), QString());
        QTRY_COMPARE(state(1), Desk::tr("Other version"));
        QCOMPARE(state(0), fine);
    }

    void aPageIsTheSameOfEach()
    {
        m_rig->window->showPage(1);
        m_rig->window->showGateway(1);
        QCOMPARE(QString::fromLatin1(m_rig->page()->metaObject()->className()), u"takt::console::TxPage"_s);
    }

    void theyAreRemembered()
    {
        QCOMPARE(rememberedGateways(), (QList<KnownGateway>{{u"Main street"_s, m_rig->path}, {u"Airport"_s, m_path}}));
        MainWindow other({{{}, u"/nowhere/takt.sock"_s}}, MainWindow::Memory::None);
        QCOMPARE(rememberedGateways().size(), 2);
    }

    void oneIsAddedAndForgotten()
    {
        const QString third = m_rig->dir.filePath(u"third.sock"_s);
        inDialog<GatewayDialog>([&](GatewayDialog *dialog) {
            auto *socket = dialog->findChild<QLineEdit *>(u"socket"_s);
            auto *ok = dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
            QVERIFY(!ok->isEnabled());
            socket->setText(m_path);
            QVERIFY(!ok->isEnabled()); // it is there already
            socket->setText(third);
            QTest::keyClicks(dialog->findChild<QLineEdit *>(u"name"_s), u"Harbour"_s);
            QTest::mouseClick(ok, Qt::LeftButton);
        });
        QTest::keyClick(m_rig->window.get(), Qt::Key_N, Qt::ControlModifier);
        QTRY_COMPARE(m_rig->window->gateways(), 3);
        QCOMPARE(rememberedGateways().back(), (KnownGateway{u"Harbour"_s, third}));
        QCOMPARE(m_rig->client().path(), third); // it is the one that is shown
        QTRY_COMPARE(state(2), Desk::tr("Not there"));

        inDialog<QMessageBox>([](QMessageBox *box) { QTest::keyClick(box, Qt::Key_Escape); });
        forget()->trigger();
        QCOMPARE(m_rig->window->gateways(), 3);
        inDialog<QMessageBox>(
            [](QMessageBox *box) { QTest::mouseClick(box->button(QMessageBox::Yes), Qt::LeftButton); });
        forget()->trigger();
        QCOMPARE(m_rig->window->gateways(), 2);
        QCOMPARE(rememberedGateways().size(), 2);
        QCOMPARE(buttons().size(), 2);
    }

    // Who starts the console for the first time is asked where his gateway is, and what to call it.
    void theFirstRun()
    {
        QSettings().remove(u"gateways"_s);
        MainWindow window({{{}, u"/nowhere/takt.sock"_s}}, MainWindow::Memory::Settings);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        auto *path = window.findChild<QLineEdit *>(u"gatewaySocket"_s);
        QVERIFY(path->isVisible());
        QCOMPARE(path->text(), u"/nowhere/takt.sock"_s);
        path->selectAll();
        QTest::keyClicks(path, m_path);
        QTest::keyClicks(window.findChild<QLineEdit *>(u"gatewayName"_s), u"Mine"_s);
        QTest::mouseClick(window.findChild<QPushButton *>(u"connect"_s), Qt::LeftButton);
        QTRY_COMPARE(window.desk().client().state(), GatewayClient::State::Connected);
        QVERIFY(!path->isVisible());
        QCOMPARE(rememberedGateways(), (QList<KnownGateway>{{u"Mine"_s, m_path}}));
    }

private:
    QTableView *calls() const { return m_rig->find<QTableView>(u"liveCalls"); }
    QString key() const { return calls()->currentIndex().data(TopicModel::kKeyRole).toString(); }
    QList<QPushButton *> buttons() const
    {
        return m_rig->window->findChild<Switcher *>()->findChildren<QPushButton *>();
    }
    QString state(int gateway) const { return buttons()[gateway]->accessibleDescription(); }
    QAction *forget() const { return m_rig->window->findChild<QAction *>(u"forget"_s); }
    // Once the next dialog of that kind is open.
    template <typename Dialog, typename Act>
    void inDialog(const Act &act)
    {
        auto *wait = new QTimer(this);
        connect(wait, &QTimer::timeout, this, [wait, act] {
            if (auto *dialog = qobject_cast<Dialog *>(QApplication::activeModalWidget())) {
                wait->deleteLater();
                wait->stop();
                act(dialog);
            }
        });
        wait->start(20);
    }

    std::unique_ptr<WindowRig> m_rig;
    std::unique_ptr<FakeGateway> m_second;
    QString m_path;
};

QTEST_MAIN(TestConsoleGateways)
#include "tst_consolegateways.moc"
