// SPDX-License-Identifier: GPL-3.0-or-later
// The whole gateway with all that its work after calls needs: recordings, transcription, text, a CRM. For tests; used from
// the main thread.
#pragma once

#include "shared/jobfacts.h"
#include "support/phonerig.h"

#include <QJsonArray>

namespace takt::test {

inline sim::SimulationOptions workWorld()
{
    sim::SimulationOptions options = phoneWorld();
    options.carrier.interrupt = 0;
    options.ai.enabled = true;
    options.crm.enabled = true;
    return options;
}

// Settings of a gateway that does all of the work; `change` for what a test wants otherwise.
struct WorkSettings {
    std::function<void(config::Settings &)> change{};

    void operator()(config::Settings &settings, const Rig &rig) const
    {
        PhoneSettings phone;
        phone.common = [&](config::Settings &s) {
            s.openai.baseUrl = QUrl(u"http://127.0.0.1:%1/v1"_s.arg(rig.simulation.aiPort()));
            s.openai.apiKey = u"sk-test"_s;
            s.openai.transcriptionModel = u"whisper-1"_s;
            s.openai.textModel = u"gpt-4o-mini"_s;
            s.webhook.url = QUrl(u"http://127.0.0.1:%1/hooks/takt"_s.arg(rig.simulation.crmPort()));
            s.webhook.secret = QString::fromStdString(rig.simulation.crmSecret());
            s.webhook.allowNetworks = {QHostAddress::parseSubnet(u"127.0.0.0/8"_s)};
            s.jobs.gate = config::GateMode::OwnCall;
            s.jobs.freezeLateMs = 0; // a busy host is no matter of these tests
            s.jobs.freezeBurstCalls = 0;
            if (change)
                change(s);
        };
        phone.businesses = [](config::Business &bikes, config::Business &) {
            bikes.leadStatuses = {u"new"_s, u"hot"_s, u"lost"_s};
            bikes.cities = {u"Tel Aviv"_s, u"Berlin"_s};
            bikes.services = {u"bicycle"_s, u"repair"_s};
        };
        phone(settings, rig);
    }
};

// The jobs of a call, by stage, as an operator sees them.
inline QMap<QString, QJsonObject> jobsOf(Rig &rig, const QString &callSid)
{
    QMap<QString, QJsonObject> all;
    const QJsonArray jobs = rig.operate(control::kJobs, {{"call_sid"_L1, callSid}})["jobs"_L1].toArray();
    for (const QJsonValue &job : jobs)
        all.insert(job["stage"_L1].toString(), job.toObject());
    return all;
}

// "recording.download completed, audio.convert skipped..." in the pipeline's order.
inline QString stagesOf(Rig &rig, const QString &callSid)
{
    const auto jobs = jobsOf(rig, callSid);
    QStringList all;
    for (const Stage stage : kStages)
        all << QString(name(stage)) + u' ' + jobs.value(QString(name(stage)))["state"_L1].toString(u"missing"_s);
    return all.join(u", "_s);
}

inline bool allFinished(Rig &rig, const QString &callSid)
{
    const auto jobs = jobsOf(rig, callSid);
    return jobs.size() == qsizetype(kStages.size())
           && std::all_of(jobs.begin(), jobs.end(), [](const QJsonObject &job) {
                  const auto state = jobStateNamed(job["state"_L1].toString());
                  return state && isFinished(*state);
              });
}

} // namespace takt::test
