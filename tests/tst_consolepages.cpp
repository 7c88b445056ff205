// SPDX-License-Identifier: GPL-3.0-or-later
// Every page in both languages, by day and by night: nothing is cut off. With TAKT_PICTURES=FOLDER each is kept as a PNG.
#include "console/clipped.h"
#include "console/picture.h"
#include "console/samples.h"
#include "console/views/emptystate.h"
#include "console/views/segments.h"
#include "console/views/table.h"
#include "console/windowrig.h"

#include <QDialog>
#include <QDir>
#include <QLabel>
#include <QTableView>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::console;

class TestConsolePages : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingIsCutOff_data()
    {
        QTest::addColumn<QLocale>("locale");
        QTest::addColumn<bool>("dark");
        QTest::newRow("english") << QLocale(QLocale::English) << false;
        QTest::newRow("english-dark") << QLocale(QLocale::English) << true;
        QTest::newRow("hebrew") << QLocale(QLocale::Hebrew) << false;
        QTest::newRow("hebrew-dark") << QLocale(QLocale::Hebrew) << true;
    }
    void nothingIsCutOff()
    {
        QFETCH(QLocale, locale);
        QFETCH(bool, dark);
        WindowRig rig(locale, dark);
        QVERIFY(QTest::qWaitForWindowExposed(rig.window.get()));
        auto *calls = rig.find<QTableView>(u"liveCalls");
        const QString sid = samples::call(0, rig.nowMs).callSid;
        for (int row = 0; row < calls->model()->rowCount(); ++row) {
            if (calls->model()->index(row, 0).data(TopicModel::kKeyRole) == sid)
                rig.selectRow(u"liveCalls", row);
        }
        rig.selectRow(u"jobs", 4);
        QTest::qWait(1300); // a second of the clocks, and the answers
        static const QStringList s_names{u"calls"_s, u"tx"_s, u"jobs"_s, u"history"_s, u"leads"_s};
        for (int page = 0; page < rig.window->pages(); ++page) {
            rig.window->showPage(page);
            QTest::qWait(200);
            if (const auto *table = rig.page()->findChild<QTableView *>();
                page >= 3 && table->model()->rowCount() > 0) {
                rig.selectRow(page == 3 ? u"history" : u"leads", 0);
                QTest::qWait(100);
            }
            look(rig, s_names[page]);
        }
        rig.window->showPage(1);
        for (const int table : {1, 2}) {
            rig.find<Segments>(u"beats")->choose(table);
            QTest::qWait(100);
            look(rig, u"tx%1"_s.arg(table));
        }
        rig.selectRow(u"stalls", 0);
        QTest::keyClick(rig.find<QTableView>(u"stalls"), Qt::Key_Return);
        auto *flight = rig.window->findChild<QDialog *>(u"flight"_s);
        QVERIFY(flight != nullptr);
        QTest::qWait(200);
        look(*flight, u"flight"_s);
        flight->close();
        rig.window->showPage(0);
        for (Segments *segments : rig.page()->findChildren<Segments *>())
            segments->choose(1);
        QTest::qWait(100);
        look(rig, u"timeline"_s);
        rig.gateway.vanish();
        QTest::qWait(100);
        look(rig, u"lost"_s);
        rig.gateway.hello = R"({"type":"hello","protocol":7,"gateway":"7.0","features":["subscribe"]})";
        QCOMPARE(rig.gateway.listen(rig.path), QString());
        QTRY_COMPARE(rig.client().state(), GatewayClient::State::Mismatch);
        look(rig, u"mismatch"_s);
    }

    // Who has nothing to look at reads what would be here, and how to get it.
    void emptyPagesTeach_data()
    {
        QTest::addColumn<QLocale>("locale");
        QTest::newRow("english") << QLocale(QLocale::English);
        QTest::newRow("hebrew") << QLocale(QLocale::Hebrew);
    }
    void emptyPagesTeach()
    {
        QFETCH(QLocale, locale);
        WindowRig rig(locale);
        rig.gateway.publish(u"calls"_s, {});
        rig.gateway.publish(u"jobs"_s, {});
        rig.gateway.publish(u"tx"_s, {});
        rig.gateway.publish(u"flights"_s, {});
        for (const QString &method : {u"history"_s, u"leads"_s})
            rig.gateway.handlers[method] = [](const QJsonObject &) { return QJsonObject(); };
        QTRY_COMPARE(rig.find<QTableView>(u"liveCalls")->model()->rowCount(), 0);
        QTRY_COMPARE(rig.find<QTableView>(u"txWorkers")->model()->rowCount(), 0);
        QTest::qWait(100);
        for (int page = 0; page < rig.window->pages(); ++page) {
            rig.window->showPage(page);
            QTest::qWait(100);
            look(rig, u"empty-%1"_s.arg(page));
            const auto tables = rig.page()->findChildren<Table *>();
            const auto shown = std::find_if(tables.begin(), tables.end(), [](const Table *t) { return t->isVisible(); });
            QVERIFY(shown != tables.end());
            const Table *table = *shown;
            QCOMPARE(table->model()->rowCount(), 0);
            const auto *state = table->viewport()->findChild<EmptyState *>();
            QVERIFY(state != nullptr && state->isVisible());
            const auto labels = state->findChildren<QLabel *>();
            QCOMPARE(labels.size(), 2);
            for (const QLabel *label : labels)
                QVERIFY(!label->text().isEmpty() && label->isVisible());
        }
    }

private:
    void look(const WindowRig &rig, const QString &name) { look(*rig.window, name); }
    void look(QWidget &window, const QString &name)
    {
        if (const QString folder = qEnvironmentVariable("TAKT_PICTURES"); !folder.isEmpty()) {
            QDir().mkpath(folder);
            const QString tag = QTest::currentDataTag() != nullptr ? QString::fromLatin1(QTest::currentDataTag())
                                                                   : u"english"_s;
            QVERIFY(savePicture(window.grab().toImage(), u"%1/%2-%3.png"_s.arg(folder, name, tag)));
        }
        const QStringList clipped = clippedTexts(window);
        QVERIFY2(clipped.isEmpty(), qPrintable(name + u": "_s + clipped.join(u" | "_s)));
    }
};

QTEST_MAIN(TestConsolePages)
#include "tst_consolepages.moc"
