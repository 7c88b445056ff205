// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/listener.h"

#include "http/connection.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QTimer>

namespace takt::http {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::lcGateway;

namespace {

constexpr int kAcceptAgainMs = 200;
constexpr int kBacklog = 1024; // connections that the kernel holds for us: a burst of calls

} // namespace

Listener::Listener(Handlers handlers, const Limits &limits, QObject *parent)
    : QTcpServer(parent)
    , m_handlers(std::move(handlers))
    , m_limits(limits)
{
    setListenBacklogSize(kBacklog);
    // Out of descriptors, say: Qt then stops accepting until told otherwise.
    connect(this, &QTcpServer::acceptError, this, [this] {
        telemetry::count(Counter::FrontDoorAcceptErrors);
        qCCritical(lcGateway).noquote() << "can't accept connections:" << errorString();
        QTimer::singleShot(kAcceptAgainMs, this, [this] { resumeAccepting(); });
    });
}

Listener::~Listener()
{
    close();
    // Connections are our children; they must not find a half destroyed listener.
    qDeleteAll(findChildren<Connection *>(QString(), Qt::FindDirectChildrenOnly));
}

QString Listener::open(const QHostAddress &address, quint16 port)
{
    if (listen(address, port))
        return {};
    return u"can't listen on %1:%2: %3"_s.arg(address.toString()).arg(port).arg(errorString());
}

void Listener::incomingConnection(qintptr descriptor)
{
    if (m_waiting.size() >= std::size_t(m_limits.waiting)) {
        telemetry::count(Counter::FrontDoorEvicted);
        m_waiting.front()->drop();
    }
    new Connection(descriptor, m_tls, *this);
}

} // namespace takt::http
