// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/desk.h"

#include "jobs/transcript.h"
#include "shared/controlprotocol.h"
#include "store/calllist.h"
#include "store/database.h"
#include "store/dossier.h"
#include "store/joblist.h"
#include "store/jobstore.h"
#include "store/leadstore.h"
#include "store/outbox.h"

#include <QJsonArray>
#include <QMap>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

using Reply = Result<QJsonObject>;
using Handler = Reply (*)(Runner &, const QJsonObject &);
constexpr int kMaxRows = 1000;
constexpr QLatin1StringView kOpen{"open"};

int limitOf(const QJsonObject &parameters)
{
    return std::clamp(parameters["limit"_L1].toInt(200), 1, kMaxRows);
}

// Of something that either worked or has a reason why not.
Reply done(Runner &runner, const QString &error)
{
    if (!error.isEmpty())
        return Error{error};
    runner.wake(); // it may concern what runs here, or what could
    return QJsonObject();
}

// The gate is this process's, the list is everybody's.
JobSnapshot withGate(JobSnapshot job, const QString &closed)
{
    if (job.waiting.isEmpty() && job.state == "available"_L1)
        job.waiting = closed;
    return job;
}

// A word that is none of those known is mistyped: an empty list would say that all is well.
QString unknown(QLatin1StringView what, const QString &word, const QStringList &known)
{
    return u"there is no %1 \"%2\"; there are: %3"_s.arg(what, word.left(100), known.join(u", "_s));
}

template <std::size_t N, typename Word>
QStringList names(const std::array<Word, N> &all)
{
    QStringList names;
    for (const Word word : all)
        names << name(word);
    return names;
}

// What is wrong with the words that narrow a list of jobs.
QString checkWords(const QJsonObject &p)
{
    const QString state = p["state"_L1].toString();
    const QString stage = p["stage"_L1].toString();
    if (!state.isEmpty() && state != kOpen && !jobStateNamed(state))
        return unknown("state"_L1, state, QStringList{QString(kOpen)} + names(kJobStates));
    if (!stage.isEmpty() && !stageNamed(stage))
        return unknown("stage"_L1, stage, names(kStages));
    return {};
}

Reply jobs(Runner &runner, const QJsonObject &p)
{
    if (const QString wrong = checkWords(p); !wrong.isEmpty())
        return Error{wrong};
    store::Database &database = runner.database();
    const auto found = store::listJobs(
        database, {p["state"_L1].toString(), p["stage"_L1].toString(), p["call_sid"_L1].toString(), limitOf(p)});
    const auto counted = store::countJobs(database);
    const auto paused = store::JobStore(database).paused();
    if (!found || !counted || !paused)
        return Error{!found ? found.error() : !counted ? counted.error() : paused.error()};
    const QString closed = runner.gate().closedReason();
    QJsonArray list;
    for (const JobSnapshot &job : *found)
        list << withGate(job, closed).toJson();
    QMap<QString, int> sums;
    for (const auto &[state, n] : counted->byState)
        sums[state] += n;
    QJsonObject counts;
    for (auto it = sums.cbegin(); it != sums.cend(); ++it)
        counts.insert(it.key(), it.value());
    return QJsonObject{{"jobs"_L1, list},
                       {"counts"_L1, counts},
                       {"oldest_open_ms"_L1, counted->oldestOpenMs},
                       {"closed"_L1, closed},
                       {"paused"_L1, QJsonArray::fromStringList(*paused)}};
}

Reply job(Runner &runner, const QJsonObject &p)
{
    const qint64 id = p["id"_L1].toInteger();
    const auto found = store::readJob(runner.database(), id);
    if (!found)
        return Error{found.error()};
    const auto attempts = store::readAttempts(runner.database(), id);
    if (!attempts)
        return Error{attempts.error()};
    QJsonArray list;
    for (const AttemptSnapshot &attempt : *attempts)
        list << attempt.toJson();
    return QJsonObject{{"job"_L1, withGate(*found, runner.gate().closedReason()).toJson()}, {"attempts"_L1, list}};
}

Reply retry(Runner &runner, const QJsonObject &p)
{
    const auto job = store::readJob(runner.database(), p["id"_L1].toInteger());
    if (!job)
        return Error{job.error()};
    // A receiver that said 410 gets nothing more, until a person wants it.
    if (job->stage == name(Stage::Webhook)) {
        store::Outbox outbox(runner.database());
        if (const auto message = outbox.message(job->callSid, u"call.completed"_s);
            message && message->endpointDisabled)
            (void)outbox.enableEndpoint(message->url);
    }
    return done(runner, store::JobStore(runner.database()).retry(job->id));
}

Reply cancel(Runner &runner, const QJsonObject &p)
{
    return done(runner, store::JobStore(runner.database()).cancel(p["id"_L1].toInteger()));
}

Reply setPaused(Runner &runner, const QJsonObject &p, bool paused)
{
    return done(runner, store::JobStore(runner.database()).setPaused(p["stage"_L1].toString(u"*"_s), paused));
}

Reply pause(Runner &runner, const QJsonObject &p)
{
    return setPaused(runner, p, true);
}

Reply resume(Runner &runner, const QJsonObject &p)
{
    return setPaused(runner, p, false);
}

QJsonObject leadJson(const store::Lead &l)
{
    return {{"id"_L1, l.id},
            {"business"_L1, l.business},
            {"phone"_L1, l.phone},
            {"name"_L1, l.name},
            {"city"_L1, l.city},
            {"city_confidence"_L1, l.cityConfidence},
            {"service"_L1, l.service},
            {"service_confidence"_L1, l.serviceConfidence},
            {"status"_L1, l.status},
            {"status_source"_L1, l.statusSource},
            {"status_confidence"_L1, l.statusConfidence},
            {"first_direction"_L1, l.firstDirection},
            {"calls"_L1, l.calls},
            {"last_call_sid"_L1, l.lastCallSid},
            {"created_at_ms"_L1, l.createdAtMs},
            {"updated_at_ms"_L1, l.updatedAtMs}};
}

QStringList businessNames(const config::BusinessBook &book)
{
    QStringList names;
    for (const config::BusinessPtr &business : book.all()) {
        if (!business->name.isEmpty())
            names << business->name;
    }
    return names.isEmpty() ? QStringList{u"none by name"_s} : names;
}

Reply leads(Runner &runner, const QJsonObject &p)
{
    const QString business = p["business"_L1].toString();
    const auto found = store::LeadStore(runner.database()).list(business, limitOf(p));
    if (!found)
        return Error{found.error()};
    const config::BusinessBook &book = runner.settings().businesses;
    if (found->isEmpty() && !business.isEmpty() && book.byName(business) == nullptr) // else one of former settings
        return Error{unknown("business"_L1, business, businessNames(book))};
    QJsonArray list;
    for (const store::Lead &lead : *found)
        list << leadJson(lead);
    return QJsonObject{{"leads"_L1, list}};
}

Reply lead(Runner &runner, const QJsonObject &p)
{
    store::LeadStore store(runner.database());
    const auto found = store.lead(p["id"_L1].toInteger());
    if (!found)
        return Error{found.error()};
    const auto history = store.history(found->id);
    if (!history)
        return Error{history.error()};
    QJsonArray events;
    for (const store::LeadEvent &e : *history)
        events << QJsonObject{{"call_sid"_L1, e.callSid}, {"effect"_L1, e.effect}, {"from"_L1, e.from}, {"to"_L1, e.to},
                              {"detail"_L1, e.detail},    {"at_ms"_L1, e.atMs}};
    return QJsonObject{{"lead"_L1, leadJson(*found)}, {"history"_L1, events}};
}

Reply setLeadStatus(Runner &runner, const QJsonObject &p)
{
    store::LeadStore store(runner.database());
    const QString status = p["status"_L1].toString().trimmed();
    if (status.isEmpty())
        return Error{u"a status is a word"_s};
    const auto lead = store.lead(p["id"_L1].toInteger());
    if (!lead)
        return Error{lead.error()};
    // No call will ever change it again. A business that names no statuses leaves people free.
    const config::BusinessPtr business = runner.settings().businesses.byName(lead->business);
    if (business != nullptr && !business->leadStatuses.isEmpty()) {
        QStringList known = business->leadStatuses;
        if (!known.contains(store::kNewLead))
            known << store::kNewLead;
        if (!known.contains(status))
            return Error{unknown("status"_L1, status, known)};
    }
    return done(runner, store.setStatus(lead->id, status));
}

QJsonArray recordingsJson(const store::Dossier &d)
{
    QJsonArray list;
    for (const store::Recording &r : d.recordings)
        list << QJsonObject{{"sid"_L1, r.sid},
                            {"status"_L1, r.status},
                            {"channels"_L1, r.channels},
                            {"duration_seconds"_L1, r.durationSeconds}};
    return list;
}

QJsonObject callJson(const store::Dossier &d)
{
    QJsonObject json{{"call_sid"_L1, d.callSid},
                     {"business"_L1, d.business},
                     {"direction"_L1, d.direction},
                     {"from"_L1, d.from},
                     {"to"_L1, d.to},
                     {"streamed"_L1, d.streamed},
                     {"started_at_ms"_L1, d.startedAtMs},
                     {"ended_at_ms"_L1, d.endedAtMs},
                     {"end_reason"_L1, d.endReason},
                     {"end_detail"_L1, d.endDetail},
                     {"carrier_status"_L1, d.carrierStatus},
                     {"answered_by"_L1, d.answeredBy},
                     {"duration_seconds"_L1, d.durationSeconds},
                     {"stream_error"_L1, d.streamError},
                     {"usage"_L1, d.usage.toJson()}};
    addCost(json, d.cost);
    return json;
}

// As it was heard while the call was on, whatever the recording says.
QJsonArray liveJson(const store::Dossier &d)
{
    QJsonArray lines;
    for (const store::Turn &turn : d.turns)
        lines << QJsonObject{
            {"speaker"_L1, turn.speaker}, {"text"_L1, turn.text}, {"interrupted"_L1, turn.interrupted}};
    return lines;
}

Reply record(Runner &runner, const QJsonObject &p)
{
    const auto found = store::readDossier(runner.database(), p["call_sid"_L1].toString());
    if (!found)
        return Error{found.error()};
    const Transcript transcript = transcriptOf(*found);
    QJsonArray lines;
    for (const Segment &s : transcript.segments)
        lines << QJsonObject{{"speaker"_L1, s.speaker}, {"start_ms"_L1, s.startMs}, {"text"_L1, s.text}};
    QJsonObject results;
    for (auto it = found->results.cbegin(); it != found->results.cend(); ++it) {
        if (it.key() != Stage::Transcribe) // stands above, as text
            results.insert(name(it.key()), it.value());
    }
    QJsonObject files;
    for (auto it = found->artifacts.cbegin(); it != found->artifacts.cend(); ++it)
        files.insert(it.key(), it.value());
    QJsonArray stages;
    for (const store::StageOutcome &s : found->stages)
        stages << QJsonObject{{"stage"_L1, name(s.stage)}, {"state"_L1, name(s.state)}, {"reason"_L1, s.reason}};
    return QJsonObject{{"call"_L1, callJson(*found)},
                       {"transcript_source"_L1, transcript.source},
                       {"transcript"_L1, lines},
                       {"live_transcript"_L1, liveJson(*found)},
                       {"recordings"_L1, recordingsJson(*found)},
                       {"results"_L1, results},
                       {"files"_L1, files},
                       {"stages"_L1, stages}};
}

Reply history(Runner &runner, const QJsonObject &p)
{
    const auto found = store::listCalls(runner.database(), {p["text"_L1].toString(), p["before_ms"_L1].toInteger(),
                                                            p["before_sid"_L1].toString(), limitOf(p)});
    if (!found)
        return Error{found.error()};
    QJsonArray list;
    for (const CallRecord &call : *found)
        list << call.toJson();
    return QJsonObject{{"calls"_L1, list}};
}

struct Row {
    Handler handler = nullptr;
    bool acts = false;
};

const QMap<QString, Row> &handlers()
{
    static const QMap<QString, Row> s_handlers{
        {control::kJobs, {jobs}},
        {control::kJob, {job}},
        {control::kRetry, {retry, true}},
        {control::kCancel, {cancel, true}},
        {control::kPause, {pause, true}},
        {control::kResume, {resume, true}},
        {control::kLeads, {leads}},
        {control::kLead, {lead}},
        {control::kRecord, {record}},
        {control::kHistory, {history}},
        {control::kSetLeadStatus, {setLeadStatus, true}},
    };
    return s_handlers;
}

} // namespace

QList<DeskMethod> deskMethods()
{
    QList<DeskMethod> all;
    for (auto it = handlers().cbegin(); it != handlers().cend(); ++it)
        all.append({it.key(), it->acts});
    return all;
}

Reply answer(Runner &runner, const QString &method, const QJsonObject &parameters)
{
    const Handler handler = handlers().value(method).handler;
    if (handler == nullptr)
        return Error{u"unknown method \"%1\""_s.arg(method)};
    (void)runner.database().revive(); // the connection may have gone since it was used last
    return handler(runner, parameters);
}

} // namespace takt::jobs
