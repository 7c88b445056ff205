// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/recordingmedia.h"

#include "sim/audio/resample.h"
#include "sim/audio/wav.h"
#include "sim/phone/restreply.h"

#include <algorithm>
#include <arpa/inet.h>

namespace takt::sim {
namespace {

constexpr std::size_t kHead = 44;
constexpr std::size_t kMaxSamples = 0x7FFF'FFFFU / 4; // of what a WAV header can say

class WavBody final : public HttpBody
{
public:
    WavBody(RecordedAudioPtr audio, int channels)
        : m_audio(std::move(audio))
        , m_channels(channels)
        , m_bytes(std::min(m_audio->samples, kMaxSamples) * 2 * std::size_t(channels))
        , m_head(wavHead(kPhoneRate, channels, std::uint32_t(m_bytes)))
    {
    }
    [[nodiscard]] std::size_t size() const override { return kHead + m_bytes; }
    [[nodiscard]] std::string read(std::size_t from, std::size_t count) override
    {
        std::string out = from < kHead ? m_head.substr(from, count) : std::string();
        if (out.size() == count)
            return out;
        const std::size_t frame = 2 * std::size_t(m_channels); // bytes of one moment
        const std::size_t first = from + out.size() - kHead;
        const std::size_t last = from + count - kHead;
        const std::size_t begin = first / frame;
        const std::string whole = m_audio->pcm(begin, (last + frame - 1) / frame - begin, m_channels);
        return out + whole.substr(first - begin * frame, last - first);
    }

private:
    RecordedAudioPtr m_audio;
    int m_channels;
    std::size_t m_bytes;
    std::string m_head;
};

std::string withoutExtension(const std::string &name)
{
    return name.substr(0, name.find('.'));
}

std::string hostOf(const sockaddr_in &address, std::uint16_t port)
{
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(port);
}

} // namespace

RecordingMedia::RecordingMedia(Reactor &reactor, RecordingStore &store, FaultBoard &faults, WorkLog &log,
                               TlsContextPtr tls)
    : m_store(store)
    , m_faults(faults)
    , m_log(log)
    , m_encrypted(tls != nullptr)
    , m_elsewhere(reactor, std::move(tls))
{
    m_elsewhere.route("GET", "/media/*",
                      [this](const HttpRequest &http, const HttpServer::Answer &answer) { elsewhere(http, answer); });
}

bool RecordingMedia::listen()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    // Certificates for tests name 127.0.0.1 only.
    address.sin_addr.s_addr = htonl(m_encrypted ? INADDR_LOOPBACK : INADDR_LOOPBACK + 1);
    const std::uint16_t port = m_elsewhere.listen(address);
    m_elsewhereUrl = (m_encrypted ? "https://" : "http://") + hostOf(address, port);
    return port != 0;
}

HttpReply RecordingMedia::redirect(const HttpRequest &http, const std::string &name) const
{
    const std::size_t query = http.head.target.find('?');
    HttpReply moved;
    moved.status = 302;
    moved.headers = {{"Location", m_elsewhereUrl + "/media/" + withoutExtension(name)
                                      + (query == std::string::npos ? "" : http.head.target.substr(query))}};
    return moved;
}

void RecordingMedia::elsewhere(const HttpRequest &http, const HttpServer::Answer &answer)
{
    MediaRequest seen{wallSeconds(), "GET", http.head.target, http.parts.front(), 0, 0, false, false, "redirected"};
    seen.leaked = !http.head.header("authorization").empty();
    const StoredPtr recording = m_store.find(http.parts.front());
    const HttpReply found = recording && recording->audio ? audio(http, *recording, seen)
                                                          : unknownReply(http.head.path());
    seen.status = found.status;
    m_log.add(seen);
    answer(found);
}

void RecordingMedia::refused(const HttpRequest &http, int status)
{
    const std::string path = http.head.path();
    const std::size_t sid = path.find("/Recordings/RE");
    if (sid == std::string::npos || path.ends_with(".json") || http.head.first == "POST")
        return;
    m_log.add(MediaRequest{wallSeconds(),
                           http.head.first,
                           http.head.target,
                           withoutExtension(path.substr(sid + 12)),
                           status,
                           0,
                           false,
                           false,
                           {}});
}

HttpReply RecordingMedia::get(const HttpRequest &http, const std::string &name)
{
    MediaRequest seen{wallSeconds(), "GET", http.head.target, withoutExtension(name), 0, 0, true, false, {}};
    HttpReply answer = reply(http, name, seen);
    seen.status = answer.status;
    m_log.add(seen);
    return answer;
}

std::optional<HttpReply> RecordingMedia::faultBefore(MediaRequest &seen)
{
    const auto busy = [&](const char *name, HttpReply reply) {
        seen.fault = name;
        reply.headers.emplace_back("Retry-After", std::to_string(int(m_faults.value("rest.media-retry-after", 1))));
        return reply;
    };
    if (m_faults.take("rest.media429"))
        return busy("media429", errorReply(429, 20429, "Too Many Requests"));
    if (m_faults.take("rest.media5xx"))
        return busy("media5xx", errorReply(503, 20503, "Service Unavailable"));
    return std::nullopt;
}

HttpReply RecordingMedia::reply(const HttpRequest &http, const std::string &name, MediaRequest &seen)
{
    if (auto fault = faultBefore(seen))
        return *fault;
    const StoredPtr recording = m_store.find(seen.recording);
    const std::string extension = name.substr(seen.recording.size());
    // It cannot encode MP3: who wants audio takes WAV, which is the default.
    if (!recording || !recording->audio || recording->status != "completed"
        || (!extension.empty() && extension != ".wav"))
        return unknownReply(http.head.path());
    if (m_faults.take("rest.media404")) {
        seen.fault = "media404";
        return unknownReply(http.head.path());
    }
    if (m_faults.take("rest.media-redirect")) {
        seen.fault = "media-redirect";
        return redirect(http, name);
    }
    return audio(http, *recording, seen);
}

HttpReply RecordingMedia::audio(const HttpRequest &http, const StoredRecording &recording, MediaRequest &seen)
{
    const std::string asked = http.head.query("RequestedChannels").value_or("");
    if (!asked.empty() && asked != "1" && asked != "2")
        return errorReply(400, 20001, "RequestedChannels is 1 or 2");
    const bool refused = asked == "2" && recording.channels() == 2 && m_faults.take("rest.media-mono");
    if (refused)
        seen.fault = "media-mono";
    if (refused || (asked == "2" && recording.channels() == 1))
        return errorReply(400, 21240, "The recording has no two channels");
    const int channels = asked.empty() ? recording.channels() : std::stoi(asked);
    HttpReply reply;
    reply.headers = {{"Content-Type", "audio/x-wav"}};
    if (m_faults.take("rest.media-corrupt")) {
        seen.fault = "media-corrupt";
        reply.body.resize(4096);
        Random noise(7);
        std::generate(reply.body.begin(), reply.body.end(), [&] { return static_cast<char>(noise.next()); });
        seen.bytes = std::int64_t(reply.body.size());
        return reply;
    }
    reply.stream = std::make_shared<WavBody>(recording.audio, channels);
    seen.bytes = std::int64_t(reply.stream->size());
    reply.bytesPerSecond = 1024 * m_faults.value("rest.media-slow");
    if (m_faults.take("rest.media-cut")) {
        seen.fault = "media-cut";
        reply.cutAfter = reply.stream->size() / 2;
    }
    return reply;
}

HttpReply RecordingMedia::remove(const HttpRequest &http, const std::string &name)
{
    MediaRequest seen{wallSeconds(), "DELETE", http.head.target, withoutExtension(name), 204, 0, true, false, {}};
    const StoredPtr recording = m_store.find(seen.recording);
    HttpReply reply;
    reply.status = 204;
    if (!recording)
        reply = unknownReply(http.head.path());
    else if (recording->status != "completed" && recording->status != "absent")
        reply = errorReply(400, 21220, "The recording is in progress");
    else if (!m_store.remove(seen.recording))
        reply = unknownReply(http.head.path());
    seen.status = reply.status;
    m_log.add(seen);
    return reply;
}

} // namespace takt::sim
