// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/office/office.h"

#include "sim/wire/base64.h"
#include "sim/wire/random.h"

#include <arpa/inet.h>

namespace takt::sim {

Office::Office(World world, AiOptions ai, CrmOptions crm)
    : m_world(std::move(world))
    , m_aiOptions(std::move(ai))
    , m_crmOptions(std::move(crm))
{
    if (m_crmOptions.secret.empty()) {
        Random random(std::uint64_t(clockNs(CLOCK_REALTIME)));
        m_crmOptions.secret = "whsec_" + toBase64(asBytes(random.hex(32)));
    }
}

Office::~Office()
{
    if (!m_thread.joinable())
        return;
    m_reactor.quit();
    m_thread.join();
}

std::uint16_t Office::listen(std::unique_ptr<HttpServer> &server, std::uint16_t port, HttpServer::Handler handler)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    server = std::make_unique<HttpServer>(m_reactor);
    server->otherwise(std::move(handler));
    return server->listen(address);
}

std::string Office::open()
{
    for (const auto &[service, faults] : {std::pair{"ai", m_aiOptions.faults}, {"crm", m_crmOptions.faults}}) {
        if (const std::string unknown = m_world.faults.set(service, faults); !unknown.empty())
            return "unknown fault: " + unknown;
    }
    const bool ai = m_aiOptions.enabled;
    const bool crm = m_crmOptions.enabled;
    const bool shared = ai && crm && m_aiOptions.port != 0 && m_aiOptions.port == m_crmOptions.port;
    if (ai)
        m_ai = std::make_unique<AiApi>(AiApi::World{m_reactor, m_world.faults, m_world.log}, m_aiOptions);
    if (crm)
        m_crm = std::make_unique<CrmReceiver>(
            CrmReceiver::World{m_reactor, m_world.faults, m_world.log, m_world.progress}, m_crmOptions);
    if (ai) {
        m_aiPort = listen(m_aiServer, m_aiOptions.port,
                          [this, shared](const HttpRequest &http, const HttpServer::Answer &answer) {
                              if (shared && !AiApi::isFor(http))
                                  m_crm->handle(http, answer);
                              else
                                  m_ai->handle(http, answer);
                          });
        if (m_aiPort == 0)
            return "the AI API cannot listen on port " + std::to_string(m_aiOptions.port);
    }
    if (crm) {
        m_crmPort = shared ? m_aiPort
                           : listen(m_crmServer, m_crmOptions.port,
                                    [this](const HttpRequest &http, const HttpServer::Answer &answer) {
                                        m_crm->handle(http, answer);
                                    });
        if (m_crmPort == 0)
            return "the CRM cannot listen on port " + std::to_string(m_crmOptions.port);
    }
    m_thread = std::thread([this] {
        m_reactor.run();
        m_crmServer.reset(); // their sockets belong to this thread
        m_aiServer.reset();
    });
    return {};
}

void Office::learn(const std::string &sid, const RecordedAudioPtr &audio)
{
    if (m_ai)
        m_reactor.post([this, sid, audio] { m_ai->learn(sid, *audio); });
}

} // namespace takt::sim
