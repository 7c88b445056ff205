// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/call.h"

#include <algorithm>
#include <utility>

namespace takt::sim {
namespace {

constexpr Nanos kFrame = 20 * kMillisecond;
constexpr Nanos kOurLateness = 5 * kMillisecond;
constexpr int kSmallWindow = 8192;

} // namespace

Call::Call(World world, CallPlan plan, int number, std::uint64_t seed, std::optional<StreamTarget> target)
    : m_world(std::move(world))
    , m_plan(std::move(plan))
    , m_random(seed)
    , m_target(target ? std::move(*target) : directTarget(m_plan, m_world.options, m_random))
    , m_writer(m_target.identity)
    , m_tracker(m_world.ledger)
    , m_judge(m_tracker, fromMs(m_world.options.latencyMs))
    , m_playout(*this)
    , m_caller(m_world.voices, m_plan.script, m_world.options.interrupt, m_random.next())
    , m_socket(m_world.reactor, *this, m_random.next())
    , m_latency(fromMs(m_world.options.latencyMs))
{
    m_judge.record().number = number;
    m_judge.record().from = m_target.from;
    m_judge.record().healthy = !isHard(m_plan.faults);
}

Call::~Call()
{
    *m_alive = false;
    m_world.reactor.cancel(m_markTimer);
}

void Call::at(Nanos deadline, void (Call::*task)())
{
    m_world.reactor.at(deadline, [this, task, alive = m_alive] {
        if (*alive && !m_ended)
            (this->*task)();
    });
}

void Call::begin()
{
    // Exactly the carrier's own header names and order; it offers no extension and no subprotocol.
    WebSocket::Headers headers{{"user-agent", "Twilio.TmeWs/1.0"},
                               {"connection", "Upgrade"},
                               {"sec-websocket-key", {}},
                               {"sec-websocket-version", "13"},
                               {"upgrade", "websocket"}};
    if (!m_target.signature.empty())
        headers.emplace_back("x-twilio-signature", m_target.signature);
    headers.emplace_back("accept-encoding", "gzip");
    m_socket.dial(m_target.address, m_target.host, m_target.path, headers,
                  has(CallFault::StopReading) ? kSmallWindow : 0, m_target.tls);
}

void Call::opened(WebSocket &)
{
    m_openedAt = monotonicNs();
    m_now = m_openedAt;
    m_judge.record().connected = true;
    if (!m_world.options.recordDir.isEmpty())
        m_recorder = std::make_unique<Recorder>(m_openedAt);
    const double moment = m_plan.faultSeconds >= 0 ? m_plan.faultSeconds : m_random.real(0.2, 0.7) * m_plan.seconds;
    m_mishapAt = m_openedAt + fromMs(1000 * moment);
    send(StreamWriter::connected());
    if (!has(CallFault::NeverStart))
        startStream();
    at(m_openedAt + fromMs(1000 * m_plan.seconds), &Call::hangUp);
    if (m_world.opened)
        m_world.opened(*this);
}

void Call::startStream()
{
    const PhoneFrame silence = [] {
        PhoneFrame frame;
        frame.fill(0xFF);
        return frame;
    }();
    if (has(CallFault::MediaBeforeStart)) {
        for (int i = 0; i < 3; ++i)
            send(m_writer.media(i * 20, silence));
    }
    send(has(CallFault::WrongFormat) ? m_writer.start("audio/x-l16", 16000) : m_writer.start());
    m_started = monotonicNs();
    m_judge.streamStarted(m_started);
    m_firstTimestamp = m_random.between(90, 175);
    // Callers don't telephone in step: each has its own phase of the 20 ms.
    m_nextTick = m_started + kFrame + m_random.between(0, kFrame);
    at(m_nextTick, &Call::tick);
}

void Call::tick()
{
    const Nanos now = std::max(m_now, monotonicNs());
    m_now = now;
    m_playout.advance(now);
    echoMarks();
    PhoneFrame frame;
    const Caller::Moment moment = m_caller.next(now, m_playout.playing(), frame);
    m_speaking = moment.speaking;
    if (moment.began && m_tracker.session())
        m_tracker.session()->setSaid(m_caller.text());
    if (moment.ended)
        m_judge.callerStopped(now);
    for (AudioTap *tap : taps()) { // on the caller's own grid, however late this thread is
        if (tap != nullptr && moment.ended)
            tap->silent(m_nextTick);
        if (tap != nullptr && moment.began)
            tap->saying(m_nextTick, m_caller.text());
        if (tap != nullptr)
            tap->said(m_nextTick, {reinterpret_cast<const char *>(frame.data()), frame.size()});
    }
    if (moment.digit || (has(CallFault::Dtmf) && m_random.chance(0.01)))
        send(m_writer.dtmf(moment.digit.value_or("0123456789*#"[m_random.between(0, 11)])));
    sendFrame(frame);
    if (m_mishapAt != 0 && now >= m_mishapAt)
        mishap(now);
    ++m_ticks;
    m_nextTick += kFrame;
    if (moment.hangUp)
        hangUp();
    if (!m_hungUp && !m_ended)
        at(m_nextTick, &Call::tick);
}

void Call::sendFrame(const PhoneFrame &frame)
{
    if (has(CallFault::TimestampGaps) && m_gapLeft == 0 && m_random.chance(0.01))
        m_gapLeft = int(m_random.between(1, 12));
    if (m_gapLeft > 0) {
        --m_gapLeft;
        return;
    }
    const std::int64_t timestamp = m_firstTimestamp + m_ticks * 20;
    const std::string &text = m_writer.media(timestamp, frame);
    if (has(CallFault::UnknownEvents) && m_random.chance(0.02))
        send(m_writer.unknownEvent());
    if (has(CallFault::Sequence) && m_held.empty() && m_random.chance(0.02)) {
        if (m_random.chance(0.5)) {
            m_held.push_back(text); // overtaken by the next one
            return;
        }
        send(text); // and once more below
    }
    if (has(CallFault::Jitter) && m_holdLeft == 0 && m_random.chance(0.01))
        m_holdLeft = int(m_random.between(1, 10));
    if (m_holdLeft > 0) {
        m_held.push_back(text);
        if (--m_holdLeft == 0)
            flushHeld();
        return;
    }
    if (has(CallFault::Fragmented) && m_latency == 0)
        m_socket.sendFragmented(text, std::size_t(m_random.between(1, 4)));
    else
        send(text);
    flushHeld();
}

void Call::flushHeld()
{
    for (const std::string &text : std::exchange(m_held, {}))
        send(text);
}

// The fault that happens once, in mid-call.
void Call::mishap(Nanos now)
{
    m_mishapAt = 0;
    const std::int64_t timestamp = m_firstTimestamp + m_ticks * 20;
    const std::string sid = m_writer.identity().streamSid;
    if (has(CallFault::BrokenJson))
        send(R"({"event":"media","sequenceNumber":"7","media":{"track":"inbound","chunk":)");
    if (has(CallFault::BadBase64))
        send(m_writer.mediaWith(timestamp, "this is not base64!", {}));
    if (has(CallFault::Oversized))
        send(m_writer.mediaWith(timestamp, std::string(96 * 1024, '/'), {}));
    if (has(CallFault::UnknownEvents))
        send(m_writer.mediaWith(timestamp, std::string(216, '/'), R"(,"loudness":0.5)"));
    if (has(CallFault::StopReading))
        m_socket.setReading(false);
    if (has(CallFault::SecondStream)) {
        CallPlan second = m_plan;
        second.callSid = m_writer.identity().callSid;
        second.faults = {CallFault::SecondStream};
        second.faultSeconds = 2 * second.seconds; // once is enough
        second.seconds = std::max(1.0, m_plan.seconds - toMs(now - m_openedAt) / 1000);
        m_world.spawn(second);
    }
    if (has(CallFault::Reset)) {
        endListening(false);
        m_socket.reset();
    }
}

void Call::send(std::string text)
{
    if (m_latency == 0 && m_world.options.jitterMs <= 0) {
        transmit(text);
        return;
    }
    const Nanos extra = fromMs(m_random.real(0, m_world.options.jitterMs));
    m_lastDepart = std::max(m_lastDepart, monotonicNs() + m_latency + extra); // TCP keeps the order
    m_world.reactor.at(m_lastDepart, [this, text = std::move(text), alive = m_alive] {
        if (*alive && !m_ended)
            transmit(text);
    });
}

void Call::transmit(const std::string &text)
{
    m_socket.sendText(text);
}

Nanos Call::arrivalAt(Nanos stamp)
{
    const double jitter = m_world.options.jitterMs;
    const Nanos extra = jitter > 0 ? fromMs(m_random.real(0, jitter)) : 0;
    m_lastArrival = std::max(m_lastArrival, stamp + m_latency + extra);
    return m_lastArrival;
}

void Call::message(WebSocket &, Opcode opcode, std::string_view payload, const WebSocket::Arrival &arrival)
{
    if (m_hungUp)
        return;
    if (opcode != Opcode::Text) {
        fault(31951, "a binary message");
        return;
    }
    GatewayMessage message = m_world.reader.read(payload, m_writer.identity().streamSid);
    std::vector<Piece> pieces;
    if (const auto *media = std::get_if<MediaMessage>(&message)) {
        m_tracker.identify(media->audio, pieces);
        const bool certain = arrival.alone || arrival.stamp - m_world.reactor.waitBegan() < kOurLateness;
        m_judge.frameArrived({arrival.stamp, certain}, media->audio.size(), pieces);
        ++m_frames;
        const Nanos gap = arrival.stamp - m_lastStamp;
        if (m_playout.playing() && m_lastStamp != 0 && certain)
            m_worstGap = std::max(m_worstGap, gap);
        m_lastStamp = arrival.stamp;
    } else if (std::holds_alternative<ClearMessage>(message)) {
        m_judge.clearArrived();
    }
    const Nanos due = arrivalAt(arrival.stamp);
    if (m_latency == 0 && m_world.options.jitterMs <= 0) {
        handle(due, message, pieces);
        return;
    }
    m_world.reactor.at(
        due, [this, due, message = std::move(message), pieces = std::move(pieces), alive = m_alive]() mutable {
            if (*alive && !m_hungUp)
                handle(due, message, pieces);
        });
}

std::optional<Nanos> Call::drySince() const
{
    return m_playout.playing() ? std::nullopt : std::optional(m_playout.dryAt());
}

void Call::handle(Nanos at, GatewayMessage &message, const std::vector<Piece> &pieces)
{
    m_now = std::max(m_now, at);
    m_playout.advance(m_now);
    if (auto *media = std::get_if<MediaMessage>(&message)) {
        m_judge.frameQueued(m_now, pieces, drySince());
        if (!m_playout.enqueue(m_now, std::move(media->audio), pieces))
            fault(31931, "more than ten minutes of audio queued");
    } else if (auto *mark = std::get_if<MarkMessage>(&message)) {
        ++m_judge.record().marks;
        m_playout.mark(m_now, std::move(mark->name));
    } else if (std::holds_alternative<ClearMessage>(message)) {
        m_playout.clear(m_now);
        m_judge.cleared();
    } else {
        const auto &wrong = std::get<StreamFault>(message);
        fault(wrong.code, wrong.text);
    }
    echoMarks();
}

void Call::echoMarks()
{
    if (m_hungUp)
        return;
    for (const std::string &name : m_playout.takeDueMarks())
        send(m_writer.mark(name));
    armMarkTimer();
}

void Call::armMarkTimer()
{
    m_world.reactor.cancel(m_markTimer);
    m_markTimer = 0;
    if (const auto due = m_playout.nextMarkAt()) {
        m_markTimer = m_world.reactor.at(*due, [this] {
            m_now = std::max(m_now, monotonicNs());
            m_playout.advance(m_now);
            echoMarks();
        });
    }
}

void Call::heard(const Piece &piece, std::string_view bytes, Nanos start)
{
    m_judge.heard(piece, start);
    for (AudioTap *tap : taps()) {
        if (tap != nullptr)
            tap->heard(start, bytes, piece);
    }
}

void Call::fault(int code, const std::string &text)
{
    note(m_judge.record().faults, std::to_string(code), text);
}

// The caller holds the telephone no longer: whatever still comes is heard by nobody, and judged by nobody.
void Call::endListening(bool closedByGateway)
{
    if (m_hungUp)
        return;
    m_hungUp = true;
    m_now = std::max(m_now, monotonicNs());
    m_playout.advance(m_now);
    m_judge.record().seconds = m_openedAt == 0 ? 0 : toMs(m_now - m_openedAt) / 1000;
    m_judge.finish(m_now, drySince(), closedByGateway);
}

void Call::hangUp()
{
    if (m_hungUp || m_ended)
        return;
    m_hungUpHere = true;
    endListening(false);
    if (m_started != 0 && !has(CallFault::HangupNoStop) && !has(CallFault::NeverStart))
        transmit(m_writer.stop());
    m_socket.close(1000);
}

void Call::closed(WebSocket &, const WebSocket::Ending &ending)
{
    if (m_ended)
        return;
    m_ending = ending;
    CallRecord &record = m_judge.record();
    record.closedByGateway = record.connected && ending.byPeer && !m_hungUp;
    record.completed = record.connected && !record.closedByGateway && !ending.protocolError;
    record.closeCode = ending.httpStatus != 0 ? ending.httpStatus : ending.code;
    record.closeReason = ending.reason;
    if (ending.protocolError)
        fault(31924, ending.reason);
    endListening(record.closedByGateway);
    if (m_recorder) {
        const QString name = QStringLiteral("/call-%1%2.wav")
                                 .arg(record.number, 4, 10, QLatin1Char('0'))
                                 .arg(QString::fromStdString(record.from).replace(u'+', u'-'));
        if (!m_recorder->save(m_world.options.recordDir + name))
            qWarning("cannot write %s", qPrintable(m_world.options.recordDir + name));
    }
    m_ended = true;
    m_world.ended(*this);
}

Call::Snapshot Call::snapshot() const
{
    Snapshot snapshot;
    snapshot.live = m_started != 0 && !m_hungUp && !m_ended;
    snapshot.from = m_judge.record().from;
    if (m_speaking)
        snapshot.saying = m_caller.text();
    if (m_playout.playing())
        snapshot.hearing = m_judge.lastHeard() != nullptr ? m_judge.lastHeard()->text : "…";
    return snapshot;
}

Nanos Call::takeWorstGap()
{
    return std::exchange(m_worstGap, 0);
}

} // namespace takt::sim
