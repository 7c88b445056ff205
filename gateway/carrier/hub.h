// SPDX-License-Identifier: GPL-3.0-or-later
// All lanes of one TX worker: takes upgraded sockets in, routes commands of the call worker to their lane, and passes
// the lanes' signals on. Created in, and lives in, the TX worker's thread. Commands for a lane that is gone are no error:
// the call worker just has not heard of it yet.
#pragma once

#include "carrier/lane.h"
#include "carrier/pass.h"

#include <QHash>
#include <QObject>
#include <QWebSocketServer>

#include <vector>

class QTcpSocket;

namespace takt::carrier {

class Hub final : public QObject
{
    Q_OBJECT
public:
    // `index`: of the worker, 0-based; part of every LaneId.
    Hub(int index, media::TxWorker &worker, const LaneOptions &options);

    ~Hub() override;

    // Sends a socket, which the calling thread owns, to the hub's thread and adopts it there.
    static void handOver(Hub *hub, QTcpSocket *socket, const Pass &pass);
    // A socket whose first unread bytes are a WebSocket upgrade request; it already belongs to this thread.
    void adopt(QTcpSocket *socket, const Pass &pass);

    void interrupt(LaneId lane, quint32 generation);
    void closeAfterPlayout(LaneId lane, EndReason reason, int limitMs);
    void close(LaneId lane, EndReason reason);
    void closeAll(EndReason reason);

Q_SIGNALS:
    void started(takt::LaneId lane, const takt::carrier::StreamStart &start, const takt::carrier::Pass &pass,
                 const takt::media::CallMediaPtr &media);
    void digit(takt::LaneId lane, QChar digit);
    void itemHeard(takt::LaneId lane, takt::media::ItemNumber item);
    void interrupted(takt::LaneId lane, quint32 generation, const std::vector<takt::media::ItemPlayback> &items);
    void ended(takt::LaneId lane, takt::EndReason reason, const QString &detail,
               const std::vector<takt::media::ItemPlayback> &items);

private:
    // A connection in its WebSocket handshake.
    struct Guest {
        QTcpSocket *socket = nullptr;
        FrameReader *reader = nullptr; // a child of the socket
        Pass pass;
    };
    void onUpgraded();
    // Its handshake came to nothing. False: it is no guest any more.
    bool dropGuest(const QObject *socket);
    // The guest on that address, who leaves the list; without socket when there is none.
    [[nodiscard]] Guest takeGuest(const QHostAddress &address, quint16 port);

    media::TxWorker &m_worker;
    const LaneOptions m_options;
    TwilioCodec m_codec;
    QWebSocketServer m_server;
    QHash<LaneId, Lane *> m_lanes;
    std::vector<Guest> m_guests; // nobody else owns their sockets before the handshake is done
    LaneId m_nextId;
};

} // namespace takt::carrier
