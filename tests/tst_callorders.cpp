// SPDX-License-Identifier: GPL-3.0-or-later
// What operators order of a call between a scripted carrier side and a speech model on a real socket: sentences, silence,
// passing on; what the model is sent, in which order, and what comes of everything that can come in between.
#include "support/callrig.h"
#include "telemetry/log.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;

namespace {

using test::audioMs;
using test::kLane;

class Rig : public test::CallRig
{
public:
    explicit Rig(bool serverInterrupts = true)
        : CallRig(serverInterrupts, {u"end_call"_s})
    {
        // The lane's part: it answers each interruption with what was heard.
        connect(worker.get(), &calls::CallWorker::interruptRequested, this, [this](LaneId, quint32 generation) {
            if (laneAnswers)
                run([&](auto &w) { w.onInterrupted(kLane, generation, heard); });
        });
    }
    QString order(const calls::CallWorker::Order &what, const QString &callSid = u"CA1"_s)
    {
        QString problem;
        run([&](calls::CallWorker &w) { problem = w.order(callSid, what); });
        return problem;
    }
    QString say(const QString &text)
    {
        return order([&](calls::Call &call) { return call.say(text); });
    }
    QString mute(bool on)
    {
        return order([&](calls::Call &call) { return call.setMuted(on); });
    }
    QString transfer(const QString &to = u"+15558880099"_s)
    {
        return order([&](calls::Call &call) { return call.beginTransfer(to); });
    }
    void done(const QString &response, const QString &status = u"completed"_s)
    {
        model.sendResponse(u"response.done"_s, response, status);
    }
    // The server has begun an answer of its own before it read our response.create.
    void refuseTheLastCreated()
    {
        model.send({{"type"_L1, "error"_L1},
                    {"event_id"_L1, "e"_L1},
                    {"error"_L1, QJsonObject{{"type"_L1, "invalid_request_error"_L1},
                                             {"code"_L1, "conversation_already_has_active_response"_L1},
                                             {"event_id"_L1, model.last(u"response.create"_s)["event_id"_L1]}}}});
    }
    // The agent has said something that the caller is still hearing. `over`: the model is done with it.
    bool agentSpeaks(const QString &response, const QString &item, bool over)
    {
        const int before = media->playout.depth();
        model.sendResponse(u"response.created"_s, response);
        model.sendAudio(response, item, audioMs(1000));
        if (over)
            done(response);
        return QTest::qWaitFor([&] { return media->playout.depth() == before + 50; });
    }
    void callTool(const QString &name, const QString &response)
    {
        model.send({{"type"_L1, "response.output_item.done"_L1},
                    {"event_id"_L1, "e"_L1},
                    {"response_id"_L1, response},
                    {"item"_L1, QJsonObject{{"type"_L1, "function_call"_L1},
                                            {"status"_L1, "completed"_L1},
                                            {"call_id"_L1, "call_1"_L1},
                                            {"name"_L1, name},
                                            {"arguments"_L1, "{}"_L1}}}});
    }
    void callerSpeaks() { model.sendSpeechStarted(u"item_caller"_s); }
    void callerIsSilent()
    {
        model.send({{"type"_L1, "input_audio_buffer.speech_stopped"_L1},
                    {"event_id"_L1, "e"_L1},
                    {"audio_end_ms"_L1, 900},
                    {"item_id"_L1, "item_caller"_L1}});
    }
    [[nodiscard]] qsizetype sent(const QString &type) const { return model.types().count(type); }
    [[nodiscard]] qsizetype created() const { return sent(u"response.create"_s); }
    [[nodiscard]] QJsonObject lastCreated() const { return model.last(u"response.create"_s)["response"_L1].toObject(); }
    [[nodiscard]] bool answering() const
    {
        return model
            .last(u"session.update"_s)["session"_L1]["audio"_L1]["input"_L1]["turn_detection"_L1]["create_response"_L1]
            .toBool();
    }
    [[nodiscard]] QStringList events()
    {
        QStringList all;
        run([&](calls::CallWorker &w) {
            for (const CallEvent &event : w.detail(u"CA1"_s).events)
                all << (event.detail.isEmpty() ? event.what : event.what + u' ' + event.detail);
        });
        return all;
    }
    [[nodiscard]] bool muted()
    {
        const auto now = snapshot();
        return now && now->muted;
    }

    bool laneAnswers = true;
    std::vector<media::ItemPlayback> heard; // at the next interruption
};

// Past the greeting: nobody speaks.
#define START(rig)                                                                                                     \
    QVERIFY(rig.startAndWaitForGreeting());                                                                            \
    rig.model.sendResponse(u"response.created"_s, u"resp_0"_s);                                                        \
    rig.done(u"resp_0"_s);                                                                                             \
    QTRY_COMPARE(rig.state(), u"talking"_s)

} // namespace

class TestCallOrders : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aSentenceIsSaidAtOnce()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.say(u"  One moment,\n please. "_s), QString());
        QTRY_COMPARE(rig.created(), 2);
        QVERIFY(rig.lastCreated()["instructions"_L1].toString().endsWith("\"One moment, please.\""_L1));
        QCOMPARE(rig.lastCreated()["tool_choice"_L1].toString(), u"none"_s);
        QVERIFY(rig.log.isEmpty()); // there was nothing to cut
        QVERIFY(rig.events().contains(u"say One moment, please."_s));
    }

    // The beat stops, the model hears what was heard, then the sentence.
    void itTakesThePlaceOfWhatTheAgentSays_data()
    {
        QTest::addColumn<bool>("over");
        QTest::addColumn<QStringList>("toTheModel");
        QTest::newRow("the model is done with it")
            << true << QStringList{u"conversation.item.truncate"_s, u"response.create"_s};
        QTest::newRow("the model still makes it")
            << false << QStringList{u"response.cancel"_s, u"conversation.item.truncate"_s, u"response.create"_s};
    }
    void itTakesThePlaceOfWhatTheAgentSays()
    {
        QFETCH(bool, over);
        QFETCH(QStringList, toTheModel);
        Rig rig;
        START(rig);
        QVERIFY(rig.agentSpeaks(u"resp_1"_s, u"item_1"_s, over));
        const qsizetype before = rig.model.types().size();
        rig.heard = {{1, 1000, 400, 400, over}};
        QCOMPARE(rig.say(u"Stop."_s), QString());
        QTRY_COMPARE(rig.log, QStringList{u"interrupt"_s});
        QVERIFY(rig.generationWasCurrent);
        QTRY_VERIFY(rig.model.types().contains(u"conversation.item.truncate"_s));
        QCOMPARE(rig.model.last(u"conversation.item.truncate"_s)["audio_end_ms"_L1].toInt(), 400);
        if (!over) {
            QTest::qWait(50);
            QCOMPARE(rig.created(), 1); // one response at a time
            rig.done(u"resp_1"_s, u"cancelled"_s);
        }
        QTRY_COMPARE(rig.model.types().mid(before), toTheModel);
        QCOMPARE(rig.events().count(u"barge_in"_s), 0);
    }

    // The model's conversation is put right first, also when the response ends by itself meanwhile.
    void itWaitsForTheLanesWord()
    {
        Rig rig;
        rig.laneAnswers = false;
        START(rig);
        QVERIFY(rig.agentSpeaks(u"resp_1"_s, u"item_1"_s, false));
        QCOMPARE(rig.say(u"Stop."_s), QString());
        rig.done(u"resp_1"_s);
        QTest::qWait(50);
        QCOMPARE(rig.created(), 1);
        rig.run([&](auto &w) { w.onInterrupted(kLane, rig.lastGeneration, {}); });
        QTRY_COMPARE(rig.created(), 2);
    }

    // What the server begins to answer when he has finished is cut off: the sentence stands in its place.
    void itWaitsForACallerWhoSpeaks()
    {
        Rig rig;
        START(rig);
        rig.callerSpeaks();
        QTRY_VERIFY(rig.events().contains(u"caller_speaks"_s));
        QCOMPARE(rig.say(u"Stop."_s), QString());
        QTest::qWait(50);
        QCOMPARE(rig.created(), 1);
        rig.callerIsSilent();
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        QTRY_COMPARE(rig.model.last(u"response.cancel"_s)["response_id"_L1].toString(), u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(100)); // was under way
        rig.done(u"resp_1"_s, u"cancelled"_s);
        QTRY_COMPARE(rig.created(), 2);
        QVERIFY(rig.lastCreated()["instructions"_L1].toString().contains("Stop."_L1));
        QCOMPARE(rig.media->playout.depth(), 0);
    }

    // A server that answers nothing leaves the sentence nothing to wait for.
    void itComesAfterACallerWhomNobodyAnswers()
    {
        Rig rig;
        START(rig);
        rig.callerSpeaks();
        QTRY_VERIFY(rig.events().contains(u"caller_speaks"_s));
        QCOMPARE(rig.say(u"Stop."_s), QString());
        rig.callerIsSilent();
        QTRY_COMPARE(rig.created(), 2);
    }

    // Its response.create crosses an answer that the server has begun by itself.
    void aServerThatWasQuickerIsCutOff()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.say(u"Stop."_s), QString());
        QTRY_COMPARE(rig.created(), 2);
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.refuseTheLastCreated();
        QTRY_COMPARE(rig.model.last(u"response.cancel"_s)["response_id"_L1].toString(), u"resp_1"_s);
        rig.done(u"resp_1"_s, u"cancelled"_s);
        QTRY_COMPARE(rig.created(), 3);
        QVERIFY(rig.lastCreated()["instructions"_L1].toString().contains("Stop."_L1));
    }

    void whatTheServiceFailsToSayIsSaidAgainAndThenGivenUp()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.say(u"Stop."_s), QString());
        for (int attempt = 1; attempt <= 4; ++attempt) {
            QTRY_COMPARE(rig.created(), 1 + attempt);
            const QString response = u"resp_%1"_s.arg(attempt);
            rig.model.sendResponse(u"response.created"_s, response);
            rig.model.send({{"type"_L1, "response.done"_L1},
                            {"event_id"_L1, "e"_L1},
                            {"response"_L1,
                             QJsonObject{{"id"_L1, response},
                                         {"status"_L1, "failed"_L1},
                                         {"status_details"_L1,
                                          QJsonObject{{"error"_L1, QJsonObject{{"type"_L1, "server_error"_L1},
                                                                               {"code"_L1, "server_error"_L1}}}}}}}});
        }
        QTRY_VERIFY(rig.events().contains(u"say_failed Stop."_s));
        QTest::qWait(400);
        QCOMPARE(rig.created(), 5);
    }

    void oneSentenceDoesNotCutTheOther()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.say(u"First."_s), QString());
        QTRY_COMPARE(rig.created(), 2);
        QCOMPARE(rig.say(u"Second."_s), QString());
        QVERIFY(rig.agentSpeaks(u"resp_1"_s, u"item_1"_s, true));
        QTRY_COMPARE(rig.created(), 3);
        QVERIFY(rig.agentSpeaks(u"resp_2"_s, u"item_2"_s, true));
        QCOMPARE(rig.say(u"Third."_s), QString());
        QTRY_COMPARE(rig.created(), 4);
        QVERIFY(rig.log.isEmpty());
        QCOMPARE(rig.media->playout.depth(), 100);
        rig.callerSpeaks(); // but the caller does, as always
        QTRY_COMPARE(rig.log, QStringList{u"interrupt"_s});
    }

    void sentencesThatCantBeSaid()
    {
        Rig rig;
        START(rig);
        QVERIFY(rig.say(u" \n"_s).contains("1 to 500"_L1));
        QVERIFY(rig.say(QString(501, u'a')).contains("1 to 500"_L1));
        QCOMPARE(rig.order([](auto &call) { return call.say(u"Hi."_s); }, u"CA2"_s),
                 u"there is no live call \"CA2\""_s);
        rig.callerSpeaks();
        QTRY_VERIFY(rig.events().contains(u"caller_speaks"_s));
        for (int i = 0; i < 8; ++i)
            QCOMPARE(rig.say(QString(500, u'a')), QString());
        QVERIFY(rig.say(u"Hi."_s).contains("too many"_L1));
        QCOMPARE(rig.mute(true), QString());
        QCOMPARE(rig.say(u"Hi."_s), u"the agent is muted"_s);
        rig.model.session = test::FakeModel::Session::Never;
        rig.model.socket->abort();
        QTRY_COMPARE(rig.state(), u"gate"_s);
        QCOMPARE(rig.mute(false), QString());
        QCOMPARE(rig.say(u"Hi."_s), u"the model is not there at the moment"_s);
    }

    // Silence ----------------------------------------------------------------------------------------------------------

    void aMutedAgentFallsSilentAndListensOn()
    {
        Rig rig;
        START(rig);
        QVERIFY(rig.agentSpeaks(u"resp_1"_s, u"item_1"_s, false));
        rig.heard = {{1, 1000, 200, 200, false}};
        QCOMPARE(rig.mute(true), QString());
        QVERIFY(rig.muted());
        QTRY_COMPARE(rig.log, QStringList{u"interrupt"_s});
        QTRY_COMPARE(rig.model.last(u"conversation.item.truncate"_s)["audio_end_ms"_L1].toInt(), 200);
        QCOMPARE(rig.model.last(u"response.cancel"_s)["response_id"_L1].toString(), u"resp_1"_s);
        QVERIFY(!rig.answering());
        const int depth = rig.media->playout.depth();
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500)); // late
        rig.done(u"resp_1"_s, u"cancelled"_s);
        rig.sayCallerAudio(audioMs(20));
        QTRY_COMPARE(rig.model.audio(), audioMs(20));
        QCOMPARE(rig.media->playout.depth(), depth);
        QVERIFY(rig.events().contains(u"mute on"_s));
        QCOMPARE(rig.mute(true), QString()); // once more: nothing new
        QCOMPARE(rig.events().count(u"mute on"_s), 1);
        QCOMPARE(rig.sent(u"session.update"_s), 2);
    }

    // Some servers answer although they were told not to.
    void whatIsAnsweredNeverthelessIsCancelled()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.mute(true), QString());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500));
        QTRY_COMPARE(rig.model.last(u"response.cancel"_s)["response_id"_L1].toString(), u"resp_1"_s);
        QCOMPARE(rig.mute(false), QString());
        rig.model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500)); // begun while it was to be silent
        rig.done(u"resp_1"_s, u"cancelled"_s);
        QTRY_VERIFY(rig.answering());
        QTest::qWait(50);
        QCOMPARE(rig.media->playout.depth(), 0);
        QVERIFY(rig.agentSpeaks(u"resp_2"_s, u"item_2"_s, true));
    }

    // A sentence is over with the silence, also one that the server has not taken up and then refuses.
    void silenceCallsASentenceOff_data()
    {
        QTest::addColumn<bool>("unmutedBefore");
        QTest::newRow("refused while the agent is muted") << false;
        QTest::newRow("refused thereafter") << true;
    }
    void silenceCallsASentenceOff()
    {
        QFETCH(bool, unmutedBefore);
        Rig rig;
        START(rig);
        QCOMPARE(rig.say(u"Stop."_s), QString());
        QTRY_COMPARE(rig.created(), 2);
        QCOMPARE(rig.mute(true), QString());
        if (unmutedBefore)
            QCOMPARE(rig.mute(false), QString());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s); // the server's own
        rig.refuseTheLastCreated();
        QTRY_VERIFY(rig.events().contains(u"say_failed Stop."_s));
        rig.done(u"resp_1"_s, u"cancelled"_s);
        QCOMPARE(rig.mute(false), QString());
        QVERIFY(rig.agentSpeaks(u"resp_2"_s, u"item_2"_s, true));
        QTest::qWait(400);
        QCOMPARE(rig.created(), 2);
        QCOMPARE(rig.media->playout.depth(), 50);
    }

    void unmutedItAnswersWhatItHasHeard()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.mute(true), QString());
        QCOMPARE(rig.mute(false), QString());
        QTRY_VERIFY(rig.answering());
        QTest::qWait(50);
        QCOMPARE(rig.created(), 1); // nobody has spoken
        QCOMPARE(rig.mute(true), QString());
        rig.callerSpeaks();
        rig.callerIsSilent();
        QTRY_VERIFY(rig.events().contains(u"caller_speaks"_s));
        QTest::qWait(400);
        QCOMPARE(rig.created(), 1);
        QCOMPARE(rig.mute(false), QString());
        QTRY_COMPARE(rig.created(), 2);
        QVERIFY(!rig.muted());
        QCOMPARE(rig.events().count(u"barge_in"_s), 0);
    }

    // The end of his words and our update cross: the server may not have answered.
    void unmutedWhileTheCallerSpeaksItAnswersThereafter()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.mute(true), QString());
        rig.callerSpeaks();
        QTRY_VERIFY(rig.events().contains(u"caller_speaks"_s));
        QCOMPARE(rig.mute(false), QString());
        QTest::qWait(50);
        QCOMPARE(rig.created(), 1);
        rig.callerIsSilent();
        QTRY_COMPARE(rig.created(), 2);
    }

    void mutedKeysAndToolsGetNoAnswerYet_data()
    {
        QTest::addColumn<bool>("tool");
        QTest::newRow("a key") << false;
        QTest::newRow("a tool that there is not") << true;
    }
    void mutedKeysAndToolsGetNoAnswerYet()
    {
        QFETCH(bool, tool);
        Rig rig;
        START(rig);
        QCOMPARE(rig.mute(true), QString());
        if (tool) {
            rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
            rig.callTool(u"weather"_s, u"resp_1"_s);
            rig.done(u"resp_1"_s, u"cancelled"_s);
        } else {
            rig.run([](auto &w) { w.onDigit(kLane, u'1'); });
        }
        QTRY_VERIFY_WITH_TIMEOUT(rig.model.types().contains(u"conversation.item.create"_s), 3000);
        QTest::qWait(50);
        QCOMPARE(rig.created(), 1);
        QCOMPARE(rig.mute(false), QString());
        QTRY_COMPARE(rig.created(), 2);
    }

    // Whoever silences a goodbye wants the caller to stay.
    void aMutedGoodbyeIsCalledOff()
    {
        Rig rig;
        START(rig);
        QVERIFY(rig.agentSpeaks(u"resp_1"_s, u"item_1"_s, false));
        rig.callTool(u"end_call"_s, u"resp_1"_s);
        QTRY_VERIFY(rig.events().contains(u"tool end_call"_s));
        QCOMPARE(rig.say(u"Wait."_s), u"the call is ending already"_s);
        QCOMPARE(rig.transfer(), u"the call is ending already"_s);
        QCOMPARE(rig.mute(true), QString());
        rig.done(u"resp_1"_s, u"cancelled"_s);
        QTRY_COMPARE(rig.model.last(u"conversation.item.create"_s)["item"_L1]["call_id"_L1].toString(), u"call_1"_s);
        QTest::qWait(50);
        QVERIFY(rig.ended.isEmpty());
    }

    void aNewSessionIsMutedToo()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.mute(true), QString());
        rig.callerSpeaks();
        rig.callerIsSilent();
        QTRY_VERIFY(rig.events().contains(u"caller_speaks"_s));
        rig.model.socket->abort();
        QTRY_COMPARE(rig.model.connections, 2);
        QTRY_COMPARE(rig.sent(u"session.update"_s), 4);
        QVERIFY(!rig.answering());
        QTest::qWait(50);
        QCOMPARE(rig.created(), 1);
        QVERIFY(rig.muted());
    }

    // A server that rejects the change is no reason to lose the session.
    void aRejectedUpdateIsHarmless()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.mute(true), QString());
        QTRY_COMPARE(rig.sent(u"session.update"_s), 2);
        rig.model.send(
            {{"type"_L1, "error"_L1},
             {"event_id"_L1, "e"_L1},
             {"error"_L1, QJsonObject{{"type"_L1, "invalid_request_error"_L1},
                                      {"code"_L1, "unknown_parameter"_L1},
                                      {"param"_L1, "session.audio.input.turn_detection.create_response"_L1},
                                      {"event_id"_L1, rig.model.last(u"session.update"_s)["event_id"_L1]}}}});
        QTest::qWait(50);
        QCOMPARE(rig.model.connections, 1);
        QCOMPARE(rig.state(), u"talking"_s);
    }

    // Passing on -------------------------------------------------------------------------------------------------------

    void theCarriersStopIsTheTransfer_data()
    {
        QTest::addColumn<bool>("refused");
        QTest::addColumn<int>("lane");
        QTest::addColumn<int>("reason");
        QTest::addColumn<QString>("detail");
        const QString to = u"by an operator, to +15558880099"_s;
        QTest::newRow("stop") << false << int(EndReason::CarrierStop) << int(EndReason::Transferred) << to;
        QTest::newRow("closed") << false << int(EndReason::CarrierClosed) << int(EndReason::Transferred) << to;
        QTest::newRow("broken") << false << int(EndReason::CarrierProtocol) << int(EndReason::CarrierProtocol)
                                << u"x"_s;
        QTest::newRow("refused") << true << int(EndReason::CarrierStop) << int(EndReason::CarrierStop) << u"x"_s;
    }
    void theCarriersStopIsTheTransfer()
    {
        QFETCH(bool, refused);
        QFETCH(int, lane);
        QFETCH(int, reason);
        QFETCH(QString, detail);
        Rig rig;
        START(rig);
        QCOMPARE(rig.transfer(), QString());
        QVERIFY(rig.events().contains(u"transfer +15558880099"_s));
        QCOMPARE(rig.transfer(), u"the call is ending already"_s);
        QCOMPARE(rig.say(u"Hi."_s), u"the call is ending already"_s);
        if (refused) {
            QCOMPARE(rig.order([](calls::Call &call) {
                call.onTransferRefused(u"no money"_s);
                return QString();
            }),
                     QString());
            QVERIFY(rig.events().contains(u"transfer_failed no money"_s));
        }
        const bool passedOn = EndReason(reason) == EndReason::Transferred;
        const QString logged = passedOn ? telemetry::redact(u"+15558880099"_s) : detail; // nobody's number in the log
        QTest::ignoreMessage(QtInfoMsg, qPrintable(u"CA1 ended: %1 %2"_s.arg(name(EndReason(reason)), logged)));
        rig.run([&](auto &w) { w.onLaneEnded(kLane, EndReason(lane), u"x"_s, {}); });
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(int(rig.ended[0].reason), reason);
        QCOMPARE(rig.ended[0].detail, detail);
    }

    // The agent would close the stream, and with it the carrier would hang up.
    void theAgentDoesNotLeaveBeforeTheCallerIsPassedOn()
    {
        Rig rig;
        START(rig);
        QCOMPARE(rig.transfer(), QString());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.callTool(u"end_call"_s, u"resp_1"_s);
        rig.done(u"resp_1"_s);
        QTRY_COMPARE(rig.model.last(u"conversation.item.create"_s)["item"_L1]["call_id"_L1].toString(), u"call_1"_s);
        QTest::qWait(50);
        QVERIFY(rig.ended.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestCallOrders)
#include "tst_callorders.moc"
