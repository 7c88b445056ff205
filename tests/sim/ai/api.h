// SPDX-License-Identifier: GPL-3.0-or-later
// The AI HTTP API, as one of four kinds of server answers it: keys, paths, faults and the log of every request. Office
// thread.
#pragma once

#include "sim/ai/chat.h"
#include "sim/ai/transcription.h"
#include "sim/office/worklog.h"
#include "sim/wire/reactor.h"

namespace takt::sim {

class AiApi
{
public:
    struct World {
        Reactor &reactor;
        FaultBoard &faults;
        WorkLog &log;
    };
    AiApi(World world, AiOptions options);

    void learn(const std::string &sid, const RecordedAudio &audio) { m_transcriber.learn(sid, audio); }
    // Whether the request is for this API: others may answer at the same port.
    [[nodiscard]] static bool isFor(const HttpRequest &http);
    void handle(const HttpRequest &http, const HttpServer::Answer &answer);

private:
    [[nodiscard]] bool authorized(const HttpRequest &http) const;
    [[nodiscard]] std::optional<HttpReply> faultBefore(AiRequest &seen);
    [[nodiscard]] HttpReply reply(const HttpRequest &http, AiRequest &seen);
    [[nodiscard]] HttpReply notHere() const;
    // Of this kind of request, or of any.
    [[nodiscard]] bool take(const AiRequest &seen, const std::string &fault);

    World m_world;
    AiOptions m_options;
    Transcriber m_transcriber;
    Transcription m_transcription;
    Chat m_chat;
    std::int64_t m_count = 0;
};

} // namespace takt::sim
