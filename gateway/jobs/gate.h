// SPDX-License-Identifier: GPL-3.0-or-later
// The only way to run heavy work. Nobody but the gate makes a GatePass, and nothing heavy starts without one: no stage of
// the pipeline, no child process, no request of a job. The gate gives none for a call that is active, nor while the mode
// or the beat forbids it; and it keeps hold of those it gave: a call that becomes active again stops its jobs, and while
// the beat is late the children of all jobs stand still. Any thread; nothing here waits for more than a few system calls.
#pragma once

#include "config/settings.h"

#include <QHash>
#include <QObject>
#include <QString>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace takt::jobs {

class CallGate;

// One job's leave to run. Given by the gate, held by the job's thread; letting it go gives it back. Shared only so that it
// can't vanish while the gate, in another thread, tells of it.
class GatePass final : public QObject
{
    Q_OBJECT
public:
    ~GatePass() override;

    [[nodiscard]] const QString &callSid() const { return m_callSid; }
    // The job shall end at once; why. Empty: it may go on.
    [[nodiscard]] QString stopReason() const;
    // An operator's cancel, a lost lease, shutdown. The first reason stays.
    void stop(const QString &reason);
    // The children stand still; why. Empty: they run. Also of a job that has to end because its call is active again: its
    // children get no more of the processor.
    [[nodiscard]] QString heldReason() const;
    // Milliseconds since the pass was given, without the time that children stood still.
    [[nodiscard]] qint64 activeMs() const;

    // A child process, by a pidfd that stays the caller's: from now on it stands still when the gate says so.
    void addChild(int pidfd);
    void removeChild(int pidfd);

Q_SIGNALS:
    // In whichever thread caused them, no lock held. Those of two threads may overtake each other: ask what is true.
    void stopRequested();
    void heldChanged(bool held);

private:
    friend class CallGate;
    GatePass(CallGate &gate, const QString &callSid, qint64 nowMs);
    // All below: with the gate's mutex held.
    [[nodiscard]] bool noteStop(const QString &reason);      // true: that is new
    [[nodiscard]] bool setFrozen(bool frozen, qint64 nowMs); // true: that is new

    CallGate &m_gate; // whose mutex guards all below
    std::weak_ptr<GatePass> m_self;
    const QString m_callSid;
    QString m_stopReason;
    bool m_callActive = false; // that is why it was stopped
    std::vector<int> m_children;
    const qint64 m_sinceMs;
    qint64 m_heldMs = 0;       // that have passed
    qint64 m_heldSinceMs = -1; // -1: not held
};

// A signal to a process and its group, by the pidfd of the group's leader: to no other, whatever became of it.
void signalChild(int pidfd, int signal);

class CallGate final : public QObject
{
    Q_OBJECT
public:
    using Clock = std::function<qint64()>; // milliseconds that never go back
    static constexpr int kCalmMs = 2'000;

    explicit CallGate(const config::JobsSettings &settings, Clock clock = {});
    ~CallGate() override;

    // From the media side; each start of a call's stream is followed by one end.
    void callStarted(const QString &callSid);
    void callEnded(const QString &callSid);
    // What the beat looks like: the p99 of its lateness since the last time, and stalls among it. Every 250 ms or so: a
    // burst of calls is over, and a late beat is in time again, only after kCalmMs in which it was told so.
    void noteBeat(double lateP99Ms, bool stalled);
    // Live calls of other processes on this host.
    void noteCallsBeside(int calls);

    // From the job side, in any thread. Null, with the reason, if the job may not run now.
    [[nodiscard]] std::shared_ptr<GatePass> enter(const QString &callSid, QString &reason);
    // Why no job at all may start now: "TX degraded", "calls are starting", "quiet mode", "off-host"; empty: they may.
    [[nodiscard]] QString closedReason() const;
    [[nodiscard]] int running() const;
    // Stops all jobs, and gives no more leave: the process ends.
    void stopAll(const QString &reason);

Q_SIGNALS:
    // Jobs may start, or what held them is over. In whichever thread caused it.
    void opened();

private:
    friend class GatePass;
    // What is to be told once the mutex was let go. Keeps alive whom it is to be told.
    struct Changes {
        std::vector<std::shared_ptr<GatePass>> stopped;
        std::vector<std::shared_ptr<GatePass>> held;
        std::vector<std::shared_ptr<GatePass>> released;
        bool opened = false;
    };
    // With the mutex held: brings the passes in line with what is known.
    void update(Changes &changes);
    [[nodiscard]] QString closedReasonLocked() const;
    [[nodiscard]] QString heldReasonLocked() const;
    // Without it.
    void tell(const Changes &changes);

    const config::JobsSettings m_settings;
    const Clock m_clock;
    mutable std::mutex m_mutex; // guards all below, and the passes
    QHash<QString, int> m_live; // streams of each live call
    std::vector<GatePass *> m_passes;
    std::deque<qint64> m_starts; // of calls, within the last second
    qint64 m_calmSinceMs = -1;   // since when nothing is wrong; -1: it is
    bool m_late = false;
    bool m_burst = false;
    int m_beside = 0;
    QString m_endReason; // of the process; empty: it lives
    bool m_wasClosed = false;
};

} // namespace takt::jobs
