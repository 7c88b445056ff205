// SPDX-License-Identifier: GPL-3.0-or-later
// What a machine wants to know of the gateway, over HTTP on a port of its own: /healthz (it answers), /readyz (it takes
// calls), /metrics. It shows and changes nothing; who may ask is a matter of the address it listens on. Lives in the main
// thread.
#pragma once

#include "admin/metrics.h"
#include "http/listener.h"

#include <QObject>
#include <QStringList>

#include <functional>

namespace takt::admin {

class AdminServer final : public QObject
{
    Q_OBJECT
public:
    // Why the gateway would refuse a call just now; empty: it would take one.
    using NotReady = std::function<QStringList()>;
    // Delivers to the callback, in the main thread, soon. When it doesn't, who asked gets 503.
    using Collect = std::function<void(std::function<void(const Metrics &)>)>;

    AdminServer(NotReady notReady, Collect collect, QObject *parent = nullptr);

    // Empty on success. Port 0: any free one.
    [[nodiscard]] QString open(const QHostAddress &address, quint16 port) { return m_listener.open(address, port); }
    [[nodiscard]] quint16 port() const { return m_listener.serverPort(); }

private:
    void onRequest(const http::Request &request, const http::Listener::Reply &reply);
    [[nodiscard]] http::Response readiness() const;

    const NotReady m_notReady;
    const Collect m_collect;
    http::Listener m_listener;
};

} // namespace takt::admin
