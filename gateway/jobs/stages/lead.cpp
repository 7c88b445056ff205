// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/stages/stages.h"

#include "jobs/leadstatus.h"
#include "jobs/party.h"
#include "jobs/transcript.h"
#include "store/leadstore.h"

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

QString lengthOf(const store::Dossier &call)
{
    const qint64 ms = call.endedAtMs - call.startedAtMs;
    const qint64 seconds = call.durationSeconds >= 0 ? call.durationSeconds : std::max<qint64>(ms, 0) / 1000;
    return seconds < 60 ? u"%1 s"_s.arg(seconds) : u"%1 min %2 s"_s.arg(seconds / 60).arg(seconds % 60);
}

// For people, where there is no summary.
QString howItEnded(const store::Dossier &call, bool unanswered)
{
    if (unanswered) {
        if (call.carrierStatus == "busy"_L1)
            return u"The line was busy."_s;
        if (call.carrierStatus == "failed"_L1)
            return u"The call could not be put through."_s;
        if (call.carrierStatus == "canceled"_L1)
            return u"The call was given up before anybody answered."_s;
        return call.answeredBy.isEmpty() || call.carrierStatus == "no-answer"_L1 ? u"Nobody answered the call."_s
                                                                                 : u"A machine answered the call."_s;
    }
    if (!call.streamed)
        return u"No agent was on the call."_s;
    if (!hasSpeech(transcriptOf(call)))
        return u"The call ended after %1 without a word from the other side."_s.arg(lengthOf(call));
    return u"The call lasted %1; there is no summary of it."_s.arg(lengthOf(call));
}

} // namespace

store::Outcome updateLead(JobContext &context)
{
    const store::Dossier &call = context.call();
    store::LeadChange change;
    change.phone = leadPhone(call);
    if (change.phone.isEmpty())
        return store::Outcome::skipped(u"neither a number nor a CallSid is known"_s);

    const QJsonObject summary = call.results.value(Stage::Summarize);
    const QJsonObject extract = call.results.value(Stage::Extract);
    const bool unanswered = isUnanswered(call);
    change.direction = call.direction;
    change.name = extract.value("customer_name"_L1).toString().simplified();
    change.city = extract.value("city"_L1).toString().simplified();
    change.cityConfidence = extract.value("city_confidence"_L1).toDouble();
    change.service = extract.value("service_category"_L1).toString().simplified();
    if (change.service.isEmpty()) // none of the business's own: as the caller called it
        change.service = extract.value("service"_L1).toString().simplified();
    change.serviceConfidence = extract.value("service_confidence"_L1).toDouble();
    change.note = summary.value("summary"_L1).toString().trimmed();
    if (change.note.isEmpty())
        change.note = howItEnded(call, unanswered);

    change.firstStatus = context.business().leadStatuses.value(0, store::kNewLead);
    const StatusSuggestion status = suggest(context.business().leadStatuses, summary, transcriptOf(call), unanswered);
    if (!status.status.isEmpty() && status.confidence >= store::kStatusEnough) {
        change.status = status.status;
        change.statusConfidence = status.confidence;
        change.statusSource = status.source;
    }
    store::Effects effects;
    effects.result = {{u"phone"_s, change.phone},
                      {u"status"_s, change.status},
                      {u"source"_s, change.statusSource},
                      {u"confidence"_s, change.statusConfidence}};
    effects.lead = change;
    return store::Outcome::completed(std::move(effects));
}

} // namespace takt::jobs
