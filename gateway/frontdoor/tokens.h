// SPDX-License-Identifier: GPL-3.0-or-later
// One-time tokens: the carrier gets one with its TwiML, and the media stream that brings it within 60 s, once, comes in.
// A token is bound to its call. Told the time; main thread.
#pragma once

#include "carrier/pass.h"

#include <QByteArray>
#include <QHash>

#include <variant>

namespace takt::frontdoor {

enum class TokenRefusal { Missing, Unknown, ForeignCall, Used, Expired };
[[nodiscard]] QLatin1StringView name(TokenRefusal refusal);

class Tokens
{
public:
    static constexpr qint64 kLifeMs = 60'000;

    // For pass.callSid; an older one of the same call is void from now on. "CA....TOKEN", for a path; the part behind the
    // dot also becomes pass.token.
    [[nodiscard]] QByteArray mint(carrier::Pass pass, qint64 nowMs);
    [[nodiscard]] std::variant<carrier::Pass, TokenRefusal> redeem(const QByteArray &bearer, qint64 nowMs);
    // The pass of a call that has a token, and has not come yet: a webhook that the carrier repeats must not cost a
    // second slot.
    [[nodiscard]] const carrier::Pass *waiting(const QString &callSid) const;
    // The call will not come.
    void drop(const QString &callSid);
    void clear();
    // Forgets what is old; to be called now and then.
    void expire(qint64 nowMs);
    [[nodiscard]] int waiting() const { return int(m_byCall.size()); }

private:
    struct Entry {
        carrier::Pass pass; // callSid only, once used: the slot is the stream's
        qint64 expiresAtMs = 0;
        bool used = false;
    };
    // By hash: what the look-up compares tells nothing about a token.
    QHash<QByteArray, Entry> m_entries;
    QHash<QString, QByteArray> m_byCall; // of those that have not been used
};

} // namespace takt::frontdoor
