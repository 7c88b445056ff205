// SPDX-License-Identifier: GPL-3.0-or-later
// Who may come in: limits on calls, and the beat's own lateness. A call that is let in holds a slot, which frees itself
// when its last holder is gone: there is no way out of a call that could forget it. Main thread; slots end in any thread.
#pragma once

#include "config/settings.h"
#include "shared/callfacts.h"

#include <QHash>
#include <QString>

#include <atomic>
#include <memory>

namespace takt::frontdoor {

using Slot = std::shared_ptr<const void>;

enum class Refusal { None, Number, Limit, BusinessLimit, OutboundLimit, Late, Draining };
[[nodiscard]] QLatin1StringView name(Refusal refusal);

// Tells a host that has lost the beat from one that stumbled. Pure, told once a second.
class LatenessGate
{
public:
    // p99Ms: of all slots served in the last second; 0 when there were none.
    void onSecond(double p99Ms, const config::AdmissionSettings &settings);
    [[nodiscard]] bool late() const { return m_late; }

private:
    bool m_late = false;
    int m_seconds = 0; // in a row that speak for the other state
};

class Admission
{
public:
    explicit Admission(const config::AdmissionSettings &settings)
        : m_settings(settings)
    {
    }
    // For calls from now on.
    void configure(const config::AdmissionSettings &settings) { m_settings = settings; }

    struct Verdict {
        Slot slot; // null: refused
        Refusal refusal = Refusal::None;
    };
    [[nodiscard]] Verdict admit(const config::Business &business, Direction direction);
    // What admit() would say to a call of a business without limits of its own.
    [[nodiscard]] Refusal refusal() const;

    void onSecond(double p99LateMs) { m_lateness.onSecond(p99LateMs, m_settings); }
    void setDraining(bool draining) { m_draining = draining; }
    [[nodiscard]] bool draining() const { return m_draining; }
    [[nodiscard]] bool late() const { return m_lateness.late(); }
    [[nodiscard]] int held() const { return m_total->calls; }
    [[nodiscard]] int held(const QString &business) const;

private:
    struct Count {
        std::atomic<int> calls{0};
        std::atomic<int> outbound{0};
    };
    [[nodiscard]] Refusal check(const config::Business &business, const Count &own, Direction direction) const;

    config::AdmissionSettings m_settings;
    LatenessGate m_lateness;
    bool m_draining = false;
    std::shared_ptr<Count> m_total = std::make_shared<Count>();
    QHash<QString, std::shared_ptr<Count>> m_byBusiness;
};

} // namespace takt::frontdoor
