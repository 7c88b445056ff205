// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier's REST API, version 2010-04-01: what we tell it about calls. Source: Twilio's "Call resource" and "Recording
// resource", twilio-oai's twilio_api_v2010. Lives in the main thread and never blocks it.
#pragma once

#include "carrier/form.h"

#include <QJsonObject>
#include <QObject>
#include <QUrl>

#include <deque>
#include <functional>
#include <memory>

class QNetworkAccessManager;
class QNetworkReply;

namespace takt::carrier {

struct RestSettings {
    QUrl baseUrl; // without "/2010-04-01"
    QString accountSid;
    QByteArray authToken; // secret: in no log and no message
};

struct RestOutcome {
    bool ok = false;
    int httpStatus = 0;     // 0: no answer
    int code = 0;           // the carrier's error code; 0: none
    bool inDoubt = false;   // not ok, and the carrier may have acted nevertheless: no answer, or one that says nothing
    QString message;        // for people, of the last attempt; empty when ok
    QJsonObject resource{}; // the call or the recording as the carrier answers it; may be empty
};

struct OutboundCall {
    enum class Amd { None, Detect, DetectMessageEnd };
    QString to;
    QString from;
    QString url;            // of the TwiML
    QString statusCallback; // empty: none; else told of every step
    int ringSeconds = 60;   // 0: the carrier's default
    Amd amd = Amd::None;
    bool asyncAmd = false; // the TwiML runs at once, the verdict comes to amdCallback
    QString amdCallback;
    int timeLimitSeconds = 0; // 0: the carrier's default
};

struct RestTimes {
    int attemptMs = 10'000;
    int totalMs = 30'000; // from the asking to the last attempt's end
    int firstBackoffMs = 500;
    int maxBackoffMs = 8'000;
    int recordingStepMs = 300; // a call that is not in progress yet can't be recorded: again after 1, 2 and 3 of these
    int retryAfterSecondMs = 1'000;
};

// Every method answers exactly once, later, in this thread; only a client that is destroyed drops its requests and says
// nothing. Attempts that failed for a passing reason are made again, three times at most: an unreachable carrier, no
// answer, 5xx, 429 (which says when). Nobody may be rung twice, so placeCall() is repeated only when the carrier cannot
// have acted: connection refused, or 429. A recording that is started twice is one too many; one that is not is lost: it
// is repeated.
class RestClient : public QObject
{
    Q_OBJECT
public:
    using Done = std::function<void(const RestOutcome &)>;

    explicit RestClient(const RestSettings &settings, QObject *parent = nullptr, const RestTimes &times = {});
    ~RestClient() override;

    // For requests from now on: the account's token is being rotated.
    void setAuthToken(const QByteArray &token) { m_settings.authToken = token; }

    // A call that the carrier no longer knows, or that is not under way any more, is over: that is ok.
    void hangUp(const QString &callSid, Done done);
    void redirect(const QString &callSid, const QByteArray &twiml, Done done); // the carrier takes 4000 characters
    void redirectToUrl(const QString &callSid, const QString &url, Done done);
    void startRecording(const QString &callSid, const QString &callbackUrl, Done done); // both sides, a channel each
    void placeCall(const OutboundCall &call, Done done);

private:
    struct Operation;
    using OperationPtr = std::shared_ptr<Operation>;

    void onCall(const QString &callSid, Operation operation);
    void enqueue(OperationPtr operation);
    void startWaiting();
    void attempt(const OperationPtr &operation);
    void watch(QNetworkReply *reply, const OperationPtr &operation);
    void onReply(QNetworkReply *reply, const OperationPtr &operation);
    void settle(const OperationPtr &operation, const RestOutcome &outcome, int retryMs);
    [[nodiscard]] RestOutcome outcomeOf(QNetworkReply *reply, const Operation &operation) const;
    [[nodiscard]] int retryDelay(QNetworkReply *reply, const Operation &operation, const RestOutcome &outcome) const;

    RestSettings m_settings;
    const RestTimes m_times;
    QNetworkAccessManager *m_network;
    std::deque<OperationPtr> m_waiting;
    int m_running = 0;
};

using Done = RestClient::Done;

} // namespace takt::carrier
