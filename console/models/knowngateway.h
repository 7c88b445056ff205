// SPDX-License-Identifier: GPL-3.0-or-later
// The gateways that an operator watches: what he calls each, and where it is. Kept in the settings. Lives in the GUI's
// thread.
#pragma once

#include <QList>
#include <QString>

namespace takt::console {

struct KnownGateway {
    QString name; // may be empty
    QString socket;

    // What to call it: its name, else that of its socket.
    [[nodiscard]] QString title() const;

    friend bool operator==(const KnownGateway &, const KnownGateway &) = default;
};

[[nodiscard]] QList<KnownGateway> rememberedGateways();
void remember(const QList<KnownGateway> &gateways);

} // namespace takt::console
