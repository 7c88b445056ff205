// SPDX-License-Identifier: GPL-3.0-or-later
// A front door on a real port that keeps what it says, and a carrier's signed requests to it. For tests; everything in the
// thread of the test.
#pragma once

#include "carrier/rest.h"
#include "carrier/signature.h"
#include "frontdoor/frontdoor.h"
#include "support/httpclient.h"
#include "support/reception.h"

#include <QTcpSocket>

namespace takt::test {

inline const QByteArray kAuthToken = "the account's token";

inline config::Settings doorSettings()
{
    auto s = settings({business(QStringLiteral("shop"), {QStringLiteral("+15550000001")}, {2, 0}),
                       business(QStringLiteral("bank"), {QStringLiteral("+15550000002")})});
    s.listen = {QHostAddress::LocalHost, 0};
    s.twilio.authTokens = {kAuthToken};
    return s;
}

class House
{
public:
    struct Taken {
        std::unique_ptr<QTcpSocket> socket;
        carrier::Pass pass;
    };

    explicit House(const config::Settings &settings = doorSettings(), carrier::RestClient *rest = nullptr)
        : admission(settings.admission)
        , door(settings, admission, rest,
               [this](QTcpSocket *socket, const carrier::Pass &pass) {
                   taken.push_back({std::unique_ptr<QTcpSocket>(socket), pass});
               })
        , error(door.open())
    {
        QObject::connect(&door, &frontdoor::FrontDoor::callReported, &door,
                         [this](const CallReport &r) { calls << r; });
        QObject::connect(&door, &frontdoor::FrontDoor::recordingReported, &door,
                         [this](const RecordingReport &r) { recordings << r; });
        QObject::connect(&door, &frontdoor::FrontDoor::streamReported, &door,
                         [this](const StreamReport &r) { streams << r; });
        QObject::connect(&door, &frontdoor::FrontDoor::receiptWanted, &door, [this](quint64 receipt) {
            lastReceipt = receipt;
            if (recordsAtOnce)
                door.onRecorded(receipt);
        });
        QObject::connect(&door, &frontdoor::FrontDoor::callFinished, &door,
                         [this](const QString &callSid) { finished << callSid; });
    }

    // A webhook as the carrier sends it. `url`: of the public URL's origin and path, that is what is signed.
    [[nodiscard]] std::unique_ptr<HttpClient> webhook(const QByteArray &target, const carrier::Form &form,
                                                      const QByteArray &token = kAuthToken,
                                                      const QByteArray &url = "https://gw.example") const
    {
        return ask(door.port(), post(target, carrier::encodeForm(form),
                                     "X-Twilio-Signature: " + carrier::sign(token, url + target, form) + "\r\n"));
    }
    [[nodiscard]] std::unique_ptr<HttpClient> voice(int n, const QByteArray &to = "+15550000001") const
    {
        return webhook("/twilio/voice", call(n, {{"To", to}, {"Direction", "inbound"}, {"CallStatus", "ringing"}}));
    }
    // A stream that wants in.
    [[nodiscard]] std::unique_ptr<HttpClient> stream(const QByteArray &target, const QByteArray &token = kAuthToken,
                                                     const QByteArray &url = "wss://gw.example", bool tls = false) const
    {
        auto client = std::make_unique<HttpClient>(door.port(), tls);
        client->send(upgradeOf(target, "x-twilio-signature: " + carrier::sign(token, url + target, {}) + "\r\n"));
        return client;
    }
    static carrier::Form call(int n, const carrier::Form &more)
    {
        return carrier::Form{{"CallSid", callSid(n).toLatin1()},
                             {"AccountSid", "AC" + QByteArray(32, '1')},
                             {"From", "+15550009999"}}
               + more;
    }

    frontdoor::Admission admission;
    std::vector<Taken> taken;
    QList<CallReport> calls;
    QList<RecordingReport> recordings;
    QList<StreamReport> streams;
    QStringList finished;
    bool recordsAtOnce = true;
    quint64 lastReceipt = 0;
    frontdoor::FrontDoor door;
    const QString error;
};

} // namespace takt::test
