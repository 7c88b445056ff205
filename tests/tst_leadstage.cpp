// SPDX-License-Identifier: GPL-3.0-or-later
// The lead.update stage on a real database: what a call tells of its lead, and what the lead is afterwards.
#include "jobs/stages/stages.h"
#include "store/jobstore.h"
#include "store/leadstore.h"
#include "support/jobrig.h"

#include <QTest>

using namespace takt;
using namespace takt::test;
using namespace takt::store;

namespace {

const QString kBusiness = u"Plumbers"_s;
const QString kCaller = u"+15551230001"_s;
const QString kOurs = u"+15559870002"_s;

void setBusiness(JobRig &rig)
{
    auto business = std::make_shared<config::Business>();
    business->name = kBusiness;
    business->numbers = {kOurs};
    business->leadStatuses = {u"New"_s, u"Hot"_s, u"Follow up"_s, u"No answer"_s, u"Not relevant"_s};
    rig.settings.businesses = config::BusinessBook({business}, nullptr);
}

// Runs the stage, and writes its effects as the runner does.
Outcome updated(JobRig &rig)
{
    const auto context = rig.context(Stage::Lead);
    const Outcome outcome = jobs::updateLead(*context);
    const auto written = JobStore(*rig.database).finish(context->job(), outcome);
    if (!written || !*written)
        QTest::qFail(written ? "the lease is lost" : qPrintable(written.error()), __FILE__, __LINE__);
    return outcome;
}

Lead leadOf(JobRig &rig, const QString &phone)
{
    const auto found = LeadStore(*rig.database).byPhone(kBusiness, phone);
    return found && *found ? **found : Lead();
}

} // namespace

class TestLeadStage : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everythingKnown();
    void outboundIsTheCalled();
    void withheldNumbers_data();
    void withheldNumbers();
    void nothingKnown();
    void serviceAsItWasSaid();
    void doubtfulStatusIsNotApplied();
    void keywordsWithoutSummary();
    void unansweredTouchesTheLead();
    void notes_data();
    void notes();
    void neitherNumberNorSid();
    void twiceIsOnce();
};

void TestLeadStage::everythingKnown()
{
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Inbound, kCaller, kOurs);
    rig.putResult(
        Stage::Summarize,
        {{u"summary"_s, u"Wants a new tap."_s}, {u"status_label"_s, u"hot"_s}, {u"status_confidence"_s, 0.9}});
    rig.putResult(Stage::Extract, {{u"city"_s, u"Haifa"_s},
                                   {u"city_confidence"_s, 0.95},
                                   {u"service"_s, u"a tap"_s},
                                   {u"service_category"_s, u"Taps"_s},
                                   {u"service_confidence"_s, 0.85},
                                   {u"customer_name"_s, u" Dana  K "_s}});
    const Outcome outcome = updated(rig);
    QCOMPARE(outcome.kind, AttemptOutcome::Completed);
    QCOMPARE(outcome.effects.result,
             (QJsonObject{
                 {u"phone"_s, kCaller}, {u"status"_s, u"Hot"_s}, {u"source"_s, u"label"_s}, {u"confidence"_s, 0.9}}));
    const LeadChange &change = *outcome.effects.lead;
    QCOMPARE(change.note, u"Wants a new tap."_s);
    QCOMPARE(change.cityConfidence, 0.95);
    QCOMPARE(change.serviceConfidence, 0.85);
    QCOMPARE(change.direction, u"inbound"_s);
    const Lead lead = leadOf(rig, kCaller);
    QCOMPARE(lead.name, u"Dana K"_s);
    QCOMPARE(lead.city, u"Haifa"_s);
    QCOMPARE(lead.service, u"Taps"_s);
    QCOMPARE(lead.status, u"Hot"_s);
    QCOMPARE(lead.statusSource, u"label"_s);
    QCOMPARE(lead.firstDirection, u"inbound"_s);
    QCOMPARE(lead.calls, 1);
}

void TestLeadStage::outboundIsTheCalled()
{
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Outbound, kOurs, kCaller);
    QCOMPARE(updated(rig).effects.lead->phone, kCaller);
    QCOMPARE(leadOf(rig, kCaller).firstDirection, u"outbound"_s);
    QCOMPARE(leadOf(rig, kOurs).id, 0);
}

void TestLeadStage::withheldNumbers_data()
{
    QTest::addColumn<QString>("from");
    for (const char *from : {"anonymous", "+266696687", "sip:anonymous@anonymous.invalid", "7378742833", "Restricted"})
        QTest::newRow(from) << QString::fromLatin1(from);
}

void TestLeadStage::withheldNumbers()
{
    QFETCH(QString, from);
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Inbound, from, kOurs);
    const QString phone = u"withheld:"_s + JobRig::kCallSid;
    QCOMPARE(updated(rig).effects.lead->phone, phone);
    QCOMPARE(leadOf(rig, phone).calls, 1);
}

void TestLeadStage::nothingKnown()
{
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Inbound, kCaller, kOurs);
    rig.putResult(Stage::Extract, {{u"city"_s, QJsonValue()},
                                   {u"city_confidence"_s, QJsonValue()},
                                   {u"service"_s, QJsonValue()},
                                   {u"customer_name"_s, QJsonValue()}});
    const Outcome outcome = updated(rig);
    QCOMPARE(outcome.kind, AttemptOutcome::Completed);
    const LeadChange &change = *outcome.effects.lead;
    QVERIFY(change.name.isEmpty() && change.city.isEmpty() && change.service.isEmpty() && change.status.isEmpty());
    QVERIFY(change.statusSource.isEmpty());
    QCOMPARE(change.cityConfidence, 0.0);
    QCOMPARE(change.note, u"The call ended after 3 min 0 s without a word from the other side."_s);
    QCOMPARE(leadOf(rig, kCaller).calls, 1);
}

void TestLeadStage::serviceAsItWasSaid()
{
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Inbound, kCaller, kOurs);
    rig.putResult(
        Stage::Extract,
        {{u"service"_s, u"a broken boiler"_s}, {u"service_category"_s, QJsonValue()}, {u"service_confidence"_s, 0.4}});
    QCOMPARE(updated(rig).effects.lead->service, u"a broken boiler"_s);
}

void TestLeadStage::doubtfulStatusIsNotApplied()
{
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Inbound, kCaller, kOurs);
    rig.putResult(Stage::Summarize,
                  {{u"summary"_s, u"?"_s}, {u"status_label"_s, u"Hot"_s}, {u"status_confidence"_s, 0.64}});
    QCOMPARE(updated(rig).effects.lead->status, QString());
    rig.putResult(Stage::Summarize,
                  {{u"summary"_s, u"?"_s}, {u"status_label"_s, u"Hot"_s}, {u"status_confidence"_s, 0.65}});
    QCOMPARE(updated(rig).effects.lead->status, u"Hot"_s);
}

void TestLeadStage::keywordsWithoutSummary()
{
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Inbound, kCaller, kOurs);
    rig.putTurn(Speaker::Agent, u"Would you be interested in an appointment?"_s);
    rig.putTurn(Speaker::Caller, u"I am not interested."_s);
    const Outcome outcome = updated(rig);
    QCOMPARE(outcome.effects.lead->status, u"Not relevant"_s);
    QCOMPARE(outcome.effects.lead->statusSource, u"keywords"_s);
    QCOMPARE(outcome.effects.lead->note, u"The call lasted 3 min 0 s; there is no summary of it."_s);
}

void TestLeadStage::unansweredTouchesTheLead()
{
    JobRig rig;
    setBusiness(rig);
    rig.putUnstreamedCall(u"no-answer"_s, kBusiness);
    const Outcome outcome = updated(rig);
    QCOMPARE(outcome.kind, AttemptOutcome::Completed);
    QCOMPARE(outcome.effects.lead->phone, kCaller);
    QCOMPARE(outcome.effects.lead->status, u"No answer"_s);
    QCOMPARE(outcome.effects.lead->statusConfidence, 0.9);
    QCOMPARE(leadOf(rig, kCaller).calls, 1);
    QCOMPARE(leadOf(rig, kCaller).status, u"No answer"_s);
}

void TestLeadStage::notes_data()
{
    QTest::addColumn<QString>("status");
    QTest::addColumn<QString>("answeredBy");
    QTest::addColumn<QString>("note");
    QTest::newRow("busy") << u"busy"_s << QString() << u"The line was busy."_s;
    QTest::newRow("no answer") << u"no-answer"_s << QString() << u"Nobody answered the call."_s;
    QTest::newRow("failed") << u"failed"_s << QString() << u"The call could not be put through."_s;
    QTest::newRow("canceled") << u"canceled"_s << QString() << u"The call was given up before anybody answered."_s;
    QTest::newRow("a machine") << u"completed"_s << u"machine_start"_s << u"A machine answered the call."_s;
    QTest::newRow("no agent") << u"completed"_s << u"human"_s << u"No agent was on the call."_s;
}

void TestLeadStage::notes()
{
    QFETCH(QString, status);
    QFETCH(QString, answeredBy);
    QFETCH(QString, note);
    JobRig rig;
    setBusiness(rig);
    rig.putUnstreamedCall(status, kBusiness);
    CallReport report;
    report.callSid = JobRig::kCallSid;
    report.answeredBy = answeredBy;
    report.status = status;
    rig.putReport(report);
    QCOMPARE(updated(rig).effects.lead->note, note);
}

void TestLeadStage::neitherNumberNorSid()
{
    JobRig rig;
    rig.putCall();
    Dossier call = rig.dossier();
    call.callSid.clear();
    call.from = u"anonymous"_s;
    jobs::JobContext context(*rig.pass, *rig.database, rig.settings, rig.claimed(Stage::Lead), call);
    const Outcome outcome = jobs::updateLead(context);
    QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
    QVERIFY(!outcome.effects.lead);
}

void TestLeadStage::twiceIsOnce()
{
    JobRig rig;
    setBusiness(rig);
    rig.putCall(kBusiness, Direction::Inbound, kCaller, kOurs);
    updated(rig);
    updated(rig);
    QCOMPARE(leadOf(rig, kCaller).calls, 1);
    QCOMPARE(rig.value(u"SELECT COUNT(*) FROM leads"_s).toInt(), 1);
}

QTEST_GUILESS_MAIN(TestLeadStage)
#include "tst_leadstage.moc"
