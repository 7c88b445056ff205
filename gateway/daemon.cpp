// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/restart.h"
#include "daemonparts.h"
#include "telemetry/log.h"

#include <QDeadlineTimer>
#include <QEventLoop>
#include <QTcpSocket>

namespace takt {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcGateway;

namespace {

constexpr int kDrainLookMs = 100;
constexpr int kQuarterMs = 250;
// How long the door stays open for the carrier to ask what callers shall hear whose agent was taken from them.
constexpr int kFarewellMs = 3000;
constexpr int kPatienceMs = 3000; // with whoever has our sockets
constexpr int kAgainMs = 50;
constexpr qint64 kMb = 1'000'000;

// Of a gateway that was killed a moment ago the kernel may still be clearing up: until then its sockets are taken.
QString openInTime(const std::function<QString()> &open)
{
    const QDeadlineTimer patience(kPatienceMs);
    QString error = open();
    if (!error.isEmpty())
        qCInfo(lcGateway).noquote() << error << "- trying again for" << kPatienceMs << "ms";
    while (!error.isEmpty() && !patience.hasExpired()) {
        QEventLoop loop;
        QTimer::singleShot(kAgainMs, &loop, &QEventLoop::quit);
        loop.exec();
        error = open();
    }
    return error;
}

} // namespace

Daemon::Daemon(config::Settings settings)
    : m_settings(std::move(settings))
    , d(std::make_unique<Parts>(m_settings))
{
}

Daemon::~Daemon()
{
    stop();
}

QString Daemon::start()
{
    const bool calls = m_settings.role != config::Role::Worker;
    // Of two gateways the second must find out before it touches anything of the first one.
    if (QString error = openInTime([this] { return openControl(); }); !error.isEmpty())
        return error;
    d->jobs = std::make_unique<jobs::JobEngine>(m_settings, QString(name(m_settings.role)), m_settings.claimsJobs());
    // Before any call: what a dead gateway left open is ended, and we are known to be alive.
    if (QString error = d->jobs->open(); !error.isEmpty())
        return error;
    if (QString error = calls ? openCalls() : QString(); !error.isEmpty())
        return error;
    if (QString error = openInTime([this] { return openAdmin(); }); !error.isEmpty())
        return error;
    connect(&d->drained, &QTimer::timeout, this, &Daemon::onDrained);
    d->deadline.setSingleShot(true);
    connect(&d->deadline, &QTimer::timeout, this, &Daemon::endCalls);
    if (!calls) {
        qCInfo(lcGateway).noquote() << "takt-gateway" << TAKT_VERSION << "does the work after calls";
        return {};
    }
    if (QString error = openInTime([this] { return d->frontDoor->open(); }); !error.isEmpty())
        return error;
    connect(&d->seconds, &QTimer::timeout, this, &Daemon::onSecond);
    d->seconds.start(1000);
    connect(&d->quarters, &QTimer::timeout, this, &Daemon::onQuarter);
    d->quarters.start(kQuarterMs);
    qCInfo(lcGateway).noquote() << "takt-gateway" << TAKT_VERSION << "listens on"
                                << config::Endpoint{m_settings.listen.address, port()}.toText()
                                << (m_settings.tls.wanted() ? "with TLS" : "without TLS");
    qCInfo(lcGateway).noquote() << "media threads:" << d->engine->realTime();
    return {};
}

QString Daemon::openCalls()
{
    d->recorder = std::make_unique<records::Recorder>();
    if (QString error = d->recorder->open(m_settings.databaseUrl, d->jobs->workerUid()); !error.isEmpty())
        return error;
    const config::TxSettings &tx = m_settings.tx;
    d->flights = std::make_unique<flight::Recorder>(m_settings.dataDir + u"/flight"_s, m_settings.flight.keepMb * kMb,
                                                    flight::Setup{tx.leadMs, tx.autoLead, tx.silenceWhenIdle});
    d->engine = std::make_unique<Engine>(tx);
    const config::TwilioSettings &twilio = m_settings.twilio;
    if (!twilio.accountSid.isEmpty() && !twilio.authTokens.isEmpty())
        d->rest = std::make_unique<carrier::RestClient>(
            carrier::RestSettings{twilio.baseUrl, twilio.accountSid, twilio.authTokens.front()});
    d->frontDoor = std::make_unique<frontdoor::FrontDoor>(
        m_settings, d->admission, d->rest.get(),
        [this](QTcpSocket *socket, const carrier::Pass &pass) { d->engine->handOver(socket, pass); });
    connectRooms();
    return {};
}

void Daemon::connectRooms()
{
    calls::CallWorker *worker = d->engine->calls();
    records::RecordWriter *writer = d->recorder->writer();
    frontdoor::FrontDoor *door = d->frontDoor.get();
    using Writer = records::RecordWriter;
    connect(worker, &calls::CallWorker::callStarted, writer, &Writer::add);
    connect(worker, &calls::CallWorker::turnFinished, writer, &Writer::add);
    connect(worker, &calls::CallWorker::callEnded, writer, &Writer::add);
    connect(worker, &calls::CallWorker::stallTold, d->flights->writer(), &flight::Writer::onStall);
    connect(door, &frontdoor::FrontDoor::callReported, writer, &Writer::add);
    connect(door, &frontdoor::FrontDoor::recordingReported, writer, &Writer::add);
    connect(door, &frontdoor::FrontDoor::streamReported, writer, &Writer::add);
    connect(door, &frontdoor::FrontDoor::receiptWanted, writer, &Writer::wantReceipt);
    connect(writer, &Writer::recorded, door, &frontdoor::FrontDoor::onRecorded);
    // The gate hears of calls in their own thread, at once: no job of a call starts in between.
    jobs::CallGate *gate = &d->jobs->gate();
    connect(
        worker, &calls::CallWorker::callStarted, gate,
        [gate](const CallStarted &started) { gate->callStarted(started.callSid); }, Qt::DirectConnection);
    connect(
        worker, &calls::CallWorker::callEnded, gate, [gate](const CallEnded &ended) { gate->callEnded(ended.callSid); },
        Qt::DirectConnection);
    connect(worker, &calls::CallWorker::callStarted, this, [this] { noteLiveCalls(+1); });
    connect(worker, &calls::CallWorker::callEnded, this, [this] { noteLiveCalls(-1); });
    connect(writer, &Writer::jobsReleased, d->jobs.get(), &jobs::JobEngine::wake, Qt::DirectConnection);
    connect(worker, &calls::CallWorker::callEnded, door, [this, door](const CallEnded &ended) {
        if (door->onEnded(ended.callSid, ended.reason))
            d->sinceEnd.start();
    });
    connect(door, &frontdoor::FrontDoor::callFinished, d->engine.get(),
            [this](const QString &callSid) { d->engine->endCall(callSid, EndReason::CarrierCompleted); });
}

// Once a second: how late was the beat?
void Daemon::onSecond()
{
    d->second.look(d->engine->lateness());
    d->admission.onSecond(d->second.p99Ms());
    noteTx();
}

// Children of jobs stand still as soon as they may be the cause.
void Daemon::noteLiveCalls(int change)
{
    d->liveCalls += change;
    d->jobs->noteActiveCalls(d->liveCalls);
    telemetry::AsyncLog::setQuiet(d->liveCalls > 0);
}

void Daemon::onQuarter()
{
    d->quarter.look(d->engine->lateness());
    d->jobs->gate().noteBeat(d->quarter.p99Ms(), d->quarter.stalled());
}

// The end --------------------------------------------------------------------------------------------------------------

void Daemon::drain()
{
    if (d->admission.draining())
        return;
    qCInfo(lcGateway) << "draining: no new calls;" << d->admission.held() << "under way";
    d->admission.setDraining(true);
    d->drained.start(kDrainLookMs);
    d->deadline.start(m_settings.drainSeconds * 1000);
}

bool Daemon::undrain()
{
    if (d->ending || d->terminating)
        return false;
    d->drained.stop();
    d->deadline.stop();
    d->admission.setDraining(false);
    qCInfo(lcGateway) << "taking calls again";
    return true;
}

void Daemon::drainForGood()
{
    d->terminating = true;
    drain();
}

// The door stays open a while for the last call, too: the carrier asks only after its stream is gone.
void Daemon::onDrained()
{
    if (d->admission.held() == 0 && (!d->sinceEnd.isValid() || d->sinceEnd.hasExpired(kFarewellMs)))
        finishSoon(0);
}

void Daemon::endCalls()
{
    drain();
    qCInfo(lcGateway) << "ending" << d->admission.held() << "calls";
    if (d->engine == nullptr)
        return finishSoon(0);
    const bool any = d->admission.held() > 0 || (d->sinceEnd.isValid() && !d->sinceEnd.hasExpired(kFarewellMs));
    d->frontDoor->refuseAll();
    d->engine->endAll(EndReason::Shutdown);
    finishSoon(any ? kFarewellMs : 0);
}

void Daemon::finishSoon(int milliseconds)
{
    if (std::exchange(d->ending, true))
        return;
    d->drained.stop();
    d->deadline.stop();
    QTimer::singleShot(milliseconds, this, &Daemon::finished);
}

bool Daemon::stop()
{
    if (d == nullptr)
        return true;
    d->control.reset();
    d->admin.reset();
    d->frontDoor.reset(); // no new calls
    d->rest.reset();
    d->engine.reset(); // each call ends here, and with it posts its end to the recorder and its close to the carrier
    d->flights.reset();
    const bool kept = d->recorder == nullptr || d->recorder->finish();
    d->recorder.reset();
    d->jobs.reset(); // with the ends of the calls on record: others do their jobs, or we do after a restart
    d.reset();
    qCInfo(lcGateway) << "stopped";
    return kept;
}

// Operators ------------------------------------------------------------------------------------------------------------

QStringList Daemon::apply(config::Settings settings, QString &problem)
{
    const QStringList restart = config::keepWhatNeedsRestart(settings, m_settings);
    problem = d->frontDoor != nullptr ? d->frontDoor->configure(settings) : QString();
    if (!problem.isEmpty())
        return {};
    d->jobs->configure(settings);
    d->admission.configure(settings.admission);
    if (d->rest != nullptr && !settings.twilio.authTokens.isEmpty())
        d->rest->setAuthToken(settings.twilio.authTokens.front());
    m_settings = settings;
    return restart;
}

void Daemon::probe(std::function<void()> alive)
{
    if (d->engine == nullptr)
        return alive();
    d->engine->probe(std::move(alive));
}

quint16 Daemon::port() const
{
    return d->frontDoor != nullptr ? d->frontDoor->port() : quint16(0);
}

quint16 Daemon::adminPort() const
{
    return d->admin->port();
}

} // namespace takt
