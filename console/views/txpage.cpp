// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/txpage.h"

#include "console/models/words.h"
#include "console/views/emptystate.h"
#include "console/views/flightdialog.h"
#include "console/views/plot.h"
#include "console/views/segments.h"
#include "console/views/table.h"
#include "console/views/theme.h"
#include "console/views/tile.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <cmath>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kTableRows = 4;  // with the titles
constexpr double kSlotMs = 20; // what is later has missed its place

QWidget *card(QWidget *parent, QVBoxLayout *&inside)
{
    auto *card = new QWidget(parent);
    card->setObjectName(u"card"_s);
    card->setAttribute(Qt::WA_StyledBackground);
    inside = new QVBoxLayout(card);
    inside->setContentsMargins(2 * Theme::kSpace, 2 * Theme::kSpace, 2 * Theme::kSpace, 2 * Theme::kSpace);
    inside->setSpacing(2 * Theme::kSpace);
    return card;
}

QString inMilliseconds(double ms)
{
    return Words::lateness(std::llround(ms * 1000));
}

QString asNumber(double n)
{
    return Words::number(std::llround(n));
}

} // namespace

TxPage::TxPage(GatewayClient &client, TxModel &tx, FlightsModel &flights, QWidget *parent)
    : Page(parent)
    , m_client(client)
    , m_tx(tx)
    , m_flights(flights)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * Theme::kSpace);
    m_span = new Segments({tr("Minute"), tr("Hour"), tr("Day")}, this);
    connect(m_span, &Segments::chosen, this, &TxPage::refresh);
    layout->addWidget(m_span);
    buildTiles(layout);
    buildPlots(layout);
    buildTables(layout);
    connect(&m_tx, &TxModel::headChanged, this, &TxPage::refreshFacts);
    connect(&m_tx, &QAbstractItemModel::dataChanged, this, &TxPage::onNews);
    connect(&m_tx, &QAbstractItemModel::rowsInserted, this, &TxPage::onNews);
    connect(&m_tx, &QAbstractItemModel::modelReset, this, &TxPage::onNews);
    refresh();
}

void TxPage::buildTiles(QVBoxLayout *layout)
{
    QVBoxLayout *inside = nullptr;
    layout->addWidget(card(this, inside));
    auto *row = new QHBoxLayout;
    row->setSpacing(3 * Theme::kSpace);
    row->addWidget(m_frames = new Tile(tr("Frames a second"), this));
    row->addWidget(m_p50 = new Tile(tr("Median lateness"), this));
    row->addWidget(m_p99 = new Tile(tr("p99", "99th percentile"), this));
    row->addWidget(m_p999 = new Tile(tr("p99.9", "99.9th percentile"), this));
    row->addWidget(m_max = new Tile(tr("Latest", "maximum of lateness"), this));
    row->addWidget(m_stalls = new Tile(tr("Stalls"), this));
    row->addWidget(m_dropped = new Tile(tr("Frames dropped"), this));
    inside->addLayout(row);
}

void TxPage::buildPlots(QVBoxLayout *layout)
{
    QVBoxLayout *inside = nullptr;
    layout->addWidget(card(this, inside), 2);
    m_lateness = new Plot(tr("Lateness"), inMilliseconds, 1, this);
    inside->addWidget(m_lateness);
    auto *row = new QHBoxLayout;
    row->setSpacing(2 * Theme::kSpace);
    layout->addLayout(row, 1);
    row->addWidget(card(this, inside));
    m_rate = new Plot(tr("Frames a second"), asNumber, 50, this);
    inside->addWidget(m_rate);
    row->addWidget(card(this, inside));
    m_faults = new Plot(tr("Faults"), asNumber, 5, this);
    inside->addWidget(m_faults);
}

// What is late, and whom it hit: one at a time, so that the page fits a small screen.
void TxPage::buildTables(QVBoxLayout *layout)
{
    auto *kind = new Segments({tr("TX threads"), tr("Calls with most faults", "of the live calls"), tr("Stalls")},
                              this);
    kind->setObjectName(u"beats"_s);
    auto *stack = new QStackedWidget(this);
    stack->addWidget(buildWorkers());
    stack->addWidget(buildStalls());
    stack->setFixedHeight(kTableRows * (fontMetrics().height() + 2 * Theme::kSpace));
    connect(kind, &Segments::chosen, this, [this, stack](int chosen) {
        stack->setCurrentIndex(chosen == 2 ? 1 : 0);
        m_workers.setWanted(TopicModel::kSearchRole, {chosen == 1 ? u"call"_s : u"worker"_s});
    });
    layout->addWidget(kind);
    layout->addWidget(stack);
    m_facts = mutedLabel({}, this);
    m_facts->setWordWrap(true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_facts);
}

Table *TxPage::buildWorkers()
{
    m_workers.setSourceModel(&m_tx);
    m_workers.setWanted(TopicModel::kSearchRole, {u"worker"_s});
    auto *table = new Table(u"txWorkers"_s, &m_workers, this);
    table->setSelectionMode(QAbstractItemView::NoSelection);
    table->setAccessibleName(tr("The beat of each TX thread, or of each call"));
    table->setWidths({u"+15550100000 ▲"_s, u"10.0 ms"_s, u"10.0 ms"_s, u"10.0 ms"_s, u"10.0 ms"_s, u"30,000"_s, u"00"_s,
                      u"000"_s, u"000"_s, u"000"_s, u"000"_s, u"100 ms"_s});
    table->sortByColumn(TxModel::Name, Qt::AscendingOrder);
    new EmptyState(table, tr("Nothing to show"), tr("No call is live, or this gateway only works after calls."));
    return table;
}

Table *TxPage::buildStalls()
{
    m_stallRows.setSourceModel(&m_flights);
    m_stallTable = new Table(u"stalls"_s, &m_stallRows, this);
    m_stallTable->setSelectionMode(QAbstractItemView::SingleSelection);
    m_stallTable->setAccessibleName(tr("Stalls and flight records"));
    m_stallTable->setWidths({u"00/00/2000 00:00 XX"_s, u"CA00000000000000000000000000000000X"_s,
                             u"The model sent too little XX"_s, u"10,000 ms"_s, u"none: another one"_s});
    m_stallTable->sortByColumn(FlightsModel::At, Qt::DescendingOrder);
    m_stallTable->restoreLayout();
    connect(m_stallTable, &Table::activated, this, &TxPage::openFlight);
    new EmptyState(m_stallTable, tr("No stalls"),
                   tr("What a call did in its last seconds is written down when its beat stalls."));
    return m_stallTable;
}

void TxPage::openFlight(const QModelIndex &row)
{
    const FlightEntry &entry = m_flights.entry(m_stallRows.mapToSource(row).row());
    if (entry.name.isEmpty())
        return;
    auto *dialog = new FlightDialog(m_client, entry, this);
    dialog->show();
}

void TxPage::copyIds()
{
    if (const int row = m_flights.rowOf(m_stallTable->currentKey()); row >= 0)
        QGuiApplication::clipboard()->setText(m_flights.entry(row).callSid);
}

void TxPage::rememberLayout() const
{
    m_stallTable->rememberLayout();
}

// Points come once a second; what is not looked at is not drawn.
void TxPage::onNews()
{
    if (isVisible())
        refresh();
}

void TxPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    refresh();
}

void TxPage::refresh()
{
    static const struct {
        QString span;
        int capacity;
    } s_spans[] = {{u"second"_s, 60}, {u"minute"_s, 60}, {u"quarter"_s, 96}};
    const auto &[span, capacity] = s_spans[std::clamp(m_span->current(), 0, 2)];
    const QList<TxPoint> points = m_tx.points(span);
    Plot::Series p99{tr("p99", "99th percentile"), Tone::Accent, Plot::Shape::Area, {}};
    Plot::Series max{tr("Latest", "maximum of lateness"), Tone::Muted, Plot::Shape::Line, {}};
    Plot::Series rate{{}, Tone::Accent, Plot::Shape::Area, {}};
    Plot::Series missed{tr("Missed slots"), Tone::Warning, Plot::Shape::Bars, {}};
    Plot::Series stalls{tr("Stalls"), Tone::Bad, Plot::Shape::Bars, {}};
    TxPoint worst;
    for (const TxPoint &point : points) {
        p99.values << double(point.p99Us) / 1000;
        max.values << double(point.maxUs) / 1000;
        rate.values << point.framesPerSecond();
        missed.values << double(point.resyncs);
        stalls.values << double(point.stalls + point.dropped);
        worst.p50Us = std::max(worst.p50Us, point.p50Us);
        worst.p99Us = std::max(worst.p99Us, point.p99Us);
        worst.p999Us = std::max(worst.p999Us, point.p999Us);
        worst.maxUs = std::max(worst.maxUs, point.maxUs);
        worst.stalls += point.stalls;
        worst.dropped += point.dropped;
    }
    const QString from = points.isEmpty() ? QString() : Words::time(points.front().atMs);
    const QString to = tr("now");
    m_lateness->setSeries({max, p99}, capacity, from, to);
    m_rate->setSeries({rate}, capacity, from, to);
    m_faults->setSeries({missed, stalls}, capacity, from, to);
    const auto late = [](qint64 us) { return double(us) / 1000 >= kSlotMs ? Tone::Bad : Tone::Plain; };
    m_frames->setValue(points.isEmpty() ? QString() : asNumber(points.back().framesPerSecond()));
    m_p50->setValue(Words::lateness(worst.p50Us), late(worst.p50Us));
    m_p99->setValue(Words::lateness(worst.p99Us), late(worst.p99Us));
    m_p999->setValue(Words::lateness(worst.p999Us), late(worst.p999Us));
    m_max->setValue(Words::lateness(worst.maxUs), late(worst.maxUs));
    m_stalls->setValue(Words::number(worst.stalls), worst.stalls > 0 ? Tone::Bad : Tone::Plain);
    m_dropped->setValue(Words::number(worst.dropped), worst.dropped > 0 ? Tone::Bad : Tone::Plain);
    refreshFacts();
}

void TxPage::refreshFacts()
{
    const QJsonObject &head = m_tx.head();
    QStringList facts;
    if (const QString granted = head["real_time"_L1].toString(); !granted.isEmpty())
        facts << tr("Granted by the kernel: %1").arg(Words::leftToRight(granted));
    if (const double pressure = head["cpu_pressure"_L1].toDouble(-1); pressure >= 0)
        facts << tr("Something waited for the processor in %1% of the last ten seconds")
                     .arg(QLocale().toString(pressure, 'f', 1));
    const QString closed = head["gate_closed"_L1].toString();
    facts << (closed.isEmpty() ? tr("Work after calls may run: %n job(s) now", nullptr, head["jobs_running"_L1].toInt())
                               : tr("Work after calls stands still: %1").arg(Words::waiting(closed)));
    m_facts->setText(facts.join(u"\n"_s));
}

} // namespace takt::console
