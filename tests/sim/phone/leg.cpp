// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/leg.h"

namespace takt::sim {

Leg::Leg(World world, CallFacts &facts, Plan plan)
    : m_world(std::move(world))
    , m_facts(facts)
    , m_plan(plan)
{
}

Leg::~Leg()
{
    m_world.reactor.cancel(m_timer);
}

void Leg::in(double milliseconds, void (Leg::*task)())
{
    m_timer = m_world.reactor.at(monotonicNs() + fromMs(milliseconds), [this, task] { (this->*task)(); });
}

void Leg::begin()
{
    m_facts.status = "initiated";
    m_world.report("initiated");
    in(m_plan.ringMs, &Leg::ring);
}

void Leg::ring()
{
    m_facts.status = "ringing";
    m_world.report("ringing");
    if (m_plan.answerMs > 1000 * m_plan.timeoutSeconds)
        in(1000 * m_plan.timeoutSeconds, &Leg::giveUp);
    else
        in(m_plan.answerMs, &Leg::decide);
}

void Leg::decide()
{
    if (m_plan.answer == Answer::Busy)
        return m_world.over("busy");
    if (m_plan.answer == Answer::NoAnswer)
        return m_world.over("no-answer");
    if (m_plan.answer == Answer::Failed)
        return m_world.over("failed");
    m_facts.status = "in-progress";
    m_facts.answered = std::time(nullptr);
    if (m_plan.talkSeconds >= 0)
        in(1000 * m_plan.talkSeconds, &Leg::hangUp);
    m_world.report("answered");
    m_world.answered();
}

} // namespace takt::sim
