// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/gate.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <sys/syscall.h>
#include <unistd.h>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kBurstWindowMs = 1'000;
constexpr unsigned kToProcessGroup = 1U << 2U; // PIDFD_SIGNAL_PROCESS_GROUP, since Linux 6.9

qint64 steadyMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

QString callActive()
{
    return u"call active"_s;
}

} // namespace

// The group, so that a program which is a script's child stands still with it. An older kernel, or a child that has no
// group of its own yet: the process itself.
void signalChild(int pidfd, int signal)
{
    if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, kToProcessGroup) != 0)
        ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0U);
}

GatePass::GatePass(CallGate &gate, const QString &callSid, qint64 nowMs)
    : m_gate(gate)
    , m_callSid(callSid)
    , m_sinceMs(nowMs)
{
}

GatePass::~GatePass()
{
    const std::lock_guard lock(m_gate.m_mutex);
    std::erase(m_gate.m_passes, this);
}

QString GatePass::stopReason() const
{
    const std::lock_guard lock(m_gate.m_mutex);
    return m_stopReason;
}

void GatePass::stop(const QString &reason)
{
    {
        const std::lock_guard lock(m_gate.m_mutex);
        if (!noteStop(reason))
            return;
    }
    Q_EMIT stopRequested();
}

bool GatePass::noteStop(const QString &reason)
{
    if (!m_stopReason.isEmpty())
        return false;
    m_stopReason = reason.isEmpty() ? u"stopped"_s : reason;
    return true;
}

QString GatePass::heldReason() const
{
    const std::lock_guard lock(m_gate.m_mutex);
    if (m_heldSinceMs < 0)
        return {};
    return m_callActive ? callActive() : m_gate.heldReasonLocked();
}

qint64 GatePass::activeMs() const
{
    const std::lock_guard lock(m_gate.m_mutex);
    const qint64 until = m_heldSinceMs >= 0 ? m_heldSinceMs : m_gate.m_clock();
    return until - m_sinceMs - m_heldMs;
}

void GatePass::addChild(int pidfd)
{
    const std::lock_guard lock(m_gate.m_mutex);
    m_children.push_back(pidfd);
    if (m_heldSinceMs >= 0)
        signalChild(pidfd, SIGSTOP);
}

void GatePass::removeChild(int pidfd)
{
    const std::lock_guard lock(m_gate.m_mutex);
    std::erase(m_children, pidfd);
}

bool GatePass::setFrozen(bool frozen, qint64 nowMs)
{
    if (frozen == (m_heldSinceMs >= 0))
        return false;
    if (!frozen)
        m_heldMs += nowMs - m_heldSinceMs;
    m_heldSinceMs = frozen ? nowMs : -1;
    for (const int child : m_children)
        signalChild(child, frozen ? SIGSTOP : SIGCONT);
    return true;
}

CallGate::CallGate(const config::JobsSettings &settings, Clock clock)
    : m_settings(settings)
    , m_clock(clock ? std::move(clock) : Clock(steadyMs))
{
    m_wasClosed = !closedReasonLocked().isEmpty();
}

CallGate::~CallGate()
{
    Q_ASSERT(m_passes.empty());
}

void CallGate::callStarted(const QString &callSid)
{
    Changes changes;
    {
        const std::lock_guard lock(m_mutex);
        ++m_live[callSid];
        const qint64 now = m_clock();
        m_starts.push_back(now);
        while (m_starts.front() <= now - kBurstWindowMs)
            m_starts.pop_front();
        if (m_settings.freezeBurstCalls > 0 && int(m_starts.size()) >= m_settings.freezeBurstCalls) {
            m_burst = true;
            m_calmSinceMs = -1;
        }
        for (GatePass *pass : m_passes) {
            if (pass->m_callSid != callSid)
                continue;
            pass->m_callActive = true;
            if (!pass->noteStop(callActive()))
                continue;
            if (auto alive = pass->m_self.lock())
                changes.stopped.push_back(std::move(alive));
        }
        update(changes);
    }
    tell(changes);
}

void CallGate::callEnded(const QString &callSid)
{
    Changes changes;
    {
        const std::lock_guard lock(m_mutex);
        const auto it = m_live.find(callSid);
        if (it == m_live.end() || --it.value() > 0)
            return;
        m_live.erase(it);
        update(changes);
        changes.opened = !m_wasClosed; // for its own jobs
    }
    tell(changes);
}

void CallGate::noteBeat(double lateP99Ms, bool stalled)
{
    Changes changes;
    {
        const std::lock_guard lock(m_mutex);
        const qint64 now = m_clock();
        if (m_settings.freezeLateMs > 0 && (stalled || lateP99Ms > m_settings.freezeLateMs)) {
            m_late = true;
            m_calmSinceMs = -1;
        } else if (m_calmSinceMs < 0) {
            m_calmSinceMs = now;
        }
        if (m_calmSinceMs >= 0 && now - m_calmSinceMs >= kCalmMs)
            m_late = m_burst = false;
        update(changes);
    }
    tell(changes);
}

void CallGate::noteCallsBeside(int calls)
{
    Changes changes;
    {
        const std::lock_guard lock(m_mutex);
        m_beside = calls;
        update(changes);
    }
    tell(changes);
}

std::shared_ptr<GatePass> CallGate::enter(const QString &callSid, QString &reason)
{
    const std::lock_guard lock(m_mutex);
    reason = closedReasonLocked();
    if (reason.isEmpty() && m_live.contains(callSid))
        reason = callActive();
    if (!reason.isEmpty())
        return nullptr;
    std::shared_ptr<GatePass> pass(new GatePass(*this, callSid, m_clock()));
    pass->m_self = pass;
    m_passes.push_back(pass.get());
    return pass;
}

QString CallGate::closedReason() const
{
    const std::lock_guard lock(m_mutex);
    return closedReasonLocked();
}

int CallGate::running() const
{
    const std::lock_guard lock(m_mutex);
    return int(m_passes.size());
}

void CallGate::stopAll(const QString &reason)
{
    Changes changes;
    {
        const std::lock_guard lock(m_mutex);
        m_endReason = reason.isEmpty() ? u"the gateway ends"_s : reason;
        for (GatePass *pass : m_passes) {
            if (!pass->noteStop(m_endReason))
                continue;
            if (auto alive = pass->m_self.lock())
                changes.stopped.push_back(std::move(alive));
        }
        update(changes);
    }
    tell(changes);
}

QString CallGate::closedReasonLocked() const
{
    if (!m_endReason.isEmpty())
        return m_endReason;
    return m_settings.gate == config::GateMode::OffHost ? u"off-host"_s : heldReasonLocked();
}

QString CallGate::heldReasonLocked() const
{
    if (m_settings.gate == config::GateMode::Quiet && (!m_live.isEmpty() || m_beside > 0))
        return u"quiet mode"_s;
    if (m_late)
        return u"TX degraded"_s;
    return m_burst ? u"calls are starting"_s : QString();
}

void CallGate::update(Changes &changes)
{
    const qint64 now = m_clock();
    const bool held = !heldReasonLocked().isEmpty();
    for (GatePass *pass : m_passes) {
        const bool frozen = held || pass->m_callActive;
        if (!pass->setFrozen(frozen, now))
            continue;
        if (auto alive = pass->m_self.lock())
            (frozen ? changes.held : changes.released).push_back(std::move(alive));
    }
    const bool closed = !closedReasonLocked().isEmpty();
    changes.opened = m_wasClosed && !closed;
    m_wasClosed = closed;
}

void CallGate::tell(const Changes &changes)
{
    for (const auto &pass : changes.held)
        Q_EMIT pass->heldChanged(true);
    for (const auto &pass : changes.stopped)
        Q_EMIT pass->stopRequested();
    for (const auto &pass : changes.released)
        Q_EMIT pass->heldChanged(false);
    if (changes.opened)
        Q_EMIT opened();
}

} // namespace takt::jobs
