// SPDX-License-Identifier: GPL-3.0-or-later
// For the tests of the simulator's services: one request, as a gateway would send it, and its answer. Used from one
// thread.
#pragma once

#include "sim/simulation.h"
#include "sim/wire/base64.h"
#include "sim/wire/httpclient.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <arpa/inet.h>

namespace takt::sim {

struct WorkReply {
    HttpResult http;
    QJsonObject json;
    [[nodiscard]] int status() const { return http.status; }
    [[nodiscard]] QString error(const char *field) const
    {
        return json.value(QStringLiteral("error")).toObject().value(QString::fromLatin1(field)).toString();
    }
};

using WorkHeaders = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] inline WorkReply askPort(std::uint16_t port, const std::string &method, const std::string &target,
                                       const WorkHeaders &headers = {}, const std::string &body = {},
                                       std::uint32_t address = INADDR_LOOPBACK)
{
    Reactor reactor;
    HttpClient client(reactor);
    HttpCall call;
    call.method = method;
    call.endpoint.address.sin_family = AF_INET;
    call.endpoint.address.sin_addr.s_addr = htonl(address);
    call.endpoint.address.sin_port = htons(port);
    call.host = "127.0.0.1:" + std::to_string(port);
    call.target = target;
    call.headers = headers;
    call.body = body;
    WorkReply reply;
    client.send(std::move(call), [&](const HttpResult &result) {
        reply.http = result;
        reactor.quit();
    });
    reactor.run();
    reply.json = QJsonDocument::fromJson(QByteArray::fromStdString(reply.http.body)).object();
    return reply;
}

// To the account at the REST API.
[[nodiscard]] inline WorkReply askAccount(const Simulation &world, const std::string &method, const std::string &path)
{
    return askPort(world.restPort(), method, "/2010-04-01/Accounts/" + world.accountSid() + path,
                   {{"Authorization", "Basic " + toBase64(asBytes(world.accountSid() + ":" + world.authToken()))}});
}

// A world without calls.
[[nodiscard]] inline SimulationOptions quietWorld()
{
    SimulationOptions options;
    options.syntheticVoices = true;
    options.runModel = false;
    options.carrier.calls = 0;
    options.carrier.seed = 7;
    options.phone.rest = true;
    options.phone.authToken = "12345";
    return options;
}

// One channel of a 16-bit WAV with a head of 44 bytes.
[[nodiscard]] inline std::vector<std::int16_t> channelOf(const std::string &wav, std::size_t channel,
                                                         std::size_t channels)
{
    std::vector<std::int16_t> samples;
    for (std::size_t at = 44 + 2 * channel; at + 1 < wav.size(); at += 2 * channels)
        samples.push_back(static_cast<std::int16_t>(static_cast<std::uint8_t>(wav[at])
                                                    | (static_cast<std::uint8_t>(wav[at + 1]) << 8)));
    return samples;
}

[[nodiscard]] inline std::string wavOf(const std::vector<std::int16_t> &samples, int rate = 8000)
{
    std::string wav = wavHead(rate, 1, std::uint32_t(2 * samples.size()));
    for (const std::int16_t sample : samples) {
        wav += static_cast<char>(static_cast<std::uint16_t>(sample) & 0xFFU);
        wav += static_cast<char>(static_cast<std::uint16_t>(sample) >> 8U);
    }
    return wav;
}

// A transcription request's body and headers.
[[nodiscard]] inline WorkReply transcribe(std::uint16_t port, const std::string &wav, const Params &fields,
                                          const std::string &path = "/v1/audio/transcriptions",
                                          const std::string &key = "sk-test", const std::string &filename = "a.wav")
{
    std::string body;
    for (const auto &[name, value] : fields)
        body += "--B0und\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    body += "--B0und\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename
            + "\"\r\nContent-Type: audio/wav\r\n\r\n" + wav + "\r\n--B0und--\r\n";
    WorkHeaders headers{{"Content-Type", "multipart/form-data; boundary=B0und"}};
    if (!key.empty())
        headers.emplace_back("Authorization", "Bearer " + key);
    return askPort(port, "POST", path, headers, body);
}

} // namespace takt::sim
