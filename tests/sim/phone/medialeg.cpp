// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/medialeg.h"

#include <array>
#include <utility>

namespace takt::sim {
namespace {

constexpr double kAttackSeconds = 2;
constexpr std::array kUpgradeAttacks{CallFault::ForeignCallSid, CallFault::CutToken, CallFault::BadUpgradeSignature,
                                     CallFault::NoUpgradeSignature};

// The carrier's error code for an upgrade that came to nothing.
int codeOf(const WebSocket::Ending &ending)
{
    const bool timeout = ending.reason == "no answer to the handshake";
    switch (ending.stage) {
    case WebSocket::Stage::Connecting: return timeout ? 31901 : 31902;
    case WebSocket::Stage::Securing: return 31910;
    case WebSocket::Stage::Upgrading: return 31920;
    case WebSocket::Stage::Open: return ending.protocolError ? 31924 : 31921;
    }
    return 31900;
}

} // namespace

MediaLeg::MediaLeg(World world, Verb stream, CallPlan plan, std::uint64_t seed)
    : m_world(std::move(world))
    , m_verb(std::move(stream))
    , m_plan(std::move(plan))
    , m_random(seed)
    , m_unspoken(m_plan.script)
{
    CallIdentity &identity = m_target.identity;
    identity.accountSid = m_world.facts.accountSid;
    identity.callSid = has(CallFault::ForeignCallSid) ? m_world.otherCallSid() : m_world.facts.callSid;
    identity.streamSid = "MZ" + m_random.hex(32);
    for (const Verb &parameter : m_verb.children)
        identity.parameters[parameter.attribute("name")] = parameter.attribute("value");
    m_target.from = m_world.facts.from;
    m_target.tap = m_world.tap;
}

MediaLeg::~MediaLeg()
{
    *m_alive = false;
}

std::optional<Url> MediaLeg::check(const Url &document, int &code, std::string &why) const
{
    const std::string text = m_verb.attribute("url");
    code = 31941;
    why = "invalid track: " + m_verb.attribute("track");
    if (m_verb.attribute("track", "inbound_track") != "inbound_track")
        return std::nullopt;
    code = 31923;
    why = "not a URL: " + text;
    auto url = text.empty() ? std::nullopt : document.resolved(text);
    if (!url)
        return std::nullopt;
    if (text.find("://") == std::string::npos)
        url->scheme = url->encrypted() ? "wss" : "ws";
    code = 31922;
    why = "the scheme is not wss: " + text;
    if (url->scheme != "wss" && !(url->scheme == "ws" && m_world.options.allowWs))
        return std::nullopt;
    url->target = url->target.substr(0, url->target.find('?')); // a stream has no query string
    return url;
}

std::optional<StreamTarget> MediaLeg::targetOf(const Url &url, std::string &why)
{
    Url dialled = url;
    if (has(CallFault::CutToken))
        dialled.target = dialled.target.substr(0, dialled.target.rfind('/') + 1);
    const auto endpoint = m_world.webhooks.endpointOf(dialled, why);
    if (!endpoint)
        return std::nullopt;
    Signing signing = has(CallFault::BadUpgradeSignature) ? Signing::Wrong : Signing::Right;
    if (has(CallFault::NoUpgradeSignature))
        signing = Signing::None;
    StreamTarget target = m_target;
    target.address = endpoint->address;
    target.tls = endpoint->tls;
    target.host = dialled.authority();
    target.path = dialled.target;
    target.signature = m_world.webhooks.upgradeSignature(dialled, signing);
    m_world.record.phone.streamUrls.push_back(dialled.text());
    return target;
}

void MediaLeg::begin(const Url &document)
{
    int code = 31902;
    std::string why;
    ++m_world.record.phone.streamsTried;
    const auto url = check(document, code, why);
    const auto target = url ? targetOf(*url, why) : std::nullopt;
    if (target)
        open(*target);
    else
        fail(url ? 31902 : code, why);
}

void MediaLeg::open(const StreamTarget &target)
{
    m_target = target;
    ++m_sockets;
    m_call = m_world.open(
        m_plan, target,
        [this, alive = m_alive](Call &) {
            if (*alive)
                opened();
        },
        [this, alive = m_alive](Call &call) {
            if (*alive)
                ended(call);
        });
    m_call->begin();
}

void MediaLeg::opened()
{
    ++m_world.record.phone.streams;
    m_live = true;
    tell("stream-started");
    if (has(CallFault::ReplayToken))
        replay();
}

// A second visitor with the first one's URL, while the first is still there.
void MediaLeg::replay()
{
    ++m_sockets;
    StreamTarget again = m_target;
    again.identity.streamSid = "MZ" + m_random.hex(32);
    again.tap.reset(); // the call's recording does not hear it
    CallPlan plan;
    plan.seconds = kAttackSeconds;
    plan.faults = {CallFault::ReplayToken};
    Call *attacker = m_world.open(plan, again, {}, [this, alive = m_alive](Call &call) {
        if (!*alive)
            return;
        judgeAttack(CallFault::ReplayToken, call);
        if (--m_sockets == 0)
            m_world.settled();
    });
    attacker->begin();
}

void MediaLeg::judgeAttack(CallFault fault, Call &call)
{
    AttackRecord attack;
    attack.fault = nameOf(fault);
    attack.status = call.ending().stage == WebSocket::Stage::Open ? 101 : call.ending().httpStatus;
    attack.closeCode = attack.status == 101 && !call.hungUpHere() ? call.ending().code : 0;
    attack.heard = call.frames();
    m_world.record.phone.attacks.push_back(attack);
}

void MediaLeg::hangUp()
{
    m_stopped = true;
    if (m_call != nullptr)
        m_call->hangUp();
    tellStopped(); // however long the socket takes
}

void MediaLeg::ended(Call &call)
{
    m_call = nullptr;
    --m_sockets;
    m_unspoken = call.unspoken();
    const WebSocket::Ending ending = call.ending();
    const bool callerHungUp = call.hungUpHere() && !m_stopped;
    for (const CallFault fault : kUpgradeAttacks) {
        if (has(fault))
            judgeAttack(fault, call);
    }
    PhoneRecord &phone = m_world.record.phone;
    addStream(m_world.record, call.takeRecord());
    if (ending.stage != WebSocket::Stage::Open && !call.hungUpHere()) {
        phone.upgradeRefusal = ending.httpStatus;
        fail(codeOf(ending),
             ending.httpStatus != 0 ? "the upgrade was answered " + std::to_string(ending.httpStatus) : ending.reason);
        return;
    }
    if (ending.byPeer && (ending.protocolError || ending.code == 1006)) {
        phone.notices.push_back({codeOf(ending), ending.reason, false, false});
        tell("stream-error", std::to_string(codeOf(ending)) + " - " + ending.reason);
    }
    tellStopped();
    finish(callerHungUp);
}

void MediaLeg::tellStopped()
{
    if (std::exchange(m_live, false))
        tell("stream-stopped");
}

void MediaLeg::fail(int code, const std::string &why)
{
    m_world.record.phone.notices.push_back({code, why, false, false});
    tell("stream-error", std::to_string(code) + " - " + why);
    finish(false);
}

void MediaLeg::finish(bool callerHungUp)
{
    m_world.reactor.later([this, callerHungUp, alive = m_alive] { // it may be on the call stack
        if (!*alive)
            return;
        m_world.over(*this, callerHungUp);
        if (*alive && m_sockets == 0)
            m_world.settled();
    });
}

void MediaLeg::tell(const std::string &event, const std::string &error)
{
    const CallIdentity &identity = m_target.identity;
    Params params{{"AccountSid", identity.accountSid},
                  {"CallSid", m_world.facts.callSid},
                  {"StreamSid", identity.streamSid},
                  {"StreamName", m_verb.attribute("name", identity.streamSid)},
                  {"StreamEvent", event},
                  {"Timestamp", iso8601(std::time(nullptr))}};
    if (!error.empty())
        params.emplace_back("StreamError", error);
    m_world.callbacks.send(event, m_verb.attribute("statusCallback"), m_verb.attribute("statusCallbackMethod", "POST"),
                           std::move(params));
}

} // namespace takt::sim
