// SPDX-License-Identifier: GPL-3.0-or-later
// X-Twilio-Signature: which requests come from the carrier. It signs the URL as it was configured there, which a proxy
// in front of us hides, so every spelling that the public URL allows is tried. Sources: Twilio's "Webhooks security" and
// the validator of its Node helper library 6.2.0. Pure and immutable; any thread.
#pragma once

#include "carrier/form.h"

#include <QUrl>

namespace takt::carrier {

// base64(HMAC-SHA1(token, url + each name and value)), sorted by the bytes of the name; of a repeated name every
// different value once, sorted.
[[nodiscard]] QByteArray sign(const QByteArray &token, const QByteArray &url, const Form &params);

// Takes equally long wherever the first difference is: an early exit would tell an attacker who measures us how many
// characters of a guessed signature are right.
[[nodiscard]] bool constantTimeEqual(QByteArrayView a, QByteArrayView b);

class SignatureCheck
{
public:
    // `publicUrl`: where the carrier finds us; it may have a path that a proxy takes off. `tokens`: the account's auth
    // token, and while it is rotated also the other one. Empty tokens are left out: anybody can sign with those.
    SignatureCheck(const QUrl &publicUrl, const QList<QByteArray> &tokens);

    // `target` is the request's target as it came, byte for byte: path and query. A JSON body is bound to the signature
    // by its hash in the query (bodySHA256); it has no form fields.
    [[nodiscard]] bool webhook(const QByteArray &target, const QByteArray &signature, const Form &params,
                               const QByteArray &jsonBody = {}) const;
    // The WebSocket handshake of a media stream.
    [[nodiscard]] bool upgrade(const QByteArray &target, const QByteArray &signature) const;

private:
    [[nodiscard]] QList<QByteArray> pathsOf(const QByteArray &target) const;
    [[nodiscard]] bool anyOf(const QList<QByteArray> &origins, const QList<QByteArray> &paths,
                             const QByteArray &signature, const Form &params) const;

    QList<QByteArray> m_tokens;
    QList<QByteArray> m_webhookOrigins; // scheme://host[:port]
    QList<QByteArray> m_upgradeOrigins;
    QByteArray m_prefix; // path of the public URL, without the slash at its end
};

} // namespace takt::carrier
