// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/jobengine.h"

#include "jobs/desk.h"
#include "store/database.h"

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

JobEngine::JobEngine(const config::Settings &settings, const QString &role, bool claims)
    : m_gate(settings.jobs)
    , m_self(store::thisWorker(role, claims ? settings.jobs.workers : 0))
    , m_runner(new Runner(settings, m_gate, m_self, claims))
{
    m_thread.setObjectName("jobs"_L1);
    m_runner->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_runner, &QObject::deleteLater);
    m_thread.start();
}

JobEngine::~JobEngine()
{
    // From here: the runner's thread may be waiting for jobs, which only the gate can end.
    m_gate.stopAll(u"shutdown"_s);
    QMetaObject::invokeMethod(m_runner, &Runner::close, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

QString JobEngine::open()
{
    QString error;
    QMetaObject::invokeMethod(
        m_runner, [&] { error = m_runner->open(); }, Qt::BlockingQueuedConnection);
    return error;
}

void JobEngine::noteActiveCalls(int calls)
{
    m_runner->noteActiveCalls(calls);
}

void JobEngine::wake()
{
    QMetaObject::invokeMethod(m_runner, &Runner::wake, Qt::QueuedConnection);
}

void JobEngine::configure(const config::Settings &settings)
{
    QMetaObject::invokeMethod(m_runner, [runner = m_runner, settings] { runner->configure(settings); });
}

void JobEngine::ask(const QString &method, const QJsonObject &parameters,
                    std::function<void(const Result<QJsonObject> &)> deliver)
{
    QMetaObject::invokeMethod(m_runner, [this, method, parameters, deliver = std::move(deliver)] {
        Result<QJsonObject> result = answer(*m_runner, method, parameters);
        QMetaObject::invokeMethod(this, [deliver, result = std::move(result)] { deliver(result); });
    });
}

void JobEngine::askCounts(std::function<void(const store::JobCounts &)> deliver)
{
    QMetaObject::invokeMethod(m_runner, [this, deliver = std::move(deliver)] {
        const auto counts = store::countJobs(m_runner->database());
        QMetaObject::invokeMethod(this, [deliver, counts = counts ? *counts : store::JobCounts()] { deliver(counts); });
    });
}

} // namespace takt::jobs
