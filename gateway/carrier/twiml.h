// SPDX-License-Identifier: GPL-3.0-or-later
// TwiML, the carrier's XML: what a call is to do next. Sources: Twilio's "TwiML for Programmable Voice" and the typings of
// its Node helper library 6.2.0. Whatever a value holds, the document is well-formed: characters that XML 1.0 cannot carry
// are dropped, the rest is escaped. UTF-8. Pure; any thread.
#pragma once

#include "config/business.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QUrl>

#include <optional>
#include <utility>

namespace takt::carrier {

// The carrier takes parameters whose name and value together are shorter than this. A longer one is left out, as is one
// without a name: an invalid verb would cost the whole call.
inline constexpr qsizetype kMaxParameter = 500;

struct ConnectStream {
    QUrl streamUrl;                                // wss; the carrier knows no query in it, so it goes without
    QString connectAction;                         // empty: none
    QString streamStatusCallback;                  // empty: none
    QList<std::pair<QString, QString>> parameters; // arrive as start.customParameters
    std::optional<QString> recordingCallback;      // set: both sides are recorded, on a channel each
    config::Fallback fallback; // runs when the stream is over or never came to be, unless the call was sent elsewhere
};

[[nodiscard]] QByteArray connectStream(const ConnectStream &what);
// Without a value it hangs up.
[[nodiscard]] QByteArray fallback(const config::Fallback &what);
[[nodiscard]] QByteArray hangup();
[[nodiscard]] QByteArray empty(); // an answer without instructions
// `target` is an E.164 number, or a "sip:" or "sips:" address; an empty `callerId` leaves the caller's. `action`: who says
// what comes after it; empty: the call ends.
[[nodiscard]] QByteArray dial(const QString &target, const QString &callerId, const QString &action = {});

} // namespace takt::carrier
