// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/referencegateway.h"

#include "sim/wire/base64.h"

#include <simdjson.h>

#include <algorithm>
#include <arpa/inet.h>
#include <set>

namespace takt::sim {
namespace {

constexpr Nanos kBeat = 20 * kMillisecond;
constexpr Nanos kLate = 5 * kMillisecond;

std::string textOf(const simdjson::dom::element &element, std::string_view pointer)
{
    std::string_view text;
    return element.at_pointer(pointer).get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

} // namespace

// One call: the carrier's socket, the model's, and the beat between them.
class ReferenceGateway::Line final : public WebSocket::Listener
{
public:
    Line(Reactor &reactor, Defect defect, ReferencePhone *phone, std::uint16_t modelPort, std::uint64_t seed)
        : m_reactor(reactor)
        , m_defect(defect)
        , m_phone(phone)
        , m_modelPort(modelPort)
        , m_carrier(reactor, *this, seed)
        , m_model(reactor, *this, seed + 1)
    {
    }
    ~Line() override { *m_alive = false; }
    void adopt(std::unique_ptr<Stream> stream, std::string_view bytes) { m_carrier.adopt(std::move(stream), bytes); }

    WebSocket::Answer upgrade(WebSocket &, const HttpHead &head) override
    {
        WebSocket::Answer answer;
        if (m_phone != nullptr && !m_phone->admits(head))
            answer.status = 403;
        return answer;
    }

    void opened(WebSocket &) override {}
    void message(WebSocket &from, Opcode, std::string_view payload, const WebSocket::Arrival &) override
    {
        simdjson::dom::element event;
        if (m_parser.parse(payload.data(), payload.size()).get(event) != simdjson::SUCCESS)
            return;
        if (&from == &m_carrier)
            fromCarrier(event);
        else
            fromModel(event);
    }
    void closed(WebSocket &which, const WebSocket::Ending &) override
    {
        if (&which == &m_carrier) {
            *m_alive = false;
            m_model.close(1000);
        }
    }

private:
    struct Item {
        std::string id;
        std::string audio; // received
        std::size_t sent = 0;
        bool whole = false;
    };

    void at(Nanos deadline, void (Line::*task)())
    {
        m_reactor.at(deadline, [this, task, alive = m_alive] {
            if (*alive)
                (this->*task)();
        });
    }

    void fromCarrier(const simdjson::dom::element &event)
    {
        const std::string kind = textOf(event, "/event");
        if (kind == "start") {
            m_streamSid = textOf(event, "/streamSid");
            WebSocket::Headers headers{{"upgrade", "websocket"},
                                       {"connection", "Upgrade"},
                                       {"sec-websocket-key", {}},
                                       {"sec-websocket-version", "13"}};
            if (m_defect != Defect::NoKey)
                headers.emplace_back("authorization", "Bearer test");
            m_model.dial(loopback(m_modelPort), "127.0.0.1", "/v1/realtime?model=gpt-realtime", headers);
            if (m_defect == Defect::HangsUp)
                at(monotonicNs() + 4 * kSecond, &Line::hangUp);
        } else if (kind == "media" && (m_ready || m_defect == Defect::EarlyAudio) && m_model.isOpen()) {
            const std::string payload = textOf(event, "/media/payload");
            std::string bytes;
            if (fromBase64(payload, bytes))
                m_model.sendText(R"({"type":"input_audio_buffer.append","audio":")" + payload + "\"}");
        }
    }

    void hangUp() { m_carrier.close(1000); }

    void fromModel(const simdjson::dom::element &event)
    {
        const std::string type = textOf(event, "/type");
        if (type == "session.created") {
            const std::string extra = m_defect == Defect::UnknownSetting ? R"("temperature":0.8,)" : "";
            m_model.sendText(
                R"({"type":"session.update","event_id":"u1","session":{"type":"realtime",)" + extra
                + R"("audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"whisper-1"},)"
                  R"("turn_detection":{"type":"server_vad","threshold":0.5,"silence_duration_ms":400}},)"
                  R"("output":{"format":{"type":"audio/pcmu"},"voice":"marin"}}}})");
        } else if (type == "session.updated") {
            m_ready = true;
            m_model.sendText(R"({"type":"response.create","event_id":"r1"})");
            m_due = monotonicNs() + kBeat;
            at(m_due, &Line::beat);
        } else if (type == "response.output_audio.delta") {
            const std::string response = textOf(event, "/response_id");
            if (!m_discarded.contains(response) || m_defect == Defect::LateDeltas)
                receive(textOf(event, "/item_id"), response, textOf(event, "/delta"));
        } else if (type == "response.output_audio.done") {
            if (!m_items.empty())
                m_items.back().whole = true;
        } else if (type == "input_audio_buffer.speech_started" && m_defect != Defect::KeepsTalking) {
            interrupt();
        }
    }

    void receive(const std::string &id, const std::string &response, const std::string &base64)
    {
        if (m_items.empty() || m_items.back().id != id)
            m_items.push_back({id, {}, 0, false});
        m_response = response;
        std::string bytes;
        if (fromBase64(base64, bytes))
            m_items.back().audio += bytes;
    }

    // Old audio stops at once, and the model learns how much of it was heard.
    void interrupt()
    {
        if (!m_response.empty())
            m_discarded.insert(m_response);
        m_carrier.sendText(R"({"event":"clear","streamSid":")" + m_streamSid + "\"}");
        const Nanos unplayed = std::max<Nanos>(0, m_lastSent + kBeat - monotonicNs());
        for (std::size_t i = 0; i < m_items.size(); ++i) {
            const Item &item = m_items[i];
            const bool last = i + 1 == m_items.size() || m_items[i + 1].sent == 0;
            if (item.whole && item.sent >= item.audio.size() && (!last || unplayed == 0))
                continue;
            std::int64_t heard = std::int64_t(std::min(item.sent, item.audio.size()));
            if (item.sent > 0 && last)
                heard -= std::min(heard, unplayed / 125'000);
            heard -= m_defect == Defect::WrongTruncate ? std::min<std::int64_t>(heard, 8 * 300) : 0;
            if (m_defect != Defect::NoTruncate)
                m_model.sendText(R"({"type":"conversation.item.truncate","item_id":")" + item.id
                                 + R"(","content_index":0,"audio_end_ms":)" + std::to_string(heard / 8) + "}");
        }
        m_items.clear();
    }

    void send(std::string_view bytes)
    {
        std::string text = R"({"event":"media","streamSid":")" + m_streamSid + R"(","media":{"payload":")";
        appendBase64(text, asBytes(bytes));
        text += m_defect == Defect::ExtraField ? R"(","track":"outbound"}})" : "\"}}";
        if (m_defect != Defect::Mute)
            m_carrier.sendText(text);
        m_lastSent = monotonicNs();
    }

    void beat()
    {
        const Nanos now = monotonicNs();
        m_due += kBeat;
        if (m_due < now + kBeat - kLate) // late: keep the distance, lose the time
            m_due = now + kBeat;
        if (m_defect == Defect::Stall && ++m_beats % 120 == 0)
            m_due = now + 300 * kMillisecond;
        else if (m_defect == Defect::OddFrames)
            m_due += 5 * kMillisecond;
        sendNext();
        if (m_defect == Defect::Burst && ++m_beats % 50 == 0)
            sendNext();
        at(m_due, &Line::beat);
    }

    void sendNext()
    {
        while (!m_items.empty() && m_items.front().whole && m_items.front().sent >= m_items.front().audio.size()
               && m_items.size() > 1)
            m_items.pop_front();
        if (m_items.empty())
            return;
        Item &item = m_items.front();
        const std::size_t size = m_defect == Defect::OddFrames ? 200 : 160;
        const std::size_t left = item.audio.size() - std::min(item.audio.size(), item.sent);
        if (left == 0 || (left < size && !item.whole))
            return;
        if (m_defect == Defect::LosesTail && item.whole && left < 10 * size) {
            item.sent = item.audio.size();
            return;
        }
        std::string frame = item.audio.substr(item.sent, size);
        frame.resize(size, static_cast<char>(0xFF));
        item.sent += size;
        ++m_frames;
        if (m_defect != Defect::SkipsFrames || m_frames % 40 != 0)
            send(frame);
        if (m_defect == Defect::Repeats && m_frames % 40 == 0)
            item.sent -= size;
    }

    Reactor &m_reactor;
    Defect m_defect;
    ReferencePhone *m_phone;
    std::uint16_t m_modelPort;
    WebSocket m_carrier;
    WebSocket m_model;
    simdjson::dom::parser m_parser;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    std::string m_streamSid;
    bool m_ready = false;
    std::deque<Item> m_items;
    std::string m_response;
    std::set<std::string> m_discarded;
    Nanos m_due = 0;
    Nanos m_lastSent = 0;
    int m_frames = 0;
    int m_beats = 0;
};

ReferenceGateway::ReferenceGateway(Defect defect)
    : m_defect(defect)
    , m_server(std::make_unique<HttpServer>(m_reactor))
{
}

ReferenceGateway::ReferenceGateway(Defect defect, ReferencePhoneOptions phone, TlsContextPtr tls)
    : m_defect(defect)
    , m_server(std::make_unique<HttpServer>(m_reactor, std::move(tls)))
    , m_phone(std::make_unique<ReferencePhone>(std::move(phone), m_reactor, *m_server))
{
}

ReferenceGateway::~ReferenceGateway()
{
    if (!m_thread.joinable())
        return;
    m_reactor.quit();
    m_thread.join();
}

std::uint16_t ReferenceGateway::start(std::uint16_t modelPort)
{
    m_server->onUpgrade([this, modelPort](std::unique_ptr<Stream> stream, const std::string &bytes) {
        m_lines.push_back(std::make_unique<Line>(m_reactor, m_defect, m_phone.get(), modelPort,
                                                 std::uint64_t(m_lines.size() * 2 + 1)));
        m_lines.back()->adopt(std::move(stream), bytes);
    });
    const std::uint16_t port = m_server->listen(loopback(0));
    if (m_phone)
        m_phone->setPort(port);
    m_thread = std::thread([this] {
        m_reactor.run();
        m_lines.clear();
        m_server.reset(); // its sockets belong to this thread
    });
    return port;
}

std::vector<ReferencePhone::Seen> ReferenceGateway::seen() const
{
    return m_phone ? m_phone->seen() : std::vector<ReferencePhone::Seen>();
}

} // namespace takt::sim
