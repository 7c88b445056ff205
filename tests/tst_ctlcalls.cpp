// SPDX-License-Identifier: GPL-3.0-or-later
// Live calls as text.
#include "control/ctlcalls.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

class TestCtlCalls : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aCallIsALine_data()
    {
        QTest::addColumn<qint64>("leadMs");
        QTest::addColumn<QString>("line");
        QTest::newRow("strict") << 0LL
                                << u"CA1  talking        12 s  caller +1555  frames 600  worst late 1.5 ms  "
                                   u"interruptions 2  0 tokens  agent: \"At nine, %1.\""_s;
        QTest::newRow("a cushion")
            << 80LL
            << u"CA1  talking        12 s  caller +1555  frames 600  worst late 1.5 ms  lead 80 ms"
               u"  interruptions 2  0 tokens  agent: \"At nine, %1.\""_s;
    }
    void aCallIsALine()
    {
        QFETCH(qint64, leadMs);
        QFETCH(QString, line);
        CallSnapshot call;
        call.callSid = u"CA1"_s;
        call.state = u"talking"_s;
        call.from = u"+1555"_s;
        call.startedAtMs = 1000;
        call.tx.framesSent = 600;
        call.tx.worstLateUs = 1500;
        call.tx.leadMs = leadMs;
        call.interruptions = 2;
        call.lastSpeaker = u"agent"_s;
        call.lastText = u"At nine, %1."_s; // no place for an argument
        QCOMPARE(control::callText(call, 13'500), line);
    }
};

QTEST_APPLESS_MAIN(TestCtlCalls)
#include "tst_ctlcalls.moc"
