// SPDX-License-Identifier: GPL-3.0-or-later
// Past calls, page by page. On both databases.
#include "store/calllist.h"
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

QTEST_GUILESS_MAIN(TestCallList)
#include "tst_calllist.moc"
