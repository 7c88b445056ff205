// SPDX-License-Identifier: GPL-3.0-or-later
// One [[business]] of the settings: whose agent answers which numbers, and how. Plain values, never changed once loaded;
// a call keeps the one that it began with (by BusinessPtr) when the settings are loaded anew. Any thread.
#pragma once

#include "speech/session.h"

#include <QString>
#include <QStringList>
#include <QUrl>

#include <memory>

namespace takt::config {

// What a caller hears whom no agent can take, or whom the agent's failure leaves behind.
struct Fallback {
    enum class Kind { Say, Dial, Redirect } kind = Kind::Say;
    QString value;    // the sentence, the number (E.164) or sip: address to dial, or the URL of other TwiML
    QString language; // of a sentence, BCP 47 like "en-US"; empty: the carrier's default
};

struct CallLimits {
    int calls = 0;    // at the same time; 0: as many as the gateway takes
    int outbound = 0; // of these, placed by us; 0: as many
};

struct Business {
    QString name;        // unique; stored with each call
    QStringList numbers; // E.164 or sip: addresses, each of one business only
    speech::SessionSettings speech;
    QStringList services;
    QStringList cities;
    QStringList leadStatuses;
    QString transferTo; // where transfer_call leads: E.164 or sip:
    QUrl webhookUrl;    // call.completed; invalid: the gateway's own
    QString webhookSecret;
    CallLimits limits;
    Fallback fallback;
};
using BusinessPtr = std::shared_ptr<const Business>;

} // namespace takt::config
