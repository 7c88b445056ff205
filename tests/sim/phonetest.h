// SPDX-License-Identifier: GPL-3.0-or-later
// For the simulator's own tests: a reference gateway and a carrier that telephones it. Used from one thread.
#pragma once

#include "sim/referencegateway.h"
#include "sim/simulation.h"
#include "sim/wire/testcertificate.h"

#include <QTemporaryDir>

#include <functional>

namespace takt::sim {

class PhoneRig
{
public:
    PhoneRig()
    {
        options.syntheticVoices = true;
        options.carrier.calls = 0;
        options.carrier.seed = 5;
        options.model.seed = 5;
        options.phone.voiceUrl = "{http}://127.0.0.1:0/twilio/voice";
        options.phone.statusUrl = "{http}://127.0.0.1:0/twilio/status";
        options.phone.numbers = {"+97231234567"};
        options.phone.authToken = "12345";
        options.phone.allowWs = true;
        options.phone.speechMsPerLetter = 5;
        options.phone.dialling.talkSeconds = 0.4;
        for (const char *limit : {"silence-ms", "bursts", "stalls", "webhook-ms"}) // this host may be busy
            options.limits.changed[limit] = 1e9;
        for (const char *limit : {"after-interruption-ms", "audio-end-error-ms"})
            options.limits.changed[limit] = 1000;
        gateway.authToken = "12345";
    }

    static CallPlan plan(double seconds)
    {
        CallPlan plan;
        plan.seconds = seconds;
        plan.from = "+972501234567";
        return plan;
    }
    // In one line each: verbs in the order of their execution, callbacks in the order in which they were due.
    static QString verbs(const CallRecord &record)
    {
        QStringList verbs;
        for (const std::string &verb : record.phone.verbs)
            verbs += QString::fromStdString(verb);
        return verbs.join(QStringLiteral(", "));
    }
    static QString kinds(const CallRecord &record)
    {
        QStringList kinds;
        for (const CallbackRecord &callback : record.phone.callbacks)
            kinds += QString::fromStdString(callback.kind);
        return kinds.join(QStringLiteral(", "));
    }
    static QString notices(const CallRecord &record)
    {
        QStringList notices;
        for (const CarrierNotice &notice : record.phone.notices)
            notices += QString::number(notice.code);
        return notices.join(QStringLiteral(", "));
    }

    // Starts everything and lets `work` happen, or waits until all calls are over.
    Verdict run(const std::function<void(Simulation &)> &work = {})
    {
        TlsContextPtr context;
        if (tls) {
            const TestCertificate certificate = makeTestCertificate(m_dir.path().toStdString());
            if (options.phone.caFile.empty())
                options.phone.caFile = certificate.certificateFile;
            std::string error;
            context = TlsContext::server(certificate.certificateFile, certificate.keyFile, error);
            if (!context)
                qFatal("%s", error.c_str());
        }
        gateway.tls = tls || proxied;
        for (std::string *url : {&options.phone.voiceUrl, &options.phone.statusUrl, &options.phone.fallbackUrl}) {
            if (url->starts_with("{http}"))
                url->replace(0, 6, gateway.tls ? "https" : "http");
        }
        Simulation world(options);
        const auto modelPort = world.start();
        if (!modelPort)
            qFatal("%s", qPrintable(modelPort.error()));
        ReferenceGateway reference(defect, gateway, context);
        gatewayPort = reference.start(*modelPort);
        world.call(gatewayPort);
        if (work)
            work(world);
        finished = world.waitUntilDone(20'000);
        Verdict verdict = world.finish();
        records = world.records();
        restLog = world.restLog();
        seen = reference.seen();
        return verdict;
    }
    [[nodiscard]] CallRecord record() const { return records.empty() ? CallRecord() : records.front(); }
    [[nodiscard]] std::vector<ReferencePhone::Seen> seenAt(const std::string &path) const
    {
        std::vector<ReferencePhone::Seen> found;
        for (const ReferencePhone::Seen &request : seen) {
            if (request.path == path)
                found.push_back(request);
        }
        return found;
    }

    SimulationOptions options;
    ReferencePhoneOptions gateway;
    Defect defect = Defect::None; // of its media
    bool tls = false;
    bool proxied = false; // the URLs are of TLS, which something before the gateway terminates
    bool finished = false;
    std::uint16_t gatewayPort = 0;
    std::vector<CallRecord> records;
    std::vector<RestRequest> restLog;
    std::vector<ReferencePhone::Seen> seen;

private:
    QTemporaryDir m_dir;
};

} // namespace takt::sim
