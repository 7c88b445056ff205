// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/rest.h"

#include "carrier/twiliocodec.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QLocale>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QRandomGenerator>
#include <QTimer>

#include <algorithm>
#include <cstring>

namespace takt::carrier {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcCarrier;

namespace {

constexpr qint64 kMaxAnswer = 1024 * 1024;
constexpr int kMaxRetries = 3;
constexpr int kMaxRunning = 6; // as many connections as QNetworkAccessManager opens to a host; the rest waits here,
                               // where the time of an attempt does not run yet
constexpr int kMaxTwiml = 4000;
constexpr qsizetype kMaxMessage = 300;
constexpr int kMaxRetryAfterSeconds = 30;
constexpr int kNever = -1;
// The carrier's error codes.
constexpr int kNotFound = 20404;
constexpr int kNotEligible = 21220; // the call's state does not allow it

// A body that can be read once. QNetworkAccessManager sends a request again by itself, POST or not, when the server
// closes the connection instead of answering; it can't when it can't rewind the body. How often is ours to decide.
class OnceBody final : public QIODevice
{
public:
    explicit OnceBody(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    [[nodiscard]] bool isSequential() const override { return true; }
    bool seek(qint64) override { return false; } // QIODevice's own would warn
    [[nodiscard]] qint64 bytesAvailable() const override { return m_bytes.size() - m_read; }

protected:
    qint64 readData(char *data, qint64 maxSize) override
    {
        const qint64 n = std::min(maxSize, bytesAvailable());
        std::memcpy(data, m_bytes.constData() + m_read, size_t(n));
        m_read += n;
        return n;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    QByteArray m_bytes;
    qint64 m_read = 0;
};

FormField field(const char *name, const QString &value)
{
    return {name, value.toUtf8()};
}

// Seconds or an HTTP date (RFC 9110); kNever: not said, or not understood.
int retryAfterSeconds(const QByteArray &header)
{
    bool ok = false;
    const int seconds = header.trimmed().toInt(&ok);
    if (ok)
        return std::max(0, seconds);
    QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(header.trimmed()),
                                             u"ddd, dd MMM yyyy hh:mm:ss 'GMT'"_s);
    if (!date.isValid())
        return kNever;
    date.setTimeSpec(Qt::UTC);
    return int(std::clamp<qint64>(QDateTime::currentDateTimeUtc().secsTo(date), 0, kMaxRetryAfterSeconds + 1));
}

QString whyNoAnswer(QNetworkReply::NetworkError error)
{
    // Not QNetworkReply's own text: that names the URL.
    switch (error) {
    case QNetworkReply::ConnectionRefusedError: return u"the connection was refused"_s;
    case QNetworkReply::RemoteHostClosedError: return u"the connection was closed before the answer"_s;
    // See OnceBody. 307 and 308 also end here, before their status is known to us.
    case QNetworkReply::ContentReSendError: return u"the connection was closed before the answer, or redirected"_s;
    case QNetworkReply::HostNotFoundError: return u"the host was not found"_s;
    case QNetworkReply::SslHandshakeFailedError: return u"the TLS handshake failed"_s;
    default: return u"the request failed in the network"_s;
    }
}

enum class Cut { No, TooSlow, TooLong };

} // namespace

struct RestClient::Operation {
    const char *name;
    QString path; // below the account
    Form form;
    Done done;
    bool ringsSomebody = false;
    bool goneIsOk = false;
    bool waitsForAnswer = false; // 21220 passes
    int retries = 0;
    Cut cut = Cut::No; // why we ended the attempt ourselves
    QElapsedTimer since{};
};

RestClient::RestClient(const RestSettings &settings, QObject *parent, const RestTimes &times)
    : QObject(parent)
    , m_settings(settings)
    , m_times(times)
    // A child, not a member: ~QObject cuts its signals to us before it deletes it.
    , m_network(new QNetworkAccessManager(this))
{
}

RestClient::~RestClient() = default;

void RestClient::hangUp(const QString &callSid, Done done)
{
    Operation hangUp{"hang up", {}, {field("Status", u"completed"_s)}, std::move(done)};
    hangUp.goneIsOk = true;
    onCall(callSid, std::move(hangUp));
}

void RestClient::redirect(const QString &callSid, const QByteArray &twiml, Done done)
{
    onCall(callSid, {"redirect", {}, {{"Twiml", twiml}}, std::move(done)});
}

void RestClient::redirectToUrl(const QString &callSid, const QString &url, Done done)
{
    onCall(callSid, {"redirect", {}, {field("Url", url), {"Method", "POST"}}, std::move(done)});
}

void RestClient::startRecording(const QString &callSid, const QString &callbackUrl, Done done)
{
    Operation start{"start recording", u"/Recordings"_s, {}, std::move(done)};
    start.form = {{"RecordingChannels", "dual"},
                  {"RecordingTrack", "both"},
                  {"Trim", "do-not-trim"},
                  field("RecordingStatusCallback", callbackUrl),
                  {"RecordingStatusCallbackMethod", "POST"},
                  {"RecordingStatusCallbackEvent", "in-progress completed absent"}};
    start.waitsForAnswer = true;
    onCall(callSid, std::move(start));
}

void RestClient::placeCall(const OutboundCall &call, Done done)
{
    Operation place{"place call", u"/Calls.json"_s, {}, std::move(done)};
    place.ringsSomebody = true;
    Form &form = place.form;
    form = {field("To", call.to), field("From", call.from), field("Url", call.url), {"Method", "POST"}};
    if (!call.statusCallback.isEmpty()) {
        form.append(field("StatusCallback", call.statusCallback));
        form.emplaceBack("StatusCallbackMethod", "POST");
        for (const char *event : {"initiated", "ringing", "answered", "completed"})
            form.emplaceBack("StatusCallbackEvent", event);
    }
    if (call.ringSeconds > 0)
        form.append(field("Timeout", QString::number(call.ringSeconds)));
    if (call.timeLimitSeconds > 0)
        form.append(field("TimeLimit", QString::number(call.timeLimitSeconds)));
    if (call.amd != OutboundCall::Amd::None) {
        const bool end = call.amd == OutboundCall::Amd::DetectMessageEnd;
        form.emplaceBack("MachineDetection", end ? "DetectMessageEnd" : "Enable");
        if (call.asyncAmd) {
            form.emplaceBack("AsyncAmd", "true");
            form.append(field("AsyncAmdStatusCallback", call.amdCallback));
            form.emplaceBack("AsyncAmdStatusCallbackMethod", "POST");
        }
    }
    enqueue(std::make_shared<Operation>(std::move(place)));
}

void RestClient::onCall(const QString &callSid, Operation operation)
{
    const auto it = std::find_if(operation.form.begin(), operation.form.end(),
                                 [](const FormField &f) { return f.name == "Twiml"; });
    QString refusal;
    if (!isSid(callSid, "CA"_L1)) // it becomes part of a path
        refusal = u"not a CallSid"_s;
    else if (it != operation.form.end() && QString::fromUtf8(it->value).size() > kMaxTwiml)
        refusal = u"the TwiML is longer than the carrier takes"_s;
    if (!refusal.isEmpty()) {
        QTimer::singleShot(0, this, [done = std::move(operation.done), refusal] {
            if (done)
                done({.message = refusal});
        });
        return;
    }
    operation.path = "/Calls/"_L1 % callSid % operation.path % ".json"_L1;
    enqueue(std::make_shared<Operation>(std::move(operation)));
}

void RestClient::enqueue(OperationPtr operation)
{
    operation->since.start();
    m_waiting.push_back(std::move(operation));
    startWaiting();
}

void RestClient::startWaiting()
{
    while (m_running < kMaxRunning && !m_waiting.empty()) {
        const OperationPtr next = std::move(m_waiting.front());
        m_waiting.pop_front();
        ++m_running;
        if (next->since.elapsed() < m_times.totalMs)
            attempt(next);
        else // later: the one who is told may delete us
            QTimer::singleShot(0, this, [this, next] { settle(next, {.message = u"no answer in time"_s}, kNever); });
    }
}

void RestClient::attempt(const OperationPtr &operation)
{
    QUrl url = m_settings.baseUrl;
    QString base = url.path();
    while (base.endsWith(u'/'))
        base.chop(1);
    url.setPath(base % "/2010-04-01/Accounts/"_L1 % m_settings.accountSid % operation->path);
    url.setUserInfo({});

    const QByteArray body = encodeForm(operation->form);
    QNetworkRequest request(url);
    const QByteArray credentials = m_settings.accountSid.toUtf8() + ':' + m_settings.authToken;
    request.setRawHeader("Authorization", "Basic " + credentials.toBase64());
    request.setRawHeader("Accept", "application/json");
    request.setRawHeader("Accept-Encoding", "identity"); // the limit of the answer's size counts what is sent
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("takt/" TAKT_VERSION));
    request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/x-www-form-urlencoded"_s);
    request.setHeader(QNetworkRequest::ContentLengthHeader, body.size());
    request.setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true); // see OnceBody
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    // A redirect would take our credentials to wherever it points.
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);

    // A kept connection may be dead already, and then nobody knows whether a call was placed: that gets one of its own.
    QNetworkAccessManager *network = m_network;
    if (operation->ringsSomebody) {
        network = new QNetworkAccessManager(this);
        request.setRawHeader("Connection", "close");
    }
    operation->cut = Cut::No;
    count(Counter::RestRequests);
    auto *device = new OnceBody(body);
    QNetworkReply *reply = network->post(request, device);
    device->setParent(reply);
    watch(reply, operation);
}

void RestClient::watch(QNetworkReply *reply, const OperationPtr &operation)
{
    const qint64 left = m_times.totalMs - operation->since.elapsed();
    auto *timeout = new QTimer(reply);
    timeout->setSingleShot(true);
    connect(timeout, &QTimer::timeout, reply, [reply, operation] {
        if (reply->isFinished())
            return; // onReply() is on its way
        operation->cut = Cut::TooSlow;
        reply->abort();
    });
    timeout->start(int(std::clamp<qint64>(left, 0, m_times.attemptMs)));
    connect(reply, &QNetworkReply::readyRead, reply, [reply, operation] {
        if (operation->cut == Cut::No && reply->bytesAvailable() > kMaxAnswer) {
            operation->cut = Cut::TooLong;
            reply->abort();
        }
    });
    // Queued: who is told may delete us and the reply with us, which must not be in the middle of its signal then.
    connect(
        reply, &QNetworkReply::finished, this, [this, reply, operation] { onReply(reply, operation); },
        Qt::QueuedConnection);
}

void RestClient::onReply(QNetworkReply *reply, const OperationPtr &operation)
{
    if (reply->manager() == m_network)
        reply->deleteLater();
    else
        reply->manager()->deleteLater(); // takes the reply along
    const RestOutcome outcome = outcomeOf(reply, *operation);
    settle(operation, outcome, outcome.ok ? kNever : retryDelay(reply, *operation, outcome));
}

void RestClient::settle(const OperationPtr &operation, const RestOutcome &outcome, int retryMs)
{
    --m_running;
    if (retryMs != kNever) {
        ++operation->retries;
        count(Counter::RestRetries);
        QTimer::singleShot(retryMs, this, [this, operation] {
            m_waiting.push_front(operation); // it has waited once
            startWaiting();
        });
    } else if (!outcome.ok) {
        count(Counter::RestFailures);
        qCWarning(lcCarrier, "REST: %s failed for good after %d retries, HTTP status %d, code %d", operation->name,
                  operation->retries, outcome.httpStatus, outcome.code);
    }
    startWaiting();
    if (retryMs == kNever && operation->done)
        operation->done(outcome); // may delete us: last
}

RestOutcome RestClient::outcomeOf(QNetworkReply *reply, const Operation &operation) const
{
    RestOutcome outcome;
    // It was sent, unless the network says that it can't have been.
    outcome.inDoubt = reply->error() != QNetworkReply::ConnectionRefusedError
                      && reply->error() != QNetworkReply::HostNotFoundError
                      && reply->error() != QNetworkReply::SslHandshakeFailedError;
    if (operation.cut != Cut::No) {
        outcome.message = operation.cut == Cut::TooSlow ? u"no answer in time"_s : u"the answer is too long"_s;
        return outcome;
    }
    const QVariant status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute);
    const bool broken = reply->error() != QNetworkReply::NoError
                        && reply->error() < QNetworkReply::ContentAccessDenied; // the network's, not HTTP's
    if (!status.isValid() || broken || reply->error() == QNetworkReply::ContentReSendError) {
        outcome.message = whyNoAnswer(reply->error());
        return outcome;
    }
    outcome.httpStatus = status.toInt();
    const QByteArray answer = reply->read(kMaxAnswer + 1);
    const QJsonDocument json = answer.size() <= kMaxAnswer ? QJsonDocument::fromJson(answer) : QJsonDocument();
    outcome.resource = json.object();
    outcome.ok = outcome.httpStatus / 100 == 2 && json.isObject();
    outcome.inDoubt = !outcome.ok && outcome.httpStatus / 100 != 4;
    if (outcome.ok)
        return outcome;
    outcome.code = outcome.resource.value("code"_L1).toInt();
    QString message = outcome.resource.value("message"_L1).toString();
    if (outcome.httpStatus / 100 == 3)
        message = u"redirected, which is not followed"_s;
    else if (message.isEmpty())
        message = json.isObject() ? u"no reason given"_s : u"the answer is not a JSON object"_s;
    message.replace(QString::fromUtf8(m_settings.authToken), u"***"_s);
    outcome.message = message.left(kMaxMessage).simplified();
    outcome.resource = {}; // an error, not a resource
    // Both, since any 404 could also be that of a proxy which knows nothing of calls.
    outcome.ok = operation.goneIsOk
                 && ((outcome.httpStatus == 404 && outcome.code == kNotFound)
                     || (outcome.httpStatus == 400 && outcome.code == kNotEligible));
    if (outcome.ok)
        outcome.message.clear();
    return outcome;
}

int RestClient::retryDelay(QNetworkReply *reply, const Operation &operation, const RestOutcome &outcome) const
{
    if (operation.retries >= kMaxRetries)
        return kNever;
    const bool refused = outcome.httpStatus == 0 && reply->error() == QNetworkReply::ConnectionRefusedError;
    const bool lost = outcome.httpStatus == 0 && operation.cut != Cut::TooLong
                      && reply->error() != QNetworkReply::SslHandshakeFailedError;
    const bool notYet = operation.waitsForAnswer && outcome.code == kNotEligible;
    const bool again = refused || outcome.httpStatus == 429 || notYet
                       || (!operation.ringsSomebody && (lost || outcome.httpStatus / 100 == 5));
    if (!again)
        return kNever;

    int delay = std::min(m_times.firstBackoffMs << operation.retries, m_times.maxBackoffMs);
    // Jitter, so that the calls which failed together don't come back together.
    delay = std::min(delay + QRandomGenerator::global()->bounded(delay + 1), m_times.maxBackoffMs);
    if (notYet)
        delay = m_times.recordingStepMs * (operation.retries + 1);
    const int said = retryAfterSeconds(reply->rawHeader("Retry-After"));
    if (outcome.httpStatus == 429 && said != kNever)
        delay = std::min(said, kMaxRetryAfterSeconds) * m_times.retryAfterSecondMs;
    return operation.since.elapsed() + delay < m_times.totalMs ? delay : kNever;
}

} // namespace takt::carrier
