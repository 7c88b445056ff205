// SPDX-License-Identifier: GPL-3.0-or-later
// A call between a scripted carrier side and a speech model on a real socket: the gate, the exact order of a barge-in,
// late audio, failures of the model, and that every end is one end.
#include "support/callrig.h"
#include "telemetry/counters.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using telemetry::Counter;
using telemetry::counted;

namespace {

using Rig = test::CallRig;
using test::audioMs;
using test::FakeModel;
using test::kLane;

} // namespace

class TestCall : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theModelGreetsFirst()
    {
        Rig rig;
        rig.model.session = FakeModel::Session::Never;
        rig.start();
        rig.sayCallerAudio(audioMs(20));
        QTRY_COMPARE(rig.model.events.size(), 1);
        QCOMPARE(rig.state(), u"gate"_s);
        rig.model.send({{"type"_L1, "session.updated"_L1}, {"session"_L1, rig.model.events.first()["session"_L1]}});
        QTRY_COMPARE(rig.model.audio(), audioMs(20));
        QCOMPARE(rig.model.types(), (QStringList{u"session.update"_s, u"response.create"_s}));
        QCOMPARE(rig.model.last(u"response.create"_s)["response"_L1]["instructions"_L1].toString(), u"Say hello."_s);
        QTRY_COMPARE(rig.started.size(), 1);
        QCOMPARE(rig.state(), u"greeting"_s);

        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(30));
        rig.model.send({{"type"_L1, "response.output_audio.done"_L1},
                        {"response_id"_L1, "resp_1"_L1},
                        {"item_id"_L1, "item_1"_L1}});
        rig.model.send({{"type"_L1, "response.output_audio_transcript.done"_L1},
                        {"response_id"_L1, "resp_1"_L1},
                        {"item_id"_L1, "item_1"_L1},
                        {"transcript"_L1, "Hello there"_L1}});
        rig.model.sendResponse(u"response.done"_s, u"resp_1"_s, u"completed"_s);
        QTRY_COMPARE(rig.media->playout.depth(), 2);
        rig.run([](auto &w) { w.onItemHeard(kLane, 1); });
        QTRY_COMPARE(rig.state(), u"talking"_s);
        QTRY_COMPARE(rig.turns.size(), 1);
        QCOMPARE(rig.turns[0].text, u"Hello there"_s);
        QCOMPARE(rig.turns[0].heardMs, 30);
        QVERIFY(!rig.turns[0].interrupted);
    }

    // Beat first, then the carrier, then the model.
    void bargeInOrder_data()
    {
        QTest::addColumn<bool>("serverInterrupts");
        QTest::addColumn<QStringList>("toTheModel");
        QTest::newRow("server interrupts") << true << QStringList{u"conversation.item.truncate"_s};
        QTest::newRow("gateway interrupts")
            << false << QStringList{u"response.cancel"_s, u"conversation.item.truncate"_s};
    }
    void bargeInOrder()
    {
        QFETCH(bool, serverInterrupts);
        QFETCH(QStringList, toTheModel);
        Rig rig(serverInterrupts);
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(1000));
        QTRY_COMPARE(rig.media->playout.depth(), 50);
        const QStringList before = rig.model.types();

        rig.model.sendSpeechStarted(u"item_caller"_s);
        QTRY_COMPARE(rig.log, QStringList{u"interrupt"_s});
        QVERIFY(rig.generationWasCurrent);
        QCOMPARE(rig.modelAtInterrupt, before); // the model was told nothing before the carrier was
        QTest::qWait(50);
        QCOMPARE(rig.model.types(), before); // nor is it, until `clear` is out
        QVERIFY(rig.media->playout.front() == nullptr);
        QCOMPARE(rig.state(), u"interrupted"_s);

        rig.run([&](auto &w) { w.onInterrupted(kLane, rig.lastGeneration, {{1, 1000, 400, 380, false}}); });
        QTRY_COMPARE(rig.model.types().mid(before.size()), toTheModel);
        const QJsonObject truncate = rig.model.last(u"conversation.item.truncate"_s);
        QCOMPARE(truncate["item_id"_L1].toString(), u"item_1"_s);
        QCOMPARE(truncate["audio_end_ms"_L1].toInt(), 380);
        QCOMPARE(truncate["content_index"_L1].toInt(-1), 0);
    }

    void lateAudioOfADiscardedResponseIsDropped()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500));
        QTRY_COMPARE(rig.media->playout.depth(), 25);
        rig.model.sendSpeechStarted(u"item_caller"_s);
        QTRY_COMPARE(rig.log.size(), 1);
        const qint64 late = counted(Counter::ModelLateDeltas);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500));
        rig.model.sendResponse(u"response.done"_s, u"resp_1"_s, u"cancelled"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500)); // even after its end
        rig.model.sendResponse(u"response.created"_s, u"resp_2"_s);
        rig.model.sendAudio(u"resp_2"_s, u"item_2"_s, audioMs(40));
        QTRY_COMPARE(counted(Counter::ModelLateDeltas) - late, 2);
        QTRY_VERIFY(rig.media->playout.front() != nullptr);
        QCOMPARE(rig.media->playout.front()->item, 2U); // all that is left to play
        QCOMPARE(rig.media->playout.depth(), 2);
        QTRY_COMPARE(rig.state(), u"talking"_s);
    }

    void severalItemsAreCutEachWhereItWasHeard()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        for (int i = 1; i <= 3; ++i) {
            const QString item = u"item_%1"_s.arg(i);
            rig.model.sendAudio(u"resp_1"_s, item, audioMs(500));
            rig.model.send(
                {{"type"_L1, "response.output_audio.done"_L1}, {"response_id"_L1, "resp_1"_L1}, {"item_id"_L1, item}});
        }
        rig.model.sendResponse(u"response.done"_s, u"resp_1"_s,
                               u"completed"_s); // generated, not heard: still a barge-in
        QTRY_COMPARE(rig.media->playout.depth(), 75);
        rig.model.sendSpeechStarted(u"item_caller"_s);
        QTRY_COMPARE(rig.log.size(), 1);
        rig.run([&](auto &w) {
            w.onInterrupted(kLane, rig.lastGeneration,
                            {{1, 500, 500, 500, true}, {2, 500, 260, 240, false}, {3, 500, 0, 0, false}});
        });
        QTRY_COMPARE(rig.model.types().count(u"conversation.item.truncate"_s), 2);
        QList<std::pair<QString, int>> cuts;
        for (const QJsonObject &event : rig.model.events) {
            if (event["type"_L1] == "conversation.item.truncate"_L1)
                cuts << std::pair(event["item_id"_L1].toString(), event["audio_end_ms"_L1].toInt());
        }
        QCOMPARE(cuts, (QList<std::pair<QString, int>>{{u"item_2"_s, 240}, {u"item_3"_s, 0}}));
    }

    void speechWhileNobodyTalksIsNoBargeIn()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendSpeechStarted(u"item_caller"_s);
        QTRY_COMPARE(rig.state(), u"talking"_s);
        QVERIFY(rig.log.isEmpty());
    }

    void aLostSessionIsReplacedAndToldWhatWasSaid()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.send({{"type"_L1, "conversation.item.input_audio_transcription.completed"_L1},
                        {"item_id"_L1, "item_a"_L1},
                        {"transcript"_L1, "My name is Dana"_L1}});
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500));
        QTRY_COMPARE(rig.media->playout.depth(), 25);
        rig.model.events.clear();
        rig.model.socket->abort();
        QTRY_COMPARE(rig.model.types(),
                     (QStringList{u"session.update"_s, u"conversation.item.create"_s, u"response.create"_s}));
        const QJsonObject item = rig.model.last(u"conversation.item.create"_s)["item"_L1].toObject();
        QCOMPARE(item["role"_L1].toString(), u"user"_s);
        QCOMPARE(item["content"_L1][0]["text"_L1].toString(), u"My name is Dana"_s);
        QVERIFY(!rig.model.last(u"response.create"_s).contains("response"_L1)); // it answers; it does not greet again
        QVERIFY(rig.media->playout.depth() >= 25);                              // what was said goes on playing
        QCOMPARE(rig.ended.size(), 0);
        // An item of the old session is not known to the new one.
        rig.model.sendSpeechStarted(u"item_caller"_s);
        QTRY_COMPARE(rig.log, QStringList{u"interrupt"_s});
        rig.run([&](auto &w) { w.onInterrupted(kLane, rig.lastGeneration, {{1, 500, 100, 100, true}}); });
        QTest::qWait(50);
        QVERIFY(!rig.model.types().contains(u"conversation.item.truncate"_s));
    }

    void aModelThatFailsForGoodLetsTheLastWordsPlay()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500));
        QTRY_COMPARE(rig.media->playout.depth(), 25);
        rig.model.send({{"type"_L1, "error"_L1},
                        {"error"_L1, QJsonObject{{"type"_L1, "x"_L1}, {"code"_L1, "insufficient_quota"_L1}}}});
        QTRY_COMPARE(rig.log, QStringList{u"close after playout"_s});
        QCOMPARE(rig.state(), u"draining"_s);
        rig.run([](auto &w) { w.onLaneEnded(kLane, EndReason::ModelFailed, {}, {}); });
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(rig.ended[0].reason, EndReason::ModelFailed);
        QVERIFY(rig.ended[0].detail.contains("insufficient_quota"_L1));
    }

    void aHangUpInMidSentenceRecordsWhatWasHeard()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(1000));
        rig.model.send({{"type"_L1, "response.output_audio_transcript.done"_L1},
                        {"response_id"_L1, "resp_1"_L1},
                        {"item_id"_L1, "item_1"_L1},
                        {"transcript"_L1, "one two three four"_L1}});
        rig.model.sendSpeechStarted(u"marker"_s); // so that all of it has arrived
        QTRY_COMPARE(rig.log.size(), 1);
        rig.run([&](auto &w) { w.onInterrupted(kLane, rig.lastGeneration, {{1, 1000, 520, 500, false}}); });
        rig.run([](auto &w) { w.onLaneEnded(kLane, EndReason::CarrierStop, {}, {}); });
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(rig.turns.size(), 1);
        QCOMPARE(rig.turns[0].text, u"one two"_s);
        QVERIFY(rig.turns[0].interrupted);

        Rig second; // and without a word of the caller before
        QVERIFY(second.startAndWaitForGreeting());
        second.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        second.model.send({{"type"_L1, "response.output_audio_transcript.done"_L1},
                           {"response_id"_L1, "resp_1"_L1},
                           {"item_id"_L1, "item_1"_L1},
                           {"transcript"_L1, "one two three four"_L1}});
        second.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(1000));
        QTRY_COMPARE(second.media->playout.depth(), 50);
        second.run([](auto &w) { w.onLaneEnded(kLane, EndReason::CarrierStop, {}, {{1, 1000, 500, 480, false}}); });
        QTRY_COMPARE(second.turns.size(), 1);
        QCOMPARE(second.turns[0].text, u"one two"_s);
        QCOMPARE(second.turns[0].heardMs, 480);
    }

    void aGreetingLostWithItsSessionIsAskedForAgain()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.events.clear();
        rig.model.socket->abort(); // before the response was even created
        QTRY_COMPARE(rig.model.types(), (QStringList{u"session.update"_s, u"response.create"_s}));
        QCOMPARE(rig.model.last(u"response.create"_s)["response"_L1]["instructions"_L1].toString(), u"Say hello."_s);
    }

    void aModelWithoutMoneyEndsTheCall()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        const QJsonObject error{{"type"_L1, "insufficient_quota"_L1}, {"code"_L1, "insufficient_quota"_L1}};
        rig.model.send({{"type"_L1, "response.done"_L1},
                        {"response"_L1, QJsonObject{{"id"_L1, "resp_1"_L1},
                                                    {"status"_L1, "failed"_L1},
                                                    {"status_details"_L1, QJsonObject{{"error"_L1, error}}}}}});
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(rig.ended[0].reason, EndReason::ModelFailed);
    }

    // With many sessions gone the last failure comes from within a send: nothing may be left to crash.
    void aModelThatDiesAgainAndAgain()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        for (int i = 0; i < 4; ++i) {
            const int connections = rig.model.connections;
            rig.model.socket->abort();
            for (int k = 0; k < 20; ++k)
                rig.sayCallerAudio(audioMs(20));
            if (i < 3)
                QTRY_VERIFY(rig.model.connections > connections && rig.model.types().last() == "response.create"_L1);
        }
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(rig.ended[0].reason, EndReason::ModelFailed);
    }

    void aFailedResponseIsAskedForAgain()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.send(
            {{"type"_L1, "response.done"_L1},
             {"response"_L1, QJsonObject{{"id"_L1, "resp_1"_L1},
                                         {"status"_L1, "failed"_L1},
                                         {"status_details"_L1,
                                          QJsonObject{{"type"_L1, "failed"_L1},
                                                      {"error"_L1, QJsonObject{{"code"_L1, "server_error"_L1}}}}}}}});
        QTRY_COMPARE(rig.model.types().count(u"response.create"_s), 2);
        QCOMPARE(rig.model.last(u"response.create"_s)["response"_L1]["instructions"_L1].toString(), u"Say hello."_s);
    }

    void keysReachTheModelTogether()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.run([](auto &w) {
            for (const char c : {'1', '2', '#'})
                w.onDigit(kLane, QChar::fromLatin1(c));
        });
        QTRY_COMPARE(rig.model.types().count(u"conversation.item.create"_s), 1);
        QVERIFY(
            rig.model.last(u"conversation.item.create"_s)["item"_L1]["content"_L1][0]["text"_L1].toString().contains(
                "12#"_L1));
        QTRY_COMPARE(rig.model.types().last(), u"response.create"_s);
    }

    // The TX thread is the quicker one: told to close, it has emptied the queue and written up the silence at once.
    void aLaneThatClosesAtOnceChangesNothing()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        connect(
            rig.worker.get(), &calls::CallWorker::closeRequested, this,
            [&rig] {
                (void)rig.media->playout.flushAll();
                rig.media->health.noteCleared(media::BeatDispatcher::nowNs());
            },
            Qt::DirectConnection);
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.send({{"type"_L1, "response.output_audio_transcript.done"_L1},
                        {"response_id"_L1, "resp_1"_L1},
                        {"item_id"_L1, "item_1"_L1},
                        {"transcript"_L1, "one two three four"_L1}});
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(1000));
        QTRY_COMPARE(rig.media->playout.depth(), 50);
        rig.run([&](auto &w) {
            const qint64 longAgoNs = media::BeatDispatcher::nowNs() - 700 * media::kNsPerMs;
            rig.media->playout.pop();
            rig.media->health.noteSent({longAgoNs, 0, 0, longAgoNs, 49});
            w.endAll(EndReason::Shutdown);
        });
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(rig.ended[0].tx.stalls, 1);
        QVERIFY(rig.ended[0].tx.stalledMs < 1400);
        QCOMPARE(rig.turns.size(), 1);
        QVERIFY(rig.turns[0].heardMs <= 20); // what waited was not heard
    }

    // However a call ends, and however often it is told so, it ends once.
    void everyEndIsOneEnd_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<EndReason>("reason");
        QTest::newRow("stop") << u"stop"_s << EndReason::CarrierStop;
        QTest::newRow("socket") << u"socket"_s << EndReason::CarrierClosed;
        QTest::newRow("stalled") << u"stalled"_s << EndReason::CarrierStalled;
        QTest::newRow("model") << u"model"_s << EndReason::ModelFailed;
        QTest::newRow("replaced") << u"replaced"_s << EndReason::Replaced;
        QTest::newRow("shutdown") << u"shutdown"_s << EndReason::Shutdown;
    }
    void everyEndIsOneEnd()
    {
        QFETCH(QString, how);
        QFETCH(EndReason, reason);
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        if (how == "model"_L1)
            rig.model.send({{"type"_L1, "error"_L1}, {"error"_L1, QJsonObject{{"code"_L1, "invalid_api_key"_L1}}}});
        else if (how == "replaced"_L1)
            rig.start(2, u"MZ2"_s);
        else
            rig.run([&](auto &w) {
                if (how == "shutdown"_L1)
                    w.endAll(EndReason::Shutdown);
                else
                    w.onLaneEnded(kLane, reason, {}, {});
            });
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(rig.ended[0].reason, reason);
        QCOMPARE(rig.ended[0].streamSid, u"MZ1"_s);
        QCOMPARE(rig.log.count(u"close"_s), 1);
        // Told again, from everywhere.
        rig.run([](auto &w) { w.onLaneEnded(kLane, EndReason::CarrierClosed, {}, {}); });
        if (rig.model.socket != nullptr && how != "replaced"_L1)
            rig.model.socket->abort();
        QTest::qWait(50);
        QCOMPARE(rig.ended.size(), 1);
        if (how != "replaced"_L1)
            QCOMPARE(rig.state(), u"gone"_s);
        else
            QTRY_COMPARE(rig.started.size(), 2); // the new stream is a call of its own right
    }

    void noModelAtAll()
    {
        Rig rig;
        rig.model.session = FakeModel::Session::WrongFormat;
        rig.start();
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(rig.ended[0].reason, EndReason::ModelUnavailable);
        QCOMPARE(rig.log, QStringList{u"close"_s}); // the carrier goes on with its fallback
    }
};

QTEST_GUILESS_MAIN(TestCall)
#include "tst_call.moc"
