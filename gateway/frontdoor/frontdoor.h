// SPDX-License-Identifier: GPL-3.0-or-later
// The one public port: the carrier's webhooks, and the upgrades of its media streams, which are handed over to whoever
// serves media. Every request has to bear the carrier's signature, every stream a token besides (unless --insecure).
// Answers are made from memory, in microseconds; what has to be kept goes out as signals, and the answer follows when it is
// on disk. Lives in the main thread.
#pragma once

#include "carrier/pass.h"
#include "carrier/signature.h"
#include "config/settings.h"
#include "frontdoor/heldanswers.h"
#include "frontdoor/reception.h"
#include "http/listener.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

namespace takt::carrier {
class RestClient;
}

namespace takt::frontdoor {

class FrontDoor final : public QObject
{
    Q_OBJECT
public:
    // Takes over a socket without parent, in the main thread still, with its request unread.
    using Handover = std::function<void(QTcpSocket *, const carrier::Pass &)>;

    // `rest`: null without the account's credentials; there are no outbound calls then.
    FrontDoor(const config::Settings &settings, Admission &admission, carrier::RestClient *rest, Handover handover,
              QObject *parent = nullptr);
    ~FrontDoor() override;

    // Empty on success; else why not: the port is taken, the certificate is not to be read.
    [[nodiscard]] QString open();
    // New settings, for what begins from now on. Not empty: the TLS files are no good, and those of before stay.
    [[nodiscard]] QString configure(const config::Settings &settings);
    [[nodiscard]] quint16 port() const { return m_listener->serverPort(); }

    [[nodiscard]] int tokensWaiting() const { return m_reception.tokensWaiting(); }

    // What was reported up to this receipt is on disk.
    void onRecorded(quint64 receipt);
    // A call's stream is over. False: the carrier will not ask what comes next.
    bool onEnded(const QString &callSid, EndReason reason);
    // Nobody comes in any more; whoever is being rung is left in peace. Webhooks are answered on.
    void refuseAll();
    // Rings somebody; delivers the CallSid once the carrier has taken the order.
    void placeCall(const QString &to, const QString &business, std::function<void(const Result<QString> &)> done);
    // Has the carrier take a live call from its agent and dial `target` for it; only with `rest`. Delivers why not; empty:
    // done.
    void passOn(const QString &callSid, const QString &target, std::function<void(const QString &)> done);

Q_SIGNALS:
    void callReported(const takt::CallReport &report);
    void recordingReported(const takt::RecordingReport &report);
    void streamReported(const takt::StreamReport &report);
    // Behind the reports: onRecorded() with it, please, once they are on disk. Receipts grow.
    void receiptWanted(quint64 receipt);
    // The carrier says that the call is over; its stream should have ended by now.
    void callFinished(const QString &callSid);

private:
    void onRequest(const http::Request &request, const http::Listener::Reply &reply);
    [[nodiscard]] http::Upgrade onUpgrade(const http::Request &head);
    // One a webhook. `nonce`: of an outbound call's URL, else empty.
    [[nodiscard]] http::Response onVoice(const carrier::Form &form, const QString &nonce);
    [[nodiscard]] http::Response onAfterStream(const carrier::Form &form, const QString &nonce);
    [[nodiscard]] http::Response onAfterDial(const carrier::Form &form, const QString &nonce);
    [[nodiscard]] http::Response onStatus(const carrier::Form &form, const QString &nonce);
    [[nodiscard]] http::Response onRecording(const carrier::Form &form, const QString &nonce);
    [[nodiscard]] http::Response onStream(const carrier::Form &form, const QString &nonce);
    void noteStatus(CallReport report, const QString &nonce);
    void giveLateAnswers();
    // Without the public URL's own path: a proxy may have taken that off, or left it.
    [[nodiscard]] QByteArray pathOf(const http::Request &request) const;
    [[nodiscard]] bool isCarriers(const http::Request &request, const carrier::Form &form) const;
    [[nodiscard]] qint64 nowMs() const { return m_clock.elapsed(); }

    config::Settings m_settings;
    Reception m_reception;
    std::optional<carrier::SignatureCheck> m_signatures; // nothing: --insecure
    carrier::RestClient *m_rest;
    Handover m_handover;
    std::unique_ptr<http::Listener> m_listener;
    QElapsedTimer m_clock;
    QTimer m_tick;
    HeldAnswers m_answers;
    QTimer m_patience; // with the database, on behalf of those that wait for their answer
};

} // namespace takt::frontdoor
