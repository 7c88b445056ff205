// SPDX-License-Identifier: GPL-3.0-or-later
// Percentiles, and when a verdict says that a limit is broken.
#include "sim/commandline.h"
#include "sim/verdict/verdict.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace takt::sim;
using namespace std::string_literals;

namespace {

CallRecord goodCall()
{
    CallRecord record;
    record.number = 1;
    record.seconds = 10;
    record.connected = record.completed = record.linked = true;
    record.frames = 300;
    record.agentHeard = 6 * kSecond;
    record.greetingMs = 400;
    record.gapErrorUs.assign(299, 100);
    record.gapSum = 299 * 20 * kMillisecond;
    return record;
}

std::vector<std::string> brokenBy(const CallRecord &record, const ModelRecord &model = {}, const Limits &limits = {})
{
    VerdictBuilder builder;
    builder.add(goodCall());
    builder.add(record);
    std::vector<std::string> names;
    for (const BrokenLimit &broken : builder.build(model, limits).broken)
        names.push_back(broken.name);
    return names;
}

} // namespace

class TestSimVerdict : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void percentiles();
    void histogram();
    void limits_data();
    void limits();
    void modelLimits();
    void changedLimits();
    void faultyCallsDontCount();
    void json();
    void commandLine_data();
    void commandLine();
};

void TestSimVerdict::percentiles()
{
    std::vector<double> samples;
    for (int i = 1000; i >= 1; --i)
        samples.push_back(i);
    const Percentiles p = percentilesOf(samples);
    QCOMPARE(p.p50, 500.0);
    QCOMPARE(p.p99, 990.0);
    QCOMPARE(p.p999, 999.0);
    QCOMPARE(p.max, 1000.0);
    QCOMPARE(percentilesOf({7}).p999, 7.0);
    QCOMPARE(percentilesOf({}).count, std::size_t(0));
}

void TestSimVerdict::histogram()
{
    Histogram histogram;
    for (int i = 1; i <= 1000; ++i)
        histogram.add(i * 10);
    Percentiles p = histogram.percentiles();
    QCOMPARE(p.p50, 5.0);
    QCOMPARE(p.p99, 9.9);
    histogram.add(123'456);
    histogram.add(99'000'000);
    p = histogram.percentiles();
    QCOMPARE(p.p999, 123.4);
    QCOMPARE(p.max, 99'000.0);
}

void TestSimVerdict::limits_data()
{
    QTest::addColumn<CallRecord>("record");
    QTest::addColumn<QString>("limit");
    const auto row = [](const char *name, const char *limit, const std::function<void(CallRecord &)> &change) {
        CallRecord record = goodCall();
        change(record);
        QTest::newRow(name) << record << QString::fromLatin1(limit);
    };
    row("good", "", [](CallRecord &) {});
    row("burst", "bursts", [](CallRecord &r) { r.bursts = 1; });
    row("stall", "stalls", [](CallRecord &r) { r.stalls = 1; });
    row("size", "wrong-size", [](CallRecord &r) { r.wrongSize = 1; });
    row("a little silence", "", [](CallRecord &r) { r.silenceInSpeech = 19 * kMillisecond; });
    row("silence", "silence-ms", [](CallRecord &r) { r.silenceInSpeech = 21 * kMillisecond; });
    row("cut", "cut-ms", [](CallRecord &r) { r.cutMs = {40}; });
    row("repeated", "repeated-ms", [](CallRecord &r) { r.repeated = 1000; });
    row("after", "after-interruption-ms", [](CallRecord &r) { r.afterInterruptionMs = {10, 101}; });
    row("just in time", "", [](CallRecord &r) { r.afterInterruptionMs = {100}; });
    row("end error", "audio-end-error-ms", [](CallRecord &r) { r.endErrorMs = {-61}; });
    row("truncate", "missing-truncates", [](CallRecord &r) { r.missingTruncates = 1; });
    row("closed", "closed-by-gateway", [](CallRecord &r) { r.closedByGateway = true; });
    row("refused", "refused-calls", [](CallRecord &r) { r.connected = false; });
    row("silent", "silent-calls", [](CallRecord &r) { r.agentHeard = 0; });
    row("unlinked", "unlinked-calls", [](CallRecord &r) { r.linked = false; });
    row("fault", "protocol-faults", [](CallRecord &r) { note(r.faults, "31951", "extra field"); });
}

void TestSimVerdict::limits()
{
    QFETCH(CallRecord, record);
    QFETCH(QString, limit);
    QCOMPARE(brokenBy(record), limit.isEmpty() ? std::vector<std::string>() : std::vector{limit.toStdString()});
}

void TestSimVerdict::modelLimits()
{
    ModelRecord model;
    note(model.errors, "response_cancel_not_active", "a race that a correct client may lose");
    QVERIFY(brokenBy(goodCall(), model).empty());
    note(model.errors, "unknown_parameter", "session.temperature");
    QCOMPARE(brokenBy(goodCall(), model), std::vector{"model-faults"s});
}

void TestSimVerdict::changedLimits()
{
    CallRecord record = goodCall();
    record.bursts = 2;
    record.afterInterruptionMs = {150};
    Limits limits;
    limits.latencyMs = 60;
    limits.changed["bursts"] = 2;
    QVERIFY(brokenBy(record, {}, limits).empty());
    record.bursts = 3;
    QCOMPARE(brokenBy(record, {}, limits), std::vector{"bursts"s});
    limits.enforced = false;
    QVERIFY(brokenBy(record, {}, limits).empty());
}

void TestSimVerdict::faultyCallsDontCount()
{
    CallRecord record = goodCall();
    record.healthy = false;
    record.closedByGateway = true;
    record.stalls = record.bursts = 5;
    QVERIFY(brokenBy(record).empty());
}

void TestSimVerdict::json()
{
    CallRecord record = goodCall();
    record.stalls = 1;
    VerdictBuilder builder;
    builder.add(record);
    const Verdict verdict = builder.build({}, {});
    const QJsonObject root = QJsonDocument::fromJson(verdict.json()).object();
    QCOMPARE(root[u"ok"], false);
    QCOMPARE(root[u"beat"].toObject()[u"stalls"], 1);
    QCOMPARE(root[u"beat"].toObject()[u"frames_per_second"].toDouble(), 50.0);
    QVERIFY(verdict.text().contains(QStringLiteral("BROKEN            stalls: 1.00, allowed 0.00")));
}

void TestSimVerdict::commandLine_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<bool>("good");
    QTest::newRow("defaults") << QString() << true;
    QTest::newRow("load") << QStringLiteral("--gateway ws://localhost:81/media --calls 100 --seconds 20 --model-port 0")
                          << true;
    QTest::newRow("remote") << QStringLiteral("--gateway ws://192.0.2.1/media") << false;
    QTest::newRow("remote allowed") << QStringLiteral("--gateway ws://192.0.2.1/media --allow-remote") << true;
    QTest::newRow("scheme") << QStringLiteral("--gateway http://127.0.0.1/media") << false;
    QTest::newRow("fault") << QStringLiteral("--fault reset:0.5 --fault json") << true;
    QTest::newRow("unknown fault") << QStringLiteral("--fault flood") << false;
    QTest::newRow("fault probability") << QStringLiteral("--fault reset:2") << false;
    QTest::newRow("model fault") << QStringLiteral("--model-fault refuse=429 --model-fault never-updated") << true;
    QTest::newRow("unknown model fault") << QStringLiteral("--model-fault sleepy") << false;
    QTest::newRow("limit") << QStringLiteral("--limit bursts=5") << true;
    QTest::newRow("unknown limit") << QStringLiteral("--limit luck=5") << false;
    QTest::newRow("number") << QStringLiteral("--calls many") << false;
    QTest::newRow("unknown option") << QStringLiteral("--callz 3") << false;
    QTest::newRow("help") << QStringLiteral("--help") << true;
    QTest::newRow("world only") << QStringLiteral("--world-only --auth-token x --ai-flavour ollama") << true;
    QTest::newRow("faults") << QStringLiteral("--ai-fault chat-500=all --crm-fault redirect --rest-fault media-cut=2")
                            << true;
    QTest::newRow("unknown AI fault") << QStringLiteral("--ai-fault luck=1") << false;
    QTest::newRow("unknown media fault") << QStringLiteral("--rest-fault media405=1") << false;
    QTest::newRow("fault without a number") << QStringLiteral("--crm-fault 500=many") << false;
    QTest::newRow("unknown flavour") << QStringLiteral("--ai-flavour vanilla") << false;
    QTest::newRow("secret") << QStringLiteral("--crm-secret abc") << false;
}

void TestSimVerdict::commandLine()
{
    QFETCH(QString, arguments);
    QFETCH(bool, good);
    const auto line = readCommandLine(QStringList{QStringLiteral("takt-sim")}
                                      + arguments.split(u' ', Qt::SkipEmptyParts));
    QVERIFY2(line.ok() == good, line.ok() ? "accepted" : qPrintable(line.error()));
}

QTEST_GUILESS_MAIN(TestSimVerdict)
#include "tst_sim_verdict.moc"
