// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/webhooksign.h"

#include <QMessageAuthenticationCode>
#include <QStringList>
#include <QUuid>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr QLatin1StringView kPrefix("whsec_");
constexpr qsizetype kMinKey = 24;
constexpr qsizetype kMaxKey = 64;

Result<QByteArray> parseOne(const QString &text)
{
    if (!text.startsWith(kPrefix))
        return Error{u"a webhook secret must begin with whsec_"_s};
    const auto decoded = QByteArray::fromBase64Encoding(text.sliced(kPrefix.size()).toUtf8(),
                                                        QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded)
        return Error{u"a webhook secret must be base64 after whsec_"_s};
    if (decoded.decoded.size() < kMinKey || decoded.decoded.size() > kMaxKey)
        return Error{u"a webhook secret must hold %1 to %2 bytes, not %3"_s.arg(kMinKey).arg(kMaxKey).arg(
            decoded.decoded.size())};
    return decoded.decoded;
}

} // namespace

Result<WebhookKeys> parseWebhookKeys(const QString &text)
{
    WebhookKeys keys;
    const QStringList parts = text.simplified().split(u' ', Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        Result<QByteArray> key = parseOne(part);
        if (!key)
            return Error{key.error()};
        keys.append(std::move(key).value());
    }
    return keys;
}

QByteArray newWebhookId()
{
    return "msg_" + QUuid::createUuid().toByteArray(QUuid::Id128);
}

QByteArray webhookSignature(const WebhookKeys &keys, const QByteArray &id, qint64 atSeconds, const QByteArray &body)
{
    const QByteArray content = id + '.' + QByteArray::number(atSeconds) + '.' + body;
    QByteArray all;
    for (const QByteArray &key : keys) {
        const QByteArray mac = QMessageAuthenticationCode::hash(content, key, QCryptographicHash::Sha256);
        all += (all.isEmpty() ? "v1," : " v1,") + mac.toBase64();
    }
    return all;
}

QList<QPair<QByteArray, QByteArray>> webhookHeaders(const WebhookKeys &keys, const QByteArray &id, qint64 atSeconds,
                                                    const QByteArray &body)
{
    QList<QPair<QByteArray, QByteArray>> headers{{"webhook-id", id},
                                                 {"webhook-timestamp", QByteArray::number(atSeconds)}};
    if (!keys.isEmpty())
        headers.append({"webhook-signature", webhookSignature(keys, id, atSeconds, body)});
    return headers;
}

} // namespace takt::jobs
