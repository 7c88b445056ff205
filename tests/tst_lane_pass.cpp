// SPDX-License-Identifier: GPL-3.0-or-later
// Streams that the front door let in: only the call that was meant may speak, its slot is free once it is over, and over
// TLS all is as without.
#include "support/mediathread.h"
#include "support/tlscertificate.h"
#include "telemetry/counters.h"

#include <QSslSocket>
#include <QWebSocketProtocol>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::counted;
using test::FakeCarrier;
using test::MediaThread;

namespace {

// What the hub said, in the test's thread; of passes only what does not hold the slot.
struct Listener : QObject {
    explicit Listener(MediaThread &thread)
    {
        connect(thread.hub.get(), &carrier::Hub::started, this,
                [this](LaneId lane, const carrier::StreamStart &start, const carrier::Pass &pass,
                       const media::CallMediaPtr &m) {
                    lanes.insert(start.callSid, lane);
                    media.insert(start.callSid, m);
                    passed << pass.callSid + u' ' + pass.token + u' ' + pass.from;
                });
        connect(thread.hub.get(), &carrier::Hub::ended, this,
                [this](LaneId lane, EndReason reason) { ended.insert(lane, reason); });
    }
    QHash<QString, LaneId> lanes;
    QHash<QString, media::CallMediaPtr> media;
    QStringList passed;
    QHash<LaneId, EndReason> ended;
};

QByteArray numbered(int from, int frames)
{
    QByteArray audio;
    for (int i = 0; i < frames; ++i)
        audio += QByteArray(media::kFrameBytes, char(from + i));
    return audio;
}

QByteArray upgrade(const QByteArray &version = "13")
{
    return "GET /media HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: "
           + version + "\r\n\r\n";
}

} // namespace

class TestLanePass : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void invitations_data()
    {
        QTest::addColumn<QString>("call"); // that was let in; empty: any
        QTest::addColumn<QString>("token");
        QTest::addColumn<QString>("said"); // in `start`
        QTest::addColumn<bool>("welcome");
        const QString mine = test::sid("CA", 1);
        QTest::newRow("the call") << mine << u"t0ken"_s << u"t0ken"_s << true;
        QTest::newRow("another call") << test::sid("CA", 2) << u"t0ken"_s << u"t0ken"_s << false;
        QTest::newRow("the call in lower case") << mine.toLower() << u"t0ken"_s << u"t0ken"_s << false;
        QTest::newRow("another token") << mine << u"t0ken"_s << u"T0ken"_s << false;
        QTest::newRow("no token") << mine << u"t0ken"_s << QString() << false;
        QTest::newRow("anybody") << QString() << QString() << QString() << true;
        QTest::newRow("anybody, with a token that nobody asked for") << QString() << QString() << u"x"_s << true;
    }
    void invitations()
    {
        QFETCH(QString, call);
        QFETCH(QString, token);
        QFETCH(QString, said);
        QFETCH(bool, welcome);
        MediaThread thread;
        Listener lanes(thread);
        auto slot = std::make_shared<int>(0);
        thread.pass.callSid = call;
        thread.pass.token = token;
        thread.pass.from = u"+15550009999"_s;
        thread.pass.slot = slot;
        const qint64 foreign = counted(Counter::StreamsForeign);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        thread.pass = {};
        QVERIFY(slot.use_count() > 1);
        caller.token = said;
        caller.sendStart();
        if (welcome) {
            QTRY_COMPARE(lanes.passed, QStringList{QString(call + u' ' + token + u" +15550009999")});
            QCOMPARE(counted(Counter::StreamsForeign), foreign);
            caller.sendStop();
        } else {
            QTRY_COMPARE(counted(Counter::StreamsForeign) - foreign, 1);
        }
        QTRY_COMPARE(caller.socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(int(caller.socket.closeCode()),
                 int(welcome ? QWebSocketProtocol::CloseCodeNormal : QWebSocketProtocol::CloseCodePolicyViolated));
        QCOMPARE(lanes.media.size(), welcome ? 1 : 0);
        lanes.media.clear();
        QTRY_COMPARE(slot.use_count(), 1);
    }

    // Each stream that came to nothing gives its call's place back.
    void slotsOfThoseWhoNeverStarted_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("close");
        QTest::newRow("no start") << upgrade() << false;
        QTest::newRow("gone at once") << upgrade() << true;
        QTest::newRow("a version of its own") << upgrade("99") << false;
        QTest::newRow("no key") << upgrade().replace("Sec-WebSocket-Key", "X") << false;
    }
    void slotsOfThoseWhoNeverStarted()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, close);
        carrier::LaneOptions options;
        options.startTimeoutMs = 300;
        for (const bool tls : {false, true}) {
            MediaThread thread(options);
            if (tls)
                thread.setTls(test::makeTls());
            auto slot = std::make_shared<int>(0);
            thread.pass.slot = slot;
            QSslSocket socket;
            socket.setPeerVerifyMode(QSslSocket::VerifyNone);
            if (tls)
                socket.connectToHostEncrypted(u"127.0.0.1"_s, thread.port());
            else
                socket.connectToHost(QHostAddress::LocalHost, thread.port());
            QTRY_VERIFY(tls ? socket.isEncrypted() : socket.state() == QAbstractSocket::ConnectedState);
            socket.write(bytes);
            socket.flush();
            QTRY_COMPARE(thread.upgrades, 1);
            if (close)
                socket.abort();
            QTRY_COMPARE(slot.use_count(), 2); // ours, and that of the next one
        }
    }

    void audioBothWaysOverTls()
    {
        MediaThread thread;
        thread.setTls(test::makeTls());
        Listener lanes(thread);
        FakeCarrier caller(thread.url(u"wss"_s), 1);
        QVERIFY2(caller.waitConnected(), qPrintable(caller.socket.errorString()));
        caller.sendStart();
        QTRY_VERIFY(lanes.media.contains(caller.callSid));
        for (int i = 0; i < 50; ++i)
            caller.sendMedia(numbered(i, 1), 100 + 20 * i);
        QByteArray got;
        QTRY_VERIFY(([&] {
            for (const auto *c = thread.ring().front(); c != nullptr; c = thread.ring().front()) {
                got += QByteArray(reinterpret_cast<const char *>(c->audio.data()), c->bytes);
                thread.ring().pop();
            }
            return got == numbered(0, 50);
        }()));
        lanes.media[caller.callSid]->playout.append(1, numbered(100, 30));
        lanes.media[caller.callSid]->playout.finish(1);
        QTRY_COMPARE(caller.frames().size(), 30);
        QCOMPARE(caller.frames().join(), numbered(100, 30));
        QCOMPARE(caller.marks().last(), u"g1:1:600"_s);
        QCOMPARE(lanes.media[caller.callSid]->health.slotsFull(), 0); // all of it left at once
        caller.sendStop();
        QTRY_COMPARE(lanes.ended.value(lanes.lanes[caller.callSid], EndReason::Shutdown), EndReason::CarrierStop);
    }

    // A TLS socket takes everything: what the peer does not read must be seen below it.
    void aTlsPeerThatStopsReading()
    {
        carrier::LaneOptions options;
        options.stalledMs = 200;
        media::Pacer::Config fast; // as in tst_lane: the kernel's buffers are filled at 100 times the beat
        fast.intervalNs = 200'000;
        fast.minGapNs = 100'000;
        MediaThread thread(options, fast);
        thread.setTls(test::makeTls());
        Listener lanes(thread);
        FakeCarrier good(thread.url(u"wss"_s), 1);
        QVERIFY2(good.waitConnected(), qPrintable(good.socket.errorString()));
        good.sendStart();

        QSslSocket bad;
        bad.setPeerVerifyMode(QSslSocket::VerifyNone);
        bad.connectToHostEncrypted(u"127.0.0.1"_s, thread.port());
        QTRY_VERIFY(bad.isEncrypted());
        bad.setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 4096);
        bad.write(upgrade());
        QTRY_VERIFY(bad.bytesAvailable() > 0);
        bad.setReadBufferSize(1024); // and it never reads again
        bad.write(FakeCarrier(QUrl(), 2).startFrame());
        bad.flush();
        QTRY_COMPARE(lanes.media.size(), 2);

        const QString badSid = test::sid("CA", 2);
        lanes.media[badSid]->playout.append(1, QByteArray(5000 * media::kFrameBytes, 'x'));
        QTRY_COMPARE_WITH_TIMEOUT(lanes.ended.value(lanes.lanes[badSid], EndReason::Shutdown),
                                  EndReason::CarrierStalled, 20'000);
        QVERIFY(lanes.media[badSid]->health.slotsFull() > 0);
        lanes.media[good.callSid]->playout.append(1, numbered(1, 50));
        QTRY_COMPARE(good.frames().size(), 50);
        QCOMPARE(lanes.ended.size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestLanePass)
#include "tst_lane_pass.moc"
