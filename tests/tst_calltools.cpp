// SPDX-License-Identifier: GPL-3.0-or-later
// What the agent may do beside talking: it leaves only after its last words were heard, and stays when the caller goes on.
#include "support/callrig.h"

using namespace takt;
using namespace takt::test;

namespace {

class Rig : public CallRig
{
public:
    Rig()
        : CallRig(true, speech::knownTools())
    {
    }
    void sendTool(const QString &tool, const QString &status = u"completed"_s)
    {
        model.send({{"type"_L1, "response.output_item.done"_L1},
                    {"event_id"_L1, "e"_L1},
                    {"response_id"_L1, "resp_1"_L1},
                    {"output_index"_L1, 1},
                    {"item"_L1, QJsonObject{{"id"_L1, "item_2"_L1},
                                            {"type"_L1, "function_call"_L1},
                                            {"status"_L1, status},
                                            {"call_id"_L1, "call_1"_L1},
                                            {"name"_L1, tool},
                                            {"arguments"_L1, "{}"_L1}}}});
    }
    // The agent says half a second, and calls the tool in the same response.
    bool sayAndCall(const QString &tool)
    {
        model.sendResponse(u"response.created"_s, u"resp_1"_s);
        model.sendAudio(u"resp_1"_s, u"item_1"_s, audioMs(500));
        model.send({{"type"_L1, "response.output_audio.done"_L1},
                    {"response_id"_L1, "resp_1"_L1},
                    {"item_id"_L1, "item_1"_L1}});
        sendTool(tool);
        model.sendResponse(u"response.done"_s, u"resp_1"_s, u"completed"_s);
        return QTest::qWaitFor([this] { return media->playout.depth() == 25; });
    }
};

} // namespace

class TestCallTools : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theModelIsToldOfThem()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        const QJsonArray tools = rig.model.last(u"session.update"_s)["session"_L1]["tools"_L1].toArray();
        QCOMPARE(tools.size(), 2);
        QCOMPARE(tools[0]["name"_L1].toString(), u"end_call"_s);
    }

    void withoutToolsTheModelHearsOfNone()
    {
        CallRig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        QVERIFY(!rig.model.last(u"session.update"_s)["session"_L1].toObject().contains("tools"_L1));
    }

    void theAgentLeavesOnceItsLastWordsWereHeard_data()
    {
        QTest::addColumn<QString>("tool");
        QTest::addColumn<int>("reason");
        QTest::newRow("end_call") << u"end_call"_s << int(EndReason::AgentHangup);
        QTest::newRow("transfer_call") << u"transfer_call"_s << int(EndReason::Transferred);
    }
    void theAgentLeavesOnceItsLastWordsWereHeard()
    {
        QFETCH(QString, tool);
        QFETCH(int, reason);
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        QVERIFY(rig.sayAndCall(tool));
        QTest::qWait(100);
        QVERIFY(rig.ended.isEmpty()); // its words are on their way
        rig.run([](auto &w) { w.onItemHeard(kLane, 1); });
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(int(rig.ended[0].reason), reason);
        QCOMPARE(rig.log, QStringList{u"close"_s});
    }

    void withoutLastWordsItLeavesAtOnce()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.sendTool(u"end_call"_s);
        rig.model.sendResponse(u"response.done"_s, u"resp_1"_s, u"completed"_s);
        QTRY_COMPARE(rig.ended.size(), 1);
    }

    // The caller interrupts the goodbye: nobody hangs up, the model knows, and talks on.
    void aCallerWhoGoesOnTalkingIsNotHungUpOn()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        QVERIFY(rig.sayAndCall(u"end_call"_s));
        rig.model.sendSpeechStarted(u"item_caller"_s);
        QTRY_COMPARE(rig.log, QStringList{u"interrupt"_s});
        rig.run([&](auto &w) { w.onInterrupted(kLane, rig.lastGeneration, {{1, 500, 200, 200, false}}); });
        QTRY_VERIFY(rig.model.types().contains(u"conversation.item.truncate"_s));
        const QJsonObject output = rig.model.last(u"conversation.item.create"_s)["item"_L1].toObject();
        QCOMPARE(output["type"_L1].toString(), u"function_call_output"_s);
        QCOMPARE(output["call_id"_L1].toString(), u"call_1"_s);
        rig.model.sendResponse(u"response.created"_s, u"resp_2"_s);
        rig.model.sendAudio(u"resp_2"_s, u"item_3"_s, audioMs(100));
        rig.model.sendResponse(u"response.done"_s, u"resp_2"_s, u"completed"_s);
        QTRY_VERIFY(rig.media->playout.front() != nullptr);
        rig.run([](auto &w) { w.onItemHeard(kLane, 2); });
        QTest::qWait(50);
        QVERIFY(rig.ended.isEmpty());
    }

    // The caller goes on while the model decides to leave: the server breaks the call off, or it comes too late.
    void aDecisionOvertakenByTheCaller_data()
    {
        QTest::addColumn<QString>("status");
        QTest::newRow("broken off") << u"incomplete"_s;
        QTest::newRow("complete, of a discarded response") << u"completed"_s;
    }
    void aDecisionOvertakenByTheCaller()
    {
        QFETCH(QString, status);
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.sendSpeechStarted(u"item_caller"_s);
        QTRY_COMPARE(rig.log, QStringList{u"interrupt"_s});
        rig.model.send({{"type"_L1, "input_audio_buffer.speech_stopped"_L1}, {"item_id"_L1, "item_caller"_L1}});
        rig.sendTool(u"end_call"_s, status);
        rig.model.sendResponse(u"response.done"_s, u"resp_1"_s, u"cancelled"_s);
        rig.model.sendResponse(u"response.created"_s, u"resp_2"_s);
        rig.model.sendAudio(u"resp_2"_s, u"item_3"_s, audioMs(100));
        rig.model.sendResponse(u"response.done"_s, u"resp_2"_s, u"completed"_s);
        QTRY_VERIFY(rig.media->playout.front() != nullptr);
        rig.run([](auto &w) { w.onItemHeard(kLane, 1); });
        QTest::qWait(50);
        QVERIFY(rig.ended.isEmpty());
    }

    // Its response fails after the tool was called: it leaves now, and not after the next answer.
    void aFailedResponseDoesNotKeepIt()
    {
        Rig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.sendTool(u"end_call"_s);
        rig.model.sendResponse(u"response.done"_s, u"resp_1"_s, u"failed"_s);
        QTRY_COMPARE(rig.ended.size(), 1);
        QCOMPARE(int(rig.ended[0].reason), int(EndReason::AgentHangup));
    }

    void aToolThatNobodyOfferedIsAnswered()
    {
        CallRig rig;
        QVERIFY(rig.startAndWaitForGreeting());
        rig.model.sendResponse(u"response.created"_s, u"resp_1"_s);
        rig.model.send(
            {{"type"_L1, "response.output_item.done"_L1},
             {"item"_L1,
              QJsonObject{{"type"_L1, "function_call"_L1}, {"call_id"_L1, "call_9"_L1}, {"name"_L1, "end_call"_L1}}}});
        QTRY_COMPARE(rig.model.last(u"conversation.item.create"_s)["item"_L1]["call_id"_L1].toString(), u"call_9"_s);
        const qsizetype before = rig.model.types().count(u"response.create"_s);
        rig.model.sendResponse(u"response.done"_s, u"resp_1"_s, u"completed"_s);
        QTRY_COMPARE(rig.model.types().count(u"response.create"_s), before + 1);
        QVERIFY(rig.ended.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestCallTools)
#include "tst_calltools.moc"
