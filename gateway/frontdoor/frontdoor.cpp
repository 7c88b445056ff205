// SPDX-License-Identifier: GPL-3.0-or-later
#include "frontdoor/frontdoor.h"

#include "carrier/rest.h"
#include "carrier/twiliocodec.h"
#include "carrier/twiml.h"
#include "carrier/webhook.h"
#include "http/tls.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QDateTime>

namespace takt::frontdoor {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::lcGateway;

namespace {

constexpr int kTickMs = 1000;
constexpr int kLateStopMs = 2000; // a stream may outlive its call's last report by that: they take different ways
constexpr auto kWebhooks = "/twilio/";
constexpr auto kMedia = "/media";

http::Response twiml(const QByteArray &document)
{
    http::Response response;
    response.type = "text/xml; charset=utf-8";
    response.body = document;
    return response;
}

http::Response done()
{
    http::Response response;
    response.status = 204;
    return response;
}

CallReport reported(const carrier::Form &form)
{
    return carrier::callReport(form, QDateTime::currentMSecsSinceEpoch());
}

// ?call=NONCE of an outbound call's URLs.
QString nonceOf(const http::Request &request)
{
    const QByteArray query = request.target.mid(request.path().size() + 1);
    return query.startsWith("call=") ? QString::fromLatin1(query.sliced(5, qMin<qsizetype>(query.size() - 5, 64)))
                                     : QString();
}

} // namespace

FrontDoor::FrontDoor(const config::Settings &settings, Admission &admission, carrier::RestClient *rest,
                     Handover handover, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_reception(settings, admission)
    , m_rest(rest)
    , m_handover(std::move(handover))
    , m_listener(std::make_unique<http::Listener>(
          http::Listener::Handlers{[this](const auto &request, const auto &reply) { onRequest(request, reply); },
                                   [this](const auto &head) { return onUpgrade(head); }},
          http::Listener::Limits{}))
{
    m_clock.start();
    connect(&m_tick, &QTimer::timeout, this, [this] { m_reception.tick(nowMs()); });
    m_tick.start(kTickMs);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &FrontDoor::giveLateAnswers);
}

FrontDoor::~FrontDoor() = default;

QString FrontDoor::open()
{
    if (QString error = configure(m_settings); !error.isEmpty())
        return error;
    if (const QString error = m_listener->open(m_settings.listen.address, m_settings.listen.port); !error.isEmpty())
        return u"listen: "_s + error;
    if (m_settings.publicUrl.isEmpty()) { // --insecure: nobody but this machine's own simulator calls
        m_settings.publicUrl.setScheme(m_settings.tls.wanted() ? u"https"_s : u"http"_s);
        m_settings.publicUrl.setHost(m_settings.listen.address.toString());
        m_settings.publicUrl.setPort(port());
        m_reception.configure(m_settings);
    }
    return {};
}

QString FrontDoor::configure(const config::Settings &settings)
{
    std::optional<QSslConfiguration> tls;
    if (settings.tls.wanted()) {
        const auto loaded = http::loadTls(settings.tls.certificateFile, settings.tls.keyFile);
        if (!loaded)
            return loaded.error();
        tls = *loaded;
    }
    m_listener->setTls(tls);
    const QUrl publicUrl = m_settings.publicUrl;
    m_settings = settings;
    if (m_settings.publicUrl.isEmpty())
        m_settings.publicUrl = publicUrl;
    m_signatures.reset();
    if (!settings.insecure)
        m_signatures.emplace(settings.publicUrl, settings.twilio.authTokens);
    m_reception.configure(m_settings);
    return {};
}

// Webhooks -------------------------------------------------------------------------------------------------------------

void FrontDoor::onRequest(const http::Request &request, const http::Listener::Reply &reply)
{
    const QByteArray path = pathOf(request);
    using Webhook = http::Response (FrontDoor::*)(const carrier::Form &, const QString &);
    static const QHash<QByteArray, Webhook> s_webhooks{
        {"/twilio/voice", &FrontDoor::onVoice},          {"/twilio/after-stream", &FrontDoor::onAfterStream},
        {"/twilio/after-dial", &FrontDoor::onAfterDial}, {"/twilio/status", &FrontDoor::onStatus},
        {"/twilio/amd", &FrontDoor::onStatus},           {"/twilio/recording", &FrontDoor::onRecording},
        {"/twilio/stream", &FrontDoor::onStream},
    };
    const auto webhook = s_webhooks.constFind(path);
    if (webhook == s_webhooks.constEnd()) {
        const bool isMedia = path == kMedia || path.startsWith("/media/");
        http::Response response = http::Response::plain(isMedia ? 426 : 404);
        if (isMedia)
            response.headers = {{"Upgrade", "websocket"}};
        reply(response);
        return;
    }
    if (request.method != "POST") {
        http::Response response = http::Response::plain(405);
        response.headers = {{"Allow", "POST"}};
        reply(response);
        return;
    }
    const auto form = carrier::parseForm(request.body);
    if (!form) {
        reply(http::Response::plain(400));
        return;
    }
    if (!isCarriers(request, *form)) {
        telemetry::count(Counter::SignaturesRefused);
        qCWarning(lcGateway) << "refused a webhook: its signature is not the carrier's";
        reply(http::Response::plain(403));
        return;
    }
    if (!carrier::isSid(carrier::value(*form, "CallSid"), "CA"_L1)) { // all of them are about a call
        reply(http::Response::plain(400));
        return;
    }
    telemetry::count(Counter::WebhooksAccepted);
    http::Response response = (this->**webhook)(*form, nonceOf(request));
    const quint64 receipt = m_answers.hold(reply, std::move(response), nowMs());
    if (!m_patience.isActive())
        m_patience.start(HeldAnswers::kLongestMs);
    Q_EMIT receiptWanted(receipt);
}

void FrontDoor::onRecorded(quint64 receipt)
{
    m_answers.release(receipt);
}

void FrontDoor::giveLateAnswers()
{
    m_answers.expire(nowMs());
    if (const qint64 due = m_answers.dueMs(); due >= 0)
        m_patience.start(int(qMax<qint64>(0, due - nowMs())));
}

QByteArray FrontDoor::pathOf(const http::Request &request) const
{
    const QByteArray path = request.path();
    QByteArray prefix = m_settings.publicUrl.path(QUrl::FullyEncoded).toLatin1();
    if (prefix.endsWith('/'))
        prefix.chop(1);
    const bool left = path.startsWith(prefix)
                      && (path.indexOf(kWebhooks, prefix.size()) == prefix.size()
                          || path.indexOf(kMedia, prefix.size()) == prefix.size());
    return left ? path.sliced(prefix.size()) : path;
}

bool FrontDoor::isCarriers(const http::Request &request, const carrier::Form &form) const
{
    return !m_signatures || m_signatures->webhook(request.target, request.header("x-twilio-signature"), form);
}

http::Response FrontDoor::onVoice(const carrier::Form &form, const QString &nonce)
{
    CallReport call = reported(form);
    const bool machine = m_reception.unwantedMachine(call);
    const QByteArray document = machine ? carrier::hangup() : m_reception.onVoice(call, nonce, nowMs());
    call.business = m_reception.businessOf(call.callSid, nonce);
    Q_EMIT callReported(call);
    return twiml(document);
}

http::Response FrontDoor::onAfterStream(const carrier::Form &form, const QString &nonce)
{
    const CallReport call = reported(form);
    noteStatus(call, nonce);
    return twiml(m_reception.onAfterStream(call));
}

http::Response FrontDoor::onAfterDial(const carrier::Form &form, const QString &)
{
    return twiml(m_reception.onAfterDial(reported(form), carrier::value(form, "DialCallStatus")));
}

http::Response FrontDoor::onStatus(const carrier::Form &form, const QString &nonce)
{
    noteStatus(reported(form), nonce);
    return done();
}

http::Response FrontDoor::onRecording(const carrier::Form &form, const QString &)
{
    Q_EMIT recordingReported(carrier::recordingReport(form, QDateTime::currentMSecsSinceEpoch()));
    return done();
}

http::Response FrontDoor::onStream(const carrier::Form &form, const QString &)
{
    const StreamReport stream = carrier::streamReport(form, QDateTime::currentMSecsSinceEpoch());
    m_reception.onStream(stream);
    Q_EMIT streamReported(stream);
    return done();
}

void FrontDoor::noteStatus(CallReport report, const QString &nonce)
{
    report.business = m_reception.businessOf(report.callSid, nonce);
    m_reception.onStatus(report, nonce, nowMs());
    Q_EMIT callReported(report);
    if (m_reception.unwantedMachine(report) && m_rest != nullptr && !report.isFinal())
        m_rest->hangUp(report.callSid, [callSid = report.callSid](const carrier::RestOutcome &outcome) {
            if (!outcome.ok)
                qCWarning(lcGateway).noquote() << callSid << "a machine answered and stays on:" << outcome.message;
        });
    if (report.isFinal() && report.parentCallSid.isEmpty())
        QTimer::singleShot(kLateStopMs, this, [this, callSid = report.callSid] { Q_EMIT callFinished(callSid); });
}

// Media ----------------------------------------------------------------------------------------------------------------

http::Upgrade FrontDoor::onUpgrade(const http::Request &head)
{
    const QByteArray path = pathOf(head);
    if (path != kMedia && !path.startsWith("/media/"))
        return {404, {}};
    if (head.method != "GET")
        return {405, {}};
    if (m_signatures && !m_signatures->upgrade(head.target, head.header("x-twilio-signature"))) {
        telemetry::count(Counter::SignaturesRefused);
        qCWarning(lcGateway) << "refused a media stream: its signature is not the carrier's";
        return {403, {}};
    }
    QByteArray bearer = path.mid(qsizetype(std::char_traits<char>::length(kMedia)) + 1);
    if (bearer.endsWith('/'))
        bearer.chop(1);
    auto pass = m_reception.onUpgrade(bearer, nowMs());
    if (!pass) {
        qCWarning(lcGateway).noquote() << "refused a media stream:" << pass.error();
        return {403, {}};
    }
    return {0, [this, pass = std::move(pass).value()](QTcpSocket *socket) { m_handover(socket, pass); }};
}

bool FrontDoor::onEnded(const QString &callSid, EndReason reason)
{
    return m_reception.onEnded(callSid, reason, nowMs());
}

void FrontDoor::refuseAll()
{
    const QStringList ringing = m_reception.close();
    for (const QString &callSid : ringing) {
        if (m_rest != nullptr)
            m_rest->hangUp(callSid, [](const carrier::RestOutcome &) {});
    }
}

// Outbound -------------------------------------------------------------------------------------------------------------

void FrontDoor::placeCall(const QString &to, const QString &business, std::function<void(const Result<QString> &)> done)
{
    if (m_rest == nullptr) {
        done(Error{u"outbound calls need TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"_s});
        return;
    }
    const auto dialling = m_reception.dial(to, business, nowMs());
    if (!dialling) {
        done(Error{dialling.error()});
        return;
    }
    carrier::OutboundCall call;
    call.to = dialling->to;
    call.from = dialling->from;
    call.url = m_reception.webhookUrl(u"voice"_s, dialling->nonce);
    call.statusCallback = m_reception.webhookUrl(u"status"_s, dialling->nonce);
    if (m_settings.twilio.detectMachines) {
        call.amd = carrier::OutboundCall::Amd::Detect;
        call.asyncAmd = true;
        call.amdCallback = m_reception.webhookUrl(u"amd"_s, dialling->nonce);
    }
    m_rest->placeCall(call, [this, dialling = *dialling, done = std::move(done)](const carrier::RestOutcome &outcome) {
        if (!outcome.ok && outcome.inDoubt) { // then the call is known when it comes
            done(Error{u"it may ring or not: "_s + outcome.message});
            return;
        }
        if (!outcome.ok) {
            m_reception.onDialFailed(dialling.nonce);
            done(Error{u"the carrier would not place the call: "_s + outcome.message});
            return;
        }
        CallReport placed; // on record from now on, whatever becomes of it
        placed.callSid = outcome.resource["sid"_L1].toString();
        placed.business = dialling.business->name;
        placed.direction = QString(name(Direction::Outbound));
        placed.from = dialling.from;
        placed.to = dialling.to;
        placed.status = u"queued"_s;
        placed.atMs = QDateTime::currentMSecsSinceEpoch();
        m_reception.onDialled(dialling.nonce, placed.callSid);
        Q_EMIT callReported(placed);
        done(placed.callSid);
    });
}

void FrontDoor::passOn(const QString &callSid, const QString &target, std::function<void(const QString &)> done)
{
    m_reception.onTransfer(callSid, target);
    const QByteArray document = carrier::dial(target, {}, m_reception.webhookUrl(u"after-dial"_s));
    m_rest->redirect(callSid, document, [this, callSid, done = std::move(done)](const carrier::RestOutcome &outcome) {
        if (outcome.ok)
            return done({});
        m_reception.onTransfer(callSid, {});
        done((outcome.inDoubt ? u"it may be passed on or not: "_s : u"the carrier would not pass the call on: "_s)
             % outcome.message);
    });
}

} // namespace takt::frontdoor
