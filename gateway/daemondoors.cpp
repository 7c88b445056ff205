// SPDX-License-Identifier: GPL-3.0-or-later
// Of the daemon: what operators and monitors ask of it.
#include "daemonparts.h"
#include "jobs/desk.h"
#include "shared/controlprotocol.h"
#include "shared/phonenumber.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QJsonArray>

namespace takt {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcGateway;

namespace {

QJsonArray latestFirst(const QHash<QString, QJsonObject> &rows)
{
    QList<qint64> numbers;
    for (auto it = rows.cbegin(); it != rows.cend(); ++it)
        numbers << it.key().toLongLong();
    std::sort(numbers.begin(), numbers.end(), std::greater());
    QJsonArray latest;
    for (const qint64 number : numbers)
        latest.append(rows[QString::number(number)]);
    return latest;
}

} // namespace

// The operator's commands, one handler each.
QString Daemon::openControl()
{
    using control::Reply;
    using control::Tier;
    control::Methods methods{
        {control::kStatus,
         {Tier::View,
          [this](const QJsonObject &, const Reply &reply) {
              askCalls([this, reply](const QList<CallSnapshot> &calls) {
                  GatewaySnapshot all = snapshot();
                  all.calls = calls;
                  reply([all] { return all.toJson(); });
              });
          }}},
        {control::kDrain,
         {Tier::Act,
          [this](const QJsonObject &, const Reply &reply) {
              drain();
              reply(QJsonObject{{"calls"_L1, d->admission.held()}});
          }}},
        {control::kUndrain,
         {Tier::Act,
          [this](const QJsonObject &, const Reply &reply) {
              reply(undrain() ? Result<QJsonObject>(QJsonObject()) : Error{u"too late: the gateway is ending"_s});
          }}},
        {control::kCall,
         {Tier::Act, [this](const QJsonObject &parameters, const Reply &reply) { placeCall(parameters, reply); }}},
        {control::kHangUp,
         {Tier::Act, [this](const QJsonObject &parameters, const Reply &reply) { hangUp(parameters, reply); }}},
        {control::kTransfer,
         {Tier::Act, [this](const QJsonObject &parameters, const Reply &reply) { transfer(parameters, reply); }}},
        {control::kSay,
         {Tier::Act,
          [this](const QJsonObject &parameters, const Reply &reply) {
              order(
                  parameters, [text = parameters["text"_L1].toString()](auto &call) { return call.say(text); }, reply);
          }}},
        {control::kMute,
         {Tier::Act,
          [this](const QJsonObject &parameters, const Reply &reply) {
              const QJsonValue on = parameters["on"_L1];
              if (!on.isBool())
                  return reply(Error{u"on must be true or false"_s});
              order(
                  parameters, [on](auto &call) { return call.setMuted(on.toBool()); }, reply);
          }}},
    };
    addFlightMethods(methods);
    const auto desk = jobs::deskMethods();
    for (const jobs::DeskMethod &method : desk)
        methods.insert(method.name, {method.acts ? Tier::Act : Tier::View,
                                     [this, name = method.name](const QJsonObject &parameters, const Reply &reply) {
                                         d->jobs->ask(name, parameters, reply);
                                     }});
    d->control = std::make_unique<control::ControlServer>(std::move(methods), topics());
    return d->control->listen(m_settings.controlSocket);
}

// The last seconds of a call. A new record may cost the oldest one its place: no look-on's business.
void Daemon::addFlightMethods(control::Methods &methods)
{
    using control::Reply;
    using control::Tier;
    static const Error s_none{u"this process has no calls: it is a worker"_s};
    methods.insert(control::kFreeze, {Tier::Act, [this](const QJsonObject &parameters, const Reply &reply) {
                                          if (d->flights == nullptr)
                                              return reply(s_none);
                                          const QString callSid = parameters["call_sid"_L1].toString();
                                          d->engine->askMedia(callSid,
                                                              [this, callSid, reply](const media::CallMediaPtr &media) {
                                                                  if (media != nullptr)
                                                                      d->flights->freeze(media, reply);
                                                                  else
                                                                      d->flights->read(callSid, reply);
                                                              });
                                      }});
    methods.insert(control::kFlight, {Tier::View, [this](const QJsonObject &parameters, const Reply &reply) {
                                          if (d->flights == nullptr)
                                              return reply(s_none);
                                          d->flights->read(parameters["flight"_L1].toString(), reply);
                                      }});
    methods.insert(control::kFlights, {Tier::View, [this](const QJsonObject &, const Reply &reply) {
                                           if (d->flights == nullptr)
                                               return reply(s_none);
                                           d->flights->askRows([reply](const QHash<QString, QJsonObject> &rows) {
                                               reply(QJsonObject{{"flights"_L1, latestFirst(rows)}});
                                           });
                                       }});
}

void Daemon::placeCall(const QJsonObject &parameters, const std::function<void(const Result<QJsonObject> &)> &reply)
{
    if (d->frontDoor == nullptr)
        return reply(Error{u"this process has no calls: it is a worker"_s});
    d->frontDoor->placeCall(parameters["to"_L1].toString(), parameters["business"_L1].toString(),
                            [reply](const Result<QString> &callSid) {
                                if (callSid)
                                    reply(QJsonObject{{"call_sid"_L1, *callSid}});
                                else
                                    reply(Error{callSid.error()});
                            });
}

QString Daemon::openAdmin()
{
    d->admin = std::make_unique<admin::AdminServer>([this] { return notReady(); },
                                                    [this](auto deliver) { collect(std::move(deliver)); });
    QString error = d->admin->open(m_settings.adminListen.address, m_settings.adminListen.port);
    return error.isEmpty() ? error : u"admin_listen: "_s + error;
}

// A call with a stream ends here: what comes after the stream hangs up, without REST too. Of one that only rings the
// carrier alone can tell whether there is one.
void Daemon::hangUp(const QJsonObject &parameters, const std::function<void(const Result<QJsonObject> &)> &reply)
{
    const QString callSid = parameters["call_sid"_L1].toString();
    const auto end = [](calls::Call &call) {
        call.end(EndReason::OperatorHangup, {});
        return QString();
    };
    order(parameters, end, [this, callSid, reply](const Result<QJsonObject> &ended) {
        if (ended || d->rest == nullptr)
            reply(ended);
        if (d->rest == nullptr)
            return;
        d->rest->hangUp(callSid, [callSid, reply, ended](const carrier::RestOutcome &outcome) {
            const bool wasThere = outcome.ok && outcome.httpStatus / 100 == 2; // over already is ok as well
            if (!outcome.ok)
                qCWarning(lcGateway).noquote() << callSid << "the carrier would not hang up:" << outcome.message;
            if (ended)
                return; // and answered
            if (wasThere)
                reply(QJsonObject());
            else
                reply(Error{outcome.ok ? ended.error() : ended.error() + u"; the carrier: "_s + outcome.message});
        });
    });
}

void Daemon::order(const QJsonObject &parameters, std::function<QString(calls::Call &)> what,
                   const std::function<void(const Result<QJsonObject> &)> &reply)
{
    if (d->engine == nullptr)
        return reply(Error{u"this process has no calls: it is a worker"_s});
    d->engine->order(parameters["call_sid"_L1].toString(), std::move(what), [reply](const QString &problem) {
        reply(problem.isEmpty() ? Result<QJsonObject>(QJsonObject()) : Error{problem});
    });
}

// The call has to know first: the carrier takes its stream away before it answers us.
void Daemon::transfer(const QJsonObject &parameters, const std::function<void(const Result<QJsonObject> &)> &reply)
{
    const QString callSid = parameters["call_sid"_L1].toString();
    const QString to = parameters["to"_L1].toString();
    const QString target = normalisedNumber(to);
    if (target.isEmpty())
        return reply(Error{u"\"%1\" is no number like +15551234567, and no sip: address"_s.arg(to.left(100))});
    if (d->engine != nullptr && d->rest == nullptr)
        return reply(Error{u"passing calls on needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"_s});
    const auto refused = [this, callSid, reply](const QString &why) {
        d->engine->order(
            callSid,
            [why](calls::Call &call) {
                call.onTransferRefused(why);
                return QString();
            },
            [](const QString &) {});
        reply(Error{why});
    };
    order(
        parameters, [target](auto &call) { return call.beginTransfer(target); },
        [this, callSid, target, refused, reply](const Result<QJsonObject> &begun) {
            if (!begun)
                return reply(begun);
            d->frontDoor->passOn(callSid, target, [refused, reply](const QString &problem) {
                if (problem.isEmpty())
                    reply(QJsonObject());
                else
                    refused(problem);
            });
        });
}

QStringList Daemon::notReady() const
{
    QStringList reasons;
    if (d->engine == nullptr)
        return reasons;
    if (const auto refusal = d->admission.refusal(); refusal != frontdoor::Refusal::None)
        reasons << QString(frontdoor::name(refusal));
    if (d->recorder->failing())
        reasons << u"the database takes no records"_s;
    return reasons;
}

void Daemon::askCalls(std::function<void(const QList<CallSnapshot> &)> deliver)
{
    if (d->engine == nullptr)
        return deliver({});
    d->engine->askCalls(std::move(deliver));
}

GatewaySnapshot Daemon::snapshot() const
{
    GatewaySnapshot snapshot;
    snapshot.version = QString::fromLatin1(TAKT_VERSION);
    snapshot.startedAtMs = d->startedAtMs;
    if (d->engine != nullptr) {
        snapshot.realTime = d->engine->realTime();
        snapshot.worstLateUs = d->engine->worstLateNs() / 1000;
    }
    snapshot.draining = d->admission.draining();
    snapshot.slotsHeld = d->admission.held();
    snapshot.role = name(m_settings.role);
    snapshot.dataDir = m_settings.dataDir;
    snapshot.notReady = notReady();
    if (d->deadline.isActive())
        snapshot.drainEndsAtMs = QDateTime::currentMSecsSinceEpoch() + d->deadline.remainingTime();
    for (int i = 0; i < int(telemetry::Counter::Count_); ++i)
        snapshot.counters.insert(telemetry::name(telemetry::Counter(i)), telemetry::counted(telemetry::Counter(i)));
    return snapshot;
}

void Daemon::collect(std::function<void(const admin::Metrics &)> deliver)
{
    askCalls([this, deliver = std::move(deliver)](const QList<CallSnapshot> &calls) {
        admin::Metrics metrics;
        metrics.version = QString::fromLatin1(TAKT_VERSION);
        metrics.startedAtMs = d->startedAtMs;
        metrics.callsLive = int(calls.size());
        metrics.slotsHeld = d->admission.held();
        metrics.tokensWaiting = d->frontDoor != nullptr ? d->frontDoor->tokensWaiting() : 0;
        metrics.draining = d->admission.draining();
        metrics.refusingLate = d->admission.late();
        QMap<QString, int> states;
        for (const CallSnapshot &call : calls)
            ++states[call.state];
        metrics.modelSessions = states[u"greeting"_s] + states[u"talking"_s] + states[u"interrupted"_s];
        for (auto it = states.cbegin(); it != states.cend(); ++it)
            metrics.callsByState.append({it.key(), it.value()});
        if (d->engine != nullptr)
            metrics.workers = d->engine->lateness();
        metrics.jobsRunning = d->jobs->gate().running();
        metrics.jobsGateClosed = !d->jobs->gate().closedReason().isEmpty();
        d->jobs->askCounts([metrics, deliver](const store::JobCounts &counts) mutable {
            metrics.jobsByState = counts.byState;
            metrics.jobsOldestOpenMs = counts.oldestOpenMs;
            deliver(metrics);
        });
    });
}

} // namespace takt
