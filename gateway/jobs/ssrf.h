// SPDX-License-Identifier: GPL-3.0-or-later
// Which addresses a webhook may be sent to. Its URL comes from whoever sets up a business; what stands behind our firewall,
// on this machine or in the cloud's metadata service is none of theirs. Pure, but for resolveHost(); any thread.
#pragma once

#include "shared/result.h"

#include <QHostAddress>
#include <QList>
#include <QPair>
#include <QUrl>

namespace takt::jobs {

using Networks = QList<QPair<QHostAddress, int>>; // prefixes

// The address to connect to: the first one. Every one of them must be public, or in one of the allowed networks, because a
// name that answers with both is made to be asked again later. Plain http only where all are in allowed networks.
[[nodiscard]] Result<QHostAddress> vet(const QUrl &url, const QList<QHostAddress> &resolved, const Networks &allowed);

// What kind of address it is, when it is not public: "private", "loopback"...; empty: public.
[[nodiscard]] QString unroutable(const QHostAddress &address);

// Asks the system, and waits for it: in a job's thread only. A literal address, however it is spelled, is its own answer.
[[nodiscard]] Result<QList<QHostAddress>> resolveHost(const QString &host);

} // namespace takt::jobs
