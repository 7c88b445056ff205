// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/worker.h"

#include "jobs/pipeline.h"
#include "store/database.h"

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

Finished work(GatePass &pass, const config::Settings &settings, const store::Job &job)
{
    const auto database = store::Database::connect(settings.databaseUrl);
    if (!database)
        return {store::Outcome::retry(database.error()), {}};
    const auto call = store::readDossier(**database, job.callSid);
    if (!call)
        return {store::Outcome::retry(call.error()), {}};
    if (call->endedAtMs == 0) // by another process, since we claimed it
        return {store::Outcome::interrupted(u"call active"_s), {}};
    if (const QString reason = pass.stopReason(); !reason.isEmpty()) // since the pass was given
        return {store::Outcome::interrupted(reason), {}};
    JobContext context(pass, **database, settings, job, *call);
    context.tidy(); // one job of a call at a time: nobody else is at work in its folder
    Finished finished{entryOf(job.stage).run(context), {}};
    for (const QString &kind : std::as_const(finished.outcome.effects.artifactsGone)) {
        if (const QString file = context.artifact(kind); !file.isEmpty())
            finished.files << file;
    }
    return finished;
}

} // namespace takt::jobs
