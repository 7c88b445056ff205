// SPDX-License-Identifier: GPL-3.0-or-later
// Sends the carrier's signed requests, and finds out where a URL leads. Carrier thread.
#pragma once

#include "sim/phone/form.h"
#include "sim/phone/options.h"
#include "sim/wire/httpclient.h"
#include "sim/wire/url.h"

namespace takt::sim {

enum class Signing { Right, Wrong, None };

struct WebhookRequest {
    std::string url;
    std::string method = "POST"; // a GET carries the parameters in its query
    Params params;
    std::string idempotencyToken;
    Signing signing = Signing::Right;
};

class Webhooks
{
public:
    Webhooks(Reactor &reactor, const PhoneOptions &options);

    void send(const WebhookRequest &request, HttpClient::Done done);
    // Where the URL leads, or why it must not be followed.
    [[nodiscard]] std::optional<Endpoint> endpointOf(const Url &url, std::string &why) const;
    // The headers of a media stream's upgrade besides the handshake's own.
    [[nodiscard]] std::string upgradeSignature(const Url &url, Signing signing) const;
    // Stands in for the port 0 in our own URLs and hosts.
    void setGatewayPort(std::uint16_t port) { m_gatewayPort = port; }
    [[nodiscard]] std::string ownUrl(const std::string &url) const;
    [[nodiscard]] const std::string &error() const { return m_error; } // of the certificates, at construction

private:
    [[nodiscard]] std::string sign(const std::string &url, const Params &params, Signing signing) const;

    Reactor &m_reactor;
    const PhoneOptions &m_options;
    HttpClient m_http;
    std::string m_error;
    TlsContextPtr m_tls;
    std::uint16_t m_gatewayPort = 0;
};

} // namespace takt::sim
