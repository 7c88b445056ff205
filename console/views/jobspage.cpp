// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/jobspage.h"

#include "console/gatewayclient.h"
#include "console/models/jobsmodel.h"
#include "console/models/words.h"
#include "console/views/confirmbutton.h"
#include "console/views/emptystate.h"
#include "console/views/jobpane.h"
#include "console/views/table.h"
#include "console/views/theme.h"
#include "shared/controlprotocol.h"

#include <QComboBox>
#include <QDateTime>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QSplitter>
#include <QTabBar>
#include <QVBoxLayout>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

// What each tab shows; the first: everything.
const QList<QStringList> &tabStates()
{
    static const QList<QStringList> s_states{{},
                                             {u"running"_s},
                                             {u"available"_s},
                                             {u"pending"_s},
                                             {u"scheduled"_s, u"retryable"_s},
                                             {u"failed"_s},
                                             {u"completed"_s},
                                             {u"skipped"_s, u"cancelled"_s}};
    return s_states;
}

// Room for each of them, with its dot.
QString allStates()
{
    QStringList names;
    for (const QStringList &states : tabStates()) {
        for (const QString &state : states)
            names << Words::jobState(state) + u"●●"_s;
    }
    return names.join(u'\n');
}

} // namespace

JobsPage::JobsPage(GatewayClient &client, JobsModel &jobs, QWidget *parent)
    : Page(parent)
    , m_client(client)
    , m_jobs(jobs)
    , m_tabs(new QTabBar(this))
    , m_notice(mutedLabel({}, this))
    , m_pane(new JobPane(client, this))
    , m_splitter(new QSplitter(this))
{
    m_shown.setSourceModel(&jobs);
    m_table = new Table(u"jobs"_s, &m_shown, this);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAccessibleName(tr("Jobs"));
    m_table->sortByColumn(JobsModel::Age, Qt::DescendingOrder);
    m_table->setWidths({allStates(), Words::stage(u"audio.convert"_s) + u"xx"_s, u"CA01234…"_s, u"Bike shop"_s,
                        u"10/10"_s, u"12 of 30"_s, u"100 min"_s, u"100 min"_s, u"host-12345"_s, u"a reason"_s});
    m_table->setColumnHidden(JobsModel::Worker, true); // it is in the header's menu, for who has several
    m_table->setFreeText(
        {JobsModel::Why, JobsModel::Call, JobsModel::Business, JobsModel::Worker, JobsModel::Progress});
    m_table->restoreLayout();
    setFocusProxy(m_table);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this, &JobsPage::showMenu);
    connect(m_table, &Table::currentKeyChanged, this, [this](const QString &key) { m_pane->setJob(key.toLongLong()); });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &JobsPage::onSelection);
    connect(m_pane, &JobPane::chosen, this, [this](qint64 id) {
        m_table->select(QString::number(id));
        m_pane->setJob(id); // also where the filter hides it
    });
    m_empty = new EmptyState(m_table, {}, {});
    buildTabs();
    auto *filters = new QHBoxLayout;
    buildFilters(filters);
    buildActions(filters);
    auto *left = new QWidget(this);
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Theme::kSpace);
    column->addWidget(m_tabs);
    column->addLayout(filters);
    column->addWidget(m_table);
    column->addWidget(m_notice);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_pane);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 1);
    spaceOut(m_splitter);
    m_splitter->restoreState(QSettings().value(u"splitters/jobs"_s).toByteArray());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    m_notice->setWordWrap(true);
    connect(&m_jobs, &JobsModel::headChanged, this, &JobsPage::onHead);
    connect(&m_jobs, &QAbstractItemModel::dataChanged, this,
            [this](const auto &, const auto &, const QList<int> &roles) {
                if (isVisible() && roles.isEmpty()) // news of the gateway, not of the clock
                    m_pane->refresh();
            });
    connect(&m_seconds, &QTimer::timeout, this, [this] { m_jobs.onSecond(QDateTime::currentMSecsSinceEpoch()); });
    m_seconds.start(1000);
    m_jobs.onSecond(QDateTime::currentMSecsSinceEpoch());
    onTab(0);
    onHead();
    onSelection();
}

void JobsPage::buildTabs()
{
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setUsesScrollButtons(true);
    m_tabs->setAccessibleName(tr("Jobs by state"));
    for (qsizetype i = 0; i < tabStates().size(); ++i)
        m_tabs->addTab(QString());
    connect(m_tabs, &QTabBar::currentChanged, this, &JobsPage::onTab);
}

void JobsPage::buildFilters(QHBoxLayout *bar)
{
    m_filter = new QLineEdit(this);
    m_filter->setPlaceholderText(tr("Filter: call, business, worker, reason"));
    m_filter->setClearButtonEnabled(true);
    connect(m_filter, &QLineEdit::textChanged, &m_shown, &FilterProxy::setText);
    m_stage = new QComboBox(this);
    m_stage->setAccessibleName(tr("Work"));
    m_stage->addItem(tr("All work"));
    for (const Stage stage : kStages)
        m_stage->addItem(Words::stage(name(stage)), QString(name(stage)));
    connect(m_stage, &QComboBox::currentIndexChanged, this, [this] {
        const QString stage = m_stage->currentData().toString();
        m_shown.setWanted(JobsModel::kStageRole, stage.isEmpty() ? QStringList() : QStringList{stage});
    });
    bar->setSpacing(Theme::kSpace);
    bar->addWidget(m_filter, 1);
    bar->addWidget(m_stage);
}

void JobsPage::buildActions(QHBoxLayout *bar)
{
    m_retry = new QPushButton(tr("Retry"), this);
    m_retry->setObjectName(u"retry"_s);
    m_retry->setToolTip(tr("Runs what is finished again, with all that comes behind it; what waits, now"));
    connect(m_retry, &QPushButton::clicked, this, [this] { order(control::kRetry); });
    m_cancel = new ConfirmButton(tr("Cancel"), tr("Give it up?"), this);
    m_cancel->setObjectName(u"cancel"_s);
    m_cancel->setToolTip(tr("Gives jobs up; what comes behind them goes on with what there is"));
    connect(m_cancel, &ConfirmButton::confirmed, this, [this] { order(control::kCancel); });
    m_pause = new QPushButton(tr("Pause…"), this);
    connect(m_pause, &QPushButton::clicked, this, &JobsPage::showPauseMenu);
    bar->addWidget(m_retry);
    bar->addWidget(m_cancel);
    bar->addWidget(m_pause);
}

void JobsPage::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void JobsPage::rememberLayout() const
{
    m_table->rememberLayout();
    QSettings().setValue(u"splitters/jobs"_s, m_splitter->saveState());
}

void JobsPage::setDataDir(const QString &path)
{
    m_pane->setDataDir(path);
}

void JobsPage::onTab(int tab)
{
    m_shown.setWanted(JobsModel::kStateRole, tabStates()[tab]);
    switch (tab) {
    case 0:
        m_empty->setTexts(tr("Nothing to do"), tr("Each call leaves seven jobs behind: its recording, conversion, "
                                                  "transcript, summary, facts, lead and delivery."));
        break;
    case 5: m_empty->setTexts(tr("Nothing has failed"), tr("A job is here once it has used up its attempts.")); break;
    case 3:
        m_empty->setTexts(tr("Nothing is pending"),
                          tr("Here is what waits for the end of its call, or for another job."));
        break;
    default: m_empty->setTexts(tr("No such jobs"), tr("Other states are in the tabs above.")); break;
    }
}

void JobsPage::onHead()
{
    const auto sum = [this](const QStringList &states) {
        int n = 0;
        for (const QString &state : states)
            n += m_jobs.count(state);
        return n;
    };
    const QStringList names{tr("All"),
                            tr("Running"),
                            tr("Ready"),
                            tr("Pending"),
                            tr("Waiting", "tab: jobs that are tried later"),
                            tr("Failed"),
                            tr("Completed"),
                            tr("Given up", "tab: jobs that were skipped or cancelled")};
    for (int i = 0; i < names.size(); ++i) {
        const int n = sum(tabStates()[i]);
        m_tabs->setTabText(i, n == 0 ? names[i]
                                     : tr("%1 %2", "name of a tab, and how many").arg(names[i], Words::number(n)));
    }
    const QStringList paused = m_jobs.pausedStages();
    if (const QString error = m_jobs.head()["error"_L1].toString(); !error.isEmpty())
        return say(tr("The gateway can't read its jobs: %1").arg(error));
    if (paused.contains(u"*"_s))
        return say(tr("All work is paused. Pause… resumes it."));
    QStringList stages;
    for (const QString &stage : paused)
        stages << Words::stage(stage);
    if (!stages.isEmpty())
        return say(tr("Paused: %1").arg(stages.join(u", "_s)));
    say(m_jobs.closed().isEmpty() ? QString() : tr("No job starts now: %1").arg(Words::waiting(m_jobs.closed())));
}

void JobsPage::say(const QString &text)
{
    m_notice->setText(text);
    m_notice->setVisible(!text.isEmpty());
}

void JobsPage::onSelection()
{
    const bool any = m_table->selectionModel()->hasSelection();
    m_retry->setEnabled(any);
    m_cancel->setEnabled(any);
    m_cancel->calm();
}

void JobsPage::order(const QString &method)
{
    const QStringList keys = m_table->selectedKeys();
    for (const QString &key : keys)
        m_client.ask(method, {{"id"_L1, key.toLongLong()}}, this, [this](const Result<QJsonObject> &result) {
            if (!result)
                say(result.error());
        });
}

void JobsPage::setPaused(const QString &stage, bool paused)
{
    m_client.ask(paused ? control::kPause : control::kResume, {{"stage"_L1, stage}}, this,
                 [this](const Result<QJsonObject> &result) {
                     if (!result)
                         say(result.error());
                 });
}

void JobsPage::showPauseMenu()
{
    QMenu menu(this);
    const QStringList paused = m_jobs.pausedStages();
    const auto add = [&](const QString &text, const QString &stage) {
        QAction *action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(paused.contains(stage));
        connect(action, &QAction::toggled, this, [this, stage](bool on) { setPaused(stage, on); });
    };
    add(tr("All work"), u"*"_s);
    menu.addSeparator();
    for (const Stage stage : kStages)
        add(Words::stage(name(stage)), name(stage));
    menu.exec(m_pause->mapToGlobal(QPoint(0, m_pause->height())));
}

void JobsPage::showMenu(const QPoint &at)
{
    if (!m_table->indexAt(at).isValid())
        return;
    QMenu menu(this);
    connect(menu.addAction(tr("Retry")), &QAction::triggered, m_retry, &QPushButton::click);
    connect(menu.addAction(tr("Cancel…")), &QAction::triggered, m_cancel, &QPushButton::click);
    menu.exec(m_table->viewport()->mapToGlobal(at));
}

} // namespace takt::console
