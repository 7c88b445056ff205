// SPDX-License-Identifier: GPL-3.0-or-later
#include "frontdoor/tokens.h"

#include "telemetry/counters.h"

#include <QCryptographicHash>
#include <QRandomGenerator>

#include <array>

namespace takt::frontdoor {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;

namespace {

QByteArray makeToken()
{
    std::array<quint32, 6> random; // 192 bits
    QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
    return QByteArray(reinterpret_cast<const char *>(random.data()), sizeof random)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray hashOf(QByteArrayView token)
{
    return QCryptographicHash::hash(token, QCryptographicHash::Sha256);
}

} // namespace

QLatin1StringView name(TokenRefusal refusal)
{
    switch (refusal) {
    case TokenRefusal::Missing: return "no token"_L1;
    case TokenRefusal::Unknown: return "unknown token"_L1;
    case TokenRefusal::ForeignCall: return "another call's token"_L1;
    case TokenRefusal::Used: return "token used before"_L1;
    case TokenRefusal::Expired: return "token expired"_L1;
    }
    return "refused"_L1;
}

QByteArray Tokens::mint(carrier::Pass pass, qint64 nowMs)
{
    const QByteArray token = makeToken();
    const QByteArray hash = hashOf(token);
    const QString callSid = pass.callSid;
    drop(callSid);
    pass.token = QString::fromLatin1(token);
    m_entries.insert(hash, {std::move(pass), nowMs + kLifeMs, false});
    m_byCall.insert(callSid, hash);
    telemetry::count(Counter::TokensMinted);
    return callSid.toLatin1() + '.' + token;
}

std::variant<carrier::Pass, TokenRefusal> Tokens::redeem(const QByteArray &bearer, qint64 nowMs)
{
    const auto refuse = [](TokenRefusal why) {
        telemetry::count(Counter::TokensRefused);
        return why;
    };
    const qsizetype dot = bearer.indexOf('.');
    if (bearer.isEmpty() || dot < 0 || dot == bearer.size() - 1)
        return refuse(TokenRefusal::Missing);
    const auto entry = m_entries.find(hashOf(QByteArrayView(bearer).sliced(dot + 1)));
    if (entry == m_entries.end())
        return refuse(TokenRefusal::Unknown);
    if (entry->pass.callSid.toLatin1() != bearer.first(dot))
        return refuse(TokenRefusal::ForeignCall);
    if (entry->used)
        return refuse(TokenRefusal::Used);
    if (nowMs >= entry->expiresAtMs)
        return refuse(TokenRefusal::Expired);
    entry->used = true;
    m_byCall.remove(entry->pass.callSid);
    const QString callSid = entry->pass.callSid;
    carrier::Pass pass = std::exchange(entry->pass, {});
    entry->pass.callSid = callSid;
    telemetry::count(Counter::TokensRedeemed);
    return pass;
}

const carrier::Pass *Tokens::waiting(const QString &callSid) const
{
    const auto hash = m_byCall.constFind(callSid);
    return hash == m_byCall.constEnd() ? nullptr : &m_entries.constFind(*hash)->pass;
}

void Tokens::drop(const QString &callSid)
{
    if (const auto hash = m_byCall.constFind(callSid); hash != m_byCall.constEnd()) {
        m_entries.remove(*hash);
        m_byCall.erase(hash);
    }
}

void Tokens::clear()
{
    m_entries.clear();
    m_byCall.clear();
}

void Tokens::expire(qint64 nowMs)
{
    m_entries.removeIf([&](const auto &entry) {
        if (nowMs < entry.value().expiresAtMs)
            return false;
        if (!entry.value().used)
            m_byCall.remove(entry.value().pass.callSid);
        return true;
    });
}

} // namespace takt::frontdoor
