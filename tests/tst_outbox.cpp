// SPDX-License-Identifier: GPL-3.0-or-later
// The outbox: one message a call and event, with an id and a body that never change. On both databases.
#include "store/outbox.h"
#include "support/storerig.h"

#include <future>
#include <set>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::DeliveryAttempt;
using store::Outbox;
using store::Outcome;
using store::WebhookMessage;
using test::rows;

namespace {

WebhookMessage message(const QString &id, const QByteArray &body, const QString &call = u"CA1"_s)
{
    WebhookMessage m;
    m.id = id;
    m.callSid = call;
    m.eventType = u"call.completed"_s;
    m.business = u"shop"_s;
    m.url = u"https://crm.example/hook?a='b'"_s;
    m.body = body;
    return m;
}

} // namespace

class TestOutbox : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void frozenOnce();
    void frozenOnceByMany();
    void attemptsAreCounted();
    void goneMeansDisabled();

private:
    void deliver(const DeliveryAttempt &attempt, const Outcome &outcome = Outcome::completed());
};

void TestOutbox::frozenOnce()
{
    Outbox outbox(*db);
    QVERIFY(outbox.message(u"CA1"_s, u"call.completed"_s)->id.isEmpty());
    const QByteArray body = "{\"text\":\"שלום 👋 'quoted' \\\\ \\u0000\",\"n\":1.50}";
    const auto first = outbox.freeze(message(u"msg_1"_s, body));
    QVERIFY(first.ok());
    QCOMPARE(first->id, u"msg_1"_s);
    QCOMPARE(first->body, body);
    QCOMPARE(first->url, u"https://crm.example/hook?a='b'"_s);
    QCOMPARE(first->business, u"shop"_s);
    QVERIFY(!first->delivered && !first->endpointDisabled && first->attempts == 0);
    WebhookMessage again = message(u"msg_2"_s, "other");
    again.url = u"https://elsewhere"_s;
    const auto second = outbox.freeze(again);
    QCOMPARE(second->id, u"msg_1"_s);
    QCOMPARE(second->body, body);
    QCOMPARE(second->url, u"https://elsewhere"_s); // the receiver has moved, and has not got it yet
    QCOMPARE(outbox.message(u"CA1"_s, u"call.completed"_s)->body, body);
    // Another call, or event, has its own.
    QCOMPARE(outbox.freeze(message(u"msg_3"_s, "3", u"CA2"_s))->id, u"msg_3"_s);
    again.eventType = u"call.started"_s;
    QCOMPARE(outbox.freeze(again)->id, u"msg_2"_s);
    again.id = u"msg_1"_s; // an id that is taken already
    again.callSid = u"CA9"_s;
    QVERIFY(!outbox.freeze(again).ok());
}

void TestOutbox::frozenOnceByMany()
{
    std::vector<std::future<QString>> all;
    for (int i = 0; i < 6; ++i) {
        all.push_back(std::async(std::launch::async, [this, i] {
            const auto mine = another();
            const auto frozen = Outbox(*mine).freeze(message(u"msg_%1"_s.arg(i), QByteArray::number(i)));
            return frozen ? frozen->id + QString::fromUtf8(frozen->body) : frozen.error();
        }));
    }
    std::set<QString> told;
    for (auto &each : all)
        told.insert(each.get());
    QCOMPARE(told.size(), std::size_t(1));
    QVERIFY(told.begin()->startsWith(u"msg_"_s));
}

void TestOutbox::deliver(const DeliveryAttempt &attempt, const Outcome &outcome)
{
    const auto jobs = claim(1, u"w1"_s, {Stage::Webhook});
    QCOMPARE(jobs.size(), 1);
    Outcome with = outcome;
    with.effects.delivery = attempt;
    QVERIFY(finish(jobs[0], with));
}

void TestOutbox::attemptsAreCounted()
{
    beginAndEnd(u"CA1"_s);
    finishBefore(Stage::Webhook);
    Outbox outbox(*db);
    QVERIFY(outbox.freeze(message(u"msg_1"_s, "{}")).ok());
    QVERIFY(outbox.freeze(message(u"msg_2"_s, "{}", u"CA2"_s)).ok());
    deliver({u"msg_1"_s, 0, u"no answer"_s, {}, 15'000, false, false}, Outcome::retry(u"no answer"_s, 0));
    deliver({u"msg_1"_s, 503, {}, u"<html>'busy'"_s, 20, false, false}, Outcome::retry(u"503"_s, 0));
    QVERIFY(!outbox.message(u"CA1"_s, u"call.completed"_s)->delivered);
    now += 10;
    deliver({u"msg_1"_s, 204, {}, {}, 10, true, false});
    const auto sent = outbox.message(u"CA1"_s, u"call.completed"_s);
    QVERIFY(sent->delivered);
    QCOMPARE(sent->attempts, 3);
    QCOMPARE(rows(db, u"SELECT number, status, error, response, duration_ms FROM webhook_attempts ORDER BY number"_s),
             (QStringList{u"1|0|no answer||15000"_s, u"2|503||<html>'busy'|20"_s, u"3|204|||10"_s}));
    QCOMPARE(rows(db, u"SELECT id, delivered_at_ms FROM webhook_messages ORDER BY id"_s),
             (QStringList{u"msg_1|%1"_s.arg(now.load()), u"msg_2|null"_s}));
    QCOMPARE(outbox.message(u"CA2"_s, u"call.completed"_s)->attempts, 0);
}

void TestOutbox::goneMeansDisabled()
{
    beginAndEnd(u"CA1"_s);
    finishBefore(Stage::Webhook);
    Outbox outbox(*db);
    QVERIFY(outbox.freeze(message(u"msg_1"_s, "{}")).ok());
    QVERIFY(outbox.freeze(message(u"msg_2"_s, "{}", u"CA2"_s)).ok());
    WebhookMessage elsewhere = message(u"msg_3"_s, "{}", u"CA3"_s);
    elsewhere.url = u"https://elsewhere"_s;
    QVERIFY(outbox.freeze(elsewhere).ok());
    deliver({u"msg_1"_s, 410, u"gone"_s, {}, 10, false, true}, Outcome::failed(u"gone"_s));
    QVERIFY(outbox.message(u"CA1"_s, u"call.completed"_s)->endpointDisabled);
    QVERIFY(outbox.message(u"CA2"_s, u"call.completed"_s)->endpointDisabled); // the same receiver
    QVERIFY(!outbox.message(u"CA3"_s, u"call.completed"_s)->endpointDisabled);
    QCOMPARE(rows(db, u"SELECT url, disabled_at_ms, reason FROM webhook_endpoints"_s),
             QStringList{u"https://crm.example/hook?a='b'|%1|gone"_s.arg(now.load())});
    QCOMPARE(outbox.enableEndpoint(u"https://crm.example/hook?a='b'"_s), QString());
    QVERIFY(!outbox.message(u"CA1"_s, u"call.completed"_s)->endpointDisabled);
    QCOMPARE(queue().retry(id(Stage::Webhook)), QString());
    deliver({u"msg_1"_s, 410, u"gone again"_s, {}, 10, false, true}, Outcome::failed(u"gone"_s));
    QVERIFY(outbox.message(u"CA1"_s, u"call.completed"_s)->endpointDisabled);
    QCOMPARE(outbox.enableEndpoint(u"https://never.heard.of"_s), QString());
}

QTEST_GUILESS_MAIN(TestOutbox)
#include "tst_outbox.moc"
