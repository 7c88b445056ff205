// SPDX-License-Identifier: GPL-3.0-or-later
// The deferred work as a whole: the gate, and the jobs thread with its runner. Owned by the main thread, whose functions
// these are but where another is named; the destructor stops all jobs and joins.
#pragma once

#include "jobs/gate.h"
#include "shared/result.h"
#include "store/joblist.h"
#include "store/workerstore.h"

#include <QJsonObject>
#include <QObject>
#include <QThread>

#include <functional>

namespace takt::jobs {

class Runner;

class JobEngine final : public QObject
{
    Q_OBJECT
public:
    // `role`: as it is announced; `claims`: whether jobs are done here.
    JobEngine(const config::Settings &settings, const QString &role, bool claims);
    ~JobEngine() override;

    // Opens the database, and takes over what dead processes left. Waits for it; empty on success.
    [[nodiscard]] QString open();
    // Of this process among those that share the database.
    [[nodiscard]] const QString &workerUid() const { return m_self.uid; }
    // Any thread.
    [[nodiscard]] CallGate &gate() { return m_gate; }
    void noteActiveCalls(int calls);
    // From the records thread, or any other: something may be ready.
    void wake();
    void configure(const config::Settings &settings);
    // An operator's question, see desk.h. Answers in the main thread, soon.
    void ask(const QString &method, const QJsonObject &parameters,
             std::function<void(const Result<QJsonObject> &)> answer);
    void askCounts(std::function<void(const store::JobCounts &)> deliver);

private:
    CallGate m_gate;
    const store::Worker m_self;
    QThread m_thread;
    Runner *m_runner;
};

} // namespace takt::jobs
