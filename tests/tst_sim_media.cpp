// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong with the download of recordings on purpose, and how other processes steer it.
#include "sim/worktest.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::sim;

namespace {

constexpr auto kCall = "CA0123456789abcdef0123456789abcdef";

std::unique_ptr<Simulation> quiet(const FaultBoard::Values &faults = {})
{
    SimulationOptions options = quietWorld();
    options.phone.restFaults.media = faults;
    auto world = std::make_unique<Simulation>(options);
    const auto started = world->start();
    if (!started)
        qFatal("%s", qPrintable(started.error()));
    return world;
}

} // namespace

class TestSimMedia : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void busy_data();
    void busy();
    void slow();
    void cutOff();
    void garbage();
    void redirects();
    void steeredFromOutside();
};

void TestSimMedia::busy_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("retryAfter");
    QTest::newRow("429") << u"media429"_s << 429 << u"3"_s;
    QTest::newRow("5xx") << u"media5xx"_s << 503 << u"3"_s;
    QTest::newRow("404") << u"media404"_s << 404 << u""_s;
}

void TestSimMedia::busy()
{
    QFETCH(QString, fault);
    QFETCH(int, status);
    QFETCH(QString, retryAfter);
    const auto world = quiet({{fault.toStdString(), 2}, {"media-retry-after", 3}});
    const std::string path = "/Recordings/" + world->addRecording(kCall, 1);
    for (int i = 0; i < 2; ++i) {
        const WorkReply reply = askAccount(*world, "GET", path);
        QCOMPARE(reply.status(), status);
        QCOMPARE(QString::fromStdString(reply.http.head.header("retry-after")), retryAfter);
        QCOMPARE(reply.json.value(u"status"_s).toInt(), status);
    }
    QCOMPARE(askAccount(*world, "GET", path + ".json").status(), 200); // it is about media
    QCOMPARE(askAccount(*world, "GET", path).status(), 200);
    QCOMPARE(world->mediaLog().at(1).fault, fault.toStdString());
    QCOMPARE(world->mediaLog().at(2).fault, std::string());
    QCOMPARE(world->work().downloads, 1);
}

void TestSimMedia::slow()
{
    const auto world = quiet({{"media-slow", 64}});
    const WorkReply reply = askAccount(*world, "GET", "/Recordings/" + world->addRecording(kCall, 2));
    QCOMPARE(reply.http.body.size(), std::size_t(44 + 2 * 32000));
    QVERIFY2(reply.http.took > 800 * kMillisecond, qPrintable(QString::number(toMs(reply.http.took))));
}

void TestSimMedia::cutOff()
{
    const auto world = quiet({{"media-cut", 1}});
    const std::string path = "/Recordings/" + world->addRecording(kCall, 2);
    const WorkReply cut = askAccount(*world, "GET", path);
    QCOMPARE(cut.http.failure, HttpResult::Failure::Broken);
    QCOMPARE(world->mediaLog().back().fault, std::string("media-cut"));
    QCOMPARE(askAccount(*world, "GET", path).http.body.size(), std::size_t(44 + 2 * 32000));
}

void TestSimMedia::garbage()
{
    const auto world = quiet({{"media-corrupt", 1}});
    const std::string path = "/Recordings/" + world->addRecording(kCall, 2);
    const WorkReply reply = askAccount(*world, "GET", path);
    QCOMPARE(reply.status(), 200);
    QCOMPARE(reply.http.head.header("content-type"), std::string("audio/x-wav"));
    QVERIFY(!reply.http.body.starts_with("RIFF"));
    QVERIFY(askAccount(*world, "GET", path).http.body.starts_with("RIFF"));
}

void TestSimMedia::redirects()
{
    const auto world = quiet({{"media-redirect", FaultBoard::kAll}});
    const std::string path = "/Recordings/" + world->addRecording(kCall, 2);
    const WorkReply moved = askAccount(*world, "GET", path + ".wav?RequestedChannels=1");
    QCOMPARE(moved.status(), 302);
    const auto url = Url::parse(moved.http.head.header("location"));
    QVERIFY(url);
    QCOMPARE(url->host, std::string("127.0.0.2"));
    QVERIFY(url->target.ends_with("?RequestedChannels=1"));
    const auto follow = [&](const WorkHeaders &headers) {
        return askPort(url->port, "GET", url->target, headers, {}, INADDR_LOOPBACK + 1);
    };
    QCOMPARE(follow({}).http.body.size(), std::size_t(44 + 2 * 16000));
    QVERIFY(!world->mediaLog().back().leaked);
    QCOMPARE(world->work().leaked, 0);
    QCOMPARE(follow({{"Authorization", "Basic x"}}).status(), 200);
    QVERIFY(world->mediaLog().back().leaked);
    const Verdict verdict = world->finish();
    QVERIFY(!verdict.ok());
    QCOMPARE(verdict.broken.front().name, std::string("leaked-keys"));
    QCOMPARE(verdict.work.downloads, 2);
}

void TestSimMedia::steeredFromOutside()
{
    const auto world = quiet();
    const auto post = [&](const std::string &target, const std::string &form) {
        return askPort(world->restPort(), "POST", target, {}, form);
    };
    const WorkReply made = post("/sim/recordings?call=CA77&seconds=3&channels=1", {});
    QCOMPARE(made.status(), 201);
    QCOMPARE(made.json.value(u"call_sid"_s).toString(), u"CA77"_s);
    QCOMPARE(made.json.value(u"status"_s).toString(), u"completed"_s);
    QCOMPARE(made.json.value(u"channels"_s).toInt(), 1);
    const std::string url = made.json.value(u"media_url"_s).toString().toStdString();
    QCOMPARE(url, world->recordingUrl(made.json.value(u"sid"_s).toString().toStdString()));
    QCOMPARE(post("/sim/recordings", "seconds=3").status(), 400);
    QCOMPARE(post("/sim/recordings", "call=CA1&seconds=0").status(), 400);
    QCOMPARE(post("/sim/faults", "rest.media404=1&rest.first=all&luck=1").status(), 400); // nothing of it happens
    QCOMPARE(post("/sim/faults", "rest.media404=1").json.value(u"rest.media404"_s).toDouble(), 1.0);
    const std::string path = "/Recordings/" + made.json.value(u"sid"_s).toString().toStdString();
    QCOMPARE(askAccount(*world, "GET", path).status(), 404);
    QCOMPARE(askAccount(*world, "GET", path).status(), 200);
    QVERIFY(world->setFault("rest.media5xx", 1));
    QVERIFY(!world->setFault("rest.luck", 1));
    QCOMPARE(askAccount(*world, "GET", path).status(), 503);
    const QJsonObject log = askPort(world->restPort(), "GET", "/sim/log").json;
    QCOMPARE(log.value(u"media"_s).toArray().size(), 3);
    QCOMPARE(log.value(u"media"_s).toArray()[0].toObject().value(u"fault"_s).toString(), u"media404"_s);
    QCOMPARE(log.value(u"recordings"_s).toArray().size(), 1);
    QCOMPARE(log.value(u"sums"_s).toObject().value(u"downloads"_s).toInt(), 1);
}

QTEST_GUILESS_MAIN(TestSimMedia)
#include "tst_sim_media.moc"
