// SPDX-License-Identifier: GPL-3.0-or-later
// A call worker between a scripted carrier side and a speech model on a real socket. For tests; used from the main thread.
#pragma once

#include "calls/callworker.h"
#include "media/beatthread.h"
#include "support/fakemodel.h"

#include <QTest>

#include <optional>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

inline constexpr LaneId kLane = 1;

inline carrier::StreamStart streamStart(const QString &streamSid = u"MZ1"_s)
{
    carrier::StreamStart start;
    start.callSid = u"CA1"_s;
    start.streamSid = streamSid;
    start.from = u"+15550001"_s;
    return start;
}

// The call worker in its thread; what it asks of the carrier and of the records arrives here, in the test's thread.
class CallRig : public QObject
{
public:
    explicit CallRig(bool serverInterrupts = true, const QStringList &tools = {})
    {
        auto owner = std::make_shared<config::Business>();
        owner->name = u"Bike shop"_s;
        speech::SessionSettings &settings = owner->speech;
        settings.url = model.url();
        settings.model = u"gpt-realtime"_s;
        settings.apiKey = u"sk-test"_s;
        settings.greeting = u"Say hello."_s;
        settings.turnDetection.interruptResponse = serverInterrupts;
        settings.tools = tools;
        pass.business = owner;
        m_ring = std::make_shared<media::CallerAudioRing>(m_thread.dispatcher());
        m_thread.run([&] { worker = std::make_unique<calls::CallWorker>(m_thread.dispatcher(), std::vector{m_ring}); });
        connect(worker.get(), &calls::CallWorker::interruptRequested, this, [this](LaneId, quint32 generation) {
            // Already current: TX stops on its next slot, however late this message is.
            generationWasCurrent = media->playout.generation() == generation;
            log << u"interrupt"_s;
            modelAtInterrupt = model.types();
            lastGeneration = generation;
        });
        connect(worker.get(), &calls::CallWorker::closeRequested, this,
                [this](LaneId, EndReason) { log << u"close"_s; });
        connect(worker.get(), &calls::CallWorker::closeAfterPlayoutRequested, this,
                [this](LaneId, EndReason, int) { log << u"close after playout"_s; });
        connect(worker.get(), &calls::CallWorker::callStarted, this, [this](const CallStarted &s) { started << s; });
        connect(worker.get(), &calls::CallWorker::turnFinished, this, [this](const TurnFinished &t) { turns << t; });
        connect(worker.get(), &calls::CallWorker::callEnded, this, [this](const CallEnded &e) { ended << e; });
    }
    ~CallRig() override
    {
        m_thread.run([&] { worker.reset(); });
    }

    void start(LaneId lane = kLane, const QString &streamSid = u"MZ1"_s)
    {
        media = std::make_shared<media::CallMedia>(6000);
        m_thread.run([&] { worker->onStarted(lane, streamStart(streamSid), pass, media); });
    }
    void run(const std::function<void(calls::CallWorker &)> &f)
    {
        m_thread.run([&] { f(*worker); });
    }
    // Until the session is ready and the greeting was asked for.
    bool startAndWaitForGreeting()
    {
        start();
        return QTest::qWaitFor([&] { return model.types().contains(u"response.create"_s); });
    }
    [[nodiscard]] QString state()
    {
        const auto now = snapshot();
        return now ? now->state : u"gone"_s;
    }
    // Of the call that start() began; nothing when it is over.
    [[nodiscard]] std::optional<CallSnapshot> snapshot()
    {
        std::optional<CallSnapshot> s;
        const auto look = [&s](calls::Call &call) {
            s = call.snapshot();
            return QString();
        };
        m_thread.run([&] { (void)worker->order(u"CA1"_s, look); });
        return s;
    }
    void sayCallerAudio(const QByteArray &audio)
    {
        m_ring->push(kLane, audio);
        m_ring->ring();
    }

    FakeModel model;
    std::unique_ptr<calls::CallWorker> worker;
    carrier::Pass pass; // of calls from now on
    media::CallMediaPtr media;
    QStringList log;
    QStringList modelAtInterrupt;
    quint32 lastGeneration = 0;
    bool generationWasCurrent = false;
    QList<CallStarted> started;
    QList<TurnFinished> turns;
    QList<CallEnded> ended;

private:
    media::BeatThread m_thread{u"calls"_s};
    std::shared_ptr<media::CallerAudioRing> m_ring;
};

inline QByteArray audioMs(int ms)
{
    return QByteArray(ms * media::kBytesPerMs, 'a');
}

} // namespace takt::test
