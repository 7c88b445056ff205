// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/simulation.h"

#include <QThread>

#include <arpa/inet.h>
#include <netdb.h>

namespace takt::sim {
namespace {

constexpr std::size_t kKeptRecords = 1000;
constexpr int kPoliteMs = 6000;

} // namespace

Result<sockaddr_in> resolve(const QString &host, quint16 port)
{
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int error = getaddrinfo(host.toUtf8().constData(), nullptr, &hints, &found);
    if (error != 0)
        return Error{QStringLiteral("cannot resolve %1: %2").arg(host, QString::fromLocal8Bit(gai_strerror(error)))};
    sockaddr_in address = *reinterpret_cast<const sockaddr_in *>(found->ai_addr);
    freeaddrinfo(found);
    address.sin_port = htons(port);
    return address;
}

bool isLoopback(const sockaddr_in &address)
{
    return (ntohl(address.sin_addr.s_addr) >> 24) == 127;
}

Simulation::Simulation(SimulationOptions options)
    : m_options(std::move(options))
{
    for (sockaddr_in *address : {&m_options.carrier.gateway, &m_options.model.listen}) {
        if (address->sin_family == 0) { // not set: this machine
            address->sin_family = AF_INET;
            address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        }
    }
    Random random(m_options.carrier.seed ^ 0x6163636FULL);
    if (m_options.phone.enabled() && m_options.carrier.accountSid.empty())
        m_options.carrier.accountSid = "AC" + random.hex(32);
    if (m_options.phone.enabled() && m_options.phone.authToken.empty())
        m_options.phone.authToken = random.hex(32);
    m_options.limits.latencyMs = m_options.carrier.latencyMs + m_options.carrier.jitterMs;
    m_options.limits.ownModel = m_options.runModel;
    // A jittering network makes a playout buffer run dry whatever the gateway does.
    if (m_options.carrier.jitterMs > 0)
        m_options.limits.changed.try_emplace("silence-ms", 1 + m_options.carrier.jitterMs);
}

Simulation::~Simulation() = default;

Result<quint16> Simulation::start()
{
    if (m_options.syntheticVoices) {
        m_voices = Voices::synthetic();
    } else {
        auto loaded = Voices::load(m_options.clipsDir);
        if (!loaded)
            return Error{loaded.error()};
        m_voices = std::move(loaded).value();
    }
    if (m_options.ai.enabled || m_options.crm.enabled) {
        m_office = std::make_unique<Office>(Office::World{m_faults, m_log, m_options.progress}, m_options.ai,
                                            m_options.crm);
        if (const std::string error = m_office->open(); !error.empty())
            return Error{QString::fromStdString(error)};
    }
    if (m_options.phone.enabled()) { // REST must be there before the gateway is
        if (const std::string error = open(); !error.empty())
            return Error{QString::fromStdString(error)};
    }
    if (!m_options.runModel)
        return quint16(0);
    m_model = std::make_unique<Model>(m_options.model, m_voices, m_ledger);
    return m_model->start();
}

std::string Simulation::open()
{
    const Carrier::Work work{m_faults, m_log, [this](const std::string &sid, const RecordedAudioPtr &audio) {
                                 if (m_office)
                                     m_office->learn(sid, audio);
                             }};
    m_carrier = std::make_unique<Carrier>(m_options.carrier, m_options.phone, m_voices, m_ledger, work,
                                          [this](CallRecord record) {
                                              const std::lock_guard lock(m_mutex);
                                              if (m_records.size() < kKeptRecords)
                                                  m_records.push_back(record);
                                              m_builder.add(std::move(record));
                                          });
    if (m_options.progress)
        m_carrier->setProgress(m_options.progress);
    return m_carrier->open();
}

void Simulation::call(quint16 gatewayPort)
{
    CarrierOptions &options = m_options.carrier;
    if (gatewayPort != 0)
        options.gateway.sin_port = htons(gatewayPort);
    if (options.host.empty()) {
        char text[INET_ADDRSTRLEN] = {};
        inet_ntop(AF_INET, &options.gateway.sin_addr, text, sizeof text);
        options.host = std::string(text) + ":" + std::to_string(ntohs(options.gateway.sin_port));
    }
    if (!m_carrier)
        static_cast<void>(open()); // nothing listens: it can't fail
    m_called = true;
    m_carrier->start(options.gateway, options.host, m_options.plans);
}

std::string Simulation::addRecording(const std::string &callSid, double seconds, int channels)
{
    return m_carrier ? m_carrier->addRecording(callSid, seconds, channels) : std::string();
}

std::string Simulation::recordingUrl(const std::string &sid) const
{
    const std::string scheme = m_options.phone.restCertificate.empty() ? "http" : "https";
    return scheme + "://127.0.0.1:" + std::to_string(restPort()) + "/2010-04-01/Accounts/" + accountSid()
           + "/Recordings/" + sid;
}

std::vector<RestRequest> Simulation::restLog() const
{
    return m_carrier ? m_carrier->restLog() : m_restLog;
}

void Simulation::addCall(const CallPlan &plan)
{
    if (m_called)
        m_carrier->add(plan);
    else
        m_options.plans.push_back(plan);
}

bool Simulation::done() const
{
    return !m_carrier || m_carrier->done();
}

bool Simulation::waitUntilDone(int milliseconds) const
{
    const Nanos until = monotonicNs() + Nanos(milliseconds) * kMillisecond;
    while (!done()) {
        if (monotonicNs() > until)
            return false;
        QThread::msleep(5);
    }
    return true;
}

Verdict Simulation::finish()
{
    if (m_carrier && !m_carrier->done()) {
        m_carrier->hangUpAll();
        // Beyond this the rest is cut off; a gateway that doesn't answer a close frame can't hold us.
        [[maybe_unused]] const bool polite = waitUntilDone(kPoliteMs);
    }
    m_restLog = restLog();
    m_carrier.reset();
    m_office.reset();
    const ModelRecord model = m_model ? m_model->record() : ModelRecord();
    m_model.reset();
    const std::lock_guard lock(m_mutex);
    return m_builder.build(model, m_options.limits, m_log.sums());
}

std::vector<CallRecord> Simulation::records() const
{
    const std::lock_guard lock(m_mutex);
    return m_records;
}

} // namespace takt::sim
