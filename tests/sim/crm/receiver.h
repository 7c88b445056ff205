// SPDX-License-Identifier: GPL-3.0-or-later
// A CRM that receives webhooks at any path: checks signatures, counts what it received by id, and fails on purpose.
// Office thread.
#pragma once

#include "sim/crm/options.h"
#include "sim/office/worklog.h"
#include "sim/wire/httpserver.h"
#include "sim/wire/reactor.h"

namespace takt::sim {

class CrmReceiver
{
public:
    struct World {
        Reactor &reactor;
        FaultBoard &faults;
        WorkLog &log;
        std::function<void(const std::string &line)> progress; // may be empty
    };
    CrmReceiver(World world, CrmOptions options)
        : m_world(std::move(world))
        , m_options(std::move(options))
    {
    }
    void handle(const HttpRequest &http, const HttpServer::Answer &answer);

private:
    [[nodiscard]] HttpReply reply(const HttpRequest &http, CrmReceipt &receipt);
    [[nodiscard]] std::optional<HttpReply> fault(const HttpRequest &http, CrmReceipt &receipt);
    void tell(const CrmReceipt &receipt) const;

    World m_world;
    CrmOptions m_options;
};

} // namespace takt::sim
