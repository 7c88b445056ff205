// SPDX-License-Identifier: GPL-3.0-or-later
// `takt-gateway ctl` as an operator has it: what it says, and its exit codes, against the real program and against what is
// none.
#include "support/program.h"

#include <QLocalServer>
#include <QLocalSocket>

using namespace takt::test;

class TestCtl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whoIsNotThere()
    {
        Program program({}, {u"--check-config"_s});
        QCOMPARE(program.ctl({u"status"_s, u"--socket"_s, u"/no/such.sock"_s}), 1);
        QVERIFY2(program.ctlSaid.startsWith("no gateway answers at /no/such.sock: "_L1), qPrintable(program.ctlSaid));
        QVERIFY2(program.ctlSaid.endsWith("(--socket PATH or TAKT_CONTROL_SOCKET, as the gateway's own user)\n"_L1),
                 qPrintable(program.ctlSaid));
        QCOMPARE(program.ctl({u"status"_s, u"--socket"_s, u"here.sock"_s}), 1); // in this folder
        QVERIFY2(program.ctlSaid.contains(QDir::currentPath() + "/here.sock: "_L1), qPrintable(program.ctlSaid));
    }

    void whoHangsIsNoOtherVersion_data()
    {
        QTest::addColumn<QByteArray>("hello");
        QTest::addColumn<bool>("hangsUp");
        QTest::addColumn<QString>("words");
        const QString silent = u"does not answer (hung, or too many clients)"_s;
        QTest::newRow("hung") << QByteArray() << false << silent;
        QTest::newRow("turned away") << QByteArray() << true << silent;
        QTest::newRow("of the future") << QByteArray("{\"type\":\"hello\",\"protocol\":99}\n") << false
                                       << u"the gateway speaks another version of the control protocol"_s;
    }
    void whoHangsIsNoOtherVersion()
    {
        QFETCH(QByteArray, hello);
        QFETCH(bool, hangsUp);
        QFETCH(QString, words);
        Program program({}, {u"--check-config"_s});
        QLocalServer server;
        QVERIFY(server.listen(program.path(u"other.sock"_s)));
        connect(&server, &QLocalServer::newConnection, this, [&] {
            QLocalSocket *socket = server.nextPendingConnection();
            socket->write(hello);
            if (hangsUp)
                delete socket;
        });
        QCOMPARE(program.ctl({u"status"_s, u"--socket"_s, server.fullServerName()}), 1);
        QVERIFY2(program.ctlSaid.contains(words), qPrintable(program.ctlSaid));
    }

    void statusSaysWhyNoCallIsTaken()
    {
        Program program("drain_seconds = 3000\n");
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        QCOMPARE(program.ctl({u"status"_s}), 0);
        QVERIFY2(!program.ctlSaid.contains("not ready"_L1), qPrintable(program.ctlSaid));
        QCOMPARE(program.ctl({u"drain"_s}), 0);
        const QDateTime before = QDateTime::currentDateTime();
        QCOMPARE(program.ctl({u"status"_s}), 0);
        QVERIFY2(program.ctlSaid.contains("not ready: draining\n"_L1), qPrintable(program.ctlSaid));
        const auto ends = QRegularExpression(u"draining: no new ones, and those that go on are ended at (\\S+)\n"_s)
                              .match(program.ctlSaid);
        QVERIFY2(ends.hasMatch(), qPrintable(program.ctlSaid));
        const qint64 seconds = before.secsTo(QDateTime::fromString(ends.captured(1), Qt::ISODate));
        QVERIFY2(seconds > 2900 && seconds <= 3001, qPrintable(program.ctlSaid));
    }

    void hangupTellsWhetherThereWasACall()
    {
        Program program;
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        const QString other(u"CA"_s + QString(32, u'f'));
        QCOMPARE(program.ctl({u"hangup"_s, other}), 1);
        QCOMPARE(program.ctlSaid, u"there is no live call \"%1\"\n"_s.arg(other));
        QCOMPARE(program.ctl({u"hangup"_s, carrier.callSid}), 0);
        QVERIFY(program.says(u"operator_hangup"_s));
        QCOMPARE(program.ctl({u"hangup"_s, carrier.callSid}), 1);
    }

    void mistypedWords()
    {
        Program program;
        QVERIFY(program.port() != 0);
        QCOMPARE(program.ctl({u"jobs"_s, u"bogus"_s}), 1);
        QVERIFY2(program.ctlSaid.startsWith("there is no state \"bogus\"; there are: open, "_L1),
                 qPrintable(program.ctlSaid));
        QCOMPARE(program.ctl({u"jobs"_s, u"failed"_s, u"--stage"_s, u"bogus"_s}), 1);
        QCOMPARE(program.ctl({u"leads"_s, u"--business"_s, u"Nope"_s}), 1);
        QCOMPARE(program.ctlSaid, u"there is no business \"Nope\"; there are: none by name\n"_s);
        QCOMPARE(program.ctl({u"jobs"_s, u"open"_s, u"--stage"_s, u"transcribe"_s}), 0);
        QCOMPARE(program.ctl({u"leads"_s}), 0);
    }
};

QTEST_GUILESS_MAIN(TestCtl)
#include "tst_ctl.moc"
