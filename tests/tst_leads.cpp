// SPDX-License-Identifier: GPL-3.0-or-later
// Leads: nothing good is lost to something empty or less sure, a person's word stands, each call counts once. On both
// databases.
#include "store/leadstore.h"
#include "support/storerig.h"

#include <thread>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using store::Lead;
using store::LeadChange;
using store::LeadStore;
using store::Outcome;
using test::row;
using test::rows;

namespace {

LeadChange change(const QString &phone = u"+15551"_s)
{
    LeadChange c;
    c.phone = phone;
    c.direction = u"inbound"_s;
    c.firstStatus = u"new"_s;
    return c;
}

LeadChange withStatus(const QString &status, double confidence, const QString &source = u"label"_s)
{
    LeadChange c = change();
    c.status = status;
    c.statusConfidence = confidence;
    c.statusSource = source;
    return c;
}

} // namespace

class TestLeads : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void aNewLead();
    void nothingGoodIsOverwritten_data();
    void nothingGoodIsOverwritten();
    void statuses_data();
    void statuses();
    void aPersonsWordStands();
    void eachCallCountsOnce();
    void businessesAreApart();
    void asAnEffectOfAJob();
    void twoAtOnce();
    void lists();

private:
    void apply(const LeadChange &change, const QString &call = u"CA1"_s, const QString &business = u"shop"_s);
    Lead lead(const QString &phone = u"+15551"_s, const QString &business = u"shop"_s);
};

void TestLeads::apply(const LeadChange &change, const QString &call, const QString &business)
{
    store::Transaction transaction(*db);
    const QSqlError error = LeadStore(*db).apply(call, business, change);
    QVERIFY2(!error.isValid(), qPrintable(error.text()));
    QVERIFY(transaction.commit());
}

Lead TestLeads::lead(const QString &phone, const QString &business)
{
    const auto found = LeadStore(*db).byPhone(business, phone);
    return found ? found->value_or(Lead()) : Lead();
}

void TestLeads::aNewLead()
{
    LeadChange c = change();
    c.name = u"Dana \"דנה\" O'Hara"_s;
    c.city = u"חיפה"_s;
    c.cityConfidence = 0.3; // nothing better is known
    c.service = u"brakes"_s;
    c.serviceConfidence = 0.9;
    c.note = u"She wants \nnew brakes 👋"_s;
    apply(c);
    const Lead l = lead();
    QVERIFY(l.id > 0);
    QCOMPARE(l.name, c.name);
    QCOMPARE(l.city, c.city);
    QCOMPARE(l.cityConfidence, 0.3);
    QCOMPARE(l.service, c.service);
    QCOMPARE(l.serviceConfidence, 0.9);
    QCOMPARE(l.status + u'|' + l.statusSource, u"new|"_s);
    QCOMPARE(l.firstDirection, u"inbound"_s);
    QCOMPARE(l.calls, 1);
    QCOMPARE(l.lastCallSid, u"CA1"_s);
    QCOMPARE(l.createdAtMs, now.load());
    const auto history = *LeadStore(*db).history(l.id);
    QCOMPARE(history.size(), 1);
    QCOMPARE(history[0].callSid + history[0].effect, u"CA1call"_s);
    QCOMPARE(history[0].detail, c.note);
}

void TestLeads::nothingGoodIsOverwritten_data()
{
    QTest::addColumn<QString>("city");
    QTest::addColumn<double>("confidence");
    QTest::addColumn<QString>("known");
    QTest::addColumn<QString>("expected");
    QTest::newRow("nothing said") << QString() << 0.99 << u"Haifa"_s << u"Haifa|0.5"_s;
    QTest::newRow("less sure") << u"Akko"_s << 0.4 << u"Haifa"_s << u"Haifa|0.5"_s;
    QTest::newRow("surer, not enough") << u"Akko"_s << 0.8 << u"Haifa"_s << u"Haifa|0.5"_s;
    QTest::newRow("sure") << u"Akko"_s << 0.81 << u"Haifa"_s << u"Akko|0.81"_s;
    QTest::newRow("nothing known") << u"Akko"_s << 0.1 << QString() << u"Akko|0.1"_s;
    QTest::newRow("nothing at all") << QString() << 0.9 << QString() << u"|0.5"_s;
}

void TestLeads::nothingGoodIsOverwritten()
{
    QFETCH(QString, city);
    QFETCH(double, confidence);
    QFETCH(QString, known);
    QFETCH(QString, expected);
    LeadChange before = change();
    before.name = u"Dana"_s;
    before.city = before.service = known;
    before.cityConfidence = before.serviceConfidence = 0.5;
    apply(before);
    LeadChange later = change();
    later.direction = u"outbound"_s;
    later.city = later.service = city;
    later.cityConfidence = later.serviceConfidence = confidence;
    now += 1000;
    apply(later, u"CA2"_s);
    const Lead l = lead();
    QCOMPARE(l.city + u'|' + QString::number(l.cityConfidence), expected);
    QCOMPARE(l.service + u'|' + QString::number(l.serviceConfidence), expected);
    QCOMPARE(l.name, u"Dana"_s);
    QCOMPARE(l.firstDirection, u"inbound"_s);
    QCOMPARE(l.status, u"new"_s);
    QCOMPARE(l.createdAtMs + 1000, l.updatedAtMs);
    later.name = u"Dana Levi"_s;
    apply(later, u"CA2"_s);
    QCOMPARE(lead().name, u"Dana Levi"_s);
}

void TestLeads::statuses_data()
{
    QTest::addColumn<QString>("status");
    QTest::addColumn<double>("confidence");
    QTest::addColumn<QString>("expected");
    QTest::newRow("sure enough") << u"won"_s << 0.65 << u"won|label|0.65"_s;
    QTest::newRow("not sure enough") << u"won"_s << 0.64 << u"new||0"_s;
    QTest::newRow("no idea") << QString() << 1.0 << u"new||0"_s;
    QTest::newRow("the same") << u"new"_s << 1.0 << u"new||0"_s;
}

void TestLeads::statuses()
{
    QFETCH(QString, status);
    QFETCH(double, confidence);
    QFETCH(QString, expected);
    apply(withStatus(status, confidence));
    const Lead l = lead();
    QCOMPARE(l.status + u'|' + l.statusSource + u'|' + QString::number(l.statusConfidence), expected);
    const QStringList events = rows(
        db, u"SELECT call_sid, from_value, to_value, detail FROM lead_events WHERE effect = 'status'"_s);
    QCOMPARE(events, expected.startsWith("won"_L1) ? QStringList{u"CA1|new|won|label"_s} : QStringList());
}

void TestLeads::aPersonsWordStands()
{
    apply(change());
    now += 10;
    QCOMPARE(LeadStore(*db).setStatus(lead().id, u"customer"_s), QString());
    QCOMPARE(lead().updatedAtMs, now.load());
    apply(withStatus(u"lost"_s, 1.0), u"CA2"_s);
    const Lead l = lead();
    QCOMPARE(l.status + u'|' + l.statusSource, u"customer|manual"_s);
    QCOMPARE(l.calls, 2);
    QCOMPARE(LeadStore(*db).setStatus(l.id, u"gone"_s), QString()); // as often as they like
    const auto history = *LeadStore(*db).history(l.id);
    QStringList told;
    for (const store::LeadEvent &each : history)
        told << each.callSid + u' ' + each.effect + u' ' + each.from + u'>' + each.to;
    QCOMPARE(told,
             (QStringList{u"CA1 call >"_s, u" status new>customer"_s, u"CA2 call >"_s, u" status customer>gone"_s}));
    QVERIFY(LeadStore(*db).setStatus(4711, u"x"_s).contains(u"no lead 4711"_s));
}

void TestLeads::eachCallCountsOnce()
{
    LeadChange c = withStatus(u"won"_s, 0.9);
    c.note = u"first"_s;
    for (int i = 0; i < 3; ++i)
        apply(c);
    QCOMPARE(lead().calls, 1);
    c.note = u"better"_s;
    c.status = u"lost"_s; // the call had its say
    apply(c);
    c.note.clear();
    apply(c);
    QCOMPARE(lead().calls, 1);
    QCOMPARE(lead().status, u"won"_s);
    QCOMPARE(rows(db, u"SELECT effect, detail FROM lead_events ORDER BY id"_s),
             (QStringList{u"call|better"_s, u"status|label"_s}));
    apply(withStatus(u"lost"_s, 0.9), u"CA2"_s);
    QCOMPARE(lead().status + QString::number(lead().calls) + lead().lastCallSid, u"lost2CA2"_s);
    apply(c); // an old call, done again, neither counts nor is the last
    QCOMPARE(lead().lastCallSid + QString::number(lead().calls) + lead().status, u"CA22lost"_s);
}

void TestLeads::businessesAreApart()
{
    apply(change(), u"CA1"_s, u"shop"_s);
    apply(change(), u"CA2"_s, u"garage"_s);
    apply(change(), u"CA3"_s, QString());
    apply(change(u"withheld:CA4"_s), u"CA4"_s);
    apply(change(u"withheld:CA5"_s), u"CA5"_s);
    QCOMPARE(rows(db, u"SELECT business, phone, calls FROM leads ORDER BY id"_s),
             (QStringList{u"shop|+15551|1"_s, u"garage|+15551|1"_s, u"|+15551|1"_s, u"shop|withheld:CA4|1"_s,
                          u"shop|withheld:CA5|1"_s}));
    QVERIFY(lead(u"+15551"_s, QString()).id != 0);
    QVERIFY(lead(u"+15551"_s, u"nobody"_s).id == 0);
}

// The job's lease ran out after its commit was written, so to speak: it is done twice, and counts once.
void TestLeads::asAnEffectOfAJob()
{
    beginAndEnd(u"CA1"_s);
    finishBefore(Stage::Lead);
    for (int i = 0; i < 2; ++i) {
        store::Effects effects;
        effects.lead = withStatus(u"won"_s, 0.9);
        QVERIFY(finish(claim(1, u"w1"_s, {Stage::Lead}).value(0), Outcome::completed(effects)));
        QCOMPARE(queue().retry(id(Stage::Lead)), QString());
    }
    QCOMPARE(rows(db, u"SELECT business, phone, calls, status FROM leads"_s), QStringList{u"shop|+15551|1|won"_s});
}

void TestLeads::twoAtOnce()
{
    constexpr int kCalls = 25;
    std::vector<std::thread> workers;
    std::atomic<int> failures{0};
    for (int w = 0; w < 4; ++w) {
        workers.emplace_back([&, w] {
            const auto mine = another();
            for (int i = 0; i < kCalls; ++i) {
                store::Transaction transaction(*mine);
                LeadChange c = withStatus(u"won"_s, 0.9);
                c.name = u"Dana"_s;
                // Two of them have the same calls.
                const bool bad = LeadStore(*mine).apply(u"CA%1-%2"_s.arg(w / 2).arg(i), u"shop"_s, c).isValid();
                if (bad || !transaction.commit())
                    ++failures;
            }
        });
    }
    for (std::thread &each : workers)
        each.join();
    QCOMPARE(failures.load(), 0);
    QCOMPARE(rows(db, u"SELECT phone, name, calls, status FROM leads"_s),
             QStringList{u"+15551|Dana|%1|won"_s.arg(2 * kCalls)});
    QCOMPARE(rows(db, u"SELECT effect, COUNT(*) FROM lead_events GROUP BY effect ORDER BY effect"_s),
             (QStringList{u"call|%1"_s.arg(2 * kCalls), u"status|1"_s}));
}

void TestLeads::lists()
{
    for (const char *phone : {"+1", "+2", "+3"}) {
        apply(change(QString::fromLatin1(phone)), u"CA"_s + QString::fromLatin1(phone));
        now += 10;
    }
    apply(change(u"+9"_s), u"CA9"_s, u"garage"_s);
    now += 10;
    apply(change(u"+1"_s), u"CA10"_s);
    const auto phones = [&](const QString &business, int limit) {
        QStringList all;
        const QList<Lead> leads = *LeadStore(*db).list(business, limit);
        for (const Lead &each : leads)
            all << each.phone;
        return all.join(u' ');
    };
    QCOMPARE(phones(u"shop"_s, 9), u"+1 +3 +2"_s);
    QCOMPARE(phones(u"shop"_s, 2), u"+1 +3"_s);
    QCOMPARE(phones(QString(), 9), u"+1 +9 +3 +2"_s);
    QCOMPARE(LeadStore(*db).lead(lead(u"+2"_s).id)->phone, u"+2"_s);
    QVERIFY(LeadStore(*db).lead(4711).error().contains(u"no lead 4711"_s));
}

QTEST_GUILESS_MAIN(TestLeads)
#include "tst_leads.moc"
