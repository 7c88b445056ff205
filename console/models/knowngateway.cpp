// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/knowngateway.h"

#include <QFileInfo>
#include <QSettings>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

QString KnownGateway::title() const
{
    return name.isEmpty() ? QFileInfo(socket).completeBaseName() : name;
}

QList<KnownGateway> rememberedGateways()
{
    QSettings settings;
    QList<KnownGateway> gateways;
    const int count = settings.beginReadArray(u"gateways"_s);
    for (int i = 0; i < count; ++i) {
        settings.setArrayIndex(i);
        const KnownGateway gateway{settings.value(u"name"_s).toString(), settings.value(u"socket"_s).toString()};
        if (!gateway.socket.isEmpty())
            gateways << gateway;
    }
    return gateways;
}

void remember(const QList<KnownGateway> &gateways)
{
    QSettings settings;
    settings.remove(u"gateways"_s); // what is left of a longer list would be in the way
    settings.beginWriteArray(u"gateways"_s, int(gateways.size()));
    for (int i = 0; i < gateways.size(); ++i) {
        settings.setArrayIndex(i);
        settings.setValue(u"name"_s, gateways[i].name);
        settings.setValue(u"socket"_s, gateways[i].socket);
    }
    settings.endArray();
}

} // namespace takt::console
