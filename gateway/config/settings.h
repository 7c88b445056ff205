// SPDX-License-Identifier: GPL-3.0-or-later
// All settings: a TOML file, each key overridden by the environment variable TAKT_<SECTION>_<KEY>. Read at start, and anew
// on SIGHUP, on the main thread; plain values afterwards. resources/takt.example.toml explains each key.
#pragma once

#include "config/businessbook.h"
#include "shared/result.h"
#include "speech/session.h"

#include <QHash>
#include <QHostAddress>
#include <QString>
#include <QStringList>

namespace takt::config {

struct Endpoint {
    QHostAddress address = QHostAddress::LocalHost;
    quint16 port = 0;
    [[nodiscard]] QString toText() const;
};

struct TlsSettings {
    QString certificateFile; // PEM: ours first, then the intermediate ones
    QString keyFile;         // PEM
    [[nodiscard]] bool wanted() const { return !certificateFile.isEmpty(); }
};

struct TwilioSettings {
    QUrl baseUrl; // of the REST API, without /2010-04-01
    QString accountSid;
    QList<QByteArray> authTokens; // secret; the first is ours for REST, all of them are good for signatures
    bool record = true;           // recording, dual channel, from the call's first moment
    bool detectMachines = false;  // who answers an outbound call, told while it goes on (asynchronous detection)
    bool hangUpOnMachines = true; // when it was told
};

struct AdmissionSettings {
    int maxCalls = 0;    // 0: no limit
    int maxOutbound = 0; // 0: no limit of its own
    int maxLateMs = 20;  // refuse when the p99 of the beat's lateness is above that; 0: never for that reason
    int lateSeconds = 3; // ... for that long; and take calls again after as long below it
};

struct TxSettings {
    int workers = 1;
    bool silenceWhenIdle = false; // tx.idle: "skip" or "silence"
    int leadMs = 0;
    int backlogSeconds = 120;
    friend bool operator==(const TxSettings &, const TxSettings &) = default;
};

struct Settings {
    Endpoint listen{QHostAddress::LocalHost, 8080};
    Endpoint adminListen{QHostAddress::LocalHost, 9464};
    QUrl publicUrl;        // what the carrier calls us; signatures are checked against it
    bool insecure = false; // --insecure: unsigned carriers, on loopback only
    TlsSettings tls;
    QString dataDir;
    QString databasePath;
    QString controlSocket;
    int drainSeconds = 600;
    TwilioSettings twilio;
    AdmissionSettings admission;
    TxSettings tx;
    Fallback fallback;
    speech::SessionSettings speech;
    BusinessBook businesses;
};

using Environment = QHash<QString, QString>;
[[nodiscard]] Environment systemEnvironment();
// Where the console's socket is, for those who need nothing else.
[[nodiscard]] QString controlSocket(const Environment &environment);

// `file` may be empty: then only defaults and the environment count. An error lists every problem, one a line, those of
// the file with their line number.
[[nodiscard]] Result<Settings> load(const QString &file, const Environment &environment, bool insecure);

} // namespace takt::config
