// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon.h"

#include "calls/callworker.h"
#include "carrier/hub.h"
#include "control/controlserver.h"
#include "frontdoor/frontdoor.h"
#include "media/beatthread.h"
#include "records/recorder.h"
#include "shared/gatewaysnapshot.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QDateTime>
#include <QTcpSocket>

namespace takt {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcGateway;

namespace {

// The beat goes before everything; who brings it its audio and its interruptions, before whatever else the host does.
constexpr int kTxPriority = 10;
constexpr int kCallPriority = 5;

} // namespace

// What lives in one TX thread.
struct Daemon::TxThread {
    explicit TxThread(int index)
        : thread(u"tx-%1"_s.arg(index))
    {
    }
    media::BeatThread thread;
    std::shared_ptr<media::CallerAudioRing> ring;
    std::unique_ptr<media::TxWorker> worker; // made and destroyed in the thread
    std::unique_ptr<carrier::Hub> hub;       // as well
};

struct Daemon::CallThread {
    media::BeatThread thread{u"calls"_s};
    std::unique_ptr<calls::CallWorker> worker; // made and destroyed in the thread
};

struct Daemon::Parts {
    // In the order of construction; destroyed the other way round.
    records::Recorder recorder;
    CallThread calls;
    std::vector<std::unique_ptr<TxThread>> tx;
    std::unique_ptr<frontdoor::FrontDoor> frontDoor;
    std::unique_ptr<control::ControlServer> control;
    std::size_t nextTx = 0;
    QString realTime;
    qint64 startedAtMs = QDateTime::currentMSecsSinceEpoch();
};

Daemon::Daemon(config::Settings settings)
    : m_settings(std::move(settings))
    , d(std::make_unique<Parts>())
{
}

Daemon::~Daemon()
{
    stop();
}

QString Daemon::start()
{
    if (QString error = d->recorder.open(m_settings.databasePath); !error.isEmpty())
        return error;
    startThreads();
    for (const auto &tx : d->tx)
        connectRooms(*tx);

    d->control = std::make_unique<control::ControlServer>([this](auto deliver) { takeSnapshot(std::move(deliver)); });
    if (QString error = d->control->listen(m_settings.controlSocket); !error.isEmpty())
        return error;
    d->frontDoor = std::make_unique<frontdoor::FrontDoor>([this](QTcpSocket *socket) { handOver(socket); });
    if (QString error = d->frontDoor->listen(m_settings.listenAddress, m_settings.listenPort); !error.isEmpty())
        return error;
    qCInfo(lcGateway).noquote() << "takt-gateway" << TAKT_VERSION << "listens on"
                                << u"%1:%2"_s.arg(m_settings.listenAddress.toString()).arg(port());
    qCInfo(lcGateway).noquote() << "media threads:" << d->realTime;
    return {};
}

void Daemon::startThreads()
{
    for (int i = 0; i < m_settings.tx.workers; ++i) {
        d->tx.push_back(std::make_unique<TxThread>(i));
        d->tx.back()->ring = std::make_shared<media::CallerAudioRing>(d->calls.thread.dispatcher());
    }
    std::vector<std::shared_ptr<media::CallerAudioRing>> rings;
    for (const auto &tx : d->tx)
        rings.push_back(tx->ring);
    QString realTime;
    d->calls.thread.run([&] {
        realTime = media::requestRealTime(kCallPriority);
        d->calls.worker = std::make_unique<calls::CallWorker>(d->calls.thread.dispatcher(), m_settings.speech, rings);
    });

    d->realTime = u"calls %1, %2"_s.arg(realTime, media::requestLockedMemory());
    media::Pacer::Config pacer;
    pacer.leadNs = m_settings.tx.leadMs * media::kNsPerMs;
    carrier::LaneOptions lanes;
    lanes.backlogFrames = m_settings.tx.backlogSeconds * media::kFramesPerSecond;
    lanes.silenceWhenIdle = m_settings.tx.silenceWhenIdle;
    for (std::size_t i = 0; i < d->tx.size(); ++i) {
        TxThread &tx = *d->tx[i];
        tx.thread.run([&] {
            realTime = media::requestRealTime(kTxPriority);
            tx.worker = std::make_unique<media::TxWorker>(tx.thread.dispatcher(), pacer, tx.ring);
            tx.hub = std::make_unique<carrier::Hub>(int(i), *tx.worker, lanes);
        });
    }
    d->realTime.prepend(u"TX %1, "_s.arg(realTime));
}

// Carrier and calls know nothing of each other's threads: values travel as queued signals.
void Daemon::connectRooms(TxThread &tx)
{
    calls::CallWorker *worker = d->calls.worker.get();
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

    if (&tx != d->tx.front().get())
        return;
    records::RecordWriter *writer = d->recorder.writer();
    connect(worker, &calls::CallWorker::callStarted, writer,
            qOverload<const CallStarted &>(&records::RecordWriter::add));
    connect(worker, &calls::CallWorker::turnFinished, writer,
            qOverload<const TurnFinished &>(&records::RecordWriter::add));
    connect(worker, &calls::CallWorker::callEnded, writer, qOverload<const CallEnded &>(&records::RecordWriter::add));
}

void Daemon::handOver(QTcpSocket *socket)
{
    TxThread &tx = *d->tx[d->nextTx++ % d->tx.size()];
    carrier::Hub::handOver(tx.hub.get(), socket);
}

void Daemon::takeSnapshot(std::function<void(const GatewaySnapshot &)> deliver)
{
    GatewaySnapshot snapshot;
    snapshot.version = QString::fromLatin1(TAKT_VERSION);
    snapshot.startedAtMs = d->startedAtMs;
    snapshot.realTime = d->realTime;
    for (const auto &tx : d->tx)
        snapshot.worstLateUs = std::max(snapshot.worstLateUs, tx->worker->worstLateNs() / 1000);
    for (int i = 0; i < int(telemetry::Counter::Count_); ++i)
        snapshot.counters.insert(telemetry::name(telemetry::Counter(i)), telemetry::counted(telemetry::Counter(i)));
    calls::CallWorker *worker = d->calls.worker.get();
    QMetaObject::invokeMethod(
        worker,
        [this, worker, snapshot, deliver = std::move(deliver)]() mutable {
            snapshot.calls = worker->snapshot();
            QMetaObject::invokeMethod(
                this, [snapshot, deliver = std::move(deliver)] { deliver(snapshot); }, Qt::QueuedConnection);
        },
        Qt::QueuedConnection);
}

void Daemon::stop()
{
    if (d == nullptr)
        return;
    d->frontDoor.reset(); // no new calls
    d->control.reset();
    // Each call ends here, and with it posts its end to the recorder and its close to the carrier.
    if (d->calls.worker != nullptr)
        d->calls.thread.run([this] { d->calls.worker->endAll(EndReason::Shutdown); });
    for (const auto &tx : d->tx) {
        tx->thread.run([&] {
            tx->hub->closeAll(EndReason::Shutdown); // streams that had not started
            tx->hub.reset();
            tx->worker.reset();
        });
    }
    d->calls.thread.run([this] { d->calls.worker.reset(); });
    d.reset();
    qCInfo(lcGateway) << "stopped";
}

quint16 Daemon::port() const
{
    return d->frontDoor->port();
}

} // namespace takt
