// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/model.h"

#include "load/shape.h"
#include "load/wiretext.h"
#include "sim/wire/base64.h"
#include "sim/wire/random.h"
#include "sim/wire/websocket.h"

#include <pthread.h>

namespace takt::load {

using sim::Nanos;
using sim::kMillisecond;
using sim::kSecond;

namespace {

constexpr double kBytesPerSecond = 8000;
constexpr int kDeltasAtOnce = 6; // faster than real time, not all at once
constexpr Nanos kThink = 200 * kMillisecond;
constexpr Nanos kAnswer = 600 * kMillisecond; // after a barge-in
constexpr Nanos kCatchUp = 20 * kMillisecond;

const std::string &deltaAudio()
{
    static const std::string s_audio = [] {
        std::string bytes(std::size_t(kDeltaBytes), '\0');
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<char>(0x20 + (i * 7) % 0x50);
        return sim::toBase64(sim::asBytes(bytes));
    }();
    return s_audio;
}

} // namespace

// One connection. Lives in the model's thread.
class ModelSession final : public sim::WebSocket::Listener
{
public:
    ModelSession(Model &model, int number, int fd)
        : m_model(model)
        , m_number(number)
        , m_random(std::uint64_t(number) + 1)
        , m_acceptedAt(sim::monotonicNs())
        , m_socket(model.m_reactor, *this, std::uint64_t(number))
    {
        if (model.m_tls)
            m_socket.adopt(sim::TlsStream::server(std::make_unique<sim::TcpStream>(fd), model.m_tls), {});
        else
            m_socket.adopt(fd);
    }

    void opened(sim::WebSocket &socket) override
    {
        m_openedAt = sim::monotonicNs();
        ++m_model.m_figures.sessions;
        socket.sendText(R"({"type":"session.created","event_id":"e0","session":{"type":"realtime","id":"sess_1",)"
                        R"("object":"realtime.session","model":"gpt-realtime"}})");
    }
    void message(sim::WebSocket &, sim::Opcode, std::string_view text, const sim::WebSocket::Arrival &arrival) override;
    void closed(sim::WebSocket &, const sim::WebSocket::Ending &) override
    {
        m_open = false;
        if (!m_model.m_ending)
            ++m_model.m_figures.lost;
    }

private:
    void onAppend(std::string_view text);
    void onSessionUpdate(std::string_view text, Nanos stamp);
    void pair(int call);
    void beginResponse();
    void speak();
    void scheduleBarge();
    void barge();
    void at(Nanos deadline, void (ModelSession::*task)())
    {
        m_model.m_reactor.at(deadline, [this, task] {
            if (m_open)
                (this->*task)();
        });
    }

    Model &m_model;
    int m_number;
    sim::Random m_random;
    Nanos m_acceptedAt;
    Nanos m_openedAt = 0;
    Nanos m_updatedAt = 0; // session.update came
    sim::WebSocket m_socket;
    bool m_open = true;
    int m_call = -1;
    bool m_pairingFailed = false;
    int m_responses = 0;
    std::string m_item; // empty: silent
    std::string m_deltaHead;
    Nanos m_speaksSince = 0;
    std::int64_t m_sentBytes = 0;
};

void ModelSession::message(sim::WebSocket &socket, sim::Opcode, std::string_view text,
                           const sim::WebSocket::Arrival &arrival)
{
    if (contains(text, "\"input_audio_buffer.append\"")) {
        onAppend(text);
    } else if (contains(text, "\"session.update\"")) {
        onSessionUpdate(text, arrival.stamp);
    } else if (contains(text, "\"conversation.item.truncate\"")) {
        ++m_model.m_figures.truncates;
        socket.sendText(R"({"type":"conversation.item.truncated","event_id":"e8","item_id":")"
                        + std::string(textOf(text, "\"item_id\"")) + R"(","content_index":0,"audio_end_ms":0})");
    } else if (contains(text, "\"response.cancel\"")) {
        ++m_model.m_figures.cancels;
    }
}

void ModelSession::onAppend(std::string_view text)
{
    const std::string_view audio = textOf(text, "\"audio\"");
    if (m_model.m_board.measuring.load(std::memory_order_relaxed)) {
        ++m_model.m_figures.appends;
        m_model.m_figures.appendedBytes += decodedSize(audio);
    }
    if (m_call >= 0 || m_pairingFailed)
        return;
    std::string bytes;
    const auto call = sim::fromBase64(audio, bytes) ? signature::read(bytes) : std::nullopt;
    if (call && std::size_t(*call) < m_model.m_board.calls.size()) {
        pair(*call);
    } else {
        m_pairingFailed = true;
        ++m_model.m_figures.unpaired;
    }
}

void ModelSession::pair(int call)
{
    m_call = call;
    const Nanos started = m_model.m_board.calls[std::size_t(call)].startSent;
    if (started == 0 || m_updatedAt == 0)
        return;
    StartFigures &start = m_model.m_figures.start;
    start.total.add(m_updatedAt - started);
    start.toConnect.add(m_acceptedAt - started);
    start.upgrade.add(m_openedAt - m_acceptedAt);
    start.toUpdate.add(m_updatedAt - m_openedAt);
    start.added.add(m_updatedAt - started - (m_openedAt - m_acceptedAt));
}

// Echoes the session that was asked for, as the service does.
void ModelSession::onSessionUpdate(std::string_view text, Nanos stamp)
{
    std::string session(objectOf(text, "\"session\""));
    if (session.empty())
        session = "{}";
    session.insert(1, std::string(R"("id":"sess_1","object":"realtime.session","expires_at":1999999999)")
                          + (session.size() > 2 ? "," : ""));
    m_socket.sendText(R"({"type":"session.updated","event_id":"e1","session":)" + session + "}");
    if (m_updatedAt != 0)
        return;
    m_updatedAt = stamp;
    ++m_model.m_board.sessionsReady;
    at(sim::monotonicNs() + kThink, &ModelSession::beginResponse);
    scheduleBarge();
}

void ModelSession::beginResponse()
{
    m_item = "item_" + std::to_string(m_number) + "_" + std::to_string(m_responses);
    const std::string response = "resp_" + m_item;
    m_socket.sendText(R"({"type":"response.created","event_id":"e2","response":{"id":")" + response
                      + R"(","object":"realtime.response","status":"in_progress"}})");
    m_socket.sendText(R"({"type":"response.output_item.added","event_id":"e3","response_id":")" + response
                      + R"(","output_index":0,"item":{"id":")" + m_item
                      + R"(","type":"message","role":"assistant","status":"in_progress","content":[]}})");
    m_deltaHead = R"({"type":"response.output_audio.delta","event_id":"e4","response_id":")" + response
                  + R"(","item_id":")" + m_item + R"(","output_index":0,"content_index":0,"delta":")";
    m_speaksSince = sim::monotonicNs();
    m_sentBytes = 0;
    speak();
}

void ModelSession::speak()
{
    if (m_item.empty())
        return;
    const Nanos now = sim::monotonicNs();
    const double due = (double(now - m_speaksSince) / double(kSecond) + kAheadSeconds) * kBytesPerSecond;
    for (int i = 0; i < kDeltasAtOnce && double(m_sentBytes) < due; ++i) {
        m_socket.sendText(m_deltaHead + deltaAudio() + "\"}");
        m_sentBytes += kDeltaBytes;
        ++m_model.m_figures.deltas;
    }
    const double aheadSeconds = double(m_sentBytes) / kBytesPerSecond - kAheadSeconds;
    at(std::max(now + kCatchUp, m_speaksSince + Nanos(aheadSeconds * double(kSecond))), &ModelSession::speak);
}

void ModelSession::scheduleBarge()
{
    if (m_model.m_barge > 0)
        at(sim::monotonicNs() + Nanos(m_model.m_barge * m_random.real(0.7, 1.3) * double(kSecond)),
           &ModelSession::barge);
}

void ModelSession::barge()
{
    scheduleBarge();
    if (m_item.empty())
        return;
    if (m_call >= 0) {
        const bool measuring = m_model.m_board.measuring.load(std::memory_order_relaxed);
        const Nanos before = m_model.m_board.calls[std::size_t(m_call)].bargeFired.exchange(sim::monotonicNs());
        m_model.m_figures.barges += measuring ? 1U : 0U;
        m_model.m_figures.bargesMissed += measuring && before != 0 ? 1U : 0U;
    }
    m_socket.sendText(R"({"type":"input_audio_buffer.speech_started","event_id":"e5","audio_start_ms":100,)"
                      R"("item_id":"item_user"})");
    m_socket.sendText(R"({"type":"response.done","event_id":"e6","response":{"id":"resp_)" + m_item
                      + R"(","object":"realtime.response","status":"cancelled",)"
                        R"("status_details":{"type":"cancelled","reason":"turn_detected"},"output":[]}})");
    m_socket.sendText(R"({"type":"input_audio_buffer.speech_stopped","event_id":"e7","audio_end_ms":600,)"
                      R"("item_id":"item_user"})");
    m_item.clear();
    ++m_responses;
    at(sim::monotonicNs() + kAnswer, &ModelSession::beginResponse);
}

Model::Model(Board &board, double barge, sim::TlsContextPtr tls)
    : m_board(board)
    , m_barge(barge)
    , m_tls(std::move(tls))
{
}

Model::~Model()
{
    stop();
}

int Model::start(int port)
{
    sockaddr_in address = sim::loopback(port);
    const int fd = sim::TcpStream::listenOn(address);
    if (fd < 0)
        return 0;
    (void)deltaAudio();
    m_acceptor = std::make_unique<sim::Acceptor>(m_reactor, fd, [this](int connection) {
        m_sessions.push_back(std::make_unique<ModelSession>(*this, int(m_sessions.size()), connection));
    });
    m_thread = std::thread([this] {
        pthread_setname_np(pthread_self(), "model");
        m_reactor.run();
    });
    return ntohs(address.sin_port);
}

void Model::expectEnd()
{
    m_reactor.post([this] { m_ending = true; });
}

void Model::stop()
{
    if (!m_thread.joinable())
        return;
    m_reactor.quit();
    m_thread.join();
    m_sessions.clear();
    m_acceptor.reset();
}

} // namespace takt::load
