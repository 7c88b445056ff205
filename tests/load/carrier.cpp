// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/carrier.h"

#include "load/shape.h"
#include "load/wiretext.h"
#include "sim/wire/base64.h"
#include "sim/wire/websocket.h"

#include <array>
#include <cstdio>
#include <deque>
#include <pthread.h>

namespace takt::load {

using sim::Nanos;
using sim::kMillisecond;
using sim::kSecond;

namespace {

constexpr int kFirstError = 400; // of HTTP

std::string callerPayload(int call)
{
    std::string frame(160, '\0');
    signature::write(frame, call);
    return sim::toBase64(sim::asBytes(frame));
}

} // namespace

// One call. Lives in the carrier's thread.
class CarrierCall final : public sim::WebSocket::Listener
{
public:
    CarrierCall(Carrier &carrier, int index)
        : m_carrier(carrier)
        , m_index(index)
        , m_streamSid(paddedSid("MZ", index + carrier.m_options.firstCall))
        , m_callSid(paddedSid("CA", index + carrier.m_options.firstCall))
        , m_payload(callerPayload(index))
        , m_meter(carrier.m_figures.arrivals)
        , m_socket(carrier.m_reactor, *this, std::uint64_t(index) + 7)
    {
    }

    void dial()
    {
        const std::string host = "127.0.0.1:" + std::to_string(m_carrier.m_door.port);
        const std::string scheme = m_carrier.m_door.tls ? "wss://" : "ws://";
        const Pass &pass = m_carrier.m_passes[std::size_t(m_index)];
        sim::WebSocket::Headers headers{{"connection", "Upgrade"},
                                        {"sec-websocket-key", {}},
                                        {"sec-websocket-version", "13"},
                                        {"upgrade", "websocket"}};
        if (!m_carrier.m_door.isOpen())
            headers.emplace_back("x-twilio-signature", signatureFor(m_carrier.m_door, scheme + host + pass.target));
        m_socket.dial(m_carrier.m_gateway, host, pass.target, headers, 0, m_carrier.m_door.tls);
    }
    void finishMeasuring(Nanos now);
    void hangUp();

    void opened(sim::WebSocket &socket) override;
    void message(sim::WebSocket &socket, sim::Opcode, std::string_view text,
                 const sim::WebSocket::Arrival &arrival) override;
    void closed(sim::WebSocket &, const sim::WebSocket::Ending &ending) override;

private:
    void speak();
    void echoMarks();
    void echo(const std::string &name);
    void onClear(const ArrivalMeter::Message &message);
    void settleClear(bool stampIsOfLater);
    void keep(const Arrival &arrival)
    {
        if (!m_carrier.m_traces.empty())
            m_carrier.m_traces[std::size_t(m_index)].push_back(arrival);
    }

    struct Mark {
        Nanos heardAt;
        std::string name;
    };

    Carrier &m_carrier;
    int m_index;
    std::string m_streamSid;
    std::string m_callSid;
    std::string m_payload;
    ArrivalMeter m_meter;
    sim::WebSocket m_socket;
    bool m_open = false;
    bool m_over = false;
    std::int64_t m_sequence = 1;
    Nanos m_nextFrame = 0;
    std::deque<Mark> m_marks;
    bool m_markTimer = false;
    Nanos m_clearLatency = 0; // of a clear whose read may still hold more; 0: none
};

void CarrierCall::opened(sim::WebSocket &socket)
{
    m_open = true;
    ++m_carrier.m_board.callsOpen;
    socket.sendText(R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
    const std::string start =
        R"({"event":"start","sequenceNumber":"1","start":{"accountSid":"AC00000000000000000000000000000001",)"
        R"("streamSid":")"
        + m_streamSid + R"(","callSid":")" + m_callSid
        + R"(","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},)"
          R"("customParameters":{"from":"+15550100001","to":"+15550100002","token":")"
        + m_carrier.m_passes[std::size_t(m_index)].token + R"("}},"streamSid":")" + m_streamSid + "\"}";
    m_carrier.m_board.calls[std::size_t(m_index)].startSent = sim::monotonicNs();
    socket.sendText(start);
    const Nanos now = sim::monotonicNs();
    m_nextFrame = m_carrier.m_options.aligned ? (now / kInterval + 1) * kInterval
                                              : now + m_carrier.m_random.between(0, kInterval);
    m_carrier.m_reactor.at(m_nextFrame, [this] { speak(); });
}

void CarrierCall::speak()
{
    if (!m_open)
        return;
    const Nanos now = sim::monotonicNs();
    m_carrier.m_away.tick(now);
    ++m_sequence;
    std::array<char, 512> text{};
    const auto sequence = static_cast<long long>(m_sequence);
    const int size = std::snprintf(
        text.data(), text.size(),
        R"({"event":"media","sequenceNumber":"%lld","media":{"track":"inbound","chunk":"%lld","timestamp":"%lld",)"
        R"("payload":"%s"},"streamSid":"%s"})",
        sequence, sequence - 1, 80 + sequence * 20, m_payload.c_str(), m_streamSid.c_str());
    m_socket.sendText({text.data(), std::size_t(size)});
    if (m_carrier.m_board.measuring.load(std::memory_order_relaxed)) {
        ++m_carrier.m_figures.sentFrames;
        m_carrier.m_figures.callerLate.add(now - m_nextFrame);
    }
    m_nextFrame += kInterval;
    if (m_nextFrame < now)
        m_nextFrame = now + kInterval;
    m_carrier.m_reactor.at(m_nextFrame, [this] { speak(); });
}

void CarrierCall::message(sim::WebSocket &, sim::Opcode, std::string_view text, const sim::WebSocket::Arrival &arrival)
{
    const ArrivalMeter::Message message{arrival.stamp, arrival.shared, m_carrier.m_away.emptyAt(), sim::monotonicNs(),
                                        m_carrier.m_board.measuring.load(std::memory_order_relaxed)};
    settleClear(message.shared);
    const std::string_view event = textOf(text, "\"event\"");
    if (event == "media") {
        m_meter.frame(message, decodedSize(textOf(text, "\"payload\"")));
        keep({Arrival::Kind::Frame, message.stamp, 0});
    } else if (event == "clear") {
        onClear(message);
    } else if (event == "mark") {
        m_meter.other(message);
        ++m_carrier.m_figures.marks;
        m_marks.push_back({m_meter.playoutEnd(), std::string(textOf(text, "\"name\""))});
        echoMarks();
    } else {
        m_meter.other(message);
    }
}

void CarrierCall::onClear(const ArrivalMeter::Message &message)
{
    m_meter.clear(message);
    for (const Mark &mark : m_marks)
        echo(mark.name);
    m_marks.clear();
    const Nanos fired = m_carrier.m_board.calls[std::size_t(m_index)].bargeFired.exchange(0);
    keep({Arrival::Kind::Clear, message.stamp, fired});
    if (!message.counted)
        return;
    ++m_carrier.m_figures.clears;
    if (fired != 0)
        m_clearLatency = std::max<Nanos>(1, message.stamp - fired);
}

// The next message is known. If it came out of the same read, the stamp was its own and not that of the clear.
void CarrierCall::settleClear(bool stampIsOfLater)
{
    if (m_clearLatency == 0)
        return;
    if (stampIsOfLater)
        ++m_carrier.m_figures.clearsNotMeasurable;
    else
        m_carrier.m_figures.clearLatency.add(m_clearLatency);
    m_clearLatency = 0;
}

// Sends back the marks whose audio has been heard, and waits for the next one.
void CarrierCall::echoMarks()
{
    const Nanos now = sim::monotonicNs();
    while (m_open && !m_marks.empty() && m_marks.front().heardAt <= now) {
        const std::string name = m_marks.front().name;
        m_marks.pop_front();
        echo(name);
    }
    if (m_marks.empty() || m_markTimer || !m_open)
        return;
    m_markTimer = true;
    m_carrier.m_reactor.at(m_marks.front().heardAt, [this] {
        m_markTimer = false;
        echoMarks();
    });
}

void CarrierCall::echo(const std::string &name)
{
    ++m_sequence;
    m_socket.sendText(R"({"event":"mark","sequenceNumber":")" + std::to_string(m_sequence) + R"(","streamSid":")"
                      + m_streamSid + R"(","mark":{"name":")" + name + "\"}}");
}

void CarrierCall::finishMeasuring(Nanos now)
{
    settleClear(false);
    if (!m_open)
        return;
    m_meter.end(now);
    ++m_carrier.m_figures.alive;
    if (m_meter.framesCounted() == 0)
        ++m_carrier.m_figures.silent;
}

void CarrierCall::hangUp()
{
    if (m_over)
        return;
    if (m_open) {
        m_open = false;
        m_socket.sendText(R"({"event":"stop","sequenceNumber":")" + std::to_string(m_sequence + 1)
                          + R"(","stop":{"accountSid":"AC00000000000000000000000000000001","callSid":")" + m_callSid
                          + R"("},"streamSid":")" + m_streamSid + "\"}");
    }
    m_socket.close(1000);
}

void CarrierCall::closed(sim::WebSocket &, const sim::WebSocket::Ending &ending)
{
    m_over = true;
    ++m_carrier.m_closed;
    if (!m_carrier.m_ending) {
        if (m_open)
            ++m_carrier.m_figures.dropped;
        else
            ++m_carrier.m_board.callsFailed;
        m_carrier.m_figures.refused += ending.httpStatus >= kFirstError ? 1 : 0;
        std::fprintf(stderr, "call %d ended: %s (HTTP %d, code %d)\n", m_index, ending.reason.c_str(),
                     ending.httpStatus, ending.code);
    }
    m_open = false;
}

Carrier::Carrier(Board &board, const Door &door, std::vector<Pass> passes, const Options &options)
    : m_board(board)
    , m_door(door)
    , m_passes(std::move(passes))
    , m_options(options)
    , m_gateway(sim::loopback(door.port))
    , m_traces(options.traces ? board.calls.size() : 0)
    , m_away(m_reactor, int(board.calls.size()))
{
    m_passes.resize(board.calls.size(), Pass{m_door.path, {}});
    for (std::size_t i = 0; i < board.calls.size(); ++i)
        m_calls.push_back(std::make_unique<CarrierCall>(*this, int(i)));
}

Carrier::~Carrier()
{
    stop();
}

void Carrier::start()
{
    m_thread = std::thread([this] {
        pthread_setname_np(pthread_self(), "carrier");
        m_firstDial = sim::monotonicNs();
        dialNext();
        m_reactor.run();
    });
}

void Carrier::dialNext()
{
    if (m_ending || m_dialled == m_calls.size())
        return;
    m_calls[m_dialled++]->dial();
    const double share = double(m_dialled) / double(m_calls.size());
    m_reactor.at(m_firstDial + Nanos(kRampSeconds * share * double(kSecond)), [this] { dialNext(); });
}

void Carrier::hangUp()
{
    m_reactor.post([this] {
        const Nanos now = sim::monotonicNs();
        m_ending = true;
        for (const auto &call : m_calls)
            call->finishMeasuring(now);
        for (std::size_t i = 0; i < m_dialled; ++i)
            m_calls[i]->hangUp();
        m_closed += int(m_calls.size() - m_dialled);
    });
}

void Carrier::stop()
{
    if (!m_thread.joinable())
        return;
    m_reactor.quit();
    m_thread.join();
    m_calls.clear();
}

} // namespace takt::load
