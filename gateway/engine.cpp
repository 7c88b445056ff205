// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine.h"

#include <QTcpSocket>

namespace takt {

using namespace Qt::Literals::StringLiterals;

namespace {

// The beat goes before everything; who brings it its audio and its interruptions, before whatever else the host does.
constexpr int kTxPriority = 10;
constexpr int kCallPriority = 5;

} // namespace

Engine::Engine(const config::TxSettings &settings)
{
    for (int i = 0; i < settings.workers; ++i) {
        m_tx.push_back(std::make_unique<Tx>(i));
        m_tx.back()->ring = std::make_shared<media::CallerAudioRing>(m_calls.thread.dispatcher());
    }
    startCalls();
    startTx(settings);
    for (const auto &tx : m_tx)
        connectRooms(*tx);
}

Engine::~Engine()
{
    endAll(EndReason::Shutdown);
    for (const auto &tx : m_tx) {
        tx->thread.run([&] {
            tx->hub.reset();
            tx->worker.reset();
        });
    }
    m_calls.thread.run([this] { m_calls.worker.reset(); });
}

void Engine::startCalls()
{
    std::vector<std::shared_ptr<media::CallerAudioRing>> rings;
    for (const auto &tx : m_tx)
        rings.push_back(tx->ring);
    m_calls.thread.run([&] {
        m_realTime = u"calls "_s + media::requestRealTime(kCallPriority);
        m_calls.worker = std::make_unique<calls::CallWorker>(m_calls.thread.dispatcher(), rings);
    });
    m_realTime += u", "_s + media::requestLockedMemory();
}

void Engine::startTx(const config::TxSettings &settings)
{
    media::Pacer::Config pacer;
    pacer.leadNs = settings.leadMs * media::kNsPerMs;
    carrier::LaneOptions lanes;
    lanes.backlogFrames = settings.backlogSeconds * media::kFramesPerSecond;
    lanes.silenceWhenIdle = settings.silenceWhenIdle;
    QString granted;
    for (std::size_t i = 0; i < m_tx.size(); ++i) {
        Tx &tx = *m_tx[i];
        tx.thread.run([&] {
            granted = media::requestRealTime(kTxPriority);
            tx.worker = std::make_unique<media::TxWorker>(tx.thread.dispatcher(), pacer, tx.ring, settings.autoLead);
            tx.hub = std::make_unique<carrier::Hub>(int(i), *tx.worker, lanes);
        });
    }
    m_realTime.prepend(u"TX %1, "_s.arg(granted));
}

// Carrier and calls know nothing of each other's threads: values travel as queued signals.
void Engine::connectRooms(const Tx &tx)
{
    calls::CallWorker *worker = m_calls.worker.get();
    carrier::Hub *hub = tx.hub.get();
    connect(hub, &carrier::Hub::started, worker, &calls::CallWorker::onStarted);
    connect(hub, &carrier::Hub::digit, worker, &calls::CallWorker::onDigit);
    connect(hub, &carrier::Hub::itemHeard, worker, &calls::CallWorker::onItemHeard);
    connect(hub, &carrier::Hub::interrupted, worker, &calls::CallWorker::onInterrupted);
    connect(hub, &carrier::Hub::ended, worker, &calls::CallWorker::onLaneEnded);
    // A hub ignores lanes that are not its own.
    connect(worker, &calls::CallWorker::interruptRequested, hub, &carrier::Hub::interrupt);
    connect(worker, &calls::CallWorker::closeAfterPlayoutRequested, hub, &carrier::Hub::closeAfterPlayout);
    connect(worker, &calls::CallWorker::closeRequested, hub, &carrier::Hub::close);
}

qint64 Engine::worstLateNs() const
{
    qint64 worst = 0;
    for (const auto &tx : m_tx)
        worst = std::max(worst, tx->worker->worstLateNs());
    return worst;
}

std::vector<media::LatenessHistogram::Snapshot> Engine::lateness() const
{
    std::vector<media::LatenessHistogram::Snapshot> all;
    for (const auto &tx : m_tx)
        all.push_back(tx->worker->lateness().snapshot());
    return all;
}

void Engine::handOver(QTcpSocket *socket, const carrier::Pass &pass)
{
    carrier::Hub::handOver(m_tx[m_nextTx++ % m_tx.size()]->hub.get(), socket, pass);
}

// Of the call worker, in its thread.
template <typename Question, typename Deliver>
void Engine::ask(Question question, Deliver deliver)
{
    calls::CallWorker *worker = m_calls.worker.get();
    QMetaObject::invokeMethod(
        worker,
        [this, worker, question = std::move(question), deliver = std::move(deliver)]() mutable {
            QMetaObject::invokeMethod(
                this, [answer = question(*worker), deliver = std::move(deliver)] { deliver(answer); },
                Qt::QueuedConnection);
        },
        Qt::QueuedConnection);
}

void Engine::askCalls(std::function<void(const QList<CallSnapshot> &)> deliver)
{
    calls::CallWorker *worker = m_calls.worker.get();
    const auto answer = [this, deliver = std::move(deliver)](const QList<CallSnapshot> &calls) {
        QMetaObject::invokeMethod(
            this, [deliver, calls] { deliver(calls); }, Qt::QueuedConnection);
    };
    QMetaObject::invokeMethod(
        worker, [worker, answer] { worker->tellAll(answer); }, Qt::QueuedConnection);
}

void Engine::askCall(const QString &callSid, std::function<void(const CallDetail &)> deliver)
{
    ask([callSid](const calls::CallWorker &worker) { return worker.detail(callSid); }, std::move(deliver));
}

void Engine::askMedia(const QString &callSid, std::function<void(const media::CallMediaPtr &)> deliver)
{
    ask([callSid](const calls::CallWorker &worker) { return worker.mediaOf(callSid); }, std::move(deliver));
}

void Engine::endCall(const QString &callSid, EndReason reason)
{
    calls::CallWorker *worker = m_calls.worker.get();
    QMetaObject::invokeMethod(
        worker, [worker, callSid, reason] { worker->endCall(callSid, reason); }, Qt::QueuedConnection);
}

void Engine::order(const QString &callSid, calls::CallWorker::Order order, std::function<void(const QString &)> done)
{
    ask([callSid, order = std::move(order)](calls::CallWorker &worker) { return worker.order(callSid, order); },
        std::move(done));
}

void Engine::endAll(EndReason reason)
{
    m_calls.thread.run([this, reason] { m_calls.worker->endAll(reason); });
    for (const auto &tx : m_tx)
        tx->thread.run([&] { tx->hub->closeAll(reason); }); // streams that had not started
}

void Engine::probe(std::function<void()> alive)
{
    auto left = std::make_shared<std::size_t>(m_tx.size() + 1); // counted down in the main thread
    const auto answered = [this, left, alive = std::move(alive)] {
        QMetaObject::invokeMethod(
            this,
            [left, alive] {
                if (--*left == 0)
                    alive();
            },
            Qt::QueuedConnection);
    };
    m_calls.thread.post(answered);
    for (const auto &tx : m_tx)
        tx->thread.post(answered);
}

} // namespace takt
