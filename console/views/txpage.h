// SPDX-License-Identifier: GPL-3.0-or-later
// How the beat is, and was over the last minute, hour and day. GUI's thread.
#pragma once

#include "console/gatewayclient.h"
#include "console/models/filterproxy.h"
#include "console/models/flightsmodel.h"
#include "console/models/txmodel.h"
#include "console/views/page.h"

class QLabel;
class QVBoxLayout;

namespace takt::console {

class Plot;
class Segments;
class Table;
class Tile;

class TxPage final : public Page
{
    Q_OBJECT
public:
    TxPage(GatewayClient &client, TxModel &tx, FlightsModel &flights, QWidget *parent);

    void copyIds() override;
    void rememberLayout() const override;

private:
    void buildTiles(QVBoxLayout *layout);
    void buildPlots(QVBoxLayout *layout);
    void buildTables(QVBoxLayout *layout);
    [[nodiscard]] Table *buildWorkers();
    [[nodiscard]] Table *buildStalls();
    void openFlight(const QModelIndex &row);
    void showEvent(QShowEvent *event) override;
    void refresh();
    void refreshFacts();
    void onNews();

    GatewayClient &m_client;
    TxModel &m_tx;
    FlightsModel &m_flights;
    FilterProxy m_workers;
    FilterProxy m_stallRows;
    Table *m_stallTable = nullptr;
    Segments *m_span;
    Tile *m_frames;
    Tile *m_p50;
    Tile *m_p99;
    Tile *m_p999;
    Tile *m_max;
    Tile *m_stalls;
    Tile *m_dropped;
    Plot *m_lateness;
    Plot *m_rate;
    Plot *m_faults;
    QLabel *m_facts;
};

} // namespace takt::console
