// SPDX-License-Identifier: GPL-3.0-or-later
// What we ask of the speech model. Plain values; any thread.
#pragma once

#include "shared/usage.h"

#include <QString>
#include <QStringList>
#include <QUrl>

namespace takt::speech {

// Voice activity detection by the server ("server_vad"). Defaults are those of the API's documentation.
struct TurnDetection {
    double threshold = 0.5; // 0..1
    int prefixPaddingMs = 300;
    int silenceDurationMs = 500;
    bool interruptResponse = true; // the server cancels its response itself when the caller speaks
};

struct SessionSettings {
    QUrl url; // without the model; ws or wss
    QString model;
    QString apiKey; // secret: never logged
    QString instructions;
    QString greeting; // instructions for the first response; empty: the model greets as it likes
    QString voice;
    QString transcriptionModel; // of the caller's words; empty: none
    QString language;           // ISO 639-1 hint for the transcription; may be empty
    QStringList tools;          // of knownTools(): what the agent may do beside talking
    TurnDetection turnDetection;
    int appendMs = 20; // caller audio in one message to the model
    Prices prices; // of the models
};

inline constexpr QLatin1StringView kEndCall{"end_call"};           // the conversation is over: hang up
inline constexpr QLatin1StringView kTransferCall{"transfer_call"}; // a human is wanted: pass the caller on
[[nodiscard]] inline QStringList knownTools()
{
    return {QString(kEndCall), QString(kTransferCall)};
}

} // namespace takt::speech
