// SPDX-License-Identifier: GPL-3.0-or-later
// A number being called: it rings, is answered or not, and may hang up by itself. Carrier thread.
#pragma once

#include "sim/phone/callfacts.h"
#include "sim/phone/options.h"
#include "sim/wire/reactor.h"

namespace takt::sim {

class Leg
{
public:
    struct Plan {
        Answer answer = Answer::Human;
        double ringMs = 0;
        double answerMs = 0;
        double timeoutSeconds = 60; // of ringing
        double talkSeconds = -1;    // until it hangs up; negative: it doesn't
    };
    struct World {
        Reactor &reactor;
        std::function<void(const char *event)> report; // "initiated", "ringing", "answered"
        std::function<void()> answered;
        std::function<void(const std::string &status)> over; // by itself; the leg may be destroyed later
    };

    Leg(World world, CallFacts &facts, Plan plan);
    ~Leg();

    void begin();

private:
    void ring();
    void decide();
    void in(double milliseconds, void (Leg::*task)());
    void hangUp() { m_world.over("completed"); }
    void giveUp() { m_world.over("no-answer"); }

    World m_world;
    CallFacts &m_facts;
    Plan m_plan;
    Reactor::TimerId m_timer = 0;
};

} // namespace takt::sim
