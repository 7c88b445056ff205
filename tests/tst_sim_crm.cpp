// SPDX-License-Identifier: GPL-3.0-or-later
// The CRM that receives webhooks: signatures, what it counts, and every fault.
#include "sim/crm/standardwebhooks.h"
#include "sim/worktest.h"

#include <QTest>

#include <ctime>

using namespace Qt::Literals::StringLiterals;
using namespace takt::sim;

namespace {

const std::string kSecret = "whsec_" + toBase64(asBytes(std::string_view("a secret of twenty-four b")));
constexpr auto kBody = R"({"type":"call.completed","data":{}})";

struct World {
    explicit World(const FaultBoard::Values &faults = {})
    {
        SimulationOptions options = quietWorld();
        options.phone.rest = false;
        options.crm.enabled = true;
        options.crm.secret = kSecret;
        options.crm.faults = faults;
        options.progress = [this](const std::string &line) {
            const std::lock_guard lock(mutex);
            lines.push_back(line);
        };
        sim = std::make_unique<Simulation>(options);
        const auto started = sim->start();
        if (!started)
            qFatal("%s", qPrintable(started.error()));
    }
    [[nodiscard]] WorkReply deliver(const std::string &id, const std::string &body = kBody,
                                    const std::string &path = "/hooks/takt?x=1") const
    {
        const std::string now = std::to_string(std::time(nullptr));
        return post(id, now, webhookSignature(kSecret, id, now, body), body, path);
    }
    [[nodiscard]] WorkReply post(const std::string &id, const std::string &timestamp, const std::string &signature,
                                 const std::string &body = kBody, const std::string &path = "/hooks") const
    {
        return askPort(sim->crmPort(), "POST", path,
                       {{"webhook-id", id}, {"webhook-timestamp", timestamp}, {"webhook-signature", signature}}, body);
    }

    std::mutex mutex;
    std::vector<std::string> lines;
    std::unique_ptr<Simulation> sim;
};

} // namespace

class TestSimCrm : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theKnownVector();
    void deliveries();
    void signatures_data();
    void signatures();
    void failures_data();
    void failures();
    void drops();
    void redirects();
    void slow();
    void theVerdict();
};

// Of the Standard Webhooks' own libraries.
void TestSimCrm::theKnownVector()
{
    QCOMPARE(webhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                              R"({"test": 2432232314})"),
             std::string("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    QCOMPARE(webhookSignature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a", "1", ""), std::string());
}

void TestSimCrm::deliveries()
{
    World world;
    QCOMPARE(world.deliver("msg_1").status(), 204);
    QCOMPARE(world.deliver("msg_2").status(), 204);
    QCOMPARE(world.deliver("msg_1").status(), 204); // a second time
    QCOMPARE(askPort(world.sim->crmPort(), "GET", "/hooks").status(), 405);
    const auto receipts = world.sim->crmReceipts();
    QCOMPARE(receipts[0].id, std::string("msg_1"));
    QCOMPARE(receipts[0].path, std::string("/hooks/takt?x=1"));
    QCOMPARE(receipts[0].body, std::string(kBody));
    QVERIFY(receipts[0].signedRight && receipts[0].received && !receipts[0].duplicate);
    QVERIFY(std::abs(receipts[0].timestamp - std::time(nullptr)) < 5);
    QVERIFY(receipts[2].duplicate);
    WorkRecord work = world.sim->work();
    QCOMPARE(work.ids.at("msg_1"), 2);
    QCOMPARE(work.ids.at("msg_2"), 1);
    QCOMPARE(work.duplicates, 1);
    QCOMPARE(work.changedBodies, 0);
    QCOMPARE(world.deliver("msg_2", R"({"other":1})").status(), 204);
    work = world.sim->work();
    QCOMPARE(work.changedBodies, 1);
    world.sim.reset();
    const std::string line = "msg_1 | " + std::to_string(std::string(kBody).size())
                             + " bytes | signature right | answered 204";
    QVERIFY2(world.lines.at(0).find(line) != std::string::npos, world.lines.at(0).c_str());
}

void TestSimCrm::signatures_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<int>("age");           // seconds
    QTest::addColumn<QString>("signature"); // {right} stands for the right one
    QTest::addColumn<QString>("wrong");
    QTest::newRow("right") << u"m"_s << 0 << u"{right}"_s << u""_s;
    QTest::newRow("the second of two") << u"m"_s << 0 << u"v1,AAAA {right}"_s << u""_s;
    QTest::newRow("the first of two, beside v1a") << u"m"_s << 0 << u"{right} v1a,AAAA"_s << u""_s;
    QTest::newRow("almost too old") << u"m"_s << 290 << u"{right}"_s << u""_s;
    QTest::newRow("too old") << u"m"_s << 310 << u"{right}"_s << u"the timestamp is too old"_s;
    QTest::newRow("in the future") << u"m"_s << -310 << u"{right}"_s << u"the timestamp is in the future"_s;
    QTest::newRow("wrong") << u"m"_s << 0 << u"v1,AAAA"_s << u"no signature fits"_s;
    QTest::newRow("more than the right one") << u"m"_s << 0 << u"{right}A"_s << u"no signature fits"_s;
    QTest::newRow("none") << u"m"_s << 0 << u""_s << u"a header is missing"_s;
    QTest::newRow("no id") << u""_s << 0 << u"{right}"_s << u"a header is missing"_s;
}

void TestSimCrm::signatures()
{
    QFETCH(QString, id);
    QFETCH(int, age);
    QFETCH(QString, signature);
    QFETCH(QString, wrong);
    const World world;
    const std::string when = std::to_string(std::time(nullptr) - age);
    const QString right = QString::fromStdString(webhookSignature(kSecret, id.toStdString(), when, kBody));
    const WorkReply reply = world.post(id.toStdString(), when, signature.replace(u"{right}"_s, right).toStdString());
    QCOMPARE(reply.status(), wrong.isEmpty() ? 204 : 401);
    QCOMPARE(QString::fromStdString(world.sim->crmReceipts()[0].wrong), wrong);
    QCOMPARE(world.sim->work().badSignatures, wrong.isEmpty() ? 0 : 1);
    QCOMPARE(world.sim->work().ids.size(), std::size_t(wrong.isEmpty() ? 1 : 0));
}

void TestSimCrm::failures_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("retryAfter");
    QTest::newRow("400") << 400 << u""_s;
    QTest::newRow("410") << 410 << u""_s;
    QTest::newRow("429") << 429 << u"9"_s;
    QTest::newRow("500") << 500 << u""_s;
    QTest::newRow("503") << 503 << u"9"_s;
}

void TestSimCrm::failures()
{
    QFETCH(int, status);
    QFETCH(QString, retryAfter);
    const World world({{std::to_string(status), 2}, {"retry-after", 9}});
    for (int i = 0; i < 2; ++i) {
        const WorkReply reply = world.deliver("msg_1");
        QCOMPARE(reply.status(), status);
        QCOMPARE(QString::fromStdString(reply.http.head.header("retry-after")), retryAfter);
        QVERIFY(!world.sim->crmReceipts().back().received);
        QCOMPARE(world.sim->crmReceipts().back().fault, std::to_string(status));
    }
    QCOMPARE(world.deliver("msg_1").status(), 204);
    QCOMPARE(world.sim->work().deliveries, 3);
    QCOMPARE(world.sim->work().duplicates, 0); // it was never received before
    QCOMPARE(world.sim->work().ids.at("msg_1"), 1);
}

void TestSimCrm::drops()
{
    const World world({{"drop-before", 1}, {"drop-after", 1}});
    QCOMPARE(world.deliver("msg_1").http.failure, HttpResult::Failure::Broken);
    QCOMPARE(world.sim->work().deliveries, 0);
    QCOMPARE(world.deliver("msg_1").http.failure, HttpResult::Failure::Broken);
    QCOMPARE(world.sim->crmReceipts()[0].status, 0);
    QVERIFY(world.sim->crmReceipts()[0].received);
    QCOMPARE(world.deliver("msg_1").status(), 204);
    QVERIFY(world.sim->crmReceipts()[1].duplicate); // what a receiver must expect
}

void TestSimCrm::redirects()
{
    const World world({{"redirect", 1}});
    const WorkReply moved = world.deliver("msg_1");
    QCOMPARE(moved.status(), 301);
    const auto url = Url::parse(moved.http.head.header("location"));
    QVERIFY(url);
    QCOMPARE(url->port, world.sim->crmPort());
    QCOMPARE(world.sim->work().followedRedirects, 0);
    QCOMPARE(world.deliver("msg_1", kBody, url->target).status(), 404);
    QCOMPARE(world.sim->work().followedRedirects, 1);
    QCOMPARE(world.deliver("msg_1").status(), 204);
    QCOMPARE(world.sim->work().deliveries, 2);
}

void TestSimCrm::slow()
{
    const World world({{"slow", 300}});
    const WorkReply reply = world.deliver("msg_1");
    QCOMPARE(reply.status(), 204);
    QVERIFY(reply.http.took >= 300 * kMillisecond);
}

void TestSimCrm::theVerdict()
{
    const World good;
    QCOMPARE(good.deliver("msg_1").status(), 204);
    QCOMPARE(good.deliver("msg_1").status(), 204);
    const Verdict fine = good.sim->finish();
    QVERIFY2(fine.ok(), qPrintable(fine.text()));
    const QJsonObject work = QJsonDocument::fromJson(fine.json()).object().value(u"work"_s).toObject();
    QCOMPARE(work.value(u"ids"_s).toObject().value(u"msg_1"_s).toInt(), 2);
    QCOMPARE(work.value(u"duplicates"_s).toInt(), 1);
    QVERIFY(fine.text().contains(u"received 1 by 2 deliveries, duplicates 1"));

    const World bad;
    QCOMPARE(bad.post("msg_1", std::to_string(std::time(nullptr)), "v1,AAAA").status(), 401);
    QCOMPARE(bad.deliver("msg_2", kBody, "/moved-elsewhere").status(), 404);
    const Verdict verdict = bad.sim->finish();
    QCOMPARE(verdict.broken.size(), std::size_t(2));
    QCOMPARE(verdict.broken[0].name, std::string("bad-webhooks"));
    QCOMPARE(verdict.broken[1].name, std::string("followed-redirects"));
}

QTEST_GUILESS_MAIN(TestSimCrm)
#include "tst_sim_crm.moc"
