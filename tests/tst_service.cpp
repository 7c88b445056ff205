// SPDX-License-Identifier: GPL-3.0-or-later
// The program itself: signals, settings read anew, exit codes. A real process, with a carrier and a model on real sockets.
#include "support/certificates.h"
#include "support/program.h"

#include <QLocalServer>
#include <QScopeGuard>
#include <QTcpServer>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

using namespace takt::test;

class TestService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutCallsItEndsAtOnce_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }
    void withoutCallsItEndsAtOnce()
    {
        QFETCH(int, number);
        Program program;
        QVERIFY(program.port() != 0);
        program.signal(number);
        QCOMPARE(program.exitCode(), 0);
    }

    void theFirstSigtermWaitsForCallsAndTheSecondDoesNot()
    {
        Program program;
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        QCOMPARE(program.ctl({u"drain"_s}), 0); // before, as operators do: it counts for no signal
        program.signal(SIGTERM);
        QVERIFY(program.says(u"draining"_s));
        QTest::qWait(500);
        QVERIFY(program.runs());
        QCOMPARE(carrier.socket.state(), QAbstractSocket::ConnectedState);
        FakeCarrier late(media(program.port()), 2);
        QTRY_COMPARE(late.socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(program.ctl({u"undrain"_s}), 1); // it is to end
        program.signal(SIGTERM);
        QCOMPARE(program.exitCode(), 0);
        QVERIFY(program.log.contains("shutdown"_L1));
    }

    void aDrainEndsWithTheLastCall()
    {
        Program program;
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        program.signal(SIGTERM);
        QVERIFY(program.says(u"draining"_s));
        carrier.sendStop();
        QCOMPARE(program.exitCode(), 0);
        QVERIFY(program.log.contains("carrier_stop"_L1));
    }

    void undrainTakesCallsAgain()
    {
        Program program;
        const quint16 port = program.port();
        FakeCarrier carrier(media(port), 1);
        QVERIFY(call(program, carrier));
        QCOMPARE(program.ctl({u"drain"_s}), 0);
        QCOMPARE(program.ctl({u"undrain"_s}), 0);
        FakeCarrier next(media(port), 2);
        QVERIFY(next.waitConnected());
    }

    void settingsAreReadAnew()
    {
        Program program("drain_seconds = 5\n");
        QVERIFY(program.port() != 0);
        program.write("drain_seconds = \"long\"\ncolour = 1\n");
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings not read anew: "_s));
        QVERIFY(program.log.contains("line 1: drain_seconds must"_L1));
        QVERIFY(program.log.contains("line 2: unknown setting colour"_L1));
        PemFiles files;
        const QString ours = files.write(u"ours.pem"_s, makeCertificate(makeKey(KeyKind::Ec)));
        program.write("drain_seconds = 7\n[tls]\ntrust = \"" + ours.toUtf8()
                      + "\"\n[tx]\nlead_ms = 40\n[log]\nformat = \"json\"\n");
        program.signal(SIGHUP);
        QVERIFY(program.says(u"settings read anew"_s));
        const QString restart = u"these take effect with a restart: tx, tls.trust, log.format"_s;
        QVERIFY(program.says(restart));
        program.log.clear(); // and as long as it is so, each time
        program.signal(SIGHUP);
        QVERIFY(program.says(restart));
        program.signal(SIGTERM);
        QCOMPARE(program.exitCode(), 0);
    }

    // What happens in the midst of a call is not talked about, but counted; what happens once a call is.
    void quietDuringCalls()
    {
        Program program;
        FakeCarrier carrier(media(program.port()), 1);
        QVERIFY(call(program, carrier));
        QVERIFY(program.says(u" started, caller"_s));
        QTRY_COMPARE_WITH_TIMEOUT(program.ctl({u"status"_s}), 0,
                                  20'000); // by its main thread, which had heard of the call
        const QJsonObject harmless{{"type"_L1, "invalid_request_error"_L1},
                                   {"code"_L1, "response_cancel_not_active"_L1},
                                   {"message"_L1, "there is none"_L1}};
        program.model.send({{"type"_L1, "error"_L1}, {"event_id"_L1, "e"_L1}, {"error"_L1, harmless}});
        const QJsonObject limited{
            {"type"_L1, "server_error"_L1}, {"code"_L1, "server_error"_L1}, {"message"_L1, "oh"_L1}};
        program.model.send({{"type"_L1, "error"_L1}, {"event_id"_L1, "e"_L1}, {"error"_L1, limited}});
        QVERIFY(program.says(u"warn takt.speech: error event: server_error"_s));
        QVERIFY2(!program.log.contains("harmless"_L1), qPrintable(program.log));
        carrier.sendStop();
        QVERIFY(program.says(u" ended: carrier_stop"_s));
    }

    // Its log goes into a pipe that nobody reads: calls go on, and it ends.
    void nobodyReadsItsLog()
    {
        std::array<int, 2> ends{};
        QCOMPARE(::pipe2(ends.data(), O_CLOEXEC), 0);
        const auto closed = qScopeGuard([&] {
            ::close(ends[0]);
            ::close(ends[1]);
        });
        const int flags = ::fcntl(ends[1], F_GETFL);
        ::fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
        while (::write(ends[1], ".", 1) > 0) // full
            ;
        ::fcntl(ends[1], F_SETFL, flags);
        QTcpServer door;                                    // its port is told in the log, which nobody reads
        QVERIFY(door.listen(QHostAddress(u"127.0.0.2"_s))); // where nobody else takes it meanwhile
        const QString where = u"127.0.0.2:%1"_s.arg(door.serverPort());
        door.close();
        Program program({}, {u"--insecure"_s}, {{u"TAKT_LISTEN"_s, where}}, ends[1]);
        QTRY_COMPARE_WITH_TIMEOUT(program.ctl({u"status"_s}), 0, 20'000);
        FakeCarrier carrier(QUrl(u"ws://%1/media"_s.arg(where)), 1);
        QVERIFY(call(program, carrier));
        carrier.sendStop();
        program.signal(SIGTERM);
        QCOMPARE(program.exitCode(), 0);
    }

    // ... and does the first one no harm.
    void aSecondOneIsRefused()
    {
        Program first;
        QVERIFY(first.port() != 0);
        Program second({}, {u"--insecure"_s}, {{u"TAKT_CONTROL_SOCKET"_s, first.controlSocket()}});
        QCOMPARE(second.exitCode(), 2);
        QVERIFY2(second.log.contains("takt-gateway: another gateway serves the control socket"_L1),
                 qPrintable(second.log));
        QCOMPARE(first.ctl({u"status"_s}), 0);
    }

    // Of one that was killed, what the kernel has not cleared up yet.
    void itWaitsForWhatItsPredecessorHolds()
    {
        QTemporaryDir dir;
        QLocalServer control;
        QVERIFY(control.listen(dir.filePath(u"takt.sock"_s)));
        QTcpServer admin, door;
        QVERIFY(admin.listen(QHostAddress::LocalHost) && door.listen(QHostAddress::LocalHost));
        const auto address = [](const QTcpServer &server) { return u"127.0.0.1:%1"_s.arg(server.serverPort()); };
        Program program({}, {u"--insecure"_s},
                        {{u"TAKT_CONTROL_SOCKET"_s, control.fullServerName()},
                         {u"TAKT_ADMIN_LISTEN"_s, address(admin)},
                         {u"TAKT_LISTEN"_s, address(door)}});
        QVERIFY(program.says(u"another gateway serves the control socket"_s));
        control.close();
        QVERIFY(program.says(u"can't listen on "_s + address(admin)));
        admin.close();
        QVERIFY(program.says(u"can't listen on "_s + address(door)));
        door.close();
        QVERIFY2(program.port() != 0, qPrintable(program.log));
    }

    void wrongSettingsAreItsEnd()
    {
        Program program("colour = 1\n");
        QCOMPARE(program.exitCode(), 2);
        QVERIFY(program.log.contains("line 1: unknown setting colour"_L1));
    }

    void withoutSignaturesItWantsToBeTold()
    {
        Program program({}, {});
        QCOMPARE(program.exitCode(), 2);
        QVERIFY(program.log.contains("TWILIO_AUTH_TOKEN"_L1));
        QVERIFY(program.log.contains("public_url"_L1));
    }
};

QTEST_GUILESS_MAIN(TestService)
#include "tst_service.moc"
