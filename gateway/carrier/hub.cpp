// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/hub.h"

#include "telemetry/counters.h"

#include <QTcpSocket>
#include <QWebSocket>

namespace takt::carrier {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kHandshakeTimeoutMs = 5000;
// Small on purpose: what lies in the kernel can neither be cleared nor counted as unheard. About two seconds of frames.
constexpr int kSendBufferBytes = 16 * 1024;

} // namespace

Hub::Hub(int index, media::TxWorker &worker, const LaneOptions &options)
    : m_worker(worker)
    , m_options(options)
    , m_server(u"takt"_s, QWebSocketServer::NonSecureMode)
    , m_nextId((LaneId(index) << kLaneWorkerShift) + 1)
{
    m_server.setHandshakeTimeout(kHandshakeTimeoutMs);
    connect(&m_server, &QWebSocketServer::newConnection, this, &Hub::onUpgraded);
}

Hub::~Hub()
{
    qDeleteAll(m_lanes);
    for (const Guest &guest : m_guests) {
        guest.socket->disconnect(this);
        guest.socket->deleteLater();
    }
}

void Hub::handOver(Hub *hub, QTcpSocket *socket, const Pass &pass)
{
    // Deletes the socket if the hub is gone before it could take it.
    struct Handed {
        ~Handed()
        {
            if (socket != nullptr)
                socket->deleteLater();
        }
        QTcpSocket *socket;
    };
    socket->moveToThread(hub->thread());
    QMetaObject::invokeMethod(
        hub,
        [hub, pass, handed = std::make_shared<Handed>(socket)] {
            hub->adopt(std::exchange(handed->socket, nullptr), pass);
        },
        Qt::QueuedConnection);
}

void Hub::adopt(QTcpSocket *socket, const Pass &pass)
{
    if (socket->state() != QAbstractSocket::ConnectedState) { // died between the threads, and said so to nobody
        socket->deleteLater();
        return;
    }
    m_guests.push_back({socket, new FrameReader(socket), pass});
    // A handshake that fails: whatever the server does with the socket, the guest's slot is free from then on.
    connect(socket, &QTcpSocket::disconnected, this, [this, socket] {
        if (dropGuest(socket))
            socket->deleteLater();
    });
    connect(socket, &QObject::destroyed, this, &Hub::dropGuest);
    // Here and not later: after the handshake the TCP socket can't be reached any more. Nagle's algorithm would hold
    // small frames back until the peer has acknowledged the one before.
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    socket->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, kSendBufferBytes);
    m_server.handleConnection(socket);
}

bool Hub::dropGuest(const QObject *socket)
{
    return std::erase_if(m_guests, [socket](const Guest &guest) { return guest.socket == socket; }) > 0;
}

void Hub::onUpgraded()
{
    while (QWebSocket *socket = m_server.nextPendingConnection()) {
        telemetry::count(telemetry::Counter::CarrierUpgrades);
        const LaneId id = m_nextId++;
        const Guest guest = takeGuest(socket->peerAddress(), socket->peerPort());
        if (guest.socket == nullptr) { // whoever it is, it has no pass
            delete socket;
            continue;
        }
        auto *lane = new Lane(id, socket, *guest.reader, guest.pass, m_worker, m_codec, m_options, this);
        m_lanes.insert(id, lane);
        connect(lane, &Lane::started, this, &Hub::started);
        connect(lane, &Lane::digit, this, &Hub::digit);
        connect(lane, &Lane::itemHeard, this, &Hub::itemHeard);
        connect(lane, &Lane::interrupted, this, &Hub::interrupted);
        connect(lane, &Lane::ended, this, &Hub::ended);
        connect(lane, &Lane::gone, this, [this, lane](LaneId gone) {
            m_lanes.remove(gone);
            lane->deleteLater();
        });
    }
}

// After the handshake the server hands out a QWebSocket that keeps its TCP socket to itself: the address is what the two
// have in common.
Hub::Guest Hub::takeGuest(const QHostAddress &address, quint16 port)
{
    const auto found = std::find_if(m_guests.begin(), m_guests.end(), [&](const Guest &guest) {
        return guest.socket->peerPort() == port && guest.socket->peerAddress() == address;
    });
    if (found == m_guests.end())
        return {};
    Guest guest = std::move(*found);
    m_guests.erase(found);
    guest.socket->disconnect(this);
    return guest;
}

void Hub::interrupt(LaneId lane, quint32 generation)
{
    if (Lane *l = m_lanes.value(lane))
        l->interrupt(generation);
}

void Hub::closeAfterPlayout(LaneId lane, EndReason reason, int limitMs)
{
    if (Lane *l = m_lanes.value(lane))
        l->closeAfterPlayout(reason, limitMs);
}

void Hub::close(LaneId lane, EndReason reason)
{
    if (Lane *l = m_lanes.value(lane))
        l->close(reason);
}

void Hub::closeAll(EndReason reason)
{
    const auto lanes = m_lanes.values();
    for (Lane *lane : lanes)
        lane->close(reason);
}

} // namespace takt::carrier
