// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of each call at the door: whose it is, whether it is let in, with which TwiML, and what its caller hears
// when no agent takes it. Knows no sockets and is told the time (milliseconds, any origin), so that whole lives of calls
// run in a test. Main thread.
#pragma once

#include "carrier/pass.h"
#include "config/settings.h"
#include "frontdoor/admission.h"
#include "frontdoor/tokens.h"
#include "shared/result.h"

#include <QHash>

#include <optional>

namespace takt::frontdoor {

class Reception
{
public:
    Reception(const config::Settings &settings, Admission &admission);
    // For calls from now on; those under way keep their business.
    void configure(const config::Settings &settings);

    // The carrier asks what to do with a call: TwiML. `nonce`: of the URL that it asked at, empty for an inbound call.
    // Asked again it answers again, and the call costs no second slot.
    [[nodiscard]] QByteArray onVoice(const CallReport &call, const QString &nonce, qint64 nowMs);
    // The stream of <Connect> is over, or never came to be: TwiML.
    [[nodiscard]] QByteArray onAfterStream(const CallReport &call) const;
    // The human whom the agent passed a caller on to is done, or was not there: TwiML. `dialStatus`: DialCallStatus.
    [[nodiscard]] QByteArray onAfterDial(const CallReport &call, const QString &dialStatus) const;
    // A media stream wants in. `bearer`: what stands behind /media/, or nothing.
    [[nodiscard]] Result<carrier::Pass> onUpgrade(const QByteArray &bearer, qint64 nowMs);

    void onStatus(const CallReport &call, const QString &nonce, qint64 nowMs);
    void onStream(const StreamReport &stream);
    // False: the carrier will not ask what comes next; the stream was none of a call with webhooks.
    bool onEnded(const QString &callSid, EndReason reason, qint64 nowMs);
    // An operator has a live call passed on: who is dialled, should the carrier ask. Empty: not any more.
    void onTransfer(const QString &callSid, const QString &target);
    // A machine has answered, and settings have no use for those.
    [[nodiscard]] bool unwantedMachine(const CallReport &call) const;

    // Whose agent takes the call; empty: nobody's, or the only one's, who has no name. `nonce`: of a call that we placed,
    // which may end before the carrier ever asks about it.
    [[nodiscard]] QString businessOf(const QString &callSid, const QString &nonce = {}) const;

    // An outbound call: takes its slot before it is placed. The nonce belongs into its URLs.
    struct Dialling {
        QString nonce;
        config::BusinessPtr business;
        QString from;
        QString to;
    };
    [[nodiscard]] Result<Dialling> dial(const QString &to, const QString &business, qint64 nowMs);
    void onDialled(const QString &nonce, const QString &callSid);
    // The carrier did not take the order.
    void onDialFailed(const QString &nonce);

    // Nobody comes in any more: tokens and orders are void. Returns the outbound calls that ring, or will.
    [[nodiscard]] QStringList close();

    // Forgets what is over; to be called about once a second.
    void tick(qint64 nowMs);

    // https://.../twilio/NAME as the carrier can reach it.
    [[nodiscard]] QString webhookUrl(const QString &name, const QString &nonce = {}) const;
    [[nodiscard]] int tokensWaiting() const { return m_tokens.waiting(); }

private:
    struct Outbound {
        carrier::Pass pass;
        qint64 expiresAtMs = 0;
    };
    // What after-stream has to know.
    struct Known {
        config::BusinessPtr business;
        std::optional<EndReason> ended;
        qint64 forgetAtMs = 0;
        QString transferTo{}; // by an operator; empty: the business says
    };
    [[nodiscard]] static const QString &transferTarget(const Known &known);

    [[nodiscard]] Result<carrier::Pass> passFor(const CallReport &call, const QString &nonce, qint64 nowMs);
    [[nodiscard]] QUrl publicUrl(const QString &path) const;
    [[nodiscard]] QByteArray connectTwiml(const carrier::Pass &pass, const QByteArray &bearer) const;
    [[nodiscard]] const config::Fallback &fallbackOf(const QString &callSid) const;

    config::Settings m_settings;
    Admission &m_admission;
    Tokens m_tokens;
    QHash<QString, Outbound> m_outbound; // by nonce, until the carrier asks for TwiML
    bool m_closed = false;
    QHash<QString, Known> m_known; // by CallSid
};

} // namespace takt::frontdoor
