// SPDX-License-Identifier: GPL-3.0-or-later
// The console as an operator uses it: typing, clicking, keys, in both directions, with a gateway that is played.
#include "console/models/livecallsmodel.h"
#include "console/samples.h"
#include "console/models/words.h"
#include "console/views/segments.h"
#include "console/views/csv.h"
#include "console/views/flightdialog.h"
#include "console/views/flightview.h"
#include "console/views/verdictbanner.h"
#include "console/windowrig.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStandardItemModel>
#include <QTabBar>
#include <QTableView>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>

#include <ctime>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::console;

namespace {

double cpuSeconds()
{
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

} // namespace

class TestConsoleViews : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<QLocale>("locale");
        QTest::newRow("English") << QLocale(QLocale::English);
        QTest::newRow("Hebrew") << QLocale(QLocale::Hebrew);
    }
    void init()
    {
        QFETCH_GLOBAL(QLocale, locale);
        m_rig = std::make_unique<WindowRig>(locale);
        QVERIFY(QTest::qWaitForWindowExposed(m_rig->window.get()));
        QCOMPARE(QGuiApplication::layoutDirection(), locale.textDirection());
    }
    void cleanup() { m_rig.reset(); }

    // Nothing reaches beyond the frame that it stands in, in either direction.
    void noEdgeIsCutOff()
    {
        for (int page = 0; page < m_rig->window->pages(); ++page) {
            m_rig->window->showPage(page);
            QTest::qWait(20);
            for (const QSplitter *splitter : m_rig->page()->findChildren<QSplitter *>()) {
                for (int i = 0; i < splitter->count(); ++i) {
                    const QRect inside = splitter->widget(i)->geometry();
                    QVERIFY2(splitter->rect().contains(inside), qPrintable(u"page %1, part %2"_s.arg(page).arg(i)));
                }
            }
        }
    }

    // Also lines that begin with a date, which has no direction.
    void aLeadsHistoryStandsWhereLinesBegin()
    {
        m_rig->window->showPage(4);
        QTRY_COMPARE(m_rig->find<QTableView>(u"leads")->model()->rowCount(), 12);
        m_rig->selectRow(u"leads", 0);
        auto *history = m_rig->page()->findChild<QPlainTextEdit *>();
        QTRY_VERIFY(history->blockCount() > 1);
        const QTextLine line = history->document()->firstBlock().layout()->lineAt(0);
        const double left = line.naturalTextRect().left();
        const double right = history->viewport()->width() - line.naturalTextRect().right();
        QVERIFY2(QGuiApplication::isRightToLeft() ? right < left : left < right,
                 qPrintable(u"%1 left, %2 right"_s.arg(left).arg(right)));
    }

    void filtersAsYouType()
    {
        QTest::keyClick(m_rig->window.get(), Qt::Key_F, Qt::ControlModifier);
        auto *filter = m_rig->page()->findChild<QLineEdit *>();
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, u"bike"_s);
        QCOMPARE(calls()->model()->rowCount(), 5);
        filter->clear();
        QCOMPARE(calls()->model()->rowCount(), 14);
    }

    void aHeaderSorts()
    {
        auto *header = calls()->horizontalHeader();
        const int column = LiveCallsModel::Interruptions;
        const QPoint at(header->sectionViewportPosition(column) + header->sectionSize(column) / 2,
                        header->height() / 2);
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, at);
        const auto value = [this](int row) {
            return calls()->model()->index(row, column).data(TopicModel::kSortRole).toInt();
        };
        QVERIFY(value(0) != value(13));
    }

    void hangingUpAsksOnce()
    {
        m_rig->selectRow(u"liveCalls", 2);
        const QString sid = calls()->currentIndex().data(TopicModel::kKeyRole).toString();
        auto *button = m_rig->find<QPushButton>(u"hangUp");
        const QString before = button->text();
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(button->text() != before);
        QTest::qWait(50);
        QVERIFY(!m_rig->gateway.orders().contains(u"hangup"_s));
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(m_rig->gateway.orders().contains(u"hangup"_s));
        QCOMPARE(m_rig->gateway.requests.back().parameters["call_sid"_L1].toString(), sid);
        QCOMPARE(button->text(), before);
    }

    void theQuestionIsForgottenWithAnotherCall()
    {
        m_rig->selectRow(u"liveCalls", 2);
        auto *button = m_rig->find<QPushButton>(u"hangUp");
        QTest::mouseClick(button, Qt::LeftButton);
        m_rig->selectRow(u"liveCalls", 3);
        QTest::mouseClick(button, Qt::LeftButton); // asks anew
        QTest::qWait(50);
        QVERIFY(!m_rig->gateway.orders().contains(u"hangup"_s));
    }

    // An order meant for one call must not reach its neighbour.
    void aCallThatEndsIsNotFollowedByTheNext()
    {
        m_rig->selectRow(u"liveCalls", 2);
        const QString sid = calls()->currentIndex().data(TopicModel::kKeyRole).toString();
        TopicState state = samples::calls(14, m_rig->nowMs);
        state.rows.remove(sid);
        m_rig->gateway.publish(u"calls"_s, state);
        QTRY_COMPARE(calls()->model()->rowCount(), 13);
        QVERIFY(!calls()->currentIndex().isValid());
        QVERIFY(!m_rig->find<QPushButton>(u"hangUp")->isEnabled());
    }

    void aCallIsTransferredByADialog()
    {
        m_rig->selectRow(u"liveCalls", 2);
        const QString sid = calls()->currentIndex().data(TopicModel::kKeyRole).toString();
        QTest::keyClick(m_rig->window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        auto *edit = dialogsEdit();
        QVERIFY(edit != nullptr);
        QVERIFY(!dialogsButton()->isEnabled());
        QTest::keyClicks(edit, u"911"_s);
        QVERIFY(!dialogsButton()->isEnabled());
        QTest::keyClick(edit, Qt::Key_Return); // lets nothing through
        QVERIFY(dialogsEdit() == edit && edit->isVisible());
        edit->clear();
        QTest::keyClicks(edit, u"+1 (555) 888-0099"_s);
        QVERIFY(dialogsButton()->isEnabled());
        QVERIFY(!m_rig->gateway.orders().contains(u"transfer"_s));
        QTest::mouseClick(dialogsButton(), Qt::LeftButton);
        QTRY_VERIFY(m_rig->gateway.orders().contains(u"transfer"_s));
        QCOMPARE(m_rig->gateway.requests.back().parameters["call_sid"_L1].toString(), sid);
        QCOMPARE(m_rig->gateway.requests.back().parameters["to"_L1].toString(), u"+1 (555) 888-0099"_s);
    }

    void aSentenceIsTyped()
    {
        m_rig->selectRow(u"liveCalls", 2);
        QTest::keyClick(m_rig->window.get(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        auto *edit = dialogsEdit();
        QVERIFY(edit != nullptr);
        edit->setText(QString(501, u'a'));
        QVERIFY(!dialogsButton()->isEnabled());
        edit->setText(QString(500, u'a'));
        QVERIFY(dialogsButton()->isEnabled());
        edit->setText(u"  רגע,   please "_s);
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_VERIFY(m_rig->gateway.orders().contains(u"say"_s));
        QCOMPARE(m_rig->gateway.requests.back().parameters["text"_L1].toString(), u"רגע, please"_s);
    }

    // A sentence for one caller must not reach another.
    void aDialogGoesWithItsCall()
    {
        m_rig->selectRow(u"liveCalls", 2);
        QTest::keyClick(m_rig->window.get(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(dialogsEdit() != nullptr);
        m_rig->gateway.publish(u"calls"_s, {});
        QTRY_VERIFY(dialogsEdit() == nullptr);
        QVERIFY(!m_rig->gateway.orders().contains(u"say"_s));
        QTest::keyClick(m_rig->window.get(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QTest::qWait(20);
        QVERIFY(dialogsEdit() == nullptr); // there is no call
    }

    void muteIsSeenAndUndone()
    {
        const auto row = [this](bool muted) {
            for (int i = 0; i < calls()->model()->rowCount(); ++i) {
                const QString key = calls()->model()->index(i, 0).data(TopicModel::kKeyRole).toString();
                if ((key == samples::call(6, m_rig->nowMs).callSid) == muted)
                    return i;
            }
            return -1;
        };
        m_rig->selectRow(u"liveCalls", row(false));
        const QString talking = calls()->currentIndex().siblingAtColumn(LiveCallsModel::State).data().toString();
        QTest::keyClick(m_rig->window.get(), Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(m_rig->gateway.orders().count(u"mute"_s), 1);
        QCOMPARE(m_rig->gateway.requests.back().parameters["on"_L1].toBool(), true);
        m_rig->selectRow(u"liveCalls", row(true));
        QVERIFY(calls()->currentIndex().siblingAtColumn(LiveCallsModel::State).data().toString() != talking);
        QTest::keyClick(m_rig->window.get(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QTest::qWait(20);
        QVERIFY(dialogsEdit() == nullptr); // a muted agent says nothing
        QTest::keyClick(m_rig->window.get(), Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(m_rig->gateway.orders().count(u"mute"_s), 2);
        QCOMPARE(m_rig->gateway.requests.back().parameters["on"_L1].toBool(true), false);
    }

    void theMenuHasTheOrders()
    {
        m_rig->selectRow(u"liveCalls", 2);
        QStringList offered;
        QTimer::singleShot(50, this, [&] {
            auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
            QVERIFY(menu != nullptr);
            for (const QAction *action : menu->actions())
                offered << action->text();
            menu->close();
        });
        const QRect cell = calls()->visualRect(calls()->currentIndex());
        Q_EMIT calls()->customContextMenuRequested(cell.center());
        QCOMPARE(offered.size(), 6); // with a separator
        QCOMPARE(offered.count(QString()), 1);
    }

    void liveAndRecordedWordsStandSideBySide()
    {
        m_rig->window->showPage(3);
        QTRY_VERIFY(m_rig->find<QTableView>(u"history")->model()->rowCount() > 0);
        m_rig->selectRow(u"history", 0);
        auto *recorded = m_rig->find<QAbstractItemView>(u"recorded");
        auto *live = m_rig->find<QAbstractItemView>(u"live");
        QTRY_COMPARE(recorded->model()->rowCount(), 5);
        QCOMPARE(live->model()->rowCount(), 3);
        QVERIFY(recorded->isVisible() && !live->isVisible());
        auto *choice = m_rig->find<Segments>(u"transcripts");
        choice->choose(2);
        QVERIFY(recorded->isVisible() && live->isVisible());
        // Narrower now: every bubble is as high as its words need it.
        for (int row = 0; row < recorded->model()->rowCount(); ++row) {
            const QModelIndex index = recorded->model()->index(row, 0);
            QTRY_COMPARE(recorded->visualRect(index).height(), recorded->sizeHintForIndex(index).height());
        }
        choice->choose(1);
        QVERIFY(!recorded->isVisible() && live->isVisible());
    }

    void theBeatOfThreadsAndOfCalls()
    {
        m_rig->window->showPage(1);
        auto *table = m_rig->find<QTableView>(u"txWorkers");
        QTRY_COMPARE(table->model()->rowCount(), 2);
        const auto segments = m_rig->page()->findChildren<Segments *>();
        segments.back()->choose(1);
        QCOMPARE(table->model()->rowCount(), 5);
        QVERIFY(table->model()->index(0, 0).data().toString().contains(u"+1555"_s));
    }

    void aCallShowsItsConversation()
    {
        selectFirstSample();
        auto *conversation = m_rig->find<QAbstractItemView>(u"conversation");
        QTRY_COMPARE(conversation->model()->rowCount(), 5);
        m_rig->selectRow(u"liveCalls", calls()->currentIndex().row() == 0 ? 1 : 0);
        QTRY_COMPARE(conversation->model()->rowCount(), 0);
    }

    void idsAreCopied()
    {
        selectFirstSample();
        QTest::keyClick(m_rig->window.get(), Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        const CallSnapshot call = samples::call(0, m_rig->nowMs);
        QCOMPARE(QGuiApplication::clipboard()->text(), call.callSid + u'\n' + call.streamSid);
    }

    // The latest stall stands first; Enter opens what its call did, and names it where the mouse is.
    void aStallsFlightRecordOpens()
    {
        m_rig->window->showPage(1);
        m_rig->find<Segments>(u"beats")->choose(2);
        auto *stalls = m_rig->find<QTableView>(u"stalls");
        QTRY_COMPARE(stalls->model()->rowCount(), 9);
        const QModelIndex first = stalls->model()->index(0, 0);
        QCOMPARE(first.data(TopicModel::kKeyRole).toString(), u"8"_s);
        m_rig->selectRow(u"stalls", 0);
        stalls->setFocus();
        QTest::keyClick(stalls, Qt::Key_Return);
        auto *dialog = m_rig->window->findChild<FlightDialog *>();
        QVERIFY(dialog != nullptr);
        auto *view = dialog->findChild<FlightView *>();
        QTRY_COMPARE(view->silences().size(), 1);
        QVERIFY(m_rig->gateway.orders().contains(u"flight"_s));
        // One second is a tenth of it: the model's silence lies in the seventh, the interruption in the fourth.
        const auto [fromUs, untilUs] = view->silences().front();
        QVERIFY(fromUs > 6'000'000 && untilUs == 7'200'000);
        QVERIFY(view->wordsAt(view->width() * 0.4).contains(Words::flight(u"barge_in"_s))
                || view->wordsAt(view->width() * 0.4).contains(Words::flight(u"clear"_s)));
        QVERIFY(view->wordsAt(view->width() * 0.72).contains(Words::stallCause(u"queue starved"_s)));
        dialog->close();
    }

    // By what a record tells after its last frame, one second in.
    void aSilenceThatNoFrameEndedIsShadedWhereOneWasOwed_data()
    {
        QTest::addColumn<QByteArray>("after"); // "milliseconds what"
        QTest::addColumn<int>("untilMs");      // -1: not shaded
        QTest::newRow("nothing was owed") << QByteArray("1500 media,1900 media") << -1;
        QTest::newRow("full to the end") << QByteArray("1020 full,1980 full") << 2000;
        QTest::newRow("full, and it went on") << QByteArray("1020 full,1040 sent,1980 media") << -1;
        QTest::newRow("full, and the caller went on speaking") << QByteArray("1020 full,1980 media") << 2000;
        QTest::newRow("a stall ended the call")
            << QByteArray("1020 full,1140 stall,1700 closed,1701 stall_over") << 1700;
        QTest::newRow("a late worker did") << QByteArray("1140 stall,1700 closed,1701 stall_over") << 1700;
        QTest::newRow("a stall is open") << QByteArray("1140 stall,1990 media") << 2000;
        QTest::newRow("the caller interrupted it")
            << QByteArray("1020 full,1140 stall,1500 clear,1501 stall_over") << 1500;
        QTest::newRow("told late: that one was over") << QByteArray("1040 stall,1040 stall_over,1990 media") << -1;
        QTest::newRow("all of it had left") << QByteArray("1000 item_over,1020 full,1990 media") << -1;
    }
    void aSilenceThatNoFrameEndedIsShadedWhereOneWasOwed()
    {
        QFETCH(QByteArray, after);
        QFETCH(int, untilMs);
        QByteArray lines = R"({"flight":1,"reason":"stall","from_us":0,"until_us":2000000})"
                           "\n";
        for (const QByteArray &event : QByteArray("980 sent,1000 sent," + after).split(',')) {
            const QByteArrayList words = event.split(' ');
            lines += "{\"t_us\":" + words[0] + "000,\"what\":\"" + words[1] + "\"}\n";
        }
        const auto record = FlightRecord::fromNdjson(lines);
        QVERIFY(record);
        FlightView view(nullptr);
        view.setRecord(*record);
        QCOMPARE(view.silences().size(), untilMs < 0 ? 0 : 1);
        if (untilMs < 0)
            return;
        QCOMPARE(view.silences().front().fromUs, 1'000'000);
        QCOMPARE(view.silences().front().untilUs, untilMs * qint64(1000));
    }

    void theOrderOfStallsIsRemembered()
    {
        const auto durations = [](const QTableView *stalls) {
            QList<qint64> all;
            for (int row = 0; row < stalls->model()->rowCount(); ++row)
                all << stalls->model()->index(row, FlightsModel::Duration).data(TopicModel::kSortRole).toLongLong();
            return all;
        };
        m_rig->window->showPage(1);
        auto *stalls = m_rig->find<QTableView>(u"stalls");
        QTRY_COMPARE(stalls->model()->rowCount(), 9);
        const QList<qint64> latestFirst = durations(stalls);
        stalls->sortByColumn(FlightsModel::Duration, Qt::AscendingOrder);
        const QList<qint64> shortestFirst = durations(stalls);
        QVERIFY(shortestFirst != latestFirst);
        m_rig->window->desk().rememberLayout();
        MainWindow later({{{}, m_rig->path}}, MainWindow::Memory::None);
        const auto *again = later.desk().findChild<QTableView *>(u"stalls"_s);
        QTRY_COMPARE(again->model()->rowCount(), 9);
        QCOMPARE(durations(again), shortestFirst);
    }

    void whatHasNoRecordOpensNone()
    {
        m_rig->window->showPage(1);
        m_rig->find<Segments>(u"beats")->choose(2);
        auto *stalls = m_rig->find<QTableView>(u"stalls");
        QTRY_COMPARE(stalls->model()->rowCount(), 9);
        m_rig->selectRow(u"stalls", 5); // "3", which came too soon after another
        QCOMPARE(stalls->currentIndex().data(TopicModel::kKeyRole).toString(), u"3"_s);
        stalls->setFocus();
        QTest::keyClick(stalls, Qt::Key_Return);
        QVERIFY(m_rig->window->findChild<FlightDialog *>() == nullptr);
    }

    void pagesHaveKeys()
    {
        QWidget *first = m_rig->page();
        QTest::keyClick(m_rig->window.get(), Qt::Key_2, Qt::ControlModifier);
        QVERIFY(m_rig->page() != first);
        QTest::keyClick(m_rig->window.get(), Qt::Key_1, Qt::ControlModifier);
        QCOMPARE(m_rig->page(), first);
    }

    void jobsAreRetriedTogether()
    {
        m_rig->window->showPage(2);
        auto *jobs = m_rig->find<QTableView>(u"jobs");
        auto *tabs = m_rig->page()->findChild<QTabBar *>();
        const int all = jobs->model()->rowCount();
        tabs->setCurrentIndex(5); // failed
        const int failed = jobs->model()->rowCount();
        QVERIFY(failed > 1 && failed < all);
        jobs->selectAll();
        QTest::mouseClick(m_rig->find<QPushButton>(u"retry"), Qt::LeftButton);
        QTRY_COMPARE(m_rig->gateway.orders().count(u"retry"_s), failed);
        auto *cancel = m_rig->find<QPushButton>(u"cancel");
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_COMPARE(m_rig->gateway.orders().count(u"cancel"_s), failed);
    }

    void thePastIsFetchedPageByPage()
    {
        m_rig->window->showPage(3);
        auto *history = m_rig->find<QTableView>(u"history");
        QTRY_VERIFY(history->model()->rowCount() >= 100);
        history->scrollToBottom();
        QTRY_VERIFY(history->model()->rowCount() >= 200);
        history->scrollToBottom();
        QTRY_COMPARE(history->model()->rowCount(), 250);
        m_rig->page()->findChild<QLineEdit *>()->setText(u"pizza"_s);
        QTRY_VERIFY(history->model()->rowCount() > 0 && history->model()->rowCount() < 100);
    }

    void aLeadsStatusIsSetByHand()
    {
        m_rig->window->showPage(4);
        auto *leads = m_rig->find<QTableView>(u"leads");
        QTRY_COMPARE(leads->model()->rowCount(), 12);
        m_rig->selectRow(u"leads", 0);
        auto *status = m_rig->find<QLineEdit>(u"leadStatus");
        QTRY_COMPARE(status->text(), u"hot"_s);
        status->setText(u"won"_s);
        QTest::keyClick(status, Qt::Key_Return);
        QTRY_VERIFY(m_rig->gateway.orders().contains(u"set_lead_status"_s));
    }

    void whatCallersSayIsNoFormula()
    {
        QStandardItemModel model(1, 2);
        model.setHorizontalHeaderLabels({u"a"_s, u"b"_s});
        model.setItem(0, 0, new QStandardItem(u"=cmd(),\"x\""_s));
        model.setItem(0, 1, new QStandardItem(u"שלום"_s));
        QCOMPARE(toCsv(model), QByteArray("\xEF\xBB\xBF") + u"a,b\r\n\"'=cmd(),\"\"x\"\"\",שלום\r\n"_s.toUtf8());
    }

    void aLostGatewayIsSaidAndFoundAgain()
    {
        auto *banner = m_rig->find<VerdictBanner>(u"verdict");
        QTRY_COMPARE(banner->verdict().tone, Tone::Good);
        m_rig->gateway.vanish();
        QTRY_COMPARE(banner->verdict().tone, Tone::Warning);
        QVERIFY(!m_rig->page()->isEnabled());
        QCOMPARE(calls()->model()->rowCount(), 14); // what was last known stays
        QCOMPARE(m_rig->gateway.listen(m_rig->path), QString());
        QTRY_VERIFY(m_rig->page()->isEnabled());
        QTRY_COMPARE(banner->verdict().tone, Tone::Good);
    }

    void aStallIsSaidAtOnce()
    {
        auto *banner = m_rig->find<VerdictBanner>(u"verdict");
        m_rig->gateway.publish(u"tx"_s, samples::beat(m_rig->nowMs, 2));
        QTRY_COMPARE(banner->verdict().tone, Tone::Bad);
    }

    void anotherProtocolIsNamed()
    {
        m_rig->gateway.vanish();
        m_rig->gateway.hello = R"({"type":"hello","protocol":7,"gateway":"7.0","features":["subscribe"]})";
        QCOMPARE(m_rig->gateway.listen(m_rig->path), QString());
        QTRY_COMPARE(m_rig->client().state(), GatewayClient::State::Mismatch);
        const auto labels = m_rig->window->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *label) {
            return label->isVisible() && label->text().contains(u"7.0"_s);
        }));
    }

    void aDrainCountsDown()
    {
        auto *banner = m_rig->find<VerdictBanner>(u"verdict");
        TopicState state = samples::gateway(14);
        state.head.insert("draining"_L1, true);
        state.head.insert("drain_ends_at_ms"_L1, QDateTime::currentMSecsSinceEpoch() + 95'500);
        m_rig->gateway.publish(u"gateway"_s, state);
        QTRY_VERIFY(banner->verdict().detail.contains(u"1:35"_s));
        QTRY_VERIFY(banner->verdict().detail.contains(u"1:34"_s)); // though the gateway says nothing new
        QTRY_VERIFY(banner->verdict().detail.contains(u"1:33"_s));
        state.head.insert("draining"_L1, false);
        m_rig->gateway.publish(u"gateway"_s, state);
        QTRY_COMPARE(banner->verdict().tone, Tone::Good);
    }

    // Whatever has a key is in the list, and no key is there twice.
    void theKeysAreListed()
    {
        QStringList listed;
        QTimer::singleShot(200, this, [&listed] {
            auto *dialog = qobject_cast<QDialog *>(QApplication::activeModalWidget());
            if (dialog == nullptr)
                return;
            const auto labels = dialog->findChildren<QLabel *>();
            for (const QLabel *label : labels)
                listed << label->text().remove(QChar(0x200e));
            dialog->reject();
        });
        QTest::keyClick(m_rig->window.get(), Qt::Key_F1);
        QStringList keys;
        const auto actions = m_rig->window->findChildren<QAction *>();
        for (const QAction *action : actions) {
            const QString key = action->shortcut().toString(QKeySequence::NativeText);
            if (key.isEmpty())
                continue;
            QVERIFY2(listed.contains(key), qPrintable(key));
            QVERIFY2(!keys.contains(key), qPrintable(key));
            keys << key;
        }
        QVERIFY(keys.size() >= 14);
    }

    // What a thousand calls cost: measured, and judged only where it would be hopeless.
    void aThousandCalls()
    {
        TopicState state = samples::calls(1000, m_rig->nowMs);
        m_rig->gateway.publish(u"calls"_s, state);
        QTRY_COMPARE(calls()->model()->rowCount(), 1000);
        calls()->sortByColumn(LiveCallsModel::Backlog, Qt::DescendingOrder);
        double longestMs = 0;
        double consoleSeconds = 0;
        QElapsedTimer wall;
        wall.start();
        for (int round = 1; round <= 10; ++round) {
            int i = 0;
            for (QJsonObject &row : state.rows) {
                row.insert("backlog_ms"_L1, (i++ * 7919 + round * 131) % 3000);
                row.insert("frames_sent"_L1, 1000 + 10 * round);
            }
            m_rig->gateway.publish(u"calls"_s, state); // the gateway's share, not ours
            const double before = cpuSeconds();
            for (int turn = 0; turn < 20; ++turn) {
                QElapsedTimer block;
                block.start();
                QCoreApplication::processEvents();
                longestMs = std::max(longestMs, double(block.nsecsElapsed()) / 1e6);
            }
            consoleSeconds += cpuSeconds() - before;
            QTest::qWait(int(std::max<qint64>(1, 200 * round - wall.elapsed())));
        }
        qInfo("1,000 calls, 5 updates a second: %.0f ms of CPU an update, longest turn of the loop %.1f ms",
              consoleSeconds * 100, longestMs);
        QVERIFY2(longestMs < 1000, qPrintable(QString::number(longestMs)));
    }

private:
    // Of the order that is being typed; null: none is.
    QLineEdit *dialogsEdit() const
    {
        const auto all = m_rig->window->findChildren<QLineEdit *>(u"orderText"_s);
        const auto shown = std::find_if(all.begin(), all.end(),
                                        [](const QLineEdit *edit) { return edit->isVisible(); });
        return shown == all.end() ? nullptr : *shown;
    }
    QPushButton *dialogsButton() const { return dialogsEdit()->window()->findChild<QPushButton *>(u"orderSend"_s); }
    QTableView *calls() const { return m_rig->find<QTableView>(u"liveCalls"); }
    void selectFirstSample() const
    {
        const QString sid = samples::call(0, m_rig->nowMs).callSid;
        for (int row = 0; row < calls()->model()->rowCount(); ++row) {
            if (calls()->model()->index(row, 0).data(TopicModel::kKeyRole) == sid)
                m_rig->selectRow(u"liveCalls", row);
        }
    }

    std::unique_ptr<WindowRig> m_rig;
};

QTEST_MAIN(TestConsoleViews)
#include "tst_consoleviews.moc"
