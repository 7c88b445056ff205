// SPDX-License-Identifier: GPL-3.0-or-later
// The program under test as a child process: started, watched through /proc, ended. It dies with the thread that
// started it, whatever happens to its parent. Belongs to that thread.
#pragma once

#include <QString>

#include <atomic>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace takt::load {

class Child
{
public:
    using Environment = std::vector<std::pair<std::string, std::string>>; // on top of ours; the last of a name counts
    enum class Priority { Normal, Idle };

    Child() = default;
    ~Child() { (void)stop(); }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    // What it prints goes to the file. `cores`: that it may use; none: ours. An error text, or nothing.
    [[nodiscard]] QString start(const std::vector<std::string> &command, const Environment &environment,
                                const std::string &logFile, Priority priority = Priority::Normal,
                                const std::vector<int> &cores = {});
    // SIGTERM, then a while later SIGKILL. False if that was needed, or it had ended before, or ended in an error.
    bool stop();
    [[nodiscard]] bool running();
    // After it has ended.
    [[nodiscard]] bool killed() const;
    [[nodiscard]] pid_t pid() const { return m_pid; }
    // From any thread.
    void signal(int number) const;

    struct Usage {
        double cpuSeconds = 0;      // user and system, of all its threads
        double childCpuSeconds = 0; // of its children that ended
        double residentMb = 0;      // millions of bytes
    };
    [[nodiscard]] std::optional<Usage> usage() const;

private:
    [[nodiscard]] bool reap(bool block);

    std::atomic<pid_t> m_pid{-1}; // a signal may be on its way while it ends
    int m_status = 0;
};

// A TCP port of the loopback interface that was free a moment ago, or 0.
[[nodiscard]] int freePort();
// Whether somebody listens there.
[[nodiscard]] bool accepts(int port);

} // namespace takt::load
