// SPDX-License-Identifier: GPL-3.0-or-later
// An event dispatcher for threads with a beat and hundreds of sockets: epoll instead of poll(), waits to the nanosecond
// (epoll_pwait2), and a hook that is asked for its next deadline before every wait and again after every few socket
// events, so that a crowd of incoming messages can't make a frame late. Busy sockets are looked at when the thread is awake,
// and at the latest after kWakeNs, but not once a message: hundreds of calls then share a wake-up. Lives in the thread that
// it drives.
#pragma once

#include <QAbstractEventDispatcher>
#include <QElapsedTimer>
#include <QHash>

#include <atomic>
#include <limits>
#include <set>
#include <vector>

struct epoll_event;

namespace takt::media {

class BeatDispatcher final : public QAbstractEventDispatcher
{
    Q_OBJECT
public:
    static constexpr qint64 kNever = std::numeric_limits<qint64>::max();

    // Whoever keeps a beat in this thread.
    class Beat
    {
    public:
        // When onBeat() wants to be called, on nowNs()'s clock; kNever for not at all.
        virtual qint64 nextBeatNs() = 0;
        virtual void onBeat(qint64 nowNs) = 0;
        // After every round of socket events, before the thread sleeps.
        virtual void onRound() {}

    protected:
        ~Beat() = default;
    };

    explicit BeatDispatcher(QObject *parent = nullptr);
    ~BeatDispatcher() override;

    // Null for none. From this dispatcher's thread only, as everything but wakeUp() and interrupt().
    void setBeat(Beat *beat) { m_beat = beat; }
    // The thread's clock, monotonic, from the same origin in every dispatcher of the process.
    [[nodiscard]] static qint64 nowNs();

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;
    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;
    void registerTimer(int timerId, qint64 intervalMs, Qt::TimerType type, QObject *object) override;
    bool unregisterTimer(int timerId) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int timerId) override;
    void wakeUp() override;
    void interrupt() override;

private:
    struct Descriptor {
        QSocketNotifier *read = nullptr;
        QSocketNotifier *write = nullptr;
        QSocketNotifier *exception = nullptr;
        quint32 armed = 0; // what epoll was told
        bool dirty = false;
        [[nodiscard]] quint32 wanted() const;
    };
    struct Timer {
        qint64 intervalNs = 0;
        qint64 dueNs = 0;
        Qt::TimerType type = Qt::CoarseTimer;
        QObject *object = nullptr;
    };

    Descriptor &descriptor(int fd);
    QSocketNotifier *&slotOf(QSocketNotifier *notifier);
    void markDirty(int fd, Descriptor &d);
    void arm(int fd, Descriptor &d);
    void armDirty();
    // Busy sockets are looked at when the thread is awake anyway, for a beat or somebody's wake-up, if the last look is that
    // long ago; and for their own sake after kWakeNs, which is what a message may wait here.
    static constexpr qint64 kLookNs = 600'000;
    static constexpr qint64 kWakeNs = 2'200'000;

    void beat();
    bool fireTimers();
    int wait(bool mayWait);
    int look(qint64 untilNs);
    void sleepUntil(qint64 untilNs);
    void clearWakeUps();
    [[nodiscard]] qint64 nextDueNs();
    bool dispatch(int count);
    void activate(QSocketNotifier *notifier);

    int m_epoll;
    int m_eventFd;
    Beat *m_beat = nullptr;
    std::vector<Descriptor> m_descriptors; // by file descriptor
    std::vector<int> m_dirty;
    QHash<int, Timer> m_timers;
    std::set<std::pair<qint64, int>> m_timerOrder; // due, id
    std::vector<epoll_event> m_events;
    qint64 m_lastBusyLookNs = -kWakeNs; // when sockets were last found to have something
    std::atomic<bool> m_woken{false};   // the event descriptor was written to and not yet read
    bool m_wokenHere = false;           // by this thread itself
    std::atomic<bool> m_interrupted{false};
};

} // namespace takt::media
