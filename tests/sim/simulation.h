// SPDX-License-Identifier: GPL-3.0-or-later
// A whole outside world in one object: the model, the carrier with its callers, and the verdict. For takt-sim and for
// tests that drive a gateway in their own process. Used from one thread; it starts two of its own.
//
//     Simulation world(options);
//     const auto modelPort = world.start();        // the model listens; give its port to the gateway
//     ... start the gateway, then:
//     world.call(gatewayPort);                     // the calls begin
//     world.waitUntilDone(60'000);
//     const Verdict verdict = world.finish();
//
// With options.phone.voiceUrl the calls are telephone calls, with options.phone.rest the carrier's REST API listens from
// start() on. With options.ai.enabled and options.crm.enabled so do an AI HTTP API and a CRM that receives webhooks.
#pragma once

#include "sim/carrier/carrier.h"
#include "sim/model/model.h"
#include "sim/office/office.h"
#include "sim/verdict/verdict.h"

#include <memory>
#include <mutex>

namespace takt::sim {

struct SimulationOptions {
    CarrierOptions carrier;
    PhoneOptions phone;
    ModelOptions model;
    AiOptions ai;
    CrmOptions crm;
    bool runModel = true;
    Limits limits;
    QString clipsDir;
    bool syntheticVoices = false;                          // instead of recordings and espeak-ng: for tests
    std::vector<CallPlan> plans;                           // beside the calls of the carrier's options
    std::function<void(const std::string &line)> progress; // in the carrier's thread, and in the office's
};

class Simulation
{
public:
    explicit Simulation(SimulationOptions options);
    ~Simulation();

    // Loads the voices and starts the model. Its port, or 0 without a model.
    [[nodiscard]] Result<quint16> start();
    // After start().
    [[nodiscard]] quint16 restPort() const { return m_carrier ? m_carrier->restPort() : quint16(0); }
    [[nodiscard]] const std::string &accountSid() const { return m_options.carrier.accountSid; }
    [[nodiscard]] const std::string &authToken() const { return m_options.phone.authToken; }
    [[nodiscard]] std::vector<RestRequest> restLog() const;
    // What the work after the calls has come to so far, and the faults that may be switched while it is on: "ai.429",
    // "rest.media404", "crm.503", ...; see FaultBoard::known().
    [[nodiscard]] quint16 aiPort() const { return m_office ? m_office->aiPort() : quint16(0); }
    [[nodiscard]] quint16 crmPort() const { return m_office ? m_office->crmPort() : quint16(0); }
    [[nodiscard]] std::string crmSecret() const { return m_office ? m_office->crmSecret() : std::string(); }
    [[nodiscard]] std::vector<MediaRequest> mediaLog() const { return m_log.media(); }
    [[nodiscard]] std::vector<AiRequest> aiLog() const { return m_log.ai(); }
    [[nodiscard]] std::vector<CrmReceipt> crmReceipts() const { return m_log.crm(); }
    [[nodiscard]] WorkRecord work() const { return m_log.sums(); }
    [[nodiscard]] QJsonObject workLog() const { return m_log.json(); } // all of these, as /sim/log has it
    [[nodiscard]] bool setFault(const std::string &name, double value) { return m_faults.set(name, value); }
    // A completed recording that no call made: sentences in a loop. Its SID; empty without the REST API.
    [[nodiscard]] std::string addRecording(const std::string &callSid, double seconds, int channels = 2);
    // Its media, as a callback would say it.
    [[nodiscard]] std::string recordingUrl(const std::string &sid) const;
    // Begins to call; a port here overrides the one of the options.
    void call(quint16 gatewayPort = 0);
    void addCall(const CallPlan &plan);
    [[nodiscard]] bool done() const;
    [[nodiscard]] bool waitUntilDone(int milliseconds) const;
    // Ends all calls politely, waits for them, and judges.
    [[nodiscard]] Verdict finish();
    // The records of the calls ended so far.
    [[nodiscard]] std::vector<CallRecord> records() const;

private:
    [[nodiscard]] std::string open();

    SimulationOptions m_options;
    Voices m_voices;
    Ledger m_ledger;
    FaultBoard m_faults;
    WorkLog m_log;
    mutable std::mutex m_mutex; // guards the two below, which the carrier's thread fills
    VerdictBuilder m_builder;
    std::vector<CallRecord> m_records; // without the samples; only while there are few
    std::unique_ptr<Model> m_model;
    std::unique_ptr<Office> m_office;
    std::unique_ptr<Carrier> m_carrier; // tells the office of recordings: ends before it
    std::vector<RestRequest> m_restLog; // kept when the carrier has gone
    bool m_called = false;
};

// An IPv4 address of the host, resolved now.
[[nodiscard]] Result<sockaddr_in> resolve(const QString &host, quint16 port);
[[nodiscard]] bool isLoopback(const sockaddr_in &address);

} // namespace takt::sim
