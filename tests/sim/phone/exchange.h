// SPDX-License-Identifier: GPL-3.0-or-later
// The telephone exchange of an account: its live and its past calls, by SID. Carrier thread.
#pragma once

#include "sim/phone/phonecall.h"

#include <list>
#include <unordered_map>

namespace takt::sim {

class Exchange
{
public:
    struct World {
        Reactor &reactor;
        const CarrierOptions &carrier;
        const PhoneOptions &options;
        RecordingStore &store;
        FaultBoard &faults;
        MediaLeg::Opener open;
        std::function<int()> begun; // another call: its number
        std::function<void(CallRecord)> over;
    };
    Exchange(World world, std::uint64_t seed);
    ~Exchange();

    void setGatewayPort(std::uint16_t port) { m_webhooks.setGatewayPort(port); }
    void dialIn(const CallPlan &plan, int number);
    PhoneCall &dialOut(const std::string &from, const std::string &to, OutboundRequest request);
    [[nodiscard]] PhoneCall *find(const std::string &callSid);
    [[nodiscard]] const CallFacts *findPast(const std::string &callSid) const;
    [[nodiscard]] PhoneCall *withRecording(const std::string &recordingSid);
    void hangUpAll();
    // A signed request that belongs to no call; nobody waits for its answer.
    void tell(const std::string &url, const Params &params);
    [[nodiscard]] const std::string &accountSid() const { return m_world.carrier.accountSid; }

private:
    [[nodiscard]] PhoneCall &add(const CallPlan &plan, CallFacts facts, int number);
    [[nodiscard]] CallFacts newFacts();
    void done(PhoneCall &call);

    World m_world;
    Random m_random;
    Webhooks m_webhooks;
    std::list<PhoneCall> m_calls;
    std::unordered_map<std::string, CallFacts> m_past;
};

} // namespace takt::sim
