// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/callpane.h"

#include "console/models/filterproxy.h"
#include "console/models/words.h"
#include "console/views/callorders.h"
#include "console/views/celldelegate.h"
#include "console/views/confirmbutton.h"
#include "console/views/conversationview.h"
#include "console/views/emptystate.h"
#include "console/views/plot.h"
#include "console/views/segments.h"
#include "console/views/theme.h"
#include "console/views/tile.h"
#include "shared/controlprotocol.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

// What comes last is what is looked at, as long as nobody has scrolled back.
void followEnd(QAbstractItemView *view)
{
    QScrollBar *bar = view->verticalScrollBar();
    auto following = std::make_shared<bool>(true);
    QObject::connect(bar, &QScrollBar::valueChanged, view,
                     [bar, following](int value) { *following = value >= bar->maximum() - 4; });
    QObject::connect(bar, &QScrollBar::rangeChanged, view, [bar, following](int, int maximum) {
        if (*following)
            bar->setValue(maximum);
    });
}

} // namespace

CallPane::CallPane(GatewayClient &client, LiveCallsModel &calls, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_calls(calls)
    , m_orders(new CallOrders(client, this))
    , m_whole(new QStackedWidget(this))
{
    setObjectName(u"pane"_s);
    setAttribute(Qt::WA_StyledBackground);
    auto *outer = new QVBoxLayout(this);
    outer->addWidget(m_whole);
    auto *nothing = mutedLabel(tr("Choose a call to follow it: its conversation, what happens in it, and how its "
                                  "audio goes out."),
                               m_whole);
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    m_whole->addWidget(nothing);
    auto *call = new QWidget(m_whole);
    m_whole->addWidget(call);
    auto *layout = new QVBoxLayout(call);
    layout->setContentsMargins(Theme::kSpace, Theme::kSpace, Theme::kSpace, Theme::kSpace);
    layout->setSpacing(2 * Theme::kSpace);
    buildHeader(layout);
    buildTabs(layout);
    connect(&m_client, &GatewayClient::updated, this, &CallPane::onUpdate);
    connect(&m_calls, &QAbstractItemModel::dataChanged, this, &CallPane::refresh);
    connect(&m_calls, &QAbstractItemModel::rowsRemoved, this, &CallPane::refresh);
    connect(&m_calls, &QAbstractItemModel::modelReset, this, &CallPane::refresh);
    setMinimumWidth(340);
}

void CallPane::buildHeader(QVBoxLayout *layout)
{
    m_title = new QLabel(this);
    m_title->setFont(titleFont());
    alignToLanguage(m_title);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_subtitle = mutedLabel({}, this);
    m_notice = new QLabel(this);
    m_notice->setWordWrap(true);
    auto *names = new QVBoxLayout;
    names->setSpacing(2);
    names->addWidget(m_title);
    names->addWidget(m_subtitle);
    auto *tiles = new QGridLayout;
    tiles->setHorizontalSpacing(2 * Theme::kSpace);
    tiles->setVerticalSpacing(Theme::kSpace);
    tiles->addWidget(m_time = new Tile(tr("Time", "tile: duration of the call"), this), 0, 0);
    tiles->addWidget(m_answer = new Tile(tr("Last answer", "tile: latency of the model"), this), 0, 1);
    tiles->addWidget(m_cuts = new Tile(tr("Interruptions"), this), 0, 2);
    tiles->addWidget(m_backlog = new Tile(tr("Backlog"), this), 1, 0);
    tiles->addWidget(m_worst = new Tile(tr("Worst lateness"), this), 1, 1);
    tiles->addWidget(m_stalls = new Tile(tr("Stalls"), this), 1, 2);
    tiles->addWidget(m_cost = new Tile(tr("Cost"), this), 2, 0);
    tiles->addWidget(m_underruns = new Tile(tr("Underruns"), this), 2, 1);
    tiles->addWidget(m_bursts = new Tile(tr("Bursts"), this), 2, 2);
    for (int column = 0; column < 3; ++column)
        tiles->setColumnStretch(column, 1);
    m_plot = new Plot(
        {}, [](double frames) { return tr("%1/s", "frames a second").arg(Words::number(qint64(frames))); }, 50, this);
    m_plot->setToolTip(
        tr("Frames sent to the caller each second: fifty while the agent speaks, none while it listens"));

    layout->addLayout(names);
    layout->addLayout(buildButtons());
    layout->addWidget(m_notice);
    layout->addLayout(tiles);
    layout->addWidget(m_plot);
}

// In two rows, so that the pane may stay narrow.
QLayout *CallPane::buildButtons()
{
    m_hangUp = new ConfirmButton(tr("Hang up"), tr("Hang up now?"), this);
    m_hangUp->setObjectName(u"hangUp"_s);
    connect(m_hangUp, &ConfirmButton::confirmed, this, &CallPane::onHangUp);
    m_copy = new QPushButton(tr("Copy IDs"), this);
    m_copy->setToolTip(tr("Copies the call's and the stream's names, as the carrier knows them"));
    connect(m_copy, &QPushButton::clicked, this, &CallPane::copyIds);
    connect(m_orders, &CallOrders::told, m_notice, &QLabel::setText);
    QWidget *const rows[2][3] = {
        {m_hangUp, CallOrders::buttonFor(m_orders->transfer(), this), nullptr},
        {CallOrders::buttonFor(m_orders->say(), this), CallOrders::buttonFor(m_orders->mute(), this), m_copy}};
    auto *both = new QVBoxLayout;
    both->setSpacing(Theme::kSpace);
    for (const auto &widgets : rows) {
        auto *row = new QHBoxLayout;
        row->setSpacing(Theme::kSpace);
        for (QWidget *widget : widgets) {
            if (widget != nullptr)
                row->addWidget(widget);
        }
        row->addStretch();
        both->addLayout(row);
    }
    return both;
}

void CallPane::buildTabs(QVBoxLayout *layout)
{
    auto *segments = new Segments({tr("Conversation"), tr("Timeline")}, this);
    m_tabs = new QStackedWidget(this);
    connect(segments, &Segments::chosen, m_tabs, &QStackedWidget::setCurrentIndex);
    buildConversation();
    buildTimeline();
    layout->addWidget(segments);
    layout->addWidget(m_tabs, 1);
}

void CallPane::buildConversation()
{
    m_conversation = new ConversationView(m_turns, u"conversation"_s, this);
    m_conversation->setAccessibleName(tr("Conversation"));
    followEnd(m_conversation);
    new EmptyState(m_conversation, tr("Nobody has spoken yet"), tr("Words appear here as they are said."));
    m_tabs->addWidget(m_conversation);
}

void CallPane::buildTimeline()
{
    m_timeline = new QTableView(this);
    m_timeline->setProperty("role", u"bare"_s);
    m_timeline->setModel(inOrder(&m_events, this));
    m_timeline->setItemDelegate(new CellDelegate(this));
    m_timeline->setShowGrid(false);
    m_timeline->setSelectionMode(QAbstractItemView::NoSelection);
    m_timeline->setTabKeyNavigation(false);
    m_timeline->horizontalHeader()->hide();
    m_timeline->horizontalHeader()->setStretchLastSection(true);
    m_timeline->verticalHeader()->hide();
    m_timeline->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + Theme::kSpace);
    m_timeline->setColumnWidth(0, fontMetrics().horizontalAdvance(u"0:00:00"_s) + 3 * Theme::kSpace);
    m_timeline->setAccessibleName(tr("Timeline"));
    followEnd(m_timeline);
    m_tabs->addWidget(m_timeline);
}

void CallPane::setCall(const QString &callSid)
{
    if (callSid == m_callSid)
        return;
    if (!m_callSid.isEmpty())
        m_client.unsubscribe(u"call/"_s + m_callSid);
    m_callSid = callSid;
    m_last = {};
    m_turns.clear();
    m_events.clear();
    m_events.setStart(0);
    m_hangUp->calm();
    m_orders->setCall({}, false); // until it is known
    m_notice->clear();
    m_whole->setCurrentIndex(callSid.isEmpty() ? 0 : 1);
    if (!callSid.isEmpty())
        m_client.subscribe(u"call/"_s + callSid);
    refresh();
}

void CallPane::onUpdate(const QString &topic, const TopicUpdate &update)
{
    if (m_callSid.isEmpty() || topic != u"call/"_s + m_callSid)
        return;
    if (update.head.contains("live"_L1) && !update.head["live"_L1].toBool())
        return refresh(); // it is over: what was said stays to be read
    m_turns.apply(only(update, u"turn/"_s));
    m_events.apply(only(update, u"event/"_s));
}

void CallPane::refresh()
{
    if (m_callSid.isEmpty())
        return;
    const int row = m_calls.rowOf(m_callSid);
    if (row >= 0) {
        m_last = m_calls.call(row);
        m_events.setStart(m_last.startedAtMs);
        m_time->setValue(m_calls.index(row, LiveCallsModel::Duration).data().toString());
        Plot::Series frames{{}, Tone::Accent, Plot::Shape::Area, {}};
        for (const LiveCallsModel::Sample &sample : m_calls.samples(row))
            frames.values << sample.frames;
        m_plot->setSeries({frames}, LiveCallsModel::kSamples, tr("90 s ago"), tr("now"));
    } else {
        m_notice->setText(tr("This call is over."));
    }
    m_hangUp->setEnabled(row >= 0);
    m_orders->setCall(m_last, row >= 0);
    const bool outbound = m_last.direction == "outbound"_L1;
    m_title->setText(m_last.callSid.isEmpty() ? Words::leftToRight(m_callSid)
                                              : Words::caller(outbound ? m_last.to : m_last.from));
    m_subtitle->setText(sideBySide({row >= 0 ? LiveCallsModel::stateOf(m_last) : Words::callState(u"ended"_s),
                                    m_last.business, outbound ? tr("we called") : tr("called us")}));
    m_backlog->setValue(Words::milliseconds(m_last.backlogMs));
    m_worst->setValue(Words::lateness(m_last.tx.worstLateUs),
                      m_last.tx.worstLateUs >= 20'000 ? Tone::Bad : Tone::Plain);
    m_answer->setValue(m_last.modelLatencyMs < 0 ? QString() : Words::milliseconds(m_last.modelLatencyMs));
    m_cuts->setValue(Words::number(m_last.interruptions));
    m_stalls->setValue(Words::number(m_last.tx.stalls), m_last.tx.stalls > 0 ? Tone::Bad : Tone::Plain);
    m_cost->setValue(Words::cost(m_last.cost, m_last.usage.tokens()));
    m_underruns->setValue(Words::number(m_last.tx.underruns));
    m_bursts->setValue(Words::number(m_last.tx.bursts), m_last.tx.bursts > 0 ? Tone::Warning : Tone::Plain);
}

void CallPane::hangUp()
{
    if (m_hangUp->isEnabled() && !m_callSid.isEmpty())
        m_hangUp->click();
}

void CallPane::copyIds()
{
    if (!m_callSid.isEmpty())
        QGuiApplication::clipboard()->setText(m_callSid + u'\n' + m_last.streamSid);
}

void CallPane::onHangUp()
{
    m_client.ask(control::kHangUp, {{"call_sid"_L1, m_callSid}}, this, [this](const Result<QJsonObject> &result) {
        m_notice->setText(result ? tr("Hanging up…") : result.error());
    });
}

} // namespace takt::console
