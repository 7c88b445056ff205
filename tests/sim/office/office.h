// SPDX-License-Identifier: GPL-3.0-or-later
// The services that a gateway's work after a call needs beside the carrier: the AI API and the CRM. They have a thread of
// their own, for reading audio must not disturb the carrier's beat. The public functions may be called from any other
// one.
#pragma once

#include "sim/ai/api.h"
#include "sim/crm/receiver.h"

#include <memory>
#include <thread>

namespace takt::sim {

class Office
{
public:
    struct World {
        FaultBoard &faults;
        WorkLog &log;
        std::function<void(const std::string &line)> progress; // in the office thread; may be empty
    };
    Office(World world, AiOptions ai, CrmOptions crm);
    ~Office(); // joins
    Office(const Office &) = delete;
    Office &operator=(const Office &) = delete;

    // Why it can't be, or nothing.
    [[nodiscard]] std::string open();
    [[nodiscard]] std::uint16_t aiPort() const { return m_aiPort; } // 0: not enabled
    [[nodiscard]] std::uint16_t crmPort() const { return m_crmPort; }
    [[nodiscard]] const std::string &crmSecret() const { return m_crmOptions.secret; }
    void learn(const std::string &sid, const RecordedAudioPtr &audio);

private:
    [[nodiscard]] std::uint16_t listen(std::unique_ptr<HttpServer> &server, std::uint16_t port,
                                       HttpServer::Handler handler);

    World m_world;
    AiOptions m_aiOptions;
    CrmOptions m_crmOptions;
    Reactor m_reactor;
    std::unique_ptr<AiApi> m_ai;
    std::unique_ptr<CrmReceiver> m_crm;
    std::unique_ptr<HttpServer> m_aiServer;
    std::unique_ptr<HttpServer> m_crmServer; // null if the AI's serves it too
    std::uint16_t m_aiPort = 0;
    std::uint16_t m_crmPort = 0;
    std::thread m_thread;
};

} // namespace takt::sim
