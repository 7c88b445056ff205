// SPDX-License-Identifier: GPL-3.0-or-later
// All settings: a TOML file, each key overridden by the environment variable TAKT_<SECTION>_<KEY>. Read once at start, on
// the main thread; plain values afterwards. resources/takt.example.toml explains each key.
#pragma once

#include "shared/result.h"
#include "speech/session.h"

#include <QHash>
#include <QHostAddress>
#include <QString>
#include <QStringList>

namespace takt::config {

struct TxSettings {
    int workers = 1;
    bool silenceWhenIdle = false; // tx.idle: "skip" or "silence"
    int leadMs = 0;
    int backlogSeconds = 120;
};

struct Settings {
    QHostAddress listenAddress = QHostAddress::LocalHost;
    quint16 listenPort = 8080;
    bool insecure = false; // --insecure: unsigned carriers, on loopback only
    QString dataDir;
    QString databasePath;
    QString controlSocket;
    speech::SessionSettings speech;
    TxSettings tx;
};

using Environment = QHash<QString, QString>;
[[nodiscard]] Environment systemEnvironment();
// Where the console's socket is, for those who need nothing else.
[[nodiscard]] QString controlSocket(const Environment &environment);

// `file` may be empty: then only defaults and the environment count. An error lists every problem, one a line, those of
// the file with their line number.
[[nodiscard]] Result<Settings> load(const QString &file, const Environment &environment, bool insecure);

} // namespace takt::config
