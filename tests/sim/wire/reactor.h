// SPDX-License-Identifier: GPL-3.0-or-later
// One epoll loop with absolute-deadline timers: the heart of each simulator thread. Everything but post() and quit()
// belongs to the thread that runs it. Timers wake by the nanosecond (epoll_pwait2), so that a caller's frame leaves on
// its deadline and not on the next millisecond.
#pragma once

#include "sim/wire/clock.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <queue>
#include <unordered_map>
#include <vector>

namespace takt::sim {

class Reactor
{
public:
    class Handler
    {
    public:
        virtual ~Handler() = default;
        virtual void ready(std::uint32_t events) = 0;
    };
    using Task = std::function<void()>;
    using TimerId = std::uint64_t;

    Reactor();
    ~Reactor();
    Reactor(const Reactor &) = delete;
    Reactor &operator=(const Reactor &) = delete;

    void watch(int fd, std::uint32_t events, Handler *handler);
    void rewatch(int fd, std::uint32_t events);
    void forget(int fd);

    TimerId at(Nanos deadline, Task task);
    void cancel(TimerId id);
    // Runs the task after the current batch of events: the place to destroy what is still on the call stack.
    void later(Task task) { m_later.push_back(std::move(task)); }

    void run();
    void post(Task task); // from any thread
    void quit();          // from any thread

    // When the loop last began to wait, with every socket drained. Bytes that one read finds together have arrived
    // since then, but bear only the stamp of the last of them: how much it may err is known by this.
    [[nodiscard]] Nanos waitBegan() const { return m_waitBegan; }
    // Wait no longer than that at a time, so that waitBegan() is never long ago while this process gets its CPU.
    void setMaxWait(Nanos longest) { m_maxWait = longest; }
    // Asks for real-time scheduling of the calling thread: an instrument must not be late itself. False if refused.
    static bool tryRealtime();

private:
    struct Timer {
        Nanos deadline;
        TimerId id;
        bool operator>(const Timer &other) const
        {
            return deadline != other.deadline ? deadline > other.deadline : id > other.id;
        }
    };

    [[nodiscard]] Nanos untilNextTimer() const;
    void fireTimers();
    void runPosted();
    void runLater();

    int m_epoll = -1;
    int m_wake = -1;
    std::vector<Handler *> m_handlers; // by descriptor
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> m_deadlines;
    std::unordered_map<TimerId, Task> m_tasks;
    TimerId m_nextId = 1;
    std::vector<Task> m_later;
    Nanos m_waitBegan = 0;
    Nanos m_maxWait = kSecond;
    std::atomic<bool> m_quit{false};

    std::mutex m_mutex; // guards m_posted only
    std::vector<Task> m_posted;
};

} // namespace takt::sim
