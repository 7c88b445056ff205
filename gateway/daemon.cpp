// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon.h"

#include "admin/adminserver.h"
#include "carrier/rest.h"
#include "control/controlserver.h"
#include "engine.h"
#include "frontdoor/frontdoor.h"
#include "records/recorder.h"
#include "shared/controlprotocol.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QTcpSocket>
#include <QTimer>

namespace takt {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcGateway;

namespace {

constexpr int kDrainLookMs = 100;
// How long the door stays open for the carrier to ask what callers shall hear whose agent was taken from them.
constexpr int kFarewellMs = 3000;

} // namespace

struct Daemon::Parts {
    explicit Parts(const config::Settings &settings)
        : admission(settings.admission)
    {
    }
    // In the order of construction; destroyed the other way round.
    records::Recorder recorder;
    frontdoor::Admission admission;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<carrier::RestClient> rest; // null without credentials
    std::unique_ptr<frontdoor::FrontDoor> frontDoor;
    std::unique_ptr<control::ControlServer> control;
    std::unique_ptr<admin::AdminServer> admin;
    std::vector<media::LatenessHistogram::Snapshot> lateness; // a second ago
    QTimer seconds;
    QTimer drained;         // while draining: looks whether the last call is over
    QTimer deadline;        // of the drain
    QElapsedTimer sinceEnd; // of the last call after which the carrier asks what comes next
    bool terminating = false;
    bool ending = false;
    qint64 startedAtMs = QDateTime::currentMSecsSinceEpoch();
};

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
    if (QString error = d->recorder.open(m_settings.databasePath); !error.isEmpty())
        return error;
    d->engine = std::make_unique<Engine>(m_settings.tx);
    const config::TwilioSettings &twilio = m_settings.twilio;
    if (!twilio.accountSid.isEmpty() && !twilio.authTokens.isEmpty())
        d->rest = std::make_unique<carrier::RestClient>(
            carrier::RestSettings{twilio.baseUrl, twilio.accountSid, twilio.authTokens.front()});
    d->frontDoor = std::make_unique<frontdoor::FrontDoor>(
        m_settings, d->admission, d->rest.get(),
        [this](QTcpSocket *socket, const carrier::Pass &pass) { d->engine->handOver(socket, pass); });
    connectRooms();
    if (QString error = openControl(); !error.isEmpty())
        return error;
    if (QString error = openAdmin(); !error.isEmpty())
        return error;
    if (QString error = d->frontDoor->open(); !error.isEmpty())
        return error;

    connect(&d->seconds, &QTimer::timeout, this, &Daemon::onSecond);
    d->seconds.start(1000);
    connect(&d->drained, &QTimer::timeout, this, &Daemon::onDrained);
    d->deadline.setSingleShot(true);
    connect(&d->deadline, &QTimer::timeout, this, &Daemon::endCalls);
    qCInfo(lcGateway).noquote() << "takt-gateway" << TAKT_VERSION << "listens on"
                                << config::Endpoint{m_settings.listen.address, port()}.toText()
                                << (m_settings.tls.wanted() ? "with TLS" : "without TLS");
    qCInfo(lcGateway).noquote() << "media threads:" << d->engine->realTime();
    return {};
}

void Daemon::connectRooms()
{
    calls::CallWorker *worker = d->engine->calls();
    records::RecordWriter *writer = d->recorder.writer();
    frontdoor::FrontDoor *door = d->frontDoor.get();
    using Writer = records::RecordWriter;
    connect(worker, &calls::CallWorker::callStarted, writer, &Writer::add);
    connect(worker, &calls::CallWorker::turnFinished, writer, &Writer::add);
    connect(worker, &calls::CallWorker::callEnded, writer, &Writer::add);
    connect(door, &frontdoor::FrontDoor::callReported, writer, &Writer::add);
    connect(door, &frontdoor::FrontDoor::recordingReported, writer, &Writer::add);
    connect(door, &frontdoor::FrontDoor::streamReported, writer, &Writer::add);
    connect(worker, &calls::CallWorker::callEnded, door, [this, door](const CallEnded &ended) {
        if (door->onEnded(ended.callSid, ended.reason))
            d->sinceEnd.start();
    });
    connect(door, &frontdoor::FrontDoor::callFinished, d->engine.get(),
            [this](const QString &callSid) { d->engine->endCall(callSid, EndReason::CarrierCompleted); });
}

QString Daemon::openControl()
{
    using Reply = control::ControlServer::Reply;
    d->control = std::make_unique<control::ControlServer>(QHash<QString, control::ControlServer::Handler>{
        {control::kStatus,
         [this](const QJsonObject &, const Reply &reply) {
             takeSnapshot([reply](const GatewaySnapshot &snapshot) { reply(snapshot.toJson()); });
         }},
        {control::kDrain,
         [this](const QJsonObject &, const Reply &reply) {
             drain();
             reply(QJsonObject{{"calls"_L1, d->admission.held()}});
         }},
        {control::kUndrain,
         [this](const QJsonObject &, const Reply &reply) {
             reply(undrain() ? Result<QJsonObject>(QJsonObject()) : Error{u"too late: the gateway is ending"_s});
         }},
        {control::kCall,
         [this](const QJsonObject &parameters, const Reply &reply) {
             d->frontDoor->placeCall(parameters["to"_L1].toString(), parameters["business"_L1].toString(),
                                     [reply](const Result<QString> &callSid) {
                                         if (callSid)
                                             reply(QJsonObject{{"call_sid"_L1, *callSid}});
                                         else
                                             reply(Error{callSid.error()});
                                     });
         }},
        {control::kHangUp,
         [this](const QJsonObject &parameters, const Reply &reply) {
             hangUp(parameters["call_sid"_L1].toString());
             reply(QJsonObject());
         }},
    });
    return d->control->listen(m_settings.controlSocket);
}

QString Daemon::openAdmin()
{
    d->admin = std::make_unique<admin::AdminServer>([this] { return notReady(); },
                                                    [this](auto deliver) { collect(std::move(deliver)); });
    return d->admin->open(m_settings.adminListen.address, m_settings.adminListen.port);
}

// Once a second: how late was the beat?
void Daemon::onSecond()
{
    std::vector<media::LatenessHistogram::Snapshot> now = d->engine->lateness();
    media::LatenessHistogram::Snapshot second;
    for (std::size_t i = 0; i < now.size(); ++i)
        second.add(i < d->lateness.size() ? now[i].minus(d->lateness[i]) : now[i]);
    d->lateness = std::move(now);
    d->admission.onSecond(second.percentileMs(0.99));
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

void Daemon::stop()
{
    if (d == nullptr)
        return;
    d->control.reset();
    d->admin.reset();
    d->frontDoor.reset(); // no new calls
    d->rest.reset();
    d->engine.reset(); // each call ends here, and with it posts its end to the recorder and its close to the carrier
    d.reset();
    qCInfo(lcGateway) << "stopped";
}

// Operators ------------------------------------------------------------------------------------------------------------

QStringList Daemon::apply(const config::Settings &settings, QString &problem)
{
    problem = d->frontDoor->configure(settings);
    if (!problem.isEmpty())
        return {};
    d->admission.configure(settings.admission);
    QStringList restart;
    const auto note = [&](const QString &key, bool changed) {
        if (changed)
            restart << key;
    };
    const config::Settings &old = m_settings;
    note(u"listen"_s, settings.listen.toText() != old.listen.toText());
    note(u"admin_listen"_s, settings.adminListen.toText() != old.adminListen.toText());
    note(u"database.url"_s, settings.databasePath != old.databasePath);
    note(u"control_socket"_s, settings.controlSocket != old.controlSocket);
    note(u"tx"_s, settings.tx != old.tx);
    note(u"twilio.base_url"_s, settings.twilio.baseUrl != old.twilio.baseUrl);
    note(u"TWILIO_ACCOUNT_SID"_s, settings.twilio.accountSid != old.twilio.accountSid);
    m_settings = settings;
    if (d->rest != nullptr && !settings.twilio.authTokens.isEmpty())
        d->rest->setAuthToken(settings.twilio.authTokens.front());
    return restart;
}

void Daemon::hangUp(const QString &callSid)
{
    d->engine->endCall(callSid, EndReason::OperatorHangup); // what comes after the stream hangs up, without REST too
    if (d->rest != nullptr)
        d->rest->hangUp(callSid, [callSid](const carrier::RestOutcome &outcome) {
            if (!outcome.ok)
                qCWarning(lcGateway).noquote() << callSid << "the carrier would not hang up:" << outcome.message;
        });
}

QStringList Daemon::notReady() const
{
    QStringList reasons;
    if (const auto refusal = d->admission.refusal(); refusal != frontdoor::Refusal::None)
        reasons << QString(frontdoor::name(refusal));
    if (d->recorder.failing())
        reasons << u"the database takes no records"_s;
    return reasons;
}

void Daemon::takeSnapshot(std::function<void(const GatewaySnapshot &)> deliver)
{
    d->engine->askCalls([this, deliver = std::move(deliver)](const QList<CallSnapshot> &calls) {
        GatewaySnapshot snapshot;
        snapshot.version = QString::fromLatin1(TAKT_VERSION);
        snapshot.startedAtMs = d->startedAtMs;
        snapshot.realTime = d->engine->realTime();
        snapshot.worstLateUs = d->engine->worstLateNs() / 1000;
        snapshot.draining = d->admission.draining();
        snapshot.slotsHeld = d->admission.held();
        snapshot.calls = calls;
        for (int i = 0; i < int(telemetry::Counter::Count_); ++i)
            snapshot.counters.insert(telemetry::name(telemetry::Counter(i)), telemetry::counted(telemetry::Counter(i)));
        deliver(snapshot);
    });
}

void Daemon::collect(std::function<void(const admin::Metrics &)> deliver)
{
    d->engine->askCalls([this, deliver = std::move(deliver)](const QList<CallSnapshot> &calls) {
        admin::Metrics metrics;
        metrics.version = QString::fromLatin1(TAKT_VERSION);
        metrics.startedAtMs = d->startedAtMs;
        metrics.callsLive = int(calls.size());
        metrics.slotsHeld = d->admission.held();
        metrics.tokensWaiting = d->frontDoor->tokensWaiting();
        metrics.draining = d->admission.draining();
        metrics.refusingLate = d->admission.late();
        QMap<QString, int> states;
        for (const CallSnapshot &call : calls)
            ++states[call.state];
        metrics.modelSessions = states[u"greeting"_s] + states[u"talking"_s] + states[u"interrupted"_s];
        for (auto it = states.cbegin(); it != states.cend(); ++it)
            metrics.callsByState.append({it.key(), it.value()});
        metrics.workers = d->engine->lateness();
        deliver(metrics);
    });
}

void Daemon::probe(std::function<void()> alive)
{
    d->engine->probe(std::move(alive));
}

quint16 Daemon::port() const
{
    return d->frontDoor->port();
}

quint16 Daemon::adminPort() const
{
    return d->admin->port();
}

} // namespace takt
