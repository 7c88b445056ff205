// SPDX-License-Identifier: GPL-3.0-or-later
// A thread that runs a BeatDispatcher. Owned by the main thread; the destructor quits and joins. Objects that shall live
// in it are made there, with run(), and removed there before the thread ends.
#pragma once

#include "media/beatdispatcher.h"
#include "media/signalstack.h"

#include <QThread>

#include <functional>
#include <memory>

namespace takt::media {

class BeatThread
{
public:
    explicit BeatThread(const QString &name);
    ~BeatThread();
    Q_DISABLE_COPY_MOVE(BeatThread)

    // Runs f in the thread and waits for it. From other threads only.
    void run(const std::function<void()> &f);
    // Runs f in the thread, later. From any thread.
    void post(const std::function<void()> &f);

    [[nodiscard]] BeatDispatcher *dispatcher() const { return m_dispatcher; }

private:
    SignalStack m_signalStack; // of m_thread
    QThread m_thread;
    BeatDispatcher *m_dispatcher; // owned by m_thread
    QObject *m_context;           // lives in m_thread
};

// Asks the kernel for what a media thread would like and goes on without it: SCHED_RR with that priority, for the calling
// thread. Returns what was granted, for the log.
[[nodiscard]] QString requestRealTime(int priority);
// The same for memory that is never paged out, of the process.
[[nodiscard]] QString requestLockedMemory();

} // namespace takt::media
