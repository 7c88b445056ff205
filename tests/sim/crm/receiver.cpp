// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/crm/receiver.h"

#include "sim/crm/standardwebhooks.h"

#include <array>
#include <cstdlib>
#include <ctime>

namespace takt::sim {
namespace {

constexpr const char *kElsewhere = "/moved-elsewhere";

HttpReply plain(int status, const std::string &body = {})
{
    HttpReply reply;
    reply.status = status;
    reply.headers = {{"Content-Type", "text/plain"}};
    reply.body = body;
    return reply;
}

} // namespace

std::optional<HttpReply> CrmReceiver::fault(const HttpRequest &http, CrmReceipt &receipt)
{
    FaultBoard &faults = m_world.faults;
    for (const int status : {400, 410, 429, 500, 503}) {
        const std::string name = std::to_string(status);
        if (!faults.take("crm." + name))
            continue;
        receipt.fault = name;
        HttpReply reply = plain(status, "no\n");
        const double seconds = faults.value("crm.retry-after", -1);
        if (seconds >= 0 && (status == 429 || status == 503))
            reply.headers.emplace_back("Retry-After", std::to_string(int(seconds)));
        return reply;
    }
    if (!faults.take("crm.redirect"))
        return std::nullopt;
    receipt.fault = "redirect";
    HttpReply moved = plain(301);
    moved.headers.emplace_back("Location", "http://" + http.head.header("host") + kElsewhere);
    return moved;
}

HttpReply CrmReceiver::reply(const HttpRequest &http, CrmReceipt &receipt)
{
    if (http.head.path() == kElsewhere) {
        m_world.log.redirectFollowed();
        receipt.fault = "redirected";
        return plain(404, "nobody was to come here\n");
    }
    if (http.head.first != "POST")
        return plain(405, "POST only\n");
    receipt.wrong = wrongWebhook(m_options.secret, http.head, http.body, std::time(nullptr));
    receipt.signedRight = receipt.wrong.empty();
    if (!receipt.signedRight)
        return plain(401, receipt.wrong + "\n");
    if (auto wrong = fault(http, receipt))
        return *wrong;
    receipt.received = true;
    HttpReply reply = plain(204);
    if (m_world.faults.take("crm.drop-after")) {
        receipt.fault = "drop-after";
        reply.drop = true;
    }
    return reply;
}

void CrmReceiver::tell(const CrmReceipt &receipt) const
{
    if (!m_world.progress)
        return;
    const std::string answered = receipt.status == 0 ? "connection dropped"
                                                     : "answered " + std::to_string(receipt.status);
    m_world.progress("crm | " + (receipt.id.empty() ? "(no id)" : receipt.id) + " | "
                     + std::to_string(receipt.body.size()) + " bytes | "
                     + (receipt.signedRight ? "signature right" : receipt.wrong) + " | " + answered);
}

void CrmReceiver::handle(const HttpRequest &http, const HttpServer::Answer &answer)
{
    HttpReply made;
    if (m_world.faults.take("crm.drop-before")) {
        made.drop = true;
        return answer(made);
    }
    CrmReceipt receipt;
    receipt.at = wallSeconds();
    receipt.id = http.head.header("webhook-id");
    receipt.path = http.head.target;
    receipt.timestamp = std::atoll(http.head.header("webhook-timestamp").c_str());
    receipt.body = http.body;
    made = reply(http, receipt);
    receipt.status = made.drop ? 0 : made.status;
    tell(receipt);
    const bool elsewhere = receipt.fault == "redirected";
    if (!elsewhere)
        m_world.log.add(std::move(receipt));
    if (const double ms = m_world.faults.value("crm.slow"); ms > 0)
        m_world.reactor.at(monotonicNs() + fromMs(ms), [answer, made] { answer(made); });
    else
        answer(made);
}

} // namespace takt::sim
