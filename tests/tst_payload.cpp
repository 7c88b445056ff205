// SPDX-License-Identifier: GPL-3.0-or-later
// The body of call.completed, for old receivers and new ones; and who was at the other end of a call.
#include "jobs/party.h"
#include "jobs/payload.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::jobs;

namespace {

constexpr qint64 kStart = 1'750'000'000'000; // 2025-06-15T15:06:40Z
constexpr qint64 kNow = kStart + 3'600'000;

store::Dossier bare()
{
    store::Dossier call;
    call.callSid = u"CA1"_s;
    call.business = u"Plumbers"_s;
    call.direction = u"inbound"_s;
    call.from = u"+14155550100"_s;
    call.to = u"+18005550111"_s;
    call.startedAtMs = kStart;
    call.endedAtMs = kStart + 83'500;
    return call;
}

store::Dossier full()
{
    store::Dossier call = bare();
    call.carrierStatus = u"completed"_s;
    call.durationSeconds = 84;
    call.endReason = u"agent_hangup"_s;
    call.endDetail = u"goodbye"_s;
    call.turns = {{u"caller"_s, u"a live one"_s, false, kStart}};
    call.recordings = {{u"RE0"_s, u"https://api.example/RE0"_s, u"absent"_s},
                       {u"RE1"_s, u"https://api.example/RE1"_s, u"completed"_s, 82, 2, kStart},
                       {u"RE2"_s, u"https://api.example/RE2"_s, u"in-progress"_s}};
    call.results[Stage::Transcribe] = {
        {u"source"_s, u"recording"_s},
        {u"language"_s, u"en"_s},
        {u"segments"_s,
         QJsonArray{
             QJsonObject{{u"speaker"_s, u"agent"_s}, {u"start_ms"_s, 0}, {u"end_ms"_s, 900}, {u"text"_s, u"Hello?"_s}},
             QJsonObject{
                 {u"speaker"_s, u"caller"_s}, {u"start_ms"_s, 1000}, {u"end_ms"_s, 2000}, {u"text"_s, u"A leak."_s}}}}};
    call.results[Stage::Summarize] = {{u"summary"_s, u"The tap leaks."_s}};
    call.results[Stage::Extract] = {{u"city"_s, u"Haifa"_s},
                                    {u"raw_city"_s, u"hifa"_s},
                                    {u"city_confidence"_s, 0.9},
                                    {u"service"_s, u"a leaking tap"_s},
                                    {u"service_category"_s, u"Taps"_s},
                                    {u"service_confidence"_s, 0.8},
                                    {u"customer_name"_s, u"Dana"_s},
                                    {u"preferred_time"_s, u"tomorrow"_s}};
    call.results[Stage::Lead] = {
        {u"phone"_s, u"+14155550100"_s}, {u"status"_s, u"Hot"_s}, {u"source"_s, u"label"_s}, {u"confidence"_s, 0.85}};
    call.stages = {{Stage::Download, JobState::Completed, {}},
                   {Stage::Convert, JobState::Skipped, u"no recording"_s},
                   {Stage::Webhook, JobState::Running, {}}};
    return call;
}

store::Lead someLead()
{
    store::Lead lead;
    lead.id = 42;
    lead.phone = u"+14155550100"_s;
    lead.name = u"Dana K"_s;
    lead.city = u"Acre"_s;
    lead.cityConfidence = 0.7;
    lead.service = u"Pipes"_s;
    lead.status = u"Warm"_s;
    return lead;
}

QJsonObject made(const store::Dossier &call, const std::optional<store::Lead> &lead = std::nullopt)
{
    QJsonParseError error;
    const QByteArray body = callCompleted(call, lead, kNow);
    const QJsonDocument document = QJsonDocument::fromJson(body, &error);
    if (error.error != QJsonParseError::NoError)
        QTest::qFail(qPrintable(error.errorString()), __FILE__, __LINE__);
    return document.object();
}

bool hasNull(const QJsonValue &value)
{
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        return std::any_of(object.begin(), object.end(), [](const QJsonValue &v) { return hasNull(v); });
    }
    if (value.isArray()) {
        const QJsonArray array = value.toArray();
        return std::any_of(array.begin(), array.end(), [](const QJsonValue &v) { return hasNull(v); });
    }
    return value.isNull() || value.isUndefined();
}

QList<store::Turn> turns(int count, const QString &text)
{
    QList<store::Turn> all;
    for (int i = 0; i < count; ++i)
        all.append({i % 2 == 0 ? u"caller"_s : u"agent"_s, u"%1 "_s.arg(i) + text, false, kStart + i * 1000});
    return all;
}

} // namespace

class TestPayload : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFieldOfTheOriginal();
    void valuesOfTheOriginal();
    void unknownIsEmpty();
    void theLeadKnowsMore();
    void standardEnvelope();
    void structuredView();
    void endOfTheCall();
    void duration();
    void party_data();
    void party();
    void unanswered_data();
    void unanswered();
    void longCallsAreCut_data();
    void longCallsAreCut();
    void shortOnesAreWhole();
    void everythingElseIsBounded();
    void clipping_data();
    void clipping();
};

void TestPayload::everyFieldOfTheOriginal()
{
    const QStringList texts{u"event_type"_s,     u"timestamp"_s,
                            u"business_id"_s,    u"call_id"_s,
                            u"lead_id"_s,        u"phone"_s,
                            u"customer_name"_s,  u"city"_s,
                            u"raw_city"_s,       u"service_category"_s,
                            u"preferred_time"_s, u"started_at"_s,
                            u"ended_at"_s,       u"transcript"_s,
                            u"summary"_s,        u"agent_name"_s,
                            u"direction"_s,      u"recording_url"_s,
                            u"service"_s,        u"call_status"_s,
                            u"call_direction"_s, u"service_type_canonical"_s};
    for (const store::Dossier &call : {store::Dossier(), bare(), full()}) {
        const QJsonObject body = made(call);
        for (const QString &key : texts)
            QVERIFY2(body.value(key).isString(), qPrintable(key));
        QVERIFY(body.value("city_confidence"_L1).isDouble());
        QVERIFY(body.value("duration_sec"_L1).isDouble());
        QVERIFY(body.value("city_autocorrected"_L1).isBool());
        QVERIFY(body.value("city_raw_attempts"_L1).isArray());
        QVERIFY(body.value("name_raw_attempts"_L1).isArray());
        QVERIFY(body.value("metadata"_L1).isObject());
        QVERIFY(!hasNull(body));
    }
}

void TestPayload::valuesOfTheOriginal()
{
    const QJsonObject body = made(full(), someLead());
    const QList<QPair<QString, QJsonValue>> expected{
        {u"event_type"_s, u"call.completed"_s},
        {u"timestamp"_s, u"2025-06-15T15:08:03.500Z"_s},
        {u"business_id"_s, u"Plumbers"_s},
        {u"call_id"_s, u"CA1"_s},
        {u"lead_id"_s, u"42"_s},
        {u"phone"_s, u"+14155550100"_s},
        {u"customer_name"_s, u"Dana"_s},
        {u"city"_s, u"Haifa"_s},
        {u"raw_city"_s, u"hifa"_s},
        {u"city_confidence"_s, 0.9},
        {u"city_raw_attempts"_s, QJsonArray{u"hifa"_s}},
        {u"city_autocorrected"_s, true},
        {u"name_raw_attempts"_s, QJsonArray()},
        {u"service_category"_s, u"Taps"_s},
        {u"service"_s, u"Taps"_s},
        {u"service_type_canonical"_s, u"Taps"_s},
        {u"preferred_time"_s, u"tomorrow"_s},
        {u"started_at"_s, u"2025-06-15T15:06:40.000Z"_s},
        {u"ended_at"_s, u"2025-06-15T15:08:03.500Z"_s},
        {u"duration_sec"_s, 84},
        {u"transcript"_s, u"Agent: Hello?\nCaller: A leak."_s},
        {u"transcript_truncated"_s, false},
        {u"summary"_s, u"The tap leaks."_s},
        {u"agent_name"_s, u"Assistant"_s},
        {u"direction"_s, u"inbound"_s},
        {u"call_direction"_s, u"inbound"_s},
        {u"call_status"_s, u"completed"_s},
        {u"recording_url"_s, u"https://api.example/RE1"_s},
        {u"metadata"_s, QJsonObject()},
    };
    for (const auto &[key, value] : expected)
        QVERIFY2(body.value(key) == value, qPrintable(key + u": "_s + body.value(key).toVariant().toString()));
}

void TestPayload::unknownIsEmpty()
{
    store::Dossier call;
    call.callSid = u"CA1"_s;
    call.results[Stage::Extract] = {
        {u"city"_s, QJsonValue()}, {u"city_confidence"_s, QJsonValue()}, {u"customer_name"_s, QJsonValue()}};
    const QJsonObject body = made(call);
    for (const QString &key :
         {u"lead_id"_s, u"phone"_s, u"customer_name"_s, u"city"_s, u"raw_city"_s, u"service_category"_s,
          u"service_type_canonical"_s, u"started_at"_s, u"transcript"_s, u"summary"_s, u"recording_url"_s})
        QCOMPARE(body.value(key).toString(u"no text"_s), QString());
    QCOMPARE(body.value("city_confidence"_L1).toDouble(-1), 0.0);
    QCOMPARE(body.value("city_autocorrected"_L1).toBool(true), false);
    QCOMPARE(body.value("city_raw_attempts"_L1).toArray().size(), 0);
    QCOMPARE(body.value("duration_sec"_L1).toInt(-1), 0);
    QCOMPARE(body.value("direction"_L1).toString(), u"inbound"_s);
    QCOMPARE(body.value("call_status"_L1).toString(), u"completed"_s);
    QCOMPARE(body.value("timestamp"_L1).toString(), u"2025-06-15T16:06:40.000Z"_s); // no end: now
}

void TestPayload::theLeadKnowsMore()
{
    const QJsonObject body = made(bare(), someLead());
    QCOMPARE(body.value("customer_name"_L1).toString(), u"Dana K"_s);
    QCOMPARE(body.value("city"_L1).toString(), u"Acre"_s);
    QCOMPARE(body.value("city_confidence"_L1).toDouble(), 0.7);
    QCOMPARE(body.value("service_category"_L1).toString(), u"Pipes"_s);
    QCOMPARE(body.value("service_type_canonical"_L1).toString(), u"Pipes"_s);
    QCOMPARE(body.value("city_autocorrected"_L1).toBool(true), false); // that was not this call
    store::Dossier call = bare();
    call.results[Stage::Extract] = {{u"service"_s, u"a broken boiler"_s}};
    QCOMPARE(made(call).value("service_category"_L1).toString(), u"a broken boiler"_s);
    QCOMPARE(made(call).value("service_type_canonical"_L1).toString(), QString());
}

void TestPayload::standardEnvelope()
{
    const QJsonObject body = made(full());
    QCOMPARE(body.value("type"_L1).toString(), u"call.completed"_s);
    QCOMPARE(body.value("timestamp"_L1).toString(), body.value("ended_at"_L1).toString());
    QVERIFY(body.value("data"_L1).isObject());
}

void TestPayload::structuredView()
{
    const QJsonObject data = made(full(), someLead()).value("data"_L1).toObject();
    QCOMPARE(data.value("call_id"_L1).toString(), u"CA1"_s);
    QCOMPARE(data.value("from"_L1).toString(), u"+14155550100"_s);
    QCOMPARE(data.value("to"_L1).toString(), u"+18005550111"_s);
    QCOMPARE(
        data.value("stages"_L1).toArray(),
        (QJsonArray{
            QJsonObject{{u"stage"_s, u"recording.download"_s}, {u"state"_s, u"completed"_s}, {u"reason"_s, QString()}},
            QJsonObject{
                {u"stage"_s, u"audio.convert"_s}, {u"state"_s, u"skipped"_s}, {u"reason"_s, u"no recording"_s}}}));
    QCOMPARE(data.value("status"_L1).toObject(),
             (QJsonObject{{u"label"_s, u"Hot"_s}, {u"source"_s, u"label"_s}, {u"confidence"_s, 0.85}}));
    QCOMPARE(data.value("end"_L1).toObject(),
             (QJsonObject{{u"reason"_s, u"agent_hangup"_s}, {u"detail"_s, u"goodbye"_s}}));
    QCOMPARE(
        data.value("lead"_L1).toObject(),
        (QJsonObject{
            {u"id"_s, u"42"_s}, {u"phone"_s, u"+14155550100"_s}, {u"name"_s, u"Dana K"_s}, {u"status"_s, u"Warm"_s}}));
    QCOMPARE(data.value("recording"_L1).toObject(), (QJsonObject{{u"sid"_s, u"RE1"_s},
                                                                 {u"url"_s, u"https://api.example/RE1"_s},
                                                                 {u"status"_s, u"completed"_s},
                                                                 {u"channels"_s, 2},
                                                                 {u"duration_sec"_s, 82}}));
    const QJsonObject transcript = data.value("transcript"_L1).toObject();
    QCOMPARE(transcript.value("source"_L1).toString(), u"recording"_s);
    QCOMPARE(transcript.value("language"_L1).toString(), u"en"_s);
    QCOMPARE(transcript.value("truncated"_L1).toBool(true), false);
    QCOMPARE(transcript.value("segments"_L1).toArray().at(1).toObject(),
             (QJsonObject{
                 {u"speaker"_s, u"caller"_s}, {u"start_ms"_s, 1000}, {u"end_ms"_s, 2000}, {u"text"_s, u"A leak."_s}}));
    QVERIFY(made(bare()).value("data"_L1).toObject().value("lead"_L1).toObject().isEmpty());
    QVERIFY(made(bare()).value("data"_L1).toObject().value("recording"_L1).toObject().isEmpty());
}

// The original told when the row was last written.
void TestPayload::endOfTheCall()
{
    store::Dossier call = bare();
    call.endedAtMs = kStart + 1;
    QCOMPARE(made(call).value("ended_at"_L1).toString(), u"2025-06-15T15:06:40.001Z"_s);
}

void TestPayload::duration()
{
    store::Dossier call = bare();
    QCOMPARE(made(call).value("duration_sec"_L1).toInt(), 83); // by our clock
    call.durationSeconds = 0;
    QCOMPARE(made(call).value("duration_sec"_L1).toInt(-1), 0); // the carrier knows
    call.durationSeconds = -1;
    call.endedAtMs = kStart - 5000;
    QCOMPARE(made(call).value("duration_sec"_L1).toInt(-1), 0);
}

void TestPayload::party_data()
{
    QTest::addColumn<QString>("direction");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("number");

    const QString us = u"+18005550111"_s;
    QTest::newRow("inbound") << u"inbound"_s << u"+14155550100"_s << us << u"+14155550100"_s;
    QTest::newRow("outbound") << u"outbound"_s << us << u"+14155550100"_s << u"+14155550100"_s;
    QTest::newRow("not said") << QString() << u"+14155550100"_s << us << u"+14155550100"_s;
    QTest::newRow("with filling") << u"inbound"_s << u" +1 (415) 555-0100 "_s << us << u"+14155550100"_s;
    QTest::newRow("sip") << u"inbound"_s << u"sip:dana@pbx.example"_s << us << u"sip:dana@pbx.example"_s;
    QTest::newRow("outbound to nobody") << u"outbound"_s << us << QString() << QString();
    for (const char *withheld : {"",
                                 "anonymous",
                                 "Anonymous",
                                 "ANONYMOUS",
                                 "+266696687",
                                 "266696687",
                                 "restricted",
                                 "unavailable",
                                 "unknown",
                                 "private",
                                 "blocked",
                                 "+7378742833",
                                 "7378742833",
                                 "+2562533",
                                 "2562533",
                                 "+8656696",
                                 "8656696",
                                 "+86282452253",
                                 "86282452253",
                                 "sip:anonymous@anonymous.invalid",
                                 "sip:Anonymous@x.example:5060",
                                 "sips:anonymous@x.example",
                                 "sip:restricted@x.example",
                                 "sip:+266696687@x.example",
                                 "client:dana",
                                 "12345",
                                 "garbage"})
        QTest::newRow(qPrintable(u"withheld: "_s + QString::fromLatin1(withheld)))
            << u"inbound"_s << QString::fromLatin1(withheld) << us << QString();
}

void TestPayload::party()
{
    QFETCH(QString, direction);
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, number);
    store::Dossier call = bare();
    call.direction = direction;
    call.from = from;
    call.to = to;
    QCOMPARE(partyNumber(call), number);
    QCOMPARE(leadPhone(call), number.isEmpty() ? u"withheld:CA1"_s : number);
    QCOMPARE(made(call).value("phone"_L1).toString(), number);
    call.callSid.clear();
    QCOMPARE(leadPhone(call), number);
}

void TestPayload::unanswered_data()
{
    QTest::addColumn<QString>("status");
    QTest::addColumn<QString>("answeredBy");
    QTest::addColumn<QString>("speaker"); // empty: nobody spoke
    QTest::addColumn<bool>("unanswered");

    QTest::newRow("completed") << u"completed"_s << QString() << QString() << false;
    QTest::newRow("nothing said") << QString() << QString() << QString() << false;
    for (const char *status : {"busy", "no-answer", "failed", "canceled"})
        QTest::newRow(status) << QString::fromLatin1(status) << QString() << QString() << true;
    QTest::newRow("a machine") << u"completed"_s << u"machine_end_beep"_s << QString() << true;
    QTest::newRow("a fax") << u"completed"_s << u"fax"_s << QString() << true;
    QTest::newRow("a human") << u"completed"_s << u"human"_s << QString() << false;
    QTest::newRow("the caller spoke") << u"failed"_s << QString() << u"caller"_s << false;
    QTest::newRow("only the agent spoke") << u"no-answer"_s << QString() << u"agent"_s << true;
}

void TestPayload::unanswered()
{
    QFETCH(QString, status);
    QFETCH(QString, answeredBy);
    QFETCH(QString, speaker);
    QFETCH(bool, unanswered);
    store::Dossier call = bare();
    call.carrierStatus = status;
    call.answeredBy = answeredBy;
    if (!speaker.isEmpty())
        call.turns = {{speaker, u"hello"_s}};
    QCOMPARE(isUnanswered(call), unanswered);
    QCOMPARE(made(call).value("call_status"_L1).toString(), status.isEmpty() ? u"completed"_s : status);
}

void TestPayload::longCallsAreCut_data()
{
    QTest::addColumn<QList<store::Turn>>("turns");
    QTest::newRow("many turns") << turns(2000, u"some words"_s);
    QTest::newRow("many Hebrew turns") << turns(2000, u"כמה מילים בעברית"_s);
    QTest::newRow("one huge turn") << turns(1, QString(100'000, u'x'));
    QTest::newRow("emoji") << turns(1, u"😀"_s.repeated(30'000));
    QTest::newRow("emoji, other offset") << turns(2, u"a"_s + u"😀"_s.repeated(30'000));
    QTest::newRow("quotes") << turns(300, u"\"\\"_s.repeated(100));
    QTest::newRow("control characters") << turns(300, QString(100, QChar(1)));
    QTest::newRow("a little too much") << turns(60, QString(130, u'y'));
    QTest::newRow("lone surrogates") << turns(300, QString(100, QChar(0xd83d)));
}

void TestPayload::longCallsAreCut()
{
    QFETCH(QList<store::Turn>, turns);
    store::Dossier call = full();
    call.results.remove(Stage::Transcribe);
    call.turns = turns;
    const QByteArray body = callCompleted(call, someLead(), kNow);
    QVERIFY2(body.size() < kMaxPayload, QByteArray::number(body.size()).constData());
    QVERIFY2(body.size() > kMaxPayload - 3000, QByteArray::number(body.size()).constData()); // no more than needed
    QVERIFY(QString::fromUtf8(body).toUtf8() == body);
    QVERIFY(!QString::fromUtf8(body).contains(QChar::ReplacementCharacter) || turns[0].text.contains(QChar(0xd83d)));
    const QJsonObject object = made(call, someLead());
    QCOMPARE(object.value("transcript_truncated"_L1).toBool(), true);
    const QJsonObject transcript = object.value("data"_L1).toObject().value("transcript"_L1).toObject();
    QCOMPARE(transcript.value("truncated"_L1).toBool(), true);
    const QString text = object.value("transcript"_L1).toString();
    QVERIFY(text.startsWith(u"Caller: 0"_s));
    const QJsonArray segments = transcript.value("segments"_L1).toArray();
    QVERIFY(!segments.isEmpty());
    QVERIFY(segments.at(0).toObject().value("text"_L1).toString().startsWith(u"0 "_s));
    if (turns.size() > 50) { // the end is there too, in order
        const QString last = u"%1 "_s.arg(turns.size() - 1);
        QVERIFY(segments.last().toObject().value("text"_L1).toString().startsWith(last));
        qint64 before = -1;
        for (const QJsonValue &segment : segments) {
            const qint64 start = segment.toObject().value("start_ms"_L1).toInteger();
            QVERIFY(start > before);
            before = start;
        }
    }
    QCOMPARE(object.value("summary"_L1).toString(), u"The tap leaks."_s);
}

void TestPayload::shortOnesAreWhole()
{
    store::Dossier call = bare();
    call.turns = turns(20, u"some words"_s);
    const QJsonObject object = made(call);
    QCOMPARE(object.value("transcript_truncated"_L1).toBool(true), false);
    const QJsonObject transcript = object.value("data"_L1).toObject().value("transcript"_L1).toObject();
    QCOMPARE(transcript.value("segments"_L1).toArray().size(), 20);
    QCOMPARE(transcript.value("source"_L1).toString(), u"live"_s);
}

// Whatever the models, the carrier and the operators wrote.
void TestPayload::everythingElseIsBounded()
{
    const QString huge(20'000, QChar(2)); // six bytes each
    store::Dossier call = full();
    for (QString *text : {&call.business, &call.direction, &call.from, &call.to, &call.endReason, &call.endDetail,
                          &call.carrierStatus, &call.answeredBy, &call.recordings[1].url, &call.recordings[1].sid})
        *text = huge;
    for (Stage stage : {Stage::Summarize, Stage::Extract, Stage::Lead}) {
        QJsonObject &result = call.results[stage];
        for (const QString &key : result.keys())
            result[key] = huge;
    }
    call.results[Stage::Transcribe][u"language"_s] = huge;
    call.stages.clear();
    for (Stage stage : kStages)
        call.stages.append({stage, JobState::Failed, huge});
    store::Lead lead = someLead();
    lead.name = lead.status = lead.phone = lead.city = lead.service = huge;
    call.turns = turns(100, huge);
    QVERIFY(callCompleted(call, lead, kNow).size() < kMaxPayload);
    call.results.remove(Stage::Transcribe);
    QVERIFY(callCompleted(call, lead, kNow).size() < kMaxPayload);
}

void TestPayload::clipping_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("bytes");
    QTest::addColumn<QString>("clipped");
    QTest::newRow("fits") << u"abc"_s << 3 << u"abc"_s;
    QTest::newRow("does not") << u"abcd"_s << 3 << u"abc"_s;
    QTest::newRow("Hebrew") << u"שלום"_s << 5 << u"של"_s;
    QTest::newRow("three bytes") << u"中文"_s << 5 << u"中"_s;
    QTest::newRow("a pair fits") << u"😀😀"_s << 4 << u"😀"_s;
    QTest::newRow("half a pair") << u"😀😀"_s << 7 << u"😀"_s;
    QTest::newRow("escapes") << u"\"\"\""_s << 5 << u"\"\""_s;
    QTest::newRow("control") << u"\x01\x01"_s << 11 << u"\x01"_s;
    QTest::newRow("nothing") << u"abc"_s << 0 << QString();
    QTest::newRow("empty") << QString() << 10 << QString();
}

void TestPayload::clipping()
{
    QFETCH(QString, text);
    QFETCH(int, bytes);
    QFETCH(QString, clipped);
    QCOMPARE(jobs::clipped(text, bytes), clipped);
}

QTEST_GUILESS_MAIN(TestPayload)
#include "tst_payload.moc"
