// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/replay/command.h"

#include "sim/simulation.h"

#include <QFile>
#include <QUrl>

#include <arpa/inet.h>

namespace takt::sim {

using namespace Qt::Literals::StringLiterals;

namespace {

const QString kUsage =
    u"usage: takt-sim replay FILE [--gateway ws://127.0.0.1:8080/media] [--model-port 9090] [--json]"_s;

Result<Replay> readRecord(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{u"cannot read %1: %2"_s.arg(path, file.errorString())};
    const auto record = FlightRecord::fromNdjson(file.readAll());
    return record ? replayOf(*record) : Result<Replay>(Error{record.error()});
}

} // namespace

Result<ReplayCommand> readReplayCommand(const QStringList &arguments)
{
    ReplayCommand command;
    QString path;
    QUrl gateway(u"ws://127.0.0.1:8080/media"_s);
    ushort modelPort = 9090;
    bool ok = true;
    for (qsizetype i = 0; i < arguments.size() && ok; ++i) {
        const bool more = i + 1 < arguments.size();
        if (arguments[i] == u"--json")
            command.json = true;
        else if (arguments[i] == u"--gateway" && more)
            gateway = QUrl(arguments[++i], QUrl::StrictMode);
        else if (arguments[i] == u"--model-port" && more)
            modelPort = arguments[++i].toUShort(&ok);
        else if (ok = path.isEmpty() && !arguments[i].startsWith(u'-'); ok)
            path = arguments[i];
    }
    if (!ok || path.isEmpty() || gateway.scheme() != u"ws" || gateway.host().isEmpty())
        return Error{kUsage};
    const auto address = resolve(gateway.host(), quint16(gateway.port(80)));
    if (!address)
        return Error{address.error()};
    if (!isLoopback(*address))
        return Error{u"a replay goes to a gateway on this machine only"_s};
    auto replay = readRecord(path);
    if (!replay)
        return Error{replay.error()};
    command.replay = std::move(replay).value();
    command.options.gateway = *address;
    command.options.host = gateway.authority().toStdString();
    command.options.path = gateway.path().toStdString();
    command.options.model.sin_family = AF_INET;
    command.options.model.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    command.options.model.sin_port = htons(modelPort);
    return command;
}

} // namespace takt::sim
