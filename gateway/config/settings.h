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

#include <optional>

namespace takt::config {

struct Endpoint {
    QHostAddress address = QHostAddress::LocalHost;
    quint16 port = 0;
    [[nodiscard]] QString toText() const;
    friend bool operator==(const Endpoint &, const Endpoint &) = default;
};

struct TlsSettings {
    QString certificateFile; // PEM: ours first, then the intermediate ones
    QString keyFile;         // PEM
    QString trustFile{};     // PEM: whom connections of ours trust beside the system's authorities; may be empty
    [[nodiscard]] bool wanted() const { return !certificateFile.isEmpty(); }
};

struct TwilioSettings {
    QUrl baseUrl; // of the REST API, without /2010-04-01
    QString accountSid;
    QList<QByteArray> authTokens; // secret; the first is ours for REST, all of them are good for signatures
    bool record = true;           // recording, dual channel, from the call's first moment
    bool callerFirst = true;      // which channel of a recording is the caller's: the first
    bool detectMachines = false;  // who answers an outbound call, told while it goes on (asynchronous detection)
    bool hangUpOnMachines = true; // when it was told
};

struct AdmissionSettings {
    int maxCalls = 0;    // 0: no limit
    int maxOutbound = 0; // 0: no limit of its own
    int maxLateMs = 20;  // refuse when the p99 of the beat's lateness is above that; 0: never for that reason
    int lateSeconds = 3; // ... for that long; and take calls again after as long below it
};

enum class GateMode {
    OwnCall, // a call's jobs wait for its end; children of other calls' jobs stand still while the beat is late
    Quiet,   // nothing runs while any call is live on this host
    OffHost, // this process runs none: workers on other machines do
};

struct JobsSettings {
    GateMode gate = GateMode::OwnCall;
    int workers = 2;               // jobs at the same time; deliveries have slots of their own
    QString ffmpeg;                // the program; empty: ffmpeg of the PATH
    int freezeLateMs = 10;         // children stand still while the p99 of the beat's lateness is above that; 0: never
    int freezeBurstCalls = 5;      // ... and when so many calls start within a second; 0: never
    int recordingWaitMinutes = 30; // for a recording that the carrier has not finished; then there is none
    int keepDays = 30;             // finished jobs stay in the list for so long
    friend bool operator==(const JobsSettings &, const JobsSettings &) = default;
};

// Transcription and text of the work after a call: OpenAI, or a server that speaks like it.
struct OpenAiSettings {
    QUrl baseUrl;               // https://api.openai.com/v1
    QString apiKey;             // secret; empty: requests carry none, and OpenAI itself is not asked
    QString transcriptionModel; // whisper-1; empty: no offline transcription
    QUrl transcriptionUrl; // invalid: baseUrl/audio/transcriptions. Of a whisper.cpp server: http://host:8080/inference
    QString textModel;     // gpt-4o-mini; empty: no summary and no extraction
};

struct WebhookSettings {
    QUrl url;       // call.completed; invalid: none. A business may have its own
    QString secret; // "whsec_" + base64; several, separated by spaces, while it is rotated
    QList<QPair<QHostAddress, int>> allowNetworks; // private networks that may be receivers, and by plain http
};

struct TxSettings {
    int workers = 1;
    bool silenceWhenIdle = false; // tx.idle: "skip" or "silence"
    int leadMs = 0;
    bool autoLead = false; // lead_ms = "auto"
    int backlogSeconds = 120;
    friend bool operator==(const TxSettings &, const TxSettings &) = default;
};

struct FlightSettings {
    int keepMb = 64; // of flight records; the oldest go. 0: none is kept
    friend bool operator==(const FlightSettings &, const FlightSettings &) = default;
};

enum class Role {
    All,    // calls, and the work after them
    Media,  // calls; the work is left to others
    Worker, // the work alone
};
[[nodiscard]] QLatin1StringView name(Role role);
[[nodiscard]] std::optional<Role> roleNamed(const QString &name);

struct Settings {
    Role role = Role::All;
    Endpoint listen{QHostAddress::LocalHost, 8080};
    Endpoint adminListen{QHostAddress::LocalHost, 9464};
    QUrl publicUrl;        // what the carrier calls us; signatures are checked against it
    bool insecure = false; // --insecure: unsigned carriers, on loopback only
    TlsSettings tls;
    QString dataDir;
    QString databaseUrl; // sqlite:PATH or postgresql://...; secret: it may hold a password
    QString controlSocket;
    int drainSeconds = 600;
    bool logAsJson = false; // log.format: "text" or "json"
    TwilioSettings twilio;
    AdmissionSettings admission;
    TxSettings tx;
    FlightSettings flight;
    JobsSettings jobs;
    OpenAiSettings openai;
    WebhookSettings webhook;
    Fallback fallback;
    speech::SessionSettings speech;
    BusinessBook businesses;
    // Jobs run here, and are not left to others.
    [[nodiscard]] bool claimsJobs() const;
};

using Environment = QHash<QString, QString>;
[[nodiscard]] Environment systemEnvironment();
// Those that look like settings, TAKT_..., and are none: mistyped, as a rule. Sorted.
[[nodiscard]] QStringList unknownVariables(const Environment &environment);
// Where the console's socket is, for those who need nothing else.
[[nodiscard]] QString controlSocket(const Environment &environment);

// `file` may be empty: then only defaults and the environment count. An error lists every problem, one a line, those of
// the file with their line number.
[[nodiscard]] Result<Settings> load(const QString &file, const Environment &environment, bool insecure,
                                    Role role = Role::All);

} // namespace takt::config
