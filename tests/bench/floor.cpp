// SPDX-License-Identifier: GPL-3.0-or-later
// takt-bench-floor GATEWAY_PORT MODEL_PORT: the least work for a gateway's behaviour on the wire. Bare sockets in one
// epoll loop, one thread; no TLS, no checks, no records, no recovery, marks neither sent nor read. Not a product: what
// a gateway costs is told as a multiple of this.
#include "load/wiretext.h"
#include "sim/wire/base64.h"
#include "sim/wire/clock.h"
#include "sim/wire/frame.h"
#include "sim/wire/httphead.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <queue>
#include <random>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace takt;
using sim::Nanos;

constexpr Nanos kInterval = 20 * sim::kMillisecond;
constexpr std::size_t kFrameBytes = 160;

sockaddr_in loopback(int port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(std::uint16_t(port));
    return address;
}

struct Call;

// One connection of a call: the carrier's, whose server we are, or the model's, whose client we are.
struct Leg {
    Leg(Call &ofCall, int descriptor, bool toModel)
        : call(ofCall)
        , fd(descriptor)
        , isModel(toModel)
        , reader(!toModel)
    {
        const int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    ~Leg() { close(fd); }
    Leg(const Leg &) = delete;
    Leg &operator=(const Leg &) = delete;

    void sendBytes(std::string_view bytes)
    {
        unsent.append(bytes);
        while (!unsent.empty()) {
            const ssize_t n = send(fd, unsent.data(), unsent.size(), MSG_NOSIGNAL);
            if (n <= 0)
                return; // full: the next message tries again
            unsent.erase(0, std::size_t(n));
        }
    }
    void sendText(std::string_view text)
    {
        frame.clear();
        sim::appendFrame(frame, sim::Opcode::Text, text,
                         isModel ? std::optional(sim::MaskKey{1, 2, 3, 4}) : std::nullopt);
        sendBytes(frame);
    }

    Call &call;
    int fd;
    bool isModel;
    bool open = false;
    std::string head;
    std::string unsent;
    std::string frame;
    sim::FrameReader reader;
};

struct Call {
    std::unique_ptr<Leg> carrier;
    std::unique_ptr<Leg> model;
    std::string streamSid;
    std::string mediaHead;
    std::string audio; // to be heard
    std::size_t heard = 0;
    bool over = false;
};

class Floor
{
public:
    Floor(int listening, int modelPort)
        : m_epoll(epoll_create1(EPOLL_CLOEXEC))
        , m_listening(listening)
        , m_model(loopback(modelPort))
    {
        watch(listening, nullptr);
    }
    void run();

private:
    struct Due {
        Nanos at;
        Call *call;
        bool operator<(const Due &other) const { return at > other.at; }
    };

    void watch(int fd, Leg *leg)
    {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = leg;
        epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event);
    }
    void accept();
    void sendDue();
    void sendFrame(Call &call);
    bool read(Leg &leg);
    void handshake(Leg &leg);
    void onCarrier(Call &call, std::string_view text);
    void onModel(Call &call, std::string_view text);
    void dialModel(Call &call);
    void buryOver();

    int m_epoll;
    int m_listening;
    sockaddr_in m_model;
    std::vector<std::unique_ptr<Call>> m_calls;
    std::priority_queue<Due> m_due;
    bool m_someOver = false;
    std::string m_text;
    std::string m_bytes;
    std::minstd_rand m_random{1};
};

void Floor::run()
{
    std::array<epoll_event, 256> events{};
    for (;;) {
        sendDue();
        const Nanos wait = m_due.empty() ? sim::kSecond : std::max<Nanos>(0, m_due.top().at - sim::monotonicNs());
        const timespec timeout{time_t(wait / sim::kSecond), long(wait % sim::kSecond)};
        const int count = epoll_pwait2(m_epoll, events.data(), int(events.size()), &timeout, nullptr);
        for (int i = 0; i < count; ++i) {
            auto *leg = static_cast<Leg *>(events[std::size_t(i)].data.ptr);
            if (leg == nullptr) {
                accept();
            } else if (!leg->call.over && !read(*leg)) {
                leg->call.over = true;
                m_someOver = true;
            }
        }
        if (m_someOver)
            buryOver();
    }
}

void Floor::accept()
{
    for (;;) {
        const int fd = accept4(m_listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        auto call = std::make_unique<Call>();
        call->carrier = std::make_unique<Leg>(*call, fd, false);
        watch(fd, call->carrier.get());
        m_calls.push_back(std::move(call));
    }
}

void Floor::sendDue()
{
    const Nanos now = sim::monotonicNs();
    while (!m_due.empty() && m_due.top().at <= now) {
        Due due = m_due.top();
        m_due.pop();
        sendFrame(*due.call);
        due.at = due.at + kInterval < now ? now + kInterval : due.at + kInterval;
        m_due.push(due);
    }
}

void Floor::sendFrame(Call &call)
{
    if (call.audio.size() - call.heard < kFrameBytes)
        return;
    m_text = call.mediaHead;
    sim::appendBase64(m_text, sim::asBytes(std::string_view(call.audio).substr(call.heard, kFrameBytes)));
    m_text += "\"}}";
    call.heard += kFrameBytes;
    if (call.heard > call.audio.size() / 2) {
        call.audio.erase(0, call.heard);
        call.heard = 0;
    }
    call.carrier->sendText(m_text);
}

// False when the connection is over.
bool Floor::read(Leg &leg)
{
    std::array<char, 65536> buffer; // NOLINT: filled by the kernel
    const ssize_t n = recv(leg.fd, buffer.data(), buffer.size(), 0);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    const std::string_view bytes(buffer.data(), std::size_t(n));
    if (leg.open) {
        leg.reader.feed(bytes);
    } else {
        leg.head += bytes;
        handshake(leg);
    }
    while (const auto message = leg.reader.next()) {
        if (message->opcode == sim::Opcode::Close)
            return false;
        if (message->opcode == sim::Opcode::Text && leg.isModel)
            onModel(leg.call, message->payload);
        else if (message->opcode == sim::Opcode::Text)
            onCarrier(leg.call, message->payload);
    }
    return !leg.call.over;
}

void Floor::handshake(Leg &leg)
{
    const std::size_t end = leg.head.find("\r\n\r\n");
    if (end == std::string::npos)
        return;
    const auto head = sim::HttpHead::parse(std::string_view(leg.head).substr(0, end));
    leg.open = true;
    if (leg.isModel) {
        leg.sendText(R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":)"
                     R"({"type":"audio/pcmu"}},"output":{"format":{"type":"audio/pcmu"}}}}})");
    } else {
        leg.sendBytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: "
                      + sim::acceptFor(head ? head->header("sec-websocket-key") : std::string()) + "\r\n\r\n");
    }
    leg.reader.feed(std::string_view(leg.head).substr(end + 4));
    leg.head.clear();
}

void Floor::onCarrier(Call &call, std::string_view text)
{
    const std::string_view event = load::textOf(text, "\"event\"");
    if (event == "media") {
        if (!call.model || !call.model->open)
            return;
        m_text = R"({"type":"input_audio_buffer.append","audio":")";
        m_text += load::textOf(text, "\"payload\"");
        m_text += "\"}";
        call.model->sendText(m_text);
    } else if (event == "start") {
        call.streamSid = load::textOf(text, "\"streamSid\"");
        call.mediaHead = R"({"event":"media","streamSid":")" + call.streamSid + R"(","media":{"payload":")";
        dialModel(call);
    } else if (event == "stop") {
        call.over = true;
        m_someOver = true;
    }
}

void Floor::onModel(Call &call, std::string_view text)
{
    if (load::contains(text, "output_audio.delta")) {
        if (sim::fromBase64(load::textOf(text, "\"delta\""), m_bytes))
            call.audio += m_bytes;
    } else if (load::contains(text, "speech_started")) {
        call.audio.clear();
        call.heard = 0;
        call.carrier->sendText(R"({"event":"clear","streamSid":")" + call.streamSid + "\"}");
    }
}

void Floor::dialModel(Call &call)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr *>(&m_model), sizeof m_model) != 0) {
        std::perror("takt-bench-floor: the model");
        std::exit(1);
    }
    call.model = std::make_unique<Leg>(call, fd, true);
    watch(fd, call.model.get());
    call.model->sendBytes("GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "Sec-WebSocket-Version: 13\r\n\r\n");
    m_due.push({sim::monotonicNs() + Nanos(m_random() % std::uint64_t(kInterval)), &call});
}

void Floor::buryOver()
{
    std::priority_queue<Due> kept;
    for (; !m_due.empty(); m_due.pop()) {
        if (!m_due.top().call->over)
            kept.push(m_due.top());
    }
    m_due.swap(kept);
    std::erase_if(m_calls, [](const std::unique_ptr<Call> &call) { return call->over; });
    m_someOver = false;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::fputs("usage: takt-bench-floor GATEWAY_PORT MODEL_PORT\n", stderr);
        return 2;
    }
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    std::signal(SIGTERM, [](int) { _exit(0); });
    const int one = 1;
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const sockaddr_in address = loopback(std::atoi(argv[1]));
    if (bind(listening, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0
        || listen(listening, 4096) != 0) {
        std::perror("takt-bench-floor");
        return 2;
    }
    Floor(listening, std::atoi(argv[2])).run();
}
