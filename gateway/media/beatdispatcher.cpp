// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/beatdispatcher.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <QThread>
#include <QTimerEvent>

#include <cerrno>
#include <ctime>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace takt::media {

namespace {

constexpr int kEventsAtOnce = 256;
// Socket events between two looks at the beat: one costs some tens of microseconds.
constexpr int kEventsPerBeat = 4;
constexpr int kBeatsAtOnce = 512;
constexpr qint64 kNsPerSecond = 1'000'000'000;
constexpr qint64 kNsPerMs = 1'000'000;

timespec timeLeft(qint64 untilNs)
{
    const qint64 left = std::max<qint64>(0, untilNs - BeatDispatcher::nowNs());
    return {left / kNsPerSecond, left % kNsPerSecond};
}

QElapsedTimer startedTimer()
{
    QElapsedTimer timer;
    timer.start();
    return timer;
}

} // namespace

BeatDispatcher::BeatDispatcher(QObject *parent)
    : QAbstractEventDispatcher(parent)
    , m_epoll(epoll_create1(EPOLL_CLOEXEC))
    , m_eventFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    , m_events(kEventsAtOnce)
{
    if (m_epoll < 0 || m_eventFd < 0)
        qFatal("no descriptors left for an event loop (epoll, eventfd)");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = m_eventFd;
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_eventFd, &event);
    const timespec now{};
    if (epoll_pwait2(m_epoll, m_events.data(), 1, &now, nullptr) < 0)
        qFatal("this kernel has no epoll_pwait2: Linux 5.11 or newer is needed, and a sandbox that allows it");
}

BeatDispatcher::~BeatDispatcher()
{
    close(m_eventFd);
    close(m_epoll);
}

qint64 BeatDispatcher::nowNs()
{
    static const QElapsedTimer s_clock = startedTimer();
    return s_clock.nsecsElapsed();
}

bool BeatDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    m_interrupted.store(false);
    m_wokenHere = false;
    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();

    beat(); // no reason not to sleep afterwards: the beat says itself when it wants to be woken
    bool worked = fireTimers();
    const bool mayWait = flags.testFlag(QEventLoop::WaitForMoreEvents) && !worked && !m_interrupted.load();
    if (mayWait)
        Q_EMIT aboutToBlock();
    const int count = wait(mayWait);
    if (count > 0 && !flags.testFlag(QEventLoop::ExcludeSocketNotifiers))
        worked |= dispatch(count);
    if (m_beat != nullptr)
        m_beat->onRound();
    return worked;
}

// What the thread must be awake for, sockets and wake-ups aside.
qint64 BeatDispatcher::nextDueNs()
{
    const qint64 beatNs = m_beat != nullptr ? m_beat->nextBeatNs() : kNever;
    return m_timerOrder.empty() ? beatNs : std::min(beatNs, m_timerOrder.begin()->first);
}

int BeatDispatcher::wait(bool mayWait)
{
    armDirty();
    if (!mayWait || m_wokenHere)
        return look(0);
    const qint64 dueNs = nextDueNs();
    const qint64 sinceNs = nowNs() - m_lastBusyLookNs;
    if (sinceNs >= kWakeNs)
        return look(dueNs);
    if (sinceNs >= kLookNs) { // awake anyway
        if (const int count = look(0); count != 0)
            return count;
    }
    // Sockets have just had their turn: sleep without them, but for a beat or somebody's wake-up.
    sleepUntil(std::min(dueNs, m_lastBusyLookNs + kWakeNs));
    return 0;
}

// Waits for sockets until then (0: not at all) and fetches what they have.
int BeatDispatcher::look(qint64 untilNs)
{
    const timespec timeout = timeLeft(untilNs);
    const int count = epoll_pwait2(m_epoll, m_events.data(), kEventsAtOnce, untilNs == kNever ? nullptr : &timeout,
                                   nullptr);
    if (count > 1 || (count == 1 && m_events[0].data.fd != m_eventFd))
        m_lastBusyLookNs = nowNs();
    return count;
}

void BeatDispatcher::sleepUntil(qint64 untilNs)
{
    const timespec timeout = timeLeft(untilNs);
    pollfd wakeUps{m_eventFd, POLLIN, 0};
    if (ppoll(&wakeUps, 1, &timeout, nullptr) > 0)
        clearWakeUps();
}

void BeatDispatcher::clearWakeUps()
{
    quint64 ignored = 0;
    [[maybe_unused]] const auto n = read(m_eventFd, &ignored, sizeof ignored);
    m_woken.store(false); // after the read: whoever comes from now on writes again
}

bool BeatDispatcher::dispatch(int count)
{
    for (int i = 0; i < count; ++i) {
        const int fd = m_events[std::size_t(i)].data.fd;
        const quint32 events = m_events[std::size_t(i)].events;
        if (fd == m_eventFd) {
            clearWakeUps();
            continue;
        }
        // Each looked up anew: an earlier handler may have removed it.
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0)
            activate(descriptor(fd).read);
        if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
            activate(descriptor(fd).write);
        if ((events & EPOLLPRI) != 0)
            activate(descriptor(fd).exception);
        if (i % kEventsPerBeat == kEventsPerBeat - 1)
            beat();
    }
    return count > 0;
}

void BeatDispatcher::activate(QSocketNotifier *notifier)
{
    if (notifier == nullptr)
        return;
    QEvent event(QEvent::SockAct);
    QCoreApplication::sendEvent(notifier, &event);
}

void BeatDispatcher::beat()
{
    if (m_beat == nullptr)
        return;
    // Bounded, so that an overloaded beat can't starve the sockets and with them everything that could end the overload.
    for (int i = 0; i < kBeatsAtOnce; ++i) {
        const qint64 now = nowNs();
        if (m_beat->nextBeatNs() > now)
            return;
        m_beat->onBeat(now);
    }
}

// Socket notifiers ---------------------------------------------------------------------------------------------------

quint32 BeatDispatcher::Descriptor::wanted() const
{
    return (read != nullptr ? quint32(EPOLLIN) : 0U) | (write != nullptr ? quint32(EPOLLOUT) : 0U)
           | (exception != nullptr ? quint32(EPOLLPRI) : 0U);
}

BeatDispatcher::Descriptor &BeatDispatcher::descriptor(int fd)
{
    if (std::size_t(fd) >= m_descriptors.size())
        m_descriptors.resize(std::size_t(fd) + 64);
    return m_descriptors[std::size_t(fd)];
}

QSocketNotifier *&BeatDispatcher::slotOf(QSocketNotifier *notifier)
{
    Descriptor &d = descriptor(int(notifier->socket()));
    switch (notifier->type()) {
    case QSocketNotifier::Read: return d.read;
    case QSocketNotifier::Write: return d.write;
    case QSocketNotifier::Exception: break;
    }
    return d.exception;
}

void BeatDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    slotOf(notifier) = notifier;
    const int fd = int(notifier->socket());
    markDirty(fd, descriptor(fd));
}

void BeatDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    slotOf(notifier) = nullptr;
    const int fd = int(notifier->socket());
    Descriptor &d = descriptor(fd);
    // The last one gone usually means that the descriptor is about to be closed, and its number used again: now or never.
    if (d.wanted() == 0)
        arm(fd, d);
    else
        markDirty(fd, d);
}

// Qt switches a socket's write notifier on and off around almost every write. Telling epoll only before the next wait
// makes most of that free.
void BeatDispatcher::markDirty(int fd, Descriptor &d)
{
    if (d.dirty)
        return;
    d.dirty = true;
    m_dirty.push_back(fd);
}

void BeatDispatcher::armDirty()
{
    for (const int fd : m_dirty) {
        Descriptor &d = descriptor(fd);
        d.dirty = false;
        arm(fd, d);
    }
    m_dirty.clear();
}

void BeatDispatcher::arm(int fd, Descriptor &d)
{
    const quint32 wanted = d.wanted();
    if (wanted == d.armed)
        return;
    epoll_event event{};
    event.events = wanted;
    event.data.fd = fd;
    const int operation = wanted == 0 ? EPOLL_CTL_DEL : d.armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(m_epoll, operation, fd, &event) != 0 && wanted != 0) {
        // The number was closed behind our back and is another socket now, or the other way round.
        epoll_ctl(m_epoll, errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    }
    d.armed = wanted;
}

// Timers ---------------------------------------------------------------------------------------------------------------

void BeatDispatcher::registerTimer(int timerId, qint64 intervalMs, Qt::TimerType type, QObject *object)
{
    const Timer timer{intervalMs * kNsPerMs, nowNs() + intervalMs * kNsPerMs, type, object};
    m_timers.insert(timerId, timer);
    m_timerOrder.emplace(timer.dueNs, timerId);
}

bool BeatDispatcher::unregisterTimer(int timerId)
{
    const auto it = m_timers.constFind(timerId);
    if (it == m_timers.constEnd())
        return false;
    m_timerOrder.erase({it->dueNs, timerId});
    m_timers.erase(it);
    return true;
}

bool BeatDispatcher::unregisterTimers(QObject *object)
{
    const QList<TimerInfo> timers = registeredTimers(object);
    for (const TimerInfo &timer : timers)
        unregisterTimer(timer.timerId);
    return !timers.isEmpty();
}

QList<QAbstractEventDispatcher::TimerInfo> BeatDispatcher::registeredTimers(QObject *object) const
{
    QList<TimerInfo> found;
    for (auto it = m_timers.cbegin(); it != m_timers.cend(); ++it) {
        if (it->object == object)
            found.append(TimerInfo(it.key(), int(it->intervalNs / kNsPerMs), it->type));
    }
    return found;
}

int BeatDispatcher::remainingTime(int timerId)
{
    const auto it = m_timers.constFind(timerId);
    return it == m_timers.constEnd() ? -1 : int(std::max<qint64>(0, it->dueNs - nowNs()) / kNsPerMs);
}

bool BeatDispatcher::fireTimers()
{
    bool fired = false;
    const qint64 now = nowNs();
    while (!m_timerOrder.empty() && m_timerOrder.begin()->first <= now) {
        const int id = m_timerOrder.begin()->second;
        m_timerOrder.erase(m_timerOrder.begin());
        Timer &timer = m_timers[id];
        // From now, not from its due time: a late thread owes nobody a volley. At least a nanosecond on, so that a
        // timer of 0 ms runs once a round.
        timer.dueNs = now + std::max<qint64>(timer.intervalNs, 1);
        m_timerOrder.emplace(timer.dueNs, id);
        QTimerEvent event(id);
        QCoreApplication::sendEvent(timer.object, &event);
        fired = true;
    }
    return fired;
}

// From any thread ------------------------------------------------------------------------------------------------------

void BeatDispatcher::wakeUp()
{
    if (QThread::currentThread() == thread()) {
        m_wokenHere = true; // awake already: it only must not go to sleep
        return;
    }
    if (m_woken.exchange(true))
        return; // written, and not yet read
    const quint64 one = 1;
    [[maybe_unused]] const auto n = write(m_eventFd, &one, sizeof one);
}

void BeatDispatcher::interrupt()
{
    m_interrupted.store(true);
    wakeUp();
}

} // namespace takt::media
