// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier's wire over real sockets: frames, marks and clear out; every faulty stream's outcome, and that none of them
// harms another call.
#include "support/mediathread.h"
#include "telemetry/counters.h"

#include <QAbstractEventDispatcher>
#include <QSignalSpy>
#include <QTest>
#include <QWebSocketProtocol>

#include <atomic>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using telemetry::Counter;
using telemetry::counted;
using test::FakeCarrier;
using test::MediaThread;

Q_DECLARE_METATYPE(takt::telemetry::Counter)

namespace {

// What the lanes said, gathered in the test's thread.
struct Listener : QObject {
    explicit Listener(MediaThread &thread)
    {
        connect(thread.hub.get(), &carrier::Hub::started, this,
                [this](LaneId lane, const carrier::StreamStart &start, const carrier::Pass &,
                       const media::CallMediaPtr &m) {
                    lanes.insert(start.callSid, lane);
                    media.insert(start.callSid, m);
                });
        connect(thread.hub.get(), &carrier::Hub::ended, this,
                [this](LaneId lane, EndReason reason, const QString &, const std::vector<media::ItemPlayback> &items) {
                    ended.insert(lane, reason);
                    atEnd = items;
                    ++ends;
                });
        connect(thread.hub.get(), &carrier::Hub::interrupted, this,
                [this](LaneId, quint32, const std::vector<media::ItemPlayback> &items) {
                    played = items;
                    ++interrupts;
                });
        connect(thread.hub.get(), &carrier::Hub::itemHeard, this, [this](LaneId, media::ItemNumber n) { heard << n; });
        connect(thread.hub.get(), &carrier::Hub::digit, this, [this](LaneId, QChar d) { digits += d; });
    }
    QHash<QString, LaneId> lanes;
    QHash<QString, media::CallMediaPtr> media;
    QHash<LaneId, EndReason> ended;
    int ends = 0;
    int interrupts = 0;
    std::vector<media::ItemPlayback> played;
    std::vector<media::ItemPlayback> atEnd;
    QList<media::ItemNumber> heard;
    QString digits;
};

QByteArray numbered(int from, int frames)
{
    QByteArray audio;
    for (int i = 0; i < frames; ++i)
        audio += QByteArray(media::kFrameBytes, char(from + i));
    return audio;
}

} // namespace

class TestLane : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void framesMarksAndEnd()
    {
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        QTRY_VERIFY(lanes.media.contains(caller.callSid));

        auto &queue = lanes.media[caller.callSid]->playout;
        queue.append(1, numbered(1, 3));
        queue.append(1, QByteArray(80, 'z'));
        queue.finish(1);
        QTRY_COMPARE(caller.frames().size(), 4);
        QCOMPARE(caller.frames().first(), numbered(1, 1));
        QCOMPARE(caller.frames().last(), QByteArray(80, 'z').append(80, char(0xFF))); // the tail is padded
        QTRY_COMPARE(caller.marks(), (QStringList{u"g1:1:20"_s, u"g1:1:80"_s}));      // first and last
        for (const QJsonObject &m : caller.messages)
            QCOMPARE(m["streamSid"_L1].toString(), caller.streamSid);

        caller.sendMark(u"g1:1:20"_s);
        caller.sendMark(u"g1:1:80"_s);
        QTRY_COMPARE(lanes.heard, QList<media::ItemNumber>{1});
        caller.sendStop();
        QTRY_COMPARE(lanes.ended.value(lanes.lanes[caller.callSid], EndReason::Shutdown), EndReason::CarrierStop);
        QTRY_COMPARE(caller.socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(lanes.ends, 1); // the socket's end is not a second one
    }

    void bargeInEmptiesClearsAndReports()
    {
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        QTRY_VERIFY(lanes.media.contains(caller.callSid));
        auto &queue = lanes.media[caller.callSid]->playout;
        queue.append(1, numbered(0, 100));
        QTRY_VERIFY(caller.frames().size() >= 5);

        const quint32 generation = queue.bumpGeneration();
        queue.append(2, numbered(200, 2));
        const LaneId lane = lanes.lanes[caller.callSid];
        QMetaObject::invokeMethod(thread.hub.get(), [&] { thread.hub->interrupt(lane, generation); });
        QTRY_COMPARE(lanes.interrupts, 1);
        QTRY_VERIFY(caller.frames().contains(numbered(201, 1)));

        const qsizetype clearAt = caller.events().indexOf(u"clear"_s);
        QVERIFY(clearAt > 0);
        QCOMPARE(caller.events().count(u"clear"_s), 1);
        QCOMPARE(caller.messages[clearAt], (QJsonObject{{"event"_L1, "clear"_L1}, {"streamSid"_L1, caller.streamSid}}));
        // Item 1: as many frames as came, all of them before the clear; then only the new generation.
        const qsizetype sent = caller.events().first(clearAt).count(u"media"_s);
        QCOMPARE(lanes.played.size(), 1U);
        QCOMPARE(lanes.played[0].item, 1U);
        QCOMPARE(lanes.played[0].generatedMs, 2000);
        QVERIFY(lanes.played[0].sentMs >= (sent - 1) * 20 && lanes.played[0].sentMs <= (sent + 1) * 20);
        QVERIFY(lanes.played[0].heardMs <= lanes.played[0].sentMs);
        for (const QByteArray &frame : caller.frames().sliced(sent + 1))
            QVERIFY(quint8(frame[0]) >= 200);
        // Echoes of cleared marks prove nothing.
        const qint64 stale = counted(Counter::CarrierStaleMarks);
        caller.sendMark(u"g1:1:20"_s);
        QTRY_COMPARE(counted(Counter::CarrierStaleMarks) - stale, 1);
    }

    void callerAudioAndItsHoles()
    {
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        caller.sendMedia(numbered(1, 1), 102);
        caller.sendMedia(numbered(2, 1), 122);
        caller.sendMedia(numbered(2, 1), 122); // twice
        caller.sendMedia(numbered(3, 1), 202); // 60 ms are missing
        caller.sendMedia(numbered(4, 2), 222); // any length will do
        QStringList got;
        const auto take = [&] {
            for (const auto *c = thread.ring().front(); c != nullptr; c = thread.ring().front()) {
                got << (c->silentMs > 0 ? u"hole %1"_s.arg(c->silentMs)
                                        : u"audio %1 %2"_s.arg(c->bytes).arg(c->audio[0]));
                thread.ring().pop();
            }
            return got.size() >= 6;
        };
        QVERIFY(QTest::qWaitFor(take));
        QCOMPARE(got, (QStringList{u"audio 160 1"_s, u"audio 160 2"_s, u"hole 60"_s, u"audio 160 3"_s, u"audio 160 4"_s,
                                   u"audio 160 5"_s}));
    }

    void callerAudioWakesWhoListens()
    {
        MediaThread thread;
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        std::atomic<int> awake = 0;
        connect(
            thread.consumer(), &QAbstractEventDispatcher::awake, this, [&] { ++awake; }, Qt::DirectConnection);
        for (int i = 1; i <= 3; ++i) {
            const int before = awake;
            caller.sendMedia(numbered(i, 1), 20 * i);
            QTRY_VERIFY(awake > before);
        }
        disconnect(thread.consumer(), nullptr, this, nullptr);
    }

    // A message that is wrong is dropped and counted, and the call goes on.
    void faultyMessages_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<Counter>("counter");
        const QString media = uR"({"event":"media","streamSid":"%1","media":{"timestamp":"1","payload":"%2"}})"_s;
        const QString ours = test::sid("MZ", 1);
        QTest::newRow("broken JSON") << uR"({"event":"media",)"_s << Counter::CarrierMalformed;
        QTest::newRow("not an object") << u"[1,2]"_s << Counter::CarrierMalformed;
        QTest::newRow("empty") << u""_s << Counter::CarrierMalformed;
        QTest::newRow("no event") << u"{}"_s << Counter::CarrierMalformed;
        QTest::newRow("media without media") << uR"({"event":"media"})"_s << Counter::CarrierMalformed;
        QTest::newRow("bad base64") << media.arg(ours, u"!!!!"_s) << Counter::CarrierBadBase64;
        QTest::newRow("foreign stream") << media.arg(test::sid("MZ", 9), u"////"_s) << Counter::CarrierForeignStream;
        QTest::newRow("unknown event") << uR"({"event":"quantum","x":1})"_s << Counter::CarrierUnknown;
        QTest::newRow("second start") << QString::fromUtf8(QJsonDocument(FakeCarrier(QUrl(), 1).start()).toJson())
                                      << Counter::CarrierRepeatedStart;
    }
    void faultyMessages()
    {
        QFETCH(QString, message);
        QFETCH(Counter, counter);
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        QTRY_VERIFY(lanes.media.contains(caller.callSid));
        const qint64 before = counted(counter);
        caller.sendText(message);
        QTRY_COMPARE(counted(counter) - before, 1);
        lanes.media[caller.callSid]->playout.append(1, numbered(7, 1));
        QTRY_COMPARE(caller.frames(), QList<QByteArray>{numbered(7, 1)});
        QCOMPARE(lanes.ends, 0);
    }

    // A stream that is wrong is closed; a call beside it notices nothing.
    void faultyStreams_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<Counter>("counter");
        QTest::addColumn<int>("closeCode");
        QTest::newRow("no start") << u"nothing"_s << Counter::CarrierNoStart << 1002;
        QTest::newRow("wrong format") << u"format"_s << Counter::CarrierBadFormat << 1003;
        QTest::newRow("over 64 KiB") << u"oversize"_s << Counter::CarrierOversize << 1009;
        QTest::newRow("nothing but faults") << u"abuse"_s << Counter::CarrierAbuse << 1008;
    }
    void faultyStreams()
    {
        QFETCH(QString, fault);
        QFETCH(Counter, counter);
        QFETCH(int, closeCode);
        carrier::LaneOptions options;
        options.startTimeoutMs = 300;
        MediaThread thread(options);
        Listener lanes(thread);
        FakeCarrier good(thread.url(), 1);
        QVERIFY(good.waitConnected());
        good.sendStart();
        QTRY_VERIFY(lanes.media.contains(good.callSid));

        const qint64 before = counted(counter);
        FakeCarrier bad(thread.url(), 2);
        QVERIFY(bad.waitConnected());
        if (fault == "format"_L1) {
            QJsonObject start = bad.start();
            QJsonObject inner = start["start"_L1].toObject();
            inner["mediaFormat"_L1] = QJsonObject{
                {"encoding"_L1, "audio/l16"_L1}, {"sampleRate"_L1, 16000}, {"channels"_L1, 1}};
            start["start"_L1] = inner;
            bad.send(start);
        } else if (fault == "oversize"_L1) {
            bad.sendText(QString(carrier::kMaxMessageBytes + 1, u'x'));
        } else if (fault == "abuse"_L1) {
            for (int i = 0; i < 100; ++i)
                bad.sendText(u"{"_s);
        }
        QTRY_COMPARE(bad.socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(int(bad.socket.closeCode()), closeCode);
        QCOMPARE(counted(counter) - before, 1);
        QVERIFY(!lanes.media.contains(bad.callSid));

        lanes.media[good.callSid]->playout.append(1, numbered(7, 2));
        QTRY_COMPARE(good.frames().size(), 2);
        QCOMPARE(lanes.ends, 0);
    }

    void mediaBeforeStartIsDropped()
    {
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        const qint64 before = counted(Counter::CarrierEarlyMedia);
        caller.sendMedia(numbered(1, 1), 102);
        QTRY_COMPARE(counted(Counter::CarrierEarlyMedia) - before, 1);
        caller.sendStart();
        QTRY_VERIFY(lanes.media.contains(caller.callSid));
        QVERIFY(thread.ring().front() == nullptr);
    }

    void abruptEnd()
    {
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        QTRY_VERIFY(lanes.media.contains(caller.callSid));
        caller.socket.abort();
        QTRY_COMPARE(lanes.ended.value(lanes.lanes[caller.callSid], EndReason::Shutdown), EndReason::CarrierClosed);
        QCOMPARE(lanes.ends, 1);
    }

    void digitsArrive()
    {
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        caller.send({{"event"_L1, "dtmf"_L1},
                     {"streamSid"_L1, caller.streamSid},
                     {"sequenceNumber"_L1, "5"_L1},
                     {"dtmf"_L1, QJsonObject{{"track"_L1, "inbound_track"_L1}, {"digit"_L1, "7"_L1}}}});
        QTRY_COMPARE(lanes.digits, u"7"_s);
    }

    // Rule 6 of the beat: a peer that stops reading costs only its own lane.
    void aPeerThatStopsReading()
    {
        carrier::LaneOptions options;
        options.stalledMs = 200;
        media::Pacer::Config fast; // the kernel's buffers are filled at 100 times the beat, so that the test is short
        fast.intervalNs = 200'000;
        fast.minGapNs = 100'000;
        MediaThread thread(options, fast);
        Listener lanes(thread);
        FakeCarrier good(thread.url(), 1);
        QVERIFY(good.waitConnected());
        good.sendStart();

        QTcpSocket bad; // a WebSocket upgrade by hand, and then it never reads again
        bad.setReadBufferSize(1024);
        bad.connectToHost(QHostAddress::LocalHost, thread.port());
        QVERIFY(bad.waitForConnected());
        bad.setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 4096);
        bad.write("GET /media HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        QTRY_VERIFY(bad.bytesAvailable() > 0);
        bad.write(FakeCarrier(QUrl(), 2).startFrame());
        bad.flush();
        QTRY_COMPARE(lanes.media.size(), 2);

        const QString badSid = test::sid("CA", 2);
        lanes.media[badSid]->playout.append(1, QByteArray(5000 * media::kFrameBytes, 'x'));
        QTRY_COMPARE_WITH_TIMEOUT(lanes.ended.value(lanes.lanes[badSid], EndReason::Shutdown),
                                  EndReason::CarrierStalled, 20'000);
        QVERIFY(lanes.media[badSid]->health.slotsFull() > 0);
        QCOMPARE(lanes.atEnd.size(), 1U);
        QCOMPARE(lanes.atEnd[0].generatedMs, 100'000); // nothing is lost from the account, and
        QVERIFY(lanes.atEnd[0].sentMs < 100'000);      // the rest waited in our queue, not behind it

        lanes.media[good.callSid]->playout.append(1, numbered(1, 50));
        QTRY_COMPARE(good.frames().size(), 50);
        QCOMPARE(lanes.ends, 1);
    }

    void aCarrierThatVanishesWithoutAWord()
    {
        carrier::LaneOptions options;
        options.silentMs = 200;
        MediaThread thread(options);
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        QTRY_COMPARE(lanes.ends, 1);
        QCOMPARE(lanes.ended.value(lanes.lanes[caller.callSid], EndReason::Shutdown), EndReason::CarrierStalled);
    }

    void closeAfterPlayoutWaitsForTheLastWord()
    {
        MediaThread thread;
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        QTRY_VERIFY(lanes.media.contains(caller.callSid));
        lanes.media[caller.callSid]->playout.append(1, numbered(1, 10));
        lanes.media[caller.callSid]->playout.finish(1);
        const LaneId lane = lanes.lanes[caller.callSid];
        QMetaObject::invokeMethod(thread.hub.get(),
                                  [&] { thread.hub->closeAfterPlayout(lane, EndReason::ModelFailed, 10'000); });
        QTRY_COMPARE(caller.frames().size(), 10);
        QTest::qWait(100);
        QCOMPARE(lanes.ends, 0); // sent, and not yet heard
        for (const QString &mark : caller.marks())
            caller.sendMark(mark);
        QTRY_COMPARE(lanes.ended.value(lane, EndReason::Shutdown), EndReason::ModelFailed);
        QTRY_COMPARE(caller.socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(int(caller.socket.closeCode()), 1000);
    }

    void silenceWhenIdle()
    {
        carrier::LaneOptions options;
        options.silenceWhenIdle = true;
        MediaThread thread(options);
        Listener lanes(thread);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        caller.sendStart();
        QTRY_VERIFY(caller.frames().size() >= 3);
        QCOMPARE(caller.frames().first(), QByteArray(media::kFrameBytes, char(0xFF)));
        lanes.media[caller.callSid]->playout.append(1, numbered(9, 1));
        QTRY_VERIFY(caller.frames().contains(numbered(9, 1)));
    }
};

QTEST_GUILESS_MAIN(TestLane)
#include "tst_lane.moc"
