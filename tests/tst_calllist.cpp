// SPDX-License-Identifier: GPL-3.0-or-later
// Past calls, page by page. On both databases.
#include "store/calllist.h"
#include "store/dossier.h"
#include "support/storerig.h"

using namespace takt;
using namespace Qt::Literals::StringLiterals;

class TestCallList : public test::StoreTest
{
    Q_OBJECT
private Q_SLOTS:
    void pagesAreTheWholeListAndNothingTwice();
    void searching_data();
    void searching();
    void costs_data();
    void costs();

private:
    void fill()
    {
        for (int i = 0; i < 25; ++i) {
            CallStarted call;
            call.callSid = u"CA%1"_s.arg(i, 2, 10, QChar(u'0'));
            call.streamSid = u"MZ%1"_s.arg(i);
            call.business = i % 2 == 0 ? u"Bike shop"_s : u"100%_Pizza\\"_s;
            call.from = u"+15550100%1"_s.arg(i);
            call.to = u"+15559"_s;
            call.atMs = 1000 + i / 3; // several at the same moment
            write(call);
        }
    }
};

void TestCallList::pagesAreTheWholeListAndNothingTwice()
{
    fill();
    QStringList seen;
    store::CallFilter filter;
    filter.limit = 7;
    for (;;) {
        const auto page = store::listCalls(*db, filter);
        QVERIFY2(page.ok(), page.ok() ? "" : qPrintable(page.error()));
        for (const CallRecord &call : *page)
            seen << call.callSid;
        if (page->size() < filter.limit)
            break;
        filter.beforeMs = page->back().startedAtMs;
        filter.beforeSid = page->back().callSid;
    }
    QStringList wanted;
    for (int i = 24; i >= 0; --i)
        wanted << u"CA%1"_s.arg(i, 2, 10, QChar(u'0'));
    QCOMPARE(seen, wanted);
}

void TestCallList::searching_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("found");
    QTest::newRow("everything") << u""_s << 25;
    QTest::newRow("a business") << u"bike"_s << 13;
    QTest::newRow("a number") << u"10024"_s << 1;
    QTest::newRow("a call") << u"ca03"_s << 1;
    QTest::newRow("what LIKE would take for anything") << u"%"_s << 12;
    QTest::newRow("or for one sign") << u"%_p"_s << 12;
    QTest::newRow("a backslash") << u"\\"_s << 12;
    QTest::newRow("a quote") << u"' OR 1=1 --"_s << 0;
    QTest::newRow("nothing of it") << u"nobody"_s << 0;
}

void TestCallList::searching()
{
    QFETCH(QString, text);
    QFETCH(int, found);
    fill();
    store::CallFilter filter;
    filter.text = text;
    const auto page = store::listCalls(*db, filter);
    QVERIFY2(page.ok(), page.ok() ? "" : qPrintable(page.error()));
    QCOMPARE(page->size(), found);
}

void TestCallList::costs_data()
{
    QTest::addColumn<QStringList>("streams"); // each: what it cost, empty: not known
    QTest::addColumn<QString>("cost");
    QTest::newRow("none yet") << QStringList{} << u""_s;
    QTest::newRow("one") << QStringList{u"5 USD"_s} << u"5 USD"_s;
    QTest::newRow("nothing") << QStringList{u"0 USD"_s} << u"0 USD"_s;
    QTest::newRow("two, the first was replaced") << QStringList{u"5 USD"_s, u"7 USD"_s} << u"12 USD"_s;
    QTest::newRow("not known") << QStringList{u""_s} << u""_s;
    QTest::newRow("not known of one") << QStringList{u"5 USD"_s, u""_s} << u""_s;
    QTest::newRow("not known of the first") << QStringList{u""_s, u"5 USD"_s} << u""_s;
    QTest::newRow("nor later") << QStringList{u"5 USD"_s, u""_s, u"5 USD"_s} << u""_s;
    QTest::newRow("two currencies") << QStringList{u"5 USD"_s, u"7 EUR"_s} << u""_s;
    QTest::newRow("and back") << QStringList{u"5 USD"_s, u"7 EUR"_s, u"1 EUR"_s} << u""_s;
}

// The sums of all streams of a call, whatever became of each, also when all of it is written twice.
void TestCallList::costs()
{
    QFETCH(QStringList, streams);
    QFETCH(QString, cost);
    CallStarted call;
    call.callSid = u"CA1"_s;
    call.streamSid = u"MZ0"_s;
    call.atMs = 1000;
    write(call);
    for (qsizetype n = 0; n < 2 * streams.size(); ++n) {
        const qsizetype i = n % streams.size();
        call.streamSid = u"MZ%1"_s.arg(i + 1);
        write(call); // already the next one: the end of the one before comes late
        CallEnded ended;
        ended.callSid = u"CA1"_s;
        ended.streamSid = u"MZ%1"_s.arg(i);
        ended.usage[UsageClass::OutputAudio] = 10;
        ended.usage[UsageClass::TranscribedMs] = 1000;
        if (!streams[i].isEmpty())
            ended.cost = Cost{streams[i].section(u' ', 0, 0).toLongLong(), streams[i].section(u' ', 1)};
        write(ended);
    }
    const auto page = store::listCalls(*db, {});
    QVERIFY2(page.ok(), page.ok() ? "" : qPrintable(page.error()));
    const std::optional<Cost> found = page->front().cost;
    QCOMPARE(found ? u"%1 %2"_s.arg(found->micros).arg(found->currency) : QString(), cost);
    QCOMPARE(page->front().tokens, 10 * streams.size());
    const auto dossier = store::readDossier(*db, u"CA1"_s);
    QVERIFY(dossier.ok());
    QCOMPARE(dossier->cost, found);
    QCOMPARE(dossier->usage[UsageClass::OutputAudio], 10 * streams.size());
    QCOMPARE(dossier->usage[UsageClass::TranscribedMs], 1000 * streams.size());
}

QTEST_GUILESS_MAIN(TestCallList)
#include "tst_calllist.moc"
