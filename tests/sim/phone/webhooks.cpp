// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/webhooks.h"

#include "sim/phone/signature.h"

#include <arpa/inet.h>

namespace takt::sim {

Webhooks::Webhooks(Reactor &reactor, const PhoneOptions &options)
    : m_reactor(reactor)
    , m_options(options)
    , m_http(reactor)
    , m_tls(TlsContext::client(options.caFile, options.verify, m_error))
{
}

std::string Webhooks::ownUrl(const std::string &url) const
{
    const auto parsed = Url::parse(url);
    const bool open = url.find(":0/") != std::string::npos || url.ends_with(":0");
    if (!parsed || parsed->port != 0 || !open || m_gatewayPort == 0)
        return url;
    Url known = *parsed;
    known.port = m_gatewayPort;
    return known.text();
}

std::optional<Endpoint> Webhooks::endpointOf(const Url &url, std::string &why) const
{
    Endpoint endpoint;
    endpoint.serverName = url.host;
    bool plain = !url.encrypted();
    const auto known = m_options.hosts.find(url.host + ":" + std::to_string(url.portOrDefault()));
    const auto host = known != m_options.hosts.end() ? known : m_options.hosts.find(url.host);
    if (host != m_options.hosts.end()) {
        endpoint.address = host->second.address;
        if (endpoint.address.sin_port == 0)
            endpoint.address.sin_port = htons(m_gatewayPort);
        plain = plain || host->second.plain;
    } else {
        endpoint.address.sin_family = AF_INET;
        endpoint.address.sin_port = htons(url.portOrDefault());
        const std::string address = url.host == "localhost" ? "127.0.0.1" : url.host;
        if (inet_pton(AF_INET, address.c_str(), &endpoint.address.sin_addr) != 1) {
            why = url.host + " is unknown here; name its address (hosts)";
            return std::nullopt;
        }
    }
    if ((ntohl(endpoint.address.sin_addr.s_addr) >> 24U) != 127 && !m_options.allowRemote) {
        why = url.host + " is not this machine";
        return std::nullopt;
    }
    if (!plain && !m_tls) {
        why = m_error;
        return std::nullopt;
    }
    if (!plain)
        endpoint.tls = m_tls;
    return endpoint;
}

std::string Webhooks::sign(const std::string &url, const Params &params, Signing signing) const
{
    if (signing == Signing::None)
        return {};
    return signatureOf(signing == Signing::Right ? m_options.authToken : m_options.authToken + "x", url, params);
}

std::string Webhooks::upgradeSignature(const Url &url, Signing signing) const
{
    return sign(m_options.signWithoutPort ? url.withoutPort() : url.text(), {}, signing);
}

void Webhooks::send(const WebhookRequest &request, HttpClient::Done done)
{
    const bool get = request.method == "GET";
    std::string url = request.url.substr(0, request.url.find('#'));
    if (get && !request.params.empty())
        url += (url.find('?') == std::string::npos ? "?" : "&") + toForm(request.params);
    const auto parsed = Url::parse(url);
    std::string why = "not a URL: " + url;
    const auto endpoint = parsed ? endpointOf(*parsed, why) : std::nullopt;
    if (!endpoint) {
        m_reactor.later([done = std::move(done), why] {
            HttpResult result;
            result.failure = HttpResult::Failure::Connect;
            result.error = why;
            done(result);
        });
        return;
    }
    HttpCall call;
    call.method = request.method;
    call.endpoint = *endpoint;
    call.host = parsed->authority();
    call.target = parsed->target;
    call.wholeTime = fromMs(1000 * m_options.webhookSeconds);
    call.headers = {{"User-Agent", "TwilioProxy/1.1"}, {"Accept", "*/*"}};
    if (!get) {
        call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        call.body = toForm(request.params);
    }
    call.headers.emplace_back("I-Twilio-Idempotency-Token", request.idempotencyToken);
    const std::string signature = sign(signedUrl(url), get ? Params() : request.params, request.signing);
    if (!signature.empty())
        call.headers.emplace_back("X-Twilio-Signature", signature);
    m_http.send(std::move(call), std::move(done));
}

} // namespace takt::sim
