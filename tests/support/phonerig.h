// SPDX-License-Identifier: GPL-3.0-or-later
// The whole gateway at the telephone: two businesses with numbers, signed webhooks, tokens, the carrier's REST API. For
// tests; used from the main thread.
#pragma once

#include "sim/wire/testcertificate.h"
#include "support/daemonrig.h"

namespace takt::test {

// The carrier knows the gateway by this name: plain behind a proxy that terminates TLS, or TLS in process.
inline constexpr const char *kPublicUrl = "https://gateway.test";
inline constexpr const char *kBikes = "+15551230011";
inline constexpr const char *kDentist = "+15551230012";

inline sim::SimulationOptions phoneWorld(bool tls = false)
{
    sim::SimulationOptions options;
    options.syntheticVoices = true;
    options.carrier.calls = 0;
    options.carrier.seed = 7;
    options.carrier.interrupt = 0.5;
    options.model.seed = 7;
    options.phone.voiceUrl = std::string(kPublicUrl) + "/twilio/voice";
    options.phone.statusUrl = std::string(kPublicUrl) + "/twilio/status";
    options.phone.numbers = {kBikes};
    options.phone.authToken = "12345";
    options.phone.speechMsPerLetter = 5;
    options.phone.dialling.talkSeconds = 0.4;
    options.phone.rest = true;
    sim::HostTarget target;
    target.address.sin_family = AF_INET;
    target.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    target.plain = !tls;
    options.phone.hosts["gateway.test"] = target;
    // This host may be busy, and the gateway a slow build with sanitizers: its scheduler is no matter of these tests.
    // (What callers hear of the beat is judged by tst_endtoend.)
    for (const char *name : {"silence-ms", "stalls", "bursts", "webhook-ms", "cut-ms"})
        options.limits.changed[name] = 1e9;
    options.limits.changed["after-interruption-ms"] = 1000;
    options.limits.changed["audio-end-error-ms"] = 1000;
    return options;
}

inline sim::CallPlan phonePlan(double seconds, const char *to = kBikes)
{
    sim::CallPlan plan;
    plan.seconds = seconds;
    plan.from = "+15550009999";
    plan.to = to;
    return plan;
}

// Settings of a gateway that checks signatures; `change` for what a test wants otherwise.
struct PhoneSettings {
    std::function<void(config::Settings &)> common;
    std::function<void(config::Business &bikes, config::Business &dentist)> businesses;

    void operator()(config::Settings &s, const Rig &rig) const
    {
        s.insecure = false;
        s.publicUrl = QUrl(QString::fromLatin1(kPublicUrl));
        s.twilio.accountSid = QString::fromStdString(rig.simulation.accountSid());
        s.twilio.authTokens = {QByteArray("other"), QByteArray::fromStdString(rig.simulation.authToken())};
        std::swap(s.twilio.authTokens[0], s.twilio.authTokens[1]);
        s.twilio.baseUrl = QUrl(u"http://127.0.0.1:%1"_s.arg(rig.simulation.restPort()));
        s.fallback.value = u"Nobody is here."_s;
        if (common)
            common(s);
        auto bikes = std::make_shared<config::Business>();
        bikes->name = u"Bikes"_s;
        bikes->numbers = {QString::fromLatin1(kBikes)};
        bikes->speech = s.speech;
        bikes->fallback.value = u"The bike shop is closed."_s;
        auto dentist = std::make_shared<config::Business>(*bikes);
        dentist->name = u"Dentist"_s;
        dentist->numbers = {QString::fromLatin1(kDentist)};
        dentist->fallback.value = u"The dentist is away."_s;
        if (businesses)
            businesses(*bikes, *dentist);
        s.businesses = config::BusinessBook({bikes, dentist}, nullptr);
    }
};

inline QString verbs(const sim::CallRecord &record)
{
    QStringList all;
    for (const std::string &verb : record.phone.verbs)
        all += QString::fromStdString(verb);
    return all.join(u", "_s);
}

} // namespace takt::test
