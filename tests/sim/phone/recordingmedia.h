// SPDX-License-Identifier: GPL-3.0-or-later
// The media of recordings: what GET and DELETE of .../Recordings/RE... answer (twilio.com/docs/voice/api/recording), and
// what goes wrong with them on purpose. Carrier thread.
#pragma once

#include "sim/office/faultboard.h"
#include "sim/phone/recordingstore.h"
#include "sim/wire/httpserver.h"

namespace takt::sim {

class RecordingMedia
{
public:
    // The second server is where a redirect leads: other port, and without TLS another address.
    RecordingMedia(Reactor &reactor, RecordingStore &store, FaultBoard &faults, WorkLog &log, TlsContextPtr tls);

    [[nodiscard]] bool listen();
    // `name` is the last segment of the path: the SID, with or without an extension.
    [[nodiscard]] HttpReply get(const HttpRequest &http, const std::string &name);
    [[nodiscard]] HttpReply remove(const HttpRequest &http, const std::string &name);
    void refused(const HttpRequest &http, int status); // before it came to any of these

private:
    [[nodiscard]] HttpReply reply(const HttpRequest &http, const std::string &name, MediaRequest &seen);
    [[nodiscard]] HttpReply audio(const HttpRequest &http, const StoredRecording &recording, MediaRequest &seen);
    [[nodiscard]] std::optional<HttpReply> faultBefore(MediaRequest &seen);
    [[nodiscard]] HttpReply redirect(const HttpRequest &http, const std::string &name) const;
    void elsewhere(const HttpRequest &http, const HttpServer::Answer &answer);

    RecordingStore &m_store;
    FaultBoard &m_faults;
    WorkLog &m_log;
    bool m_encrypted;
    HttpServer m_elsewhere;
    std::string m_elsewhereUrl;
};

} // namespace takt::sim
