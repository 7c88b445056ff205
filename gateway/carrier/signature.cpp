// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/signature.h"

#include <QCryptographicHash>
#include <QMessageAuthenticationCode>

#include <algorithm>

namespace takt::carrier {

using namespace Qt::Literals::StringLiterals;

namespace {

void addOnce(QList<QByteArray> &list, const QByteArray &item)
{
    if (!list.contains(item))
        list.append(item);
}

QByteArray hostOf(const QUrl &url)
{
    const QByteArray host = url.host(QUrl::FullyEncoded).toLatin1();
    return host.contains(':') ? '[' + host + ']' : host; // an IPv6 address
}

QList<QByteArray> origins(const QList<QByteArray> &schemes, const QByteArray &host, const QList<int> &ports)
{
    QList<QByteArray> list;
    for (const QByteArray &scheme : schemes) {
        addOnce(list, scheme + "://" + host);
        for (const int port : ports) {
            if (port > 0)
                addOnce(list, scheme + "://" + host + ':' + QByteArray::number(port));
        }
    }
    return list;
}

// The path with a slash at its end, before the query. The carrier signs some stream URLs so.
QByteArray withSlash(const QByteArray &target)
{
    const qsizetype query = target.indexOf('?');
    const qsizetype end = query < 0 ? target.size() : query;
    return end > 0 && target[end - 1] == '/' ? target : QByteArray(target).insert(end, '/');
}

// The value of the query's only bodySHA256; nullopt: none, or several.
std::optional<QByteArray> bodyHash(const QByteArray &target)
{
    std::optional<QByteArray> hash;
    const qsizetype query = target.indexOf('?');
    if (query < 0)
        return hash;
    const QByteArray name = "bodySHA256=";
    const QList<QByteArray> parts = target.mid(query + 1).split('&');
    for (const QByteArray &part : parts) {
        if (!part.startsWith(name))
            continue;
        if (hash)
            return std::nullopt;
        hash = part.mid(name.size());
    }
    return hash;
}

} // namespace

QByteArray sign(const QByteArray &token, const QByteArray &url, const Form &params)
{
    // QByteArray compares as unsigned bytes, which is the order that the carrier documents.
    Form sorted = params;
    std::sort(sorted.begin(), sorted.end(), [](const FormField &a, const FormField &b) {
        return a.name == b.name ? a.value < b.value : a.name < b.name;
    });
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    QMessageAuthenticationCode code(QCryptographicHash::Sha1, token);
    code.addData(url);
    for (const FormField &field : std::as_const(sorted)) {
        code.addData(field.name);
        code.addData(field.value);
    }
    return code.result().toBase64();
}

bool constantTimeEqual(QByteArrayView a, QByteArrayView b)
{
    if (a.size() != b.size()) // the length of a signature is no secret
        return false;
    volatile unsigned char difference = 0;
    for (qsizetype i = 0; i < a.size(); ++i)
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

SignatureCheck::SignatureCheck(const QUrl &publicUrl, const QList<QByteArray> &tokens)
{
    for (const QByteArray &token : tokens) {
        if (!token.isEmpty())
            addOnce(m_tokens, token);
    }
    const QByteArray host = hostOf(publicUrl);
    if (host.isEmpty())
        return; // nothing is ever right
    const bool secure = publicUrl.scheme() != "http"_L1 && publicUrl.scheme() != "ws"_L1;
    // The carrier drops the port of an https URL of voice and keeps that of http; its own validators try more, with
    // :80 as the default of all that is not https, of wss too.
    m_webhookOrigins = origins({secure ? "https" : "http"}, host, {secure ? 443 : 80, publicUrl.port()});
    m_upgradeOrigins = origins(secure ? QList<QByteArray>{"wss", "https"} : QList<QByteArray>{"ws", "http"}, host,
                               {443, 80, publicUrl.port()});
    m_prefix = publicUrl.path(QUrl::FullyEncoded).toLatin1();
    while (m_prefix.endsWith('/'))
        m_prefix.chop(1);
}

QList<QByteArray> SignatureCheck::pathsOf(const QByteArray &target) const
{
    if (!target.startsWith('/'))
        return {};
    QList<QByteArray> paths{m_prefix + target};
    // A proxy that takes the prefix off, or one that leaves it.
    if (target.startsWith(m_prefix)) {
        const QByteArray rest = target.mid(m_prefix.size());
        if (rest.isEmpty() || rest.startsWith('/') || rest.startsWith('?'))
            addOnce(paths, target);
    }
    return paths;
}

bool SignatureCheck::anyOf(const QList<QByteArray> &origins, const QList<QByteArray> &paths,
                           const QByteArray &signature, const Form &params) const
{
    bool right = false;
    for (const QByteArray &token : m_tokens) {
        for (const QByteArray &origin : origins) {
            for (const QByteArray &path : paths) {
                // No way out before the last: the time must not tell which token or spelling matched.
                const bool equal = constantTimeEqual(signature, sign(token, origin + path, params));
                right = right || equal;
            }
        }
    }
    return right;
}

bool SignatureCheck::webhook(const QByteArray &target, const QByteArray &signature, const Form &params,
                             const QByteArray &jsonBody) const
{
    const std::optional<QByteArray> hash = bodyHash(target);
    // Without form fields the signature covers nothing but the URL, so the body is what the URL's hash says: also when it
    // is empty, or somebody could take the body away.
    if (!jsonBody.isEmpty() || (hash && params.isEmpty())) {
        const QByteArray actual = QCryptographicHash::hash(jsonBody, QCryptographicHash::Sha256).toHex();
        if (!hash || !constantTimeEqual(*hash, actual))
            return false;
    }
    return anyOf(m_webhookOrigins, pathsOf(target), signature, params);
}

bool SignatureCheck::upgrade(const QByteArray &target, const QByteArray &signature) const
{
    QList<QByteArray> paths = pathsOf(target);
    const QList<QByteArray> plain = paths;
    for (const QByteArray &path : plain)
        addOnce(paths, withSlash(path));
    return anyOf(m_upgradeOrigins, paths, signature, {});
}

} // namespace takt::carrier
