// SPDX-License-Identifier: GPL-3.0-or-later
// City, service, name and time out of a call: each field for itself.
#include "jobs/stages/stages.h"

#include "support/airig.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::jobs;
using namespace takt::test;

namespace {

struct Extracting : AiRig {
    explicit Extracting(const QStringList &cities = {u"Haifa"_s, u"Tel Aviv-Yafo"_s, u"באר שבע"_s},
                        const QStringList &services = {u"Plumbing"_s, u"Drain cleaning"_s})
    {
        config::Business business;
        business.cities = cities;
        business.services = services;
        useBusiness(business);
    }
    store::Outcome run() { return rig.run(Stage::Extract, extract); }
    [[nodiscard]] QString prompt(int message) const
    {
        return asked(0).value("messages"_L1).toArray().at(message).toObject().value("content"_L1).toString();
    }
};

const QJsonObject kAnswer{{u"city"_s, u"Haifa"_s},         {u"raw_city"_s, u"hayfa"_s},
                          {u"city_confidence"_s, 0.9},     {u"service"_s, u"Plumbing"_s},
                          {u"raw_service"_s, u"a leak"_s}, {u"service_confidence"_s, 0.7},
                          {u"customer_name"_s, u"Dana"_s}, {u"preferred_time"_s, u"tomorrow"_s}};
const QJsonObject kResult{{u"city"_s, u"Haifa"_s},
                          {u"raw_city"_s, u"hayfa"_s},
                          {u"city_confidence"_s, 0.9},
                          {u"service"_s, u"a leak"_s},
                          {u"service_category"_s, u"Plumbing"_s},
                          {u"service_confidence"_s, 0.7},
                          {u"customer_name"_s, u"Dana"_s},
                          {u"preferred_time"_s, u"tomorrow"_s}};

QJsonObject with(QJsonObject object, const QJsonObject &changes)
{
    for (auto it = changes.begin(); it != changes.end(); ++it)
        object[it.key()] = it.value();
    return object;
}

} // namespace

class TestExtract : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void extracts()
    {
        Extracting ai;
        ai.putConversation();
        ai.script = {saysObject(kAnswer)};
        const store::Outcome outcome = ai.run();
        QCOMPARE(outcome.kind, AttemptOutcome::Completed);
        QCOMPARE(outcome.effects.result, kResult);
        QVERIFY(ai.prompt(1).contains(u"Caller: I need a plumber in Haifa, my name is Dana."_s));
        QVERIFY(ai.prompt(0).contains(u"Tel Aviv-Yafo\n"_s));
        const QJsonObject schema = ai.asked(0)
                                       .value("response_format"_L1)
                                       .toObject()
                                       .value("json_schema"_L1)
                                       .toObject()
                                       .value("schema"_L1)
                                       .toObject();
        QCOMPARE(schema.value("required"_L1).toArray().size(), 8);
        for (const QJsonValue &property : schema.value("properties"_L1).toObject())
            QCOMPARE(property.toObject().value("type"_L1).toArray().at(1).toString(), u"null"_s);
    }

    void fields_data()
    {
        QTest::addColumn<QJsonObject>("answer");
        QTest::addColumn<QJsonObject>("changes"); // of the usual result
        const QJsonValue null;
        const auto row = [](const char *name, const QJsonObject &answer, const QJsonObject &changes) {
            QTest::newRow(name) << with(kAnswer, answer) << changes;
        };
        row("the original's fault: a null", {{u"customer_name"_s, null}}, {{u"customer_name"_s, null}});
        row("all of the city null", {{u"city"_s, null}, {u"raw_city"_s, null}, {u"city_confidence"_s, null}},
            {{u"city"_s, null}, {u"raw_city"_s, null}, {u"city_confidence"_s, null}});
        row("a confidence without a city", {{u"city"_s, null}, {u"raw_city"_s, null}},
            {{u"city"_s, null}, {u"raw_city"_s, null}, {u"city_confidence"_s, null}});
        row("wrong types",
            {{u"city"_s, 5},
             {u"raw_city"_s, QJsonArray{u"Haifa"_s}},
             {u"customer_name"_s, true},
             {u"preferred_time"_s, QJsonObject()}},
            {{u"city"_s, null},
             {u"raw_city"_s, null},
             {u"city_confidence"_s, null},
             {u"customer_name"_s, null},
             {u"preferred_time"_s, null}});
        row("a confidence of a wrong type", {{u"city_confidence"_s, u"high"_s}}, {{u"city_confidence"_s, 0.5}});
        row("a confidence as text", {{u"city_confidence"_s, u"0.75"_s}}, {{u"city_confidence"_s, 0.75}});
        row("too sure", {{u"city_confidence"_s, 90}}, {{u"city_confidence"_s, 1}});
        row("words for nothing", {{u"customer_name"_s, u"Unknown"_s}, {u"preferred_time"_s, u"null"_s}},
            {{u"customer_name"_s, null}, {u"preferred_time"_s, null}});
        row("blank", {{u"customer_name"_s, u"  "_s}}, {{u"customer_name"_s, null}});
        row("only as it was said", {{u"city"_s, null}, {u"raw_city"_s, u"HAIFA"_s}}, {{u"raw_city"_s, u"HAIFA"_s}});
        row("not as it is written in the list", {{u"city"_s, u"tel aviv yafo"_s}}, {{u"city"_s, u"Tel Aviv-Yafo"_s}});
        row("not in the list", {{u"city"_s, null}, {u"raw_city"_s, u"Copenhagen"_s}},
            {{u"city"_s, null}, {u"raw_city"_s, u"Copenhagen"_s}, {u"city_confidence"_s, 0.5}});
        row("not in the list, and unsure",
            {{u"city"_s, null}, {u"raw_city"_s, u"Copenhagen"_s}, {u"city_confidence"_s, 0.2}},
            {{u"city"_s, null}, {u"raw_city"_s, u"Copenhagen"_s}, {u"city_confidence"_s, 0.2}});
        row("a service that is none of the list's", {{u"service"_s, u"Roofing"_s}, {u"raw_service"_s, u"a new roof"_s}},
            {{u"service"_s, u"a new roof"_s}, {u"service_category"_s, null}, {u"service_confidence"_s, 0.5}});
        row("hebrew, with a preposition",
            {{u"city"_s, null}, {u"raw_city"_s, u"בבאר שבע"_s}, {u"city_confidence"_s, 1}},
            {{u"city"_s, u"באר שבע"_s}, {u"raw_city"_s, u"בבאר שבע"_s}, {u"city_confidence"_s, 0.98}});
    }
    void fields()
    {
        QFETCH(QJsonObject, answer);
        QFETCH(QJsonObject, changes);
        Extracting ai;
        ai.putConversation();
        ai.script = {saysObject(answer)};
        const store::Outcome outcome = ai.run();
        QCOMPARE(outcome.kind, AttemptOutcome::Completed);
        QCOMPARE(outcome.effects.result, with(kResult, changes));
    }
    void aFuzzyMatchIsLessSure()
    {
        Extracting ai;
        ai.putConversation();
        ai.script = {saysObject(
            with(kAnswer, {{u"city"_s, QJsonValue()}, {u"raw_city"_s, u"Hayfa"_s}, {u"city_confidence"_s, 1}}))};
        const QJsonObject result = ai.run().effects.result;
        QCOMPARE(result.value("city"_L1).toString(), u"Haifa"_s);
        const double confidence = result.value("city_confidence"_L1).toDouble();
        QVERIFY(confidence > 0.8 && confidence < 0.95);
    }
    void missingFieldsTakeNothingFromTheOthers()
    {
        for (auto it = kAnswer.begin(); it != kAnswer.end(); ++it) {
            Extracting ai;
            ai.putConversation();
            ai.script = {saysObject({{it.key(), it.value()}})};
            const store::Outcome outcome = ai.run();
            QCOMPARE(outcome.kind, AttemptOutcome::Completed);
            if (it.key() == "customer_name"_L1)
                QCOMPARE(outcome.effects.result.value("customer_name"_L1).toString(), u"Dana"_s);
        }
    }
    void withoutLists()
    {
        Extracting ai({}, {});
        ai.putConversation();
        ai.script = {saysObject(with(
            kAnswer, {{u"city"_s, u"Copenhagen"_s}, {u"raw_city"_s, u"København"_s}, {u"service"_s, QJsonValue()}}))};
        const QJsonObject result = ai.run().effects.result;
        QCOMPARE(result.value("city"_L1).toString(), u"Copenhagen"_s);
        QCOMPARE(result.value("raw_city"_L1).toString(), u"København"_s);
        QCOMPARE(result.value("city_confidence"_L1).toDouble(), 0.9);
        QCOMPARE(result.value("service_category"_L1).toString(), u"a leak"_s);
        QVERIFY(!ai.prompt(0).contains(u"one a line"_s));
    }
    void longListsStayHere()
    {
        QStringList cities;
        for (int i = 0; i < 500; ++i)
            cities << u"Place number %1"_s.arg(i);
        Extracting ai(cities);
        ai.putConversation();
        ai.script = {saysObject(with(kAnswer, {{u"city"_s, u"place number 77"_s}}))};
        QCOMPARE(ai.run().effects.result.value("city"_L1).toString(), u"Place number 77"_s);
        QVERIFY(!ai.prompt(0).contains(u"Place number"_s));
    }

    void fromTheSummary()
    {
        Extracting ai;
        ai.putConversation();
        const QString summary = u"Dana from Haifa has a leaking tap in her kitchen."_s;
        ai.rig.putResult(Stage::Summarize, {{u"summary"_s, summary}});
        ai.script = {saysObject(kAnswer)};
        QCOMPARE(ai.run().kind, AttemptOutcome::Completed);
        QVERIFY(ai.prompt(1).contains(summary));
        QVERIFY(!ai.prompt(1).contains(u"Good morning"_s));
    }
    void fromTheTranscriptWhenTheSummaryIsShort()
    {
        Extracting ai;
        ai.putConversation();
        ai.rig.putResult(Stage::Summarize, {{u"summary"_s, u"A leak. Exactly 29 letters!!!"_s}});
        ai.script = {saysObject(kAnswer)};
        QCOMPARE(ai.run().kind, AttemptOutcome::Completed);
        QVERIFY(ai.prompt(1).contains(u"Good morning"_s));
    }

    void skips_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("reason");
        QTest::newRow("off") << u"off"_s << u"extraction is off"_s;
        QTest::newRow("no key") << u"no key"_s << u"no API key"_s;
        QTest::newRow("too short") << u"short"_s << u"too little was said"_s;
        QTest::newRow("only the agent") << u"agent"_s << u"too little was said"_s;
        QTest::newRow("not answered") << u"unanswered"_s << u"too little was said"_s;
    }
    void skips()
    {
        QFETCH(QString, what);
        Extracting ai;
        if (what == "unanswered"_L1) {
            ai.rig.putUnstreamedCall(u"busy"_s, u"acme"_s);
        } else if (what == "short"_L1 || what == "agent"_L1) {
            ai.rig.putCall(u"acme"_s);
            ai.rig.putTurn(what == "short"_L1 ? Speaker::Caller : Speaker::Agent,
                           what == "short"_L1 ? u"Wrong number."_s : u"Hello? Is anybody there? Hello?"_s);
        } else {
            ai.putConversation();
        }
        if (what == "off"_L1)
            ai.rig.settings.openai.textModel.clear();
        if (what == "no key"_L1) {
            ai.rig.settings.openai.apiKey.clear();
            ai.rig.settings.openai.baseUrl = QUrl(u"https://api.openai.com/v1"_s);
        }
        const store::Outcome outcome = ai.run();
        QCOMPARE(outcome.kind, AttemptOutcome::Skipped);
        QTEST(outcome.reason, "reason");
        QCOMPARE(ai.requests(), 0);
    }
    void answersThatAreNone()
    {
        const QList<QJsonObject> bad{
            {},
            {{u"error"_s, u"no"_s}},
            {{u"type"_s, u"object"_s},
             {u"properties"_s, QJsonObject{{u"city"_s, QJsonObject{{u"type"_s, u"string"_s}}}}}}};
        for (const QJsonObject &object : bad) {
            Extracting ai;
            ai.putConversation();
            ai.script = {saysObject(object), saysObject(kAnswer)};
            QCOMPARE(ai.run().kind, AttemptOutcome::Retry);
            ai.nextAttempt(Stage::Extract);
            QCOMPARE(ai.run().effects.result, kResult);
        }
    }
};

QTEST_GUILESS_MAIN(TestExtract)
#include "tst_extract.moc"
