// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/reactor.h"

#include <QtGlobal>

#include <algorithm>
#include <array>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace takt::sim {

Reactor::Reactor()
    : m_epoll(epoll_create1(EPOLL_CLOEXEC))
    , m_wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
    if (m_epoll < 0 || m_wake < 0)
        qFatal("no descriptors left for an event loop");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = m_wake;
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wake, &event);
}

Reactor::~Reactor()
{
    close(m_wake);
    close(m_epoll);
}

void Reactor::watch(int fd, std::uint32_t events, Handler *handler)
{
    if (m_handlers.size() <= std::size_t(fd))
        m_handlers.resize(std::size_t(fd) + 64, nullptr);
    m_handlers[std::size_t(fd)] = handler;
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event);
}

void Reactor::rewatch(int fd, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(m_epoll, EPOLL_CTL_MOD, fd, &event);
}

void Reactor::forget(int fd)
{
    epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
    m_handlers[std::size_t(fd)] = nullptr;
}

Reactor::TimerId Reactor::at(Nanos deadline, Task task)
{
    const TimerId id = m_nextId++;
    m_deadlines.push({deadline, id});
    m_tasks.emplace(id, std::move(task));
    return id;
}

void Reactor::cancel(TimerId id)
{
    m_tasks.erase(id); // its entry among the deadlines finds no task when it comes up
}

void Reactor::post(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_posted.push_back(std::move(task));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(m_wake, &one, sizeof one);
}

void Reactor::quit()
{
    m_quit = true;
    post([] {});
}

Nanos Reactor::untilNextTimer() const
{
    if (m_deadlines.empty())
        return m_maxWait;
    return std::clamp<Nanos>(m_deadlines.top().deadline - monotonicNs(), 0, m_maxWait);
}

void Reactor::fireTimers()
{
    const Nanos now = monotonicNs(); // one reading: a timer that re-arms itself in the past waits for the next round
    while (!m_deadlines.empty() && m_deadlines.top().deadline <= now) {
        const TimerId id = m_deadlines.top().id;
        m_deadlines.pop();
        const auto found = m_tasks.find(id);
        if (found == m_tasks.end())
            continue;
        const Task task = std::move(found->second);
        m_tasks.erase(found);
        task();
    }
}

void Reactor::runPosted()
{
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t drained = read(m_wake, &count, sizeof count);
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(m_mutex);
        tasks.swap(m_posted);
    }
    for (const Task &task : tasks)
        task();
}

void Reactor::runLater()
{
    while (!m_later.empty()) {
        std::vector<Task> tasks;
        tasks.swap(m_later);
        for (const Task &task : tasks)
            task();
    }
}

bool Reactor::tryRealtime()
{
    const sched_param lowest{sched_get_priority_min(SCHED_RR)};
    return pthread_setschedparam(pthread_self(), SCHED_RR, &lowest) == 0;
}

void Reactor::run()
{
    std::array<epoll_event, 256> events{};
    while (!m_quit) {
        fireTimers();
        runLater();
        const Nanos wait = untilNextTimer();
        const timespec timeout{time_t(wait / kSecond), long(wait % kSecond)};
        m_waitBegan = monotonicNs();
        const int count = epoll_pwait2(m_epoll, events.data(), int(events.size()), &timeout, nullptr);
        for (int i = 0; i < count; ++i) {
            const int fd = events[std::size_t(i)].data.fd;
            if (fd == m_wake)
                runPosted();
            else if (Handler *handler = m_handlers[std::size_t(fd)]) // null: forgotten earlier in this batch
                handler->ready(events[std::size_t(i)].events);
        }
        runLater();
    }
}

} // namespace takt::sim
