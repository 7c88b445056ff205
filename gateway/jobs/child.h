// SPDX-License-Identifier: GPL-3.0-or-later
// A heavy child process of a job: SCHED_IDLE, nice 19, idle I/O, limited memory, ended with its parent; it stands still
// when the gate says so. Its limit is one of processor time: that it gets little on a busy host is not its fault. Lives in
// the job's thread, which waits for it.
#pragma once

#include "jobs/gate.h"

#include <QByteArray>
#include <QStringList>

#include <functional>

namespace takt::jobs {

struct ChildCommand {
    QString program;
    QStringList arguments;
    int limitMs = 600'000;                                // of processor time
    qint64 memoryLimit = qint64(2) * 1024 * 1024 * 1024;  // of address space, bytes
    std::function<void(const QByteArray &line)> onLine{}; // of standard output, as it comes
};

struct ChildResult {
    enum class End { Exited, Signalled, TooSlow, Stopped, NotStarted } end = End::NotStarted;
    int code = 0;      // of the exit; negative: the signal
    qint64 cpuMs = -1; // as seen last, at most a second before the end; -1: not seen
    qint64 maxRssKb = -1;
    QString tail; // of standard error: its last lines
    [[nodiscard]] bool ok() const { return end == End::Exited && code == 0; }
};

// A child that takes so many times its limit, standing still not counted, hangs: it starves, perhaps, but nobody can tell.
inline constexpr int kStarvation = 10;

[[nodiscard]] ChildResult runChild(GatePass &pass, const ChildCommand &command);

} // namespace takt::jobs
