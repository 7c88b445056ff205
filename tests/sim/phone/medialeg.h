// SPDX-License-Identifier: GPL-3.0-or-later
// One <Connect><Stream> being executed: the checks of its attributes, the signed upgrade, the media stream itself, its
// status callbacks; and the attacks that a plan may ask for. Carrier thread.
#pragma once

#include "sim/carrier/call.h"
#include "sim/phone/callbacks.h"
#include "sim/phone/callfacts.h"
#include "sim/phone/twiml.h"

namespace takt::sim {

class MediaLeg
{
public:
    // A media stream of the carrier, to be begun; the pointer stays good until `ended` has returned.
    using Opener = std::function<Call *(const CallPlan &, const StreamTarget &, std::function<void(Call &)> opened,
                                        std::function<void(Call &)> ended)>;
    struct World {
        Reactor &reactor;
        Webhooks &webhooks;
        Callbacks &callbacks;
        const PhoneOptions &options;
        const CallFacts &facts;
        CallRecord &record;
        std::shared_ptr<AudioTap> tap;
        Opener open;
        std::function<std::string()> otherCallSid; // of a call that is live too, or made up
        // Once: the stream is over, and whether it was the caller who hung up. Attackers may still be at it.
        std::function<void(MediaLeg &, bool callerHungUp)> over;
        std::function<void()> settled; // the last socket has gone
    };

    MediaLeg(World world, Verb stream, CallPlan plan, std::uint64_t seed);
    ~MediaLeg();

    void begin(const Url &document); // that the verb stood in
    void hangUp();                   // by the network: `stop`, and the socket closes
    [[nodiscard]] bool settled() const { return m_sockets == 0; }
    [[nodiscard]] const Script &unspoken() const { return m_unspoken; }

private:
    [[nodiscard]] std::optional<Url> check(const Url &document, int &code, std::string &why) const;
    [[nodiscard]] std::optional<StreamTarget> targetOf(const Url &url, std::string &why);
    void open(const StreamTarget &target);
    void opened();
    void ended(Call &call);
    void judgeAttack(CallFault fault, Call &call);
    void replay();
    void fail(int code, const std::string &why);
    void tell(const std::string &event, const std::string &error = {});
    void tellStopped();
    void finish(bool callerHungUp);
    [[nodiscard]] bool has(CallFault fault) const { return m_plan.faults.contains(fault); }

    World m_world;
    Verb m_verb;
    CallPlan m_plan;
    Random m_random;
    StreamTarget m_target;
    Call *m_call = nullptr;
    int m_sockets = 0;
    bool m_stopped = false; // by hangUp()
    bool m_live = false;    // started, and not yet told to have stopped
    Script m_unspoken;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace takt::sim
