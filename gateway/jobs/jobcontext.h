// SPDX-License-Identifier: GPL-3.0-or-later
// What a stage has to work with: the job that it holds, all that is on record of its call, the settings, and the ways to
// do something. Lives in the job's thread, with a database connection of its own.
#pragma once

#include "jobs/child.h"
#include "jobs/http.h"
#include "store/dossier.h"
#include "store/job.h"

#include <QDir>
#include <QElapsedTimer>

namespace takt::store {
class Database;
}

namespace takt::jobs {

class JobContext
{
public:
    JobContext(GatePass &pass, store::Database &database, const config::Settings &settings, store::Job job,
               store::Dossier call);

    [[nodiscard]] GatePass &pass() { return m_pass; }
    [[nodiscard]] store::Database &database() { return m_database; }
    [[nodiscard]] const config::Settings &settings() const { return m_settings; }
    // The business of the call as it is set now; never null: of one that is gone, the gateway's own values.
    [[nodiscard]] const config::Business &business() const { return *m_business; }
    [[nodiscard]] const store::Job &job() const { return m_job; }
    [[nodiscard]] const store::Dossier &call() const { return m_call; }

    // For operators: 0 to 1. At most one a second is written.
    void progress(double fraction, const QString &text);
    // What need not be done again after a crash. False: the job is no longer ours, end at once.
    [[nodiscard]] bool checkpoint(const QJsonObject &checkpoint);
    [[nodiscard]] bool stopped() const { return !m_pass.stopReason().isEmpty(); }
    // How a stage ends that was stopped.
    [[nodiscard]] store::Outcome interrupted() const;

    // The folder of the call's files, made where needed: <data>/calls/<CallSid>.
    [[nodiscard]] QDir folder() const;
    // Removes what an attempt that died has left there: files that are no artifact's.
    void tidy() const;
    // Absolute; empty when there is no such artifact or its file is gone.
    [[nodiscard]] QString artifact(const QString &kind) const;
    // The same file as a value for the store.
    [[nodiscard]] store::Artifact asArtifact(const QString &kind, const QString &absolutePath) const;
    [[nodiscard]] qint64 nowMs() const;

private:
    GatePass &m_pass;
    store::Database &m_database;
    const config::Settings &m_settings;
    const store::Job m_job;
    const store::Dossier m_call;
    config::BusinessPtr m_business;
    QElapsedTimer m_sinceProgress;
};

// Makes sure that a file's content and its name survive a power failure: syncs it, renames it, syncs the folder. Empty on
// success.
[[nodiscard]] QString settle(const QString &temporary, const QString &final);

} // namespace takt::jobs
