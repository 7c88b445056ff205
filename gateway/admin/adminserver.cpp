// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/adminserver.h"

namespace takt::admin {

using http::Response;

namespace {

// A scraper gives up after ten seconds; it shall learn from us why.
constexpr http::Listener::Limits kLimits{.headMs = 5000, .bodyMs = 5000, .answerMs = 5000, .waiting = 64};

http::Listener::Reply withoutBody(const http::Listener::Reply &reply)
{
    return [reply](const Response &response) {
        Response head = response;
        head.headOnly = true;
        reply(head);
    };
}

} // namespace

AdminServer::AdminServer(NotReady notReady, Collect collect, QObject *parent)
    : QObject(parent)
    , m_notReady(std::move(notReady))
    , m_collect(std::move(collect))
    , m_listener(
          {.request = [this](const auto &request, const auto &reply) { onRequest(request, reply); }, .upgrade = {}},
          kLimits)
{
}

void AdminServer::onRequest(const http::Request &request, const http::Listener::Reply &anyReply)
{
    const QByteArray path = request.path();
    if (path != "/healthz" && path != "/readyz" && path != "/metrics") {
        anyReply(Response::plain(404));
        return;
    }
    if (request.method != "GET" && request.method != "HEAD") {
        Response refusal = Response::plain(405);
        refusal.headers.emplaceBack("Allow", "GET, HEAD");
        anyReply(refusal);
        return;
    }
    const http::Listener::Reply reply = request.method == "HEAD" ? withoutBody(anyReply) : anyReply;
    if (path == "/healthz")
        reply(Response::plain(200, "ok"));
    else if (path == "/readyz")
        reply(readiness());
    else
        m_collect([reply](const Metrics &metrics) {
            Response response;
            response.type = kMetricsType;
            response.body = prometheusText(metrics);
            reply(response);
        });
}

Response AdminServer::readiness() const
{
    const QStringList reasons = m_notReady();
    return reasons.isEmpty() ? Response::plain(200, "ready") : Response::plain(503, reasons.join(u'\n').toUtf8());
}

} // namespace takt::admin
