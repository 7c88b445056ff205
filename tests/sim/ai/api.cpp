// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ai/api.h"

#include "sim/ai/replies.h"

namespace takt::sim {
namespace {

std::string kindOf(const HttpRequest &http)
{
    const std::string path = http.head.path();
    if (path.ends_with("/audio/transcriptions") || path.ends_with("/inference"))
        return "transcription";
    return path.ends_with("/chat/completions") ? "chat" : "other";
}

} // namespace

AiApi::AiApi(World world, AiOptions options)
    : m_world(world)
    , m_options(std::move(options))
    , m_transcription(m_options, m_transcriber, m_world.faults)
    , m_chat(m_options, m_world.faults)
{
}

bool AiApi::isFor(const HttpRequest &http)
{
    return kindOf(http) != "other";
}

bool AiApi::authorized(const HttpRequest &http) const
{
    if (m_options.flavour != AiFlavour::OpenAi)
        return true;
    const std::string header = http.head.header("authorization");
    if (!header.starts_with("Bearer ") || header.size() == 7)
        return false;
    return m_options.key.empty() || header.substr(7) == m_options.key;
}

bool AiApi::take(const AiRequest &seen, const std::string &fault)
{
    const std::string scope = seen.kind == "chat" ? "ai.chat-" : "ai.audio-";
    return m_world.faults.take(scope + fault) || m_world.faults.take("ai." + fault);
}

std::optional<HttpReply> AiApi::faultBefore(AiRequest &seen)
{
    const auto happens = [&](const char *fault) {
        if (!take(seen, fault))
            return false;
        seen.fault = fault;
        return true;
    };
    if (happens("drop-before")) {
        HttpReply reply;
        reply.drop = true;
        return reply;
    }
    const QString busy = QStringLiteral("Rate limit reached. Please try again later.");
    const QString trouble = QStringLiteral("The server had an error while processing your request.");
    std::optional<HttpReply> reply;
    if (happens("quota"))
        return aiError(429,
                       QStringLiteral("You exceeded your current quota, please check your plan and billing details."),
                       QStringLiteral("insufficient_quota"), {}, QStringLiteral("insufficient_quota"));
    if (happens("429"))
        reply = aiError(429, busy, QStringLiteral("rate_limit_exceeded"), {}, QStringLiteral("requests"));
    else if (happens("500"))
        return aiError(500, trouble, {}, {}, QStringLiteral("server_error"));
    else if (happens("503"))
        reply = aiError(503, trouble, {}, {}, QStringLiteral("server_error"));
    if (!reply)
        return std::nullopt;
    for (const char *header : {"retry-after", "retry-after-ms"}) {
        if (const double value = m_world.faults.value(std::string("ai.") + header, -1); value >= 0)
            reply->headers.emplace_back(header, std::to_string(int(value)));
    }
    return reply;
}

HttpReply AiApi::notHere() const
{
    switch (m_options.flavour) {
    case AiFlavour::Ollama: return textAnswer("404 page not found", 404);
    case AiFlavour::LlamaCpp:
        return jsonAnswer(
            {{QStringLiteral("error"), QJsonObject{{QStringLiteral("code"), 404},
                                                   {QStringLiteral("message"), QStringLiteral("File Not Found")},
                                                   {QStringLiteral("type"), QStringLiteral("not_found_error")}}}},
            404);
    case AiFlavour::WhisperCpp: return textAnswer("File Not Found", 404);
    case AiFlavour::OpenAi: break;
    }
    return aiError(404, QStringLiteral("Invalid URL"));
}

HttpReply AiApi::reply(const HttpRequest &http, AiRequest &seen)
{
    if (!seen.authorized) { // JSON under a wrong name, as the service does it
        HttpReply reply = aiError(401, QStringLiteral("Incorrect API key provided."),
                                  QStringLiteral("invalid_api_key"));
        reply.headers = {{"Content-Type", "text/plain"}};
        return reply;
    }
    const bool audio = m_options.flavour == AiFlavour::OpenAi || m_options.flavour == AiFlavour::WhisperCpp;
    const bool chat = m_options.flavour != AiFlavour::WhisperCpp;
    const bool inference = http.head.path().ends_with("/inference");
    if (http.head.first != "POST" || seen.kind == "other" || (inference && m_options.flavour != AiFlavour::WhisperCpp)
        || (seen.kind == "transcription" && !audio) || (seen.kind == "chat" && !chat))
        return notHere();
    return seen.kind == "chat" ? m_chat.answer(http, seen) : m_transcription.answer(http, seen);
}

void AiApi::handle(const HttpRequest &http, const HttpServer::Answer &answer)
{
    AiRequest seen;
    seen.at = wallSeconds();
    seen.kind = kindOf(http);
    seen.path = http.head.target;
    seen.bytes = std::int64_t(http.body.size());
    seen.authorized = authorized(http);
    const Nanos began = monotonicNs();
    HttpReply made;
    if (auto fault = faultBefore(seen)) {
        made = *fault;
    } else {
        made = reply(http, seen);
        if (take(seen, "drop-after")) {
            seen.fault = "drop-after";
            made.drop = true;
        }
    }
    if (m_options.flavour == AiFlavour::OpenAi) {
        made.headers.emplace_back("x-request-id", "req_sim" + std::to_string(++m_count));
        made.headers.emplace_back("openai-processing-ms", std::to_string((monotonicNs() - began) / kMillisecond));
    }
    seen.status = made.drop ? 0 : made.status;
    const std::string scoped = seen.kind == "chat" ? "ai.chat-slow" : "ai.audio-slow";
    const double slow = m_world.faults.value(scoped, m_world.faults.value("ai.slow"));
    m_world.log.add(std::move(seen));
    if (slow > 0)
        m_world.reactor.at(began + fromMs(slow), [answer, made] { answer(made); });
    else
        answer(made);
}

} // namespace takt::sim
