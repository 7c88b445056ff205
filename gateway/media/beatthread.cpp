// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/beatthread.h"

#include <cstring>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace takt::media {

using namespace Qt::Literals::StringLiterals;

BeatThread::BeatThread(const QString &name)
    : m_dispatcher(new BeatDispatcher)
    , m_context(new QObject)
{
    m_thread.setObjectName(name);
    m_thread.setEventDispatcher(m_dispatcher);
    m_context->moveToThread(&m_thread);
    QObject::connect(
        &m_thread, &QThread::started, m_context, [this] { m_signalStack.use(); }, Qt::DirectConnection);
    QObject::connect(&m_thread, &QThread::finished, m_context, &QObject::deleteLater);
    m_thread.start();
}

BeatThread::~BeatThread()
{
    m_thread.quit();
    m_thread.wait();
}

void BeatThread::run(const std::function<void()> &f)
{
    QMetaObject::invokeMethod(m_context, f, Qt::BlockingQueuedConnection);
}

void BeatThread::post(const std::function<void()> &f)
{
    QMetaObject::invokeMethod(m_context, f, Qt::QueuedConnection);
}

QString requestRealTime(int priority)
{
    // Without it the kernel may round this thread's waits up by 50 µs.
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);

#ifdef __SANITIZE_ADDRESS__
    // Its allocator spins: two real-time threads that wait for a lock of an ordinary one never let that one run.
    return u"no SCHED_RR %1 with AddressSanitizer"_s.arg(priority);
#endif
    sched_param parameters{};
    parameters.sched_priority = priority;
    const int refused = pthread_setschedparam(pthread_self(), SCHED_RR, &parameters);
    return refused == 0 ? u"SCHED_RR %1"_s.arg(priority)
                        : u"no SCHED_RR (%1)"_s.arg(QString::fromLocal8Bit(std::strerror(refused)));
}

QString requestLockedMemory()
{
    // Under a finite limit the call may succeed and a later allocation fail: then rather not.
    rlimit limit{};
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && geteuid() != 0)
        return u"memory not locked (RLIMIT_MEMLOCK is finite)"_s;
    // On fault only: locking whole thread stacks would cost 8 MB a thread for nothing.
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0
               ? u"memory locked"_s
               : u"memory not locked (%1)"_s.arg(QString::fromLocal8Bit(std::strerror(errno)));
}

} // namespace takt::media
