// SPDX-License-Identifier: GPL-3.0-or-later
#include "frontdoor/reception.h"

#include "carrier/twiml.h"
#include "shared/phonenumber.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QUuid>

namespace takt::frontdoor {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::lcGateway;

namespace {

constexpr qint64 kKnownMs = 10 * 60'000;      // a call that has ended, or that never came
constexpr qint64 kLongestMs = 24 * 3'600'000; // a call of whose end nobody tells; the carrier has none that is longer
constexpr qint64 kOrderMs = 60 * 60'000;      // the carrier places one call a second, the others wait there unheard
constexpr qint64 kDiallingMs = 150'000;       // ringing (60 s), detection of machines (30 s), and then some

} // namespace

Reception::Reception(const config::Settings &settings, Admission &admission)
    : m_settings(settings)
    , m_admission(admission)
{
}

void Reception::configure(const config::Settings &settings)
{
    m_settings = settings;
}

QByteArray Reception::onVoice(const CallReport &call, const QString &nonce, qint64 nowMs)
{
    const auto pass = passFor(call, nonce, nowMs);
    if (!pass) {
        qCWarning(lcGateway).noquote() << call.callSid << "not taken:" << pass.error();
        return nonce.isEmpty() ? carrier::fallback(fallbackOf(call.callSid)) : carrier::hangup();
    }
    Known &known = m_known[call.callSid]; // the call may well be on, with an older stream
    known.business = pass->business;
    known.ended.reset();
    known.forgetAtMs = qMax(known.forgetAtMs, nowMs + kKnownMs);
    return connectTwiml(*pass, m_tokens.mint(*pass, nowMs));
}

Result<carrier::Pass> Reception::passFor(const CallReport &call, const QString &nonce, qint64 nowMs)
{
    carrier::Pass pass;
    if (m_closed)
        return Error{name(Refusal::Draining)};
    if (const carrier::Pass *waiting = m_tokens.waiting(call.callSid))
        return *waiting;
    if (!nonce.isEmpty()) {
        if (!m_outbound.contains(nonce))
            return Error{u"an outbound call that nobody waits for"_s};
        pass = m_outbound.take(nonce).pass;
    } else {
        pass.direction = call.direction == "outbound"_L1 ? Direction::Outbound : Direction::Inbound;
        pass.business = m_settings.businesses.byNumber(pass.direction == Direction::Inbound ? call.to : call.from);
        if (pass.business == nullptr) {
            telemetry::count(Counter::CallsRefusedNumber);
            return Error{name(Refusal::Number)};
        }
        const Admission::Verdict verdict = m_admission.admit(*pass.business, pass.direction);
        if (verdict.slot == nullptr) {
            if (!m_known.contains(call.callSid))
                m_known.insert(call.callSid, {pass.business, std::nullopt, nowMs + kKnownMs});
            return Error{name(verdict.refusal)};
        }
        pass.slot = verdict.slot;
    }
    pass.callSid = call.callSid;
    pass.from = call.from;
    pass.to = call.to;
    return pass;
}

QByteArray Reception::connectTwiml(const carrier::Pass &pass, const QByteArray &bearer) const
{
    carrier::ConnectStream connect;
    connect.streamUrl = publicUrl(u"/media/"_s + QString::fromLatin1(bearer));
    connect.streamUrl.setScheme(m_settings.publicUrl.scheme() == "https"_L1 ? u"wss"_s : u"ws"_s);
    connect.connectAction = webhookUrl(u"after-stream"_s);
    connect.streamStatusCallback = webhookUrl(u"stream"_s);
    connect.parameters = {{u"token"_s, QString::fromLatin1(bearer.sliced(bearer.indexOf('.') + 1))},
                          {u"from"_s, pass.from},
                          {u"to"_s, pass.to},
                          {u"direction"_s, QString(name(pass.direction))}};
    if (m_settings.twilio.record)
        connect.recordingCallback = webhookUrl(u"recording"_s);
    connect.fallback = pass.business->fallback;
    return carrier::connectStream(connect);
}

const config::Fallback &Reception::fallbackOf(const QString &callSid) const
{
    const auto known = m_known.constFind(callSid);
    return known == m_known.constEnd() ? m_settings.fallback : known->business->fallback;
}

QByteArray Reception::onAfterStream(const CallReport &call) const
{
    const auto known = m_known.constFind(call.callSid);
    if (call.isFinal())
        return carrier::empty();
    if (known != m_known.constEnd() && known->ended) {
        switch (*known->ended) {
        case EndReason::CarrierStop:
        case EndReason::CarrierCompleted: return carrier::empty();
        case EndReason::Transferred: return carrier::dial(transferTarget(*known), {}, webhookUrl(u"after-dial"_s));
        case EndReason::OperatorHangup:
        case EndReason::AgentHangup: return carrier::hangup();
        default: break; // the agent left the caller alone
        }
    }
    return carrier::fallback(fallbackOf(call.callSid));
}

QByteArray Reception::onAfterDial(const CallReport &call, const QString &dialStatus) const
{
    const auto known = m_known.constFind(call.callSid);
    const config::Fallback &fallback = fallbackOf(call.callSid);
    const bool sameAgain = known != m_known.constEnd() && fallback.kind == config::Fallback::Kind::Dial
                           && fallback.value == transferTarget(*known);
    if (dialStatus == "completed"_L1 || dialStatus == "answered"_L1 || call.isFinal() || sameAgain)
        return carrier::hangup();
    return carrier::fallback(fallback);
}

Result<carrier::Pass> Reception::onUpgrade(const QByteArray &bearer, qint64 nowMs)
{
    if (m_closed)
        return Error{name(Refusal::Draining)};
    if (bearer.isEmpty() && m_settings.insecure) { // a stream without a call's webhooks before it
        carrier::Pass pass;
        pass.business = m_settings.businesses.only();
        if (pass.business == nullptr)
            return Error{u"several businesses, and no called number to choose by"_s};
        const Admission::Verdict verdict = m_admission.admit(*pass.business, Direction::Inbound);
        pass.slot = verdict.slot;
        return verdict.slot == nullptr ? Result<carrier::Pass>(Error{name(verdict.refusal)}) : pass;
    }
    auto redeemed = m_tokens.redeem(bearer, nowMs);
    if (const auto *refusal = std::get_if<TokenRefusal>(&redeemed))
        return Error{name(*refusal)};
    auto &pass = std::get<carrier::Pass>(redeemed);
    if (const auto known = m_known.find(pass.callSid); known != m_known.end())
        known->forgetAtMs = nowMs + kLongestMs;
    return std::move(pass);
}

void Reception::onStatus(const CallReport &call, const QString &nonce, qint64 nowMs)
{
    if (!call.parentCallSid.isEmpty())
        return;
    if (!call.isFinal()) { // the carrier queues orders: only from now on does it ring
        if (const auto outbound = m_outbound.find(nonce); outbound != m_outbound.end())
            outbound->expiresAtMs = nowMs + kDiallingMs;
        return;
    }
    m_tokens.drop(call.callSid);
    m_outbound.remove(nonce);
    if (const auto known = m_known.find(call.callSid); known != m_known.end())
        known->forgetAtMs = nowMs + kKnownMs;
}

void Reception::onStream(const StreamReport &stream)
{
    // It was not let in, and will not try again with that token. (One that has stopped had used its own: a token that
    // waits is that of the call's next stream.)
    if (stream.event == "stream-error"_L1)
        m_tokens.drop(stream.callSid);
}

bool Reception::onEnded(const QString &callSid, EndReason reason, qint64 nowMs)
{
    const auto known = m_known.find(callSid);
    if (known == m_known.end())
        return false;
    if (reason == EndReason::Replaced)
        return true; // a newer stream of the call is on: it is not over
    known->ended = reason;
    known->forgetAtMs = nowMs + kKnownMs;
    return true;
}

void Reception::onTransfer(const QString &callSid, const QString &target)
{
    if (const auto known = m_known.find(callSid); known != m_known.end())
        known->transferTo = target;
}

const QString &Reception::transferTarget(const Known &known)
{
    return known.transferTo.isEmpty() ? known.business->transferTo : known.transferTo;
}

bool Reception::unwantedMachine(const CallReport &call) const
{
    return m_settings.twilio.hangUpOnMachines
           && (call.answeredBy.startsWith("machine"_L1) || call.answeredBy == "fax"_L1);
}

QString Reception::businessOf(const QString &callSid, const QString &nonce) const
{
    if (const auto known = m_known.constFind(callSid); known != m_known.constEnd())
        return known->business->name;
    const auto outbound = m_outbound.constFind(nonce);
    return outbound == m_outbound.constEnd() ? QString() : outbound->pass.business->name;
}

Result<Reception::Dialling> Reception::dial(const QString &to, const QString &business, qint64 nowMs)
{
    const QString number = normalisedNumber(to);
    if (number.isEmpty())
        return Error{u"%1 is no number like +15551234567"_s.arg(to)};
    const config::BusinessPtr owner = business.isEmpty() ? m_settings.businesses.only()
                                                         : m_settings.businesses.byName(business);
    if (owner == nullptr)
        return Error{business.isEmpty() ? u"there are several businesses: name one"_s
                                        : u"there is no business \"%1\""_s.arg(business)};
    if (owner->numbers.isEmpty())
        return Error{u"outbound calls need a [[business]] with a number to call from"_s};
    const Admission::Verdict verdict = m_admission.admit(*owner, Direction::Outbound);
    if (verdict.slot == nullptr)
        return Error{name(verdict.refusal)};
    Outbound outbound;
    outbound.pass.direction = Direction::Outbound;
    outbound.pass.business = owner;
    outbound.pass.slot = verdict.slot;
    outbound.expiresAtMs = nowMs + kOrderMs;
    const QString nonce = QUuid::createUuid().toString(QUuid::Id128);
    m_outbound.insert(nonce, outbound);
    return Dialling{nonce, owner, owner->numbers.front(), number};
}

void Reception::onDialled(const QString &nonce, const QString &callSid)
{
    if (const auto outbound = m_outbound.find(nonce); outbound != m_outbound.end())
        outbound->pass.callSid = callSid;
}

QStringList Reception::close()
{
    QStringList ringing;
    for (const Outbound &outbound : std::as_const(m_outbound)) {
        if (!outbound.pass.callSid.isEmpty())
            ringing << outbound.pass.callSid;
    }
    m_outbound.clear();
    m_tokens.clear();
    m_closed = true;
    return ringing;
}

void Reception::onDialFailed(const QString &nonce)
{
    m_outbound.remove(nonce);
}

void Reception::tick(qint64 nowMs)
{
    m_tokens.expire(nowMs);
    m_outbound.removeIf([&](const auto &entry) { return nowMs >= entry.value().expiresAtMs; });
    m_known.removeIf([&](const auto &entry) { return nowMs >= entry.value().forgetAtMs; });
}

// A path of ours below the public URL, which may have one of its own.
QUrl Reception::publicUrl(const QString &path) const
{
    QUrl url = m_settings.publicUrl;
    QString base = url.path();
    if (base.endsWith(u'/'))
        base.chop(1);
    url.setPath(base + path);
    return url;
}

QString Reception::webhookUrl(const QString &name, const QString &nonce) const
{
    QUrl url = publicUrl(u"/twilio/"_s + name);
    if (!nonce.isEmpty())
        url.setQuery(u"call="_s + nonce);
    return url.toString(QUrl::FullyEncoded);
}

} // namespace takt::frontdoor
