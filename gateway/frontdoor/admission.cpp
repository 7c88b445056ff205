// SPDX-License-Identifier: GPL-3.0-or-later
#include "frontdoor/admission.h"

#include "telemetry/counters.h"

namespace takt::frontdoor {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;

namespace {

void countRefusal(Refusal refusal)
{
    switch (refusal) {
    case Refusal::None: telemetry::count(Counter::CallsAdmitted); return;
    case Refusal::Number: telemetry::count(Counter::CallsRefusedNumber); return;
    case Refusal::Limit:
    case Refusal::BusinessLimit:
    case Refusal::OutboundLimit: telemetry::count(Counter::CallsRefusedLimit); return;
    case Refusal::Late: telemetry::count(Counter::CallsRefusedLate); return;
    case Refusal::Draining: telemetry::count(Counter::CallsRefusedDraining); return;
    }
}

bool full(int held, int limit)
{
    return limit > 0 && held >= limit;
}

} // namespace

QLatin1StringView name(Refusal refusal)
{
    switch (refusal) {
    case Refusal::None: return "admitted"_L1;
    case Refusal::Number: return "nobody's number"_L1;
    case Refusal::Limit: return "as many calls as admission.max_calls allows"_L1;
    case Refusal::BusinessLimit: return "as many calls as the business may have"_L1;
    case Refusal::OutboundLimit: return "as many outbound calls as allowed"_L1;
    case Refusal::Late: return "the beat is late"_L1;
    case Refusal::Draining: return "draining"_L1;
    }
    return "refused"_L1;
}

void LatenessGate::onSecond(double p99Ms, const config::AdmissionSettings &settings)
{
    const bool late = settings.maxLateMs > 0 && p99Ms > settings.maxLateMs;
    m_seconds = late == m_late ? 0 : m_seconds + 1;
    if (m_seconds >= settings.lateSeconds || settings.maxLateMs == 0) {
        m_late = late;
        m_seconds = 0;
    }
}

Admission::Verdict Admission::admit(const config::Business &business, Direction direction)
{
    std::shared_ptr<Count> &own = m_byBusiness[business.name];
    if (own == nullptr)
        own = std::make_shared<Count>();
    const Refusal refusal = check(business, *own, direction);
    countRefusal(refusal);
    if (refusal != Refusal::None)
        return {nullptr, refusal};

    const int outbound = direction == Direction::Outbound ? 1 : 0;
    for (Count *count : {m_total.get(), own.get()}) {
        ++count->calls;
        count->outbound += outbound;
    }
    // The counts live as long as the last slot, wherever that is.
    return {Slot(m_total.get(),
                 [total = m_total, own, outbound](const void *) {
                     for (Count *count : {total.get(), own.get()}) {
                         --count->calls;
                         count->outbound -= outbound;
                     }
                 }),
            Refusal::None};
}

Refusal Admission::refusal() const
{
    if (m_draining)
        return Refusal::Draining;
    if (full(m_total->calls, m_settings.maxCalls))
        return Refusal::Limit;
    return m_lateness.late() ? Refusal::Late : Refusal::None;
}

Refusal Admission::check(const config::Business &business, const Count &own, Direction direction) const
{
    if (const Refusal all = refusal(); all != Refusal::None)
        return all;
    if (full(own.calls, business.limits.calls))
        return Refusal::BusinessLimit;
    if (direction == Direction::Outbound
        && (full(m_total->outbound, m_settings.maxOutbound) || full(own.outbound, business.limits.outbound)))
        return Refusal::OutboundLimit;
    return Refusal::None;
}

int Admission::held(const QString &business) const
{
    const auto own = m_byBusiness.value(business);
    return own == nullptr ? 0 : own->calls.load();
}

} // namespace takt::frontdoor
