// SPDX-License-Identifier: GPL-3.0-or-later
// A listening end with or without TLS. The thread of whoever makes it.
#pragma once

#include <QSslConfiguration>
#include <QSslKey>
#include <QSslServer>

#include <memory>

namespace takt::test {

// Without a key: plain. Its connections are ready to use when it tells pendingConnectionAvailable().
inline std::unique_ptr<QTcpServer> makeServer(const QSslConfiguration &tls)
{
    if (tls.privateKey().isNull())
        return std::make_unique<QTcpServer>();
    auto server = std::make_unique<QSslServer>();
    server->setSslConfiguration(tls);
    return server;
}

} // namespace takt::test
