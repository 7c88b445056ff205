// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/replay/replayer.h"

#include "shared/txfacts.h"
#include "sim/carrier/streamtarget.h"
#include "sim/carrier/strict.h"
#include "sim/model/eventsender.h"
#include "sim/wire/acceptor.h"

#include <QDateTime>
#include <QJsonDocument>

#include <algorithm>
#include <cstring>

namespace takt::sim {

using namespace Qt::Literals::StringLiterals;

namespace {

using Kind = ReplayStep::Kind;

constexpr int kFrameBytes = 160;
constexpr int kSmallWindow = 8192; // as a carrier that is slow to read
constexpr std::size_t kSip = 1024; // ... and little at once: three frames
constexpr Nanos kReadyLimit = 10 * kSecond;
constexpr Nanos kAfterwards = kSecond; // the gateway may still have something to say
constexpr std::uint64_t kSeed = 1;

} // namespace

// One session, which says what was said then. Reactor thread.
class Replayer::Model final : WebSocket::Listener
{
public:
    Model(Replayer &replayer, int fd)
        : m_replayer(replayer)
        , m_acceptor(*replayer.m_reactor, fd, [this](int accepted) { adopt(accepted); })
    {
    }

    void play(const ReplayStep &step)
    {
        if (m_socket == nullptr || !m_socket->isOpen())
            return;
        const QString item = u"item_%1"_s.arg(step.item);
        switch (step.kind) {
        case Kind::Response:
            ++m_response;
            m_events->send("response.created", {{u"response"_s, response("in_progress")}});
            break;
        case Kind::Delta: speak(m_response, item, step.bytes); break;
        case Kind::LateDelta: speak(step.response, item, step.bytes); break;
        case Kind::AudioDone:
            m_events->send("response.output_audio.done", {{u"response_id"_s, name(m_response)},
                                                          {u"item_id"_s, item},
                                                          {u"output_index"_s, 0},
                                                          {u"content_index"_s, 0}});
            break;
        case Kind::ResponseDone: m_events->send("response.done", {{u"response"_s, response("completed")}}); break;
        case Kind::CallerSpeaks:
            m_events->send("input_audio_buffer.speech_started",
                           {{u"audio_start_ms"_s, 0}, {u"item_id"_s, u"turn_%1"_s.arg(++m_turn)}});
            break;
        case Kind::CallerStops:
            m_events->send("input_audio_buffer.speech_stopped",
                           {{u"audio_end_ms"_s, 0}, {u"item_id"_s, u"turn_%1"_s.arg(m_turn)}});
            break;
        default: break;
        }
    }

private:
    void adopt(int fd)
    {
        if (m_socket != nullptr) { // a second session: the gateway believes that it has lost the first
            close(fd);
            return;
        }
        m_socket.reset(new WebSocket(*m_replayer.m_reactor, *this, kSeed)); // make_unique may not see our listener
        m_events = std::make_unique<EventSender>(*m_socket, kSeed, false);
        m_socket->adopt(fd);
    }
    void opened(WebSocket &) override
    {
        m_config = std::make_unique<SessionConfig>(u"sess_replay"_s, u"gpt-realtime"_s,
                                                   QDateTime::currentSecsSinceEpoch() + 3600);
        m_events->send("session.created", {{u"session"_s, m_config->effective()}});
    }
    void message(WebSocket &, Opcode, std::string_view payload, const WebSocket::Arrival &) override
    {
        const QJsonObject event = QJsonDocument::fromJson(QByteArray(payload.data(), qsizetype(payload.size())))
                                      .object();
        const QString type = event[u"type"].toString();
        if (type == u"session.update") {
            if (const auto wrong = m_config->update(event[u"session"].toObject(), false))
                m_replayer.over("the session.update was refused: " + wrong->message.toStdString());
            else
                m_events->send("session.updated", {{u"session"_s, m_config->effective()}});
        } else if (type == u"response.create" && !std::exchange(m_asked, true)) {
            m_replayer.begin();
        }
    }
    void closed(WebSocket &, const WebSocket::Ending &) override {}

    void speak(int response, const QString &item, int bytes)
    {
        const std::string audio(std::size_t(std::max(bytes, 0)), char(0x55)); // a hum
        m_events->audioDelta(name(response), item, audio, false);
    }
    [[nodiscard]] static QString name(int number) { return u"resp_%1"_s.arg(number); }
    [[nodiscard]] QJsonObject response(const char *status) const
    {
        return {{u"object"_s, u"realtime.response"_s},
                {u"id"_s, name(m_response)},
                {u"status"_s, QString::fromLatin1(status)},
                {u"status_details"_s, QJsonValue()},
                {u"output"_s, QJsonArray()}};
    }

    Replayer &m_replayer;
    Acceptor m_acceptor;
    std::unique_ptr<WebSocket> m_socket;
    std::unique_ptr<EventSender> m_events;
    std::unique_ptr<SessionConfig> m_config;
    int m_response = 0;
    int m_turn = 0;
    bool m_asked = false;
};

// The caller's telephone and the carrier. Reactor thread.
class Replayer::Carrier final : WebSocket::Listener
{
public:
    explicit Carrier(Replayer &replayer)
        : m_replayer(replayer)
        , m_random(std::uint64_t(monotonicNs()))
        , m_writer(identity(m_random))
        , m_socket(*replayer.m_reactor, *this, kSeed)
    {
        const ReplayOptions &options = m_replayer.m_options;
        m_socket.setMostRead(kSip);
        m_socket.dial(options.gateway, options.host, options.path,
                      {{"connection", "Upgrade"},
                       {"sec-websocket-key", {}},
                       {"sec-websocket-version", "13"},
                       {"upgrade", "websocket"}},
                      kSmallWindow);
    }

    void play(const ReplayStep &step)
    {
        if (!m_socket.isOpen())
            return;
        switch (step.kind) {
        case Kind::Media: {
            const std::vector<std::uint8_t> silence(std::size_t(std::clamp(step.bytes, 0, 1600)), 0xFF);
            m_mediaMs += step.holeMs;
            m_socket.sendText(m_writer.media(m_mediaMs, silence));
            m_mediaMs += step.bytes / 8;
            break;
        }
        case Kind::Sleep: limit(0); break;
        case Kind::Sip: limit(m_mayRead.value_or(0) + step.bytes); break;
        case Kind::WakeUp:
            m_mayRead.reset();
            m_socket.setReading(true);
            break;
        default: break;
        }
    }
    void hangUp()
    {
        if (!m_socket.isOpen())
            return;
        m_socket.setReading(true);
        m_socket.sendText(m_writer.stop());
        m_socket.close(1000);
    }

private:
    // What was read too much is read the less the next time.
    void limit(int bytes)
    {
        m_mayRead = bytes;
        m_socket.setReading(bytes > 0);
    }
    static CallIdentity identity(Random &random)
    {
        CallPlan plan;
        const CarrierOptions options;
        return directTarget(plan, options, random).identity;
    }
    void opened(WebSocket &) override
    {
        m_socket.sendText(StreamWriter::connected());
        m_socket.sendText(m_writer.start());
    }
    void message(WebSocket &, Opcode, std::string_view payload, const WebSocket::Arrival &arrival) override
    {
        const GatewayMessage message = m_reader.read(payload, m_writer.identity().streamSid);
        if (std::holds_alternative<MediaMessage>(message)) {
            if (m_mayRead)
                limit(*m_mayRead - kFrameBytes);
            const std::lock_guard lock(m_replayer.m_mutex);
            ReplayVerdict &verdict = m_replayer.m_verdict;
            ++verdict.frames;
            if (m_lastFrame != 0)
                verdict.longestGapMs = std::max<qint64>(verdict.longestGapMs,
                                                        (arrival.stamp - m_lastFrame) / kMillisecond);
            m_lastFrame = arrival.stamp;
        } else if (const auto *mark = std::get_if<MarkMessage>(&message)) {
            m_socket.sendText(m_writer.mark(mark->name)); // frames come on the beat: what has come is nearly played
        }
    }
    void closed(WebSocket &, const WebSocket::Ending &ending) override
    {
        const bool refused = ending.stage != WebSocket::Stage::Open;
        m_replayer.over(refused ? "the gateway did not take the call: " + ending.reason : std::string());
    }

    Replayer &m_replayer;
    Random m_random;
    StrictReader m_reader;
    StreamWriter m_writer;
    WebSocket m_socket;
    Nanos m_lastFrame = 0;
    std::int64_t m_mediaMs = 0;
    std::optional<int> m_mayRead; // bytes of speech; nothing: all
};

QJsonObject ReplayVerdict::json() const
{
    return {{u"played"_s, played},
            {u"problem"_s, QString::fromStdString(problem)},
            {u"frames"_s, frames},
            {u"longest_gap_ms"_s, longestGapMs},
            {u"recorded"_s, QJsonObject{{u"cause"_s, recordedCause}, {u"duration_ms"_s, recordedMs}}}};
}

QString ReplayVerdict::text() const
{
    if (!played)
        return u"not played: %1\n"_s.arg(QString::fromStdString(problem));
    QString text = u"played: %1 frames came back, the longest time between two was %2 ms\n"_s.arg(frames).arg(
        longestGapMs);
    if (recordedCause == name(StallCause::WorkerLate))
        text +=
            u"the recorded stall of %1 ms had its cause in the gateway's machine (worker late): the replay brings the "
            "call's traffic, not the machine's load\n"_s.arg(recordedMs);
    else if (!recordedCause.isEmpty())
        text += u"recorded: a stall of %1 ms, %2; what the gateway made of it this time: takt-gateway ctl flights\n"_s
                    .arg(recordedMs)
                    .arg(recordedCause);
    return text;
}

Replayer::Replayer(Replay replay, const ReplayOptions &options)
    : m_replay(std::move(replay))
    , m_options(options)
    , m_reactor(std::make_unique<Reactor>())
{
    for (sockaddr_in *address : {&m_options.gateway, &m_options.model}) {
        if (address->sin_family == 0) { // not set: this machine
            address->sin_family = AF_INET;
            address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        }
    }
    m_verdict.recordedCause = m_replay.cause;
    m_verdict.recordedMs = m_replay.stallMs;
}

Replayer::~Replayer()
{
    if (m_thread.joinable()) {
        m_reactor->quit();
        m_thread.join();
    }
}

Result<quint16> Replayer::start()
{
    sockaddr_in address = m_options.model;
    const int fd = TcpStream::listenOn(address);
    if (fd < 0)
        return Error{u"the model cannot listen: "_s + QString::fromLocal8Bit(std::strerror(errno))};
    m_model = std::make_unique<Model>(*this, fd);
    m_thread = std::thread([this] {
        m_reactor->run();
        m_carrier.reset(); // their sockets belong to this thread
        m_model.reset();
    });
    return ntohs(address.sin_port);
}

void Replayer::call(quint16 gatewayPort)
{
    if (gatewayPort != 0)
        m_options.gateway.sin_port = htons(gatewayPort);
    if (m_options.host.empty())
        m_options.host = "127.0.0.1:" + std::to_string(ntohs(m_options.gateway.sin_port));
    m_reactor->post([this] {
        m_carrier = std::make_unique<Carrier>(*this);
        m_reactor->at(monotonicNs() + kReadyLimit, [this] {
            if (m_beganAt == 0)
                over("the gateway asked the model for nothing; is this its model?");
        });
    });
}

void Replayer::begin()
{
    m_beganAt = monotonicNs();
    play(0);
}

void Replayer::play(std::size_t step)
{
    for (; step < m_replay.steps.size(); ++step) {
        const ReplayStep &next = m_replay.steps[step];
        if (m_beganAt + next.at > monotonicNs()) {
            m_reactor->at(m_beganAt + next.at, [this, step] { play(step); });
            return;
        }
        m_carrier->play(next);
        m_model->play(next);
    }
    m_reactor->at(m_beganAt + m_replay.length + kAfterwards, [this] { over({}); });
}

void Replayer::over(const std::string &problem)
{
    if (m_done)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_verdict.played = problem.empty();
        m_verdict.problem = problem;
    }
    m_done = true;
}

ReplayVerdict Replayer::finish()
{
    if (m_thread.joinable()) {
        m_reactor->post([this] {
            over("interrupted"); // first: what our own hanging up looks like is no end of the record
            if (m_carrier != nullptr)
                m_carrier->hangUp();
            m_reactor->at(monotonicNs() + kSecond / 5, [this] { m_reactor->quit(); }); // time for the close
        });
        m_thread.join();
    }
    const std::lock_guard lock(m_mutex);
    return m_verdict;
}

} // namespace takt::sim
