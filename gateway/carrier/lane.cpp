// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/lane.h"

#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QDateTime>
#include <QWebSocket>

namespace takt::carrier {

using namespace Qt::Literals::StringLiterals;
using media::kNsPerUs;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcCarrier;
using telemetry::lcTx;

namespace {

constexpr int kMaxFaults = 100;       // of one stream, then it is closed
constexpr int kCloseTimeoutMs = 1000; // for the peer's half of the close

} // namespace

Lane::Lane(LaneId id, QWebSocket *socket, FrameReader &reader, const Pass &pass, media::TxWorker &worker,
           TwilioCodec &codec, const LaneOptions &options, QObject *parent)
    : QObject(parent)
    , m_id(id)
    , m_socket(socket)
    , m_reader(&reader)
    , m_writer(socket, reader.transport(), media::TextWriter::Role::Server)
    , m_pass(pass)
    , m_worker(worker)
    , m_codec(codec)
    , m_options(options)
{
    m_socket->setParent(this);
    m_socket->setMaxAllowedIncomingMessageSize(kMaxMessageBytes);
    m_socket->setMaxAllowedIncomingFrameSize(kMaxMessageBytes);
    connect(m_socket, &QWebSocket::textMessageReceived, this, &Lane::onText);
    connect(m_socket, &QWebSocket::binaryMessageReceived, this,
            [this] { fault(Counter::CarrierBinary, u"a binary message"_s); });
    connect(m_socket, &QWebSocket::disconnected, this, &Lane::onDisconnected);

    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_finished) {
            m_socket->abort(); // it never answered our close
            onDisconnected();  // and may have died without a signal
        } else if (m_closeWhenPlayed) {
            finish(*m_closeWhenPlayed, u"playout did not end in time"_s, QWebSocketProtocol::CloseCodeNormal);
        } else {
            count(Counter::CarrierNoStart);
            finish(EndReason::CarrierProtocol, u"no start within %1 ms"_s.arg(m_options.startTimeoutMs),
                   QWebSocketProtocol::CloseCodeProtocolError);
        }
    });
    m_timer.start(m_options.startTimeoutMs);
}

Lane::~Lane()
{
    if (m_slot >= 0)
        m_worker.remove(m_slot);
    if (m_reader != nullptr)
        m_reader->letGo();
    disconnect(m_socket, nullptr, this, nullptr);
}

// Outbound -------------------------------------------------------------------------------------------------------------

media::Pacer::Outcome Lane::onSlot(qint64 nowNs, qint64 lateNs)
{
    if (m_finished)
        return {};
    if (nowNs - m_lastMessageNs > m_options.silentMs * media::kNsPerMs) {
        count(Counter::CarrierSilent);
        finish(EndReason::CarrierStalled, u"no message from the carrier for %1 ms"_s.arg(m_options.silentMs),
               QWebSocketProtocol::CloseCodeGoingAway);
        m_socket->abort();
        return {};
    }
    if (m_writer.unsent() > 0) { // what we sent before is still here: no second queue behind the first
        onSocketFull(nowNs, lateNs);
        return {};
    }
    m_fullSinceNs = -1;
    if (skipEnds())
        noteItemOver(nowNs);
    const media::PlayoutFrame *frame = m_media->playout.front();
    noteOverflow();
    return frame != nullptr ? sendFrame(*frame, nowNs, lateNs) : onEmpty(nowNs, lateNs);
}

media::Pacer::Outcome Lane::sendFrame(const media::PlayoutFrame &frame, qint64 nowNs, qint64 lateNs)
{
    const quint32 generation = frame.generation;
    const media::ItemNumber item = frame.item;
    const QByteArray message = m_encoder->media(QByteArrayView(frame.audio));
    m_media->playout.pop(); // first: a send may find the socket dead, and the lane is over then, its queue empty
    m_writer.send(message);
    if (m_finished)
        return {};
    if (const auto positionMs = m_ledger.sent(item, nowNs))
        sendMark(generation, item, *positionMs);
    const bool itemOver = skipEnds(); // an item's last mark goes out with its last frame

    const qint64 sentNs = media::TxWorker::nowNs();
    m_media->health.noteSent({sentNs, lateNs, m_worker.leadNs(), m_media->readySinceNs(), m_media->playout.depth()});
    flight().note<FlightKind::Sent>(sentNs, lateNs / kNsPerUs, m_media->playout.depth());
    m_empty = false;
    if (itemOver)
        noteItemOver(sentNs);
    count(Counter::FramesSent);
    return {true, sentNs};
}

media::Pacer::Outcome Lane::onEmpty(qint64 nowNs, qint64 lateNs)
{
    if (m_closeWhenPlayed && !m_ledger.playing(nowNs)) {
        finish(*m_closeWhenPlayed, u"closed after the last words"_s, QWebSocketProtocol::CloseCodeNormal);
        return {};
    }
    const bool calledOff = m_media->playout.generation() != m_generation;
    const bool silence = m_options.silenceWhenIdle && !m_worker.isAhead(m_slot);
    if (!std::exchange(m_empty, true))
        flight().note<FlightKind::Empty>(nowNs, lateNs / kNsPerUs, m_media->health.inItem() && !calledOff);
    m_media->health.noteEmpty(lateNs, silence, calledOff);
    m_media->health.noteLead(m_worker.leadNs());
    if (!silence)
        return {};
    m_writer.send(m_encoder->silence());
    if (m_finished)
        return {};
    count(Counter::FramesSilent);
    const qint64 sentNs = media::TxWorker::nowNs();
    flight().note<FlightKind::Silent>(sentNs, lateNs / kNsPerUs);
    return {true, sentNs, true};
}

void Lane::noteItemOver(qint64 nowNs)
{
    m_media->health.noteItemOver();
    flight().note<FlightKind::ItemOver>(nowNs);
}

// Consumes the end marks at the head of the queue; whether there was one.
bool Lane::skipEnds()
{
    bool any = false;
    for (const auto *frame = m_media->playout.front(); frame != nullptr && frame->end;
         frame = m_media->playout.front()) {
        const quint32 generation = frame->generation;
        const media::ItemNumber item = frame->item;
        m_media->playout.pop();
        if (const auto positionMs = m_ledger.ended(item))
            sendMark(generation, item, *positionMs);
        any = true;
    }
    return any;
}

void Lane::onSocketFull(qint64 nowNs, qint64 lateNs)
{
    const qint64 unsent = m_writer.unsent();
    m_media->health.noteFull(lateNs, unsent);
    flight().note<FlightKind::Full>(nowNs, unsent, m_media->playout.depth());
    count(Counter::SocketFullTicks);
    if (m_fullSinceNs < 0)
        m_fullSinceNs = nowNs;
    if (nowNs - m_fullSinceNs < m_options.stalledMs * media::kNsPerMs)
        return;
    count(Counter::CarrierStalled);
    finish(EndReason::CarrierStalled, u"the carrier read nothing for %1 ms"_s.arg(m_options.stalledMs),
           QWebSocketProtocol::CloseCodeGoingAway);
    m_socket->abort(); // a close frame would wait behind what the peer does not read
}

void Lane::noteOverflow()
{
    const qint64 overflowed = m_media->playout.overflowed();
    if (overflowed == m_overflowSeen)
        return;
    count(Counter::FramesDropped, overflowed - m_overflowSeen);
    flight().note<FlightKind::Dropped>(media::TxWorker::nowNs(), overflowed - m_overflowSeen);
    m_overflowSeen = overflowed;
    qCWarning(lcTx).noquote() << label() << "backlog full: oldest frames dropped," << overflowed << "so far";
}

void Lane::sendMark(quint32 generation, media::ItemNumber item, qint64 positionMs)
{
    m_writer.send(m_encoder->mark(media::toName({generation, item, positionMs})));
    flight().note<FlightKind::MarkSent>(media::TxWorker::nowNs(), item, positionMs);
}

void Lane::interrupt(quint32 generation)
{
    if (m_finished || m_media == nullptr)
        return;
    qint64 thrownAway = 0;
    for (const media::Unsent &unsent : m_media->playout.flushStale()) {
        m_ledger.unsent(unsent);
        thrownAway += unsent.frames;
    }
    const qint64 nowNs = media::TxWorker::nowNs();
    m_media->health.noteCleared(nowNs);
    m_writer.send(m_encoder->clear());
    flight().note<FlightKind::Cleared>(nowNs, thrownAway);
    const auto items = m_ledger.snapshot(nowNs);
    m_ledger.reset();
    m_generation = generation;
    Q_EMIT interrupted(m_id, generation, items);
}

void Lane::closeAfterPlayout(EndReason reason, int limitMs)
{
    if (m_finished)
        return;
    m_closeWhenPlayed = reason;
    m_timer.start(limitMs);
}

void Lane::close(EndReason reason)
{
    finish(reason, {}, QWebSocketProtocol::CloseCodeNormal);
}

// Inbound --------------------------------------------------------------------------------------------------------------

void Lane::onText(const QString &text)
{
    onBytes(text.toUtf8());
    if (m_reader != nullptr && !m_reader->reading())
        m_reader->takeOver([this](const QByteArray &bytes) { onBytes(bytes); });
}

void Lane::onBytes(const QByteArray &text)
{
    if (m_finished)
        return;
    m_lastMessageNs = media::TxWorker::nowNs();
    const Message message = m_codec.parse(text);
    std::visit([this](const auto &m) { onMessage(m); }, message);
}

void Lane::onMessage(const StreamStart &start)
{
    if (m_media != nullptr) {
        fault(Counter::CarrierRepeatedStart, u"a second start"_s);
        return;
    }
    if (!start.isMuLaw8k()) {
        count(Counter::CarrierBadFormat);
        finish(EndReason::CarrierProtocol, u"media format is not audio/x-mulaw 8000 mono"_s,
               QWebSocketProtocol::CloseCodeDatatypeNotSupported);
        return;
    }
    if (!isInvited(start)) {
        count(Counter::StreamsForeign);
        finish(EndReason::CarrierProtocol, u"start of another call than the one that was let in"_s,
               QWebSocketProtocol::CloseCodePolicyViolated);
        return;
    }
    m_timer.stop();
    m_encoder.emplace(start.streamSid);
    m_streamSid = start.streamSid.toLatin1();
    m_callSid = start.callSid;
    m_media = std::make_shared<media::CallMedia>(
        m_options.backlogFrames,
        media::takeFlightLog(m_callSid.toLatin1(), m_streamSid, m_lastMessageNs, QDateTime::currentMSecsSinceEpoch()));
    m_slot = m_worker.add(this);
    Q_EMIT started(m_id, start, m_pass, m_media);
}

void Lane::onMessage(const Media &message)
{
    if (!isOurs(message.streamSid, "media"))
        return;
    const RxTimeline::Verdict verdict = m_rx.onMedia(message.timestampMs, message.audio.size());
    if (!verdict.accept) {
        count(Counter::CarrierStaleMedia);
        flight().note<FlightKind::MediaStale>(m_lastMessageNs, message.audio.size());
        return;
    }
    flight().note<FlightKind::Media>(m_lastMessageNs, message.audio.size(), verdict.padMs);
    if (verdict.padMs > 0) {
        count(Counter::CarrierPaddedMs, verdict.padMs);
        m_worker.pushCallerSilence(m_id, verdict.padMs);
    }
    m_worker.pushCallerAudio(m_id, message.audio);
}

void Lane::onMessage(const Dtmf &message)
{
    if (isOurs(message.streamSid, "dtmf"))
        Q_EMIT digit(m_id, message.digit);
}

void Lane::onMessage(const Mark &message)
{
    if (!isOurs(message.streamSid, "mark"))
        return;
    const auto mark = media::parseMark(message.name);
    if (!mark || mark->generation != m_generation) {
        count(Counter::CarrierStaleMarks); // echoed because of a clear, not because it was played
        return;
    }
    flight().note<FlightKind::MarkHeard>(m_lastMessageNs, mark->item, mark->positionMs);
    if (const auto item = m_ledger.heard(*mark, m_lastMessageNs))
        Q_EMIT itemHeard(m_id, *item);
}

void Lane::onMessage(const Stop &message)
{
    if (isOurs(message.streamSid, "stop"))
        finish(EndReason::CarrierStop, {}, QWebSocketProtocol::CloseCodeNormal);
}

void Lane::onMessage(const Unknown &)
{
    count(Counter::CarrierUnknown);
}

void Lane::onMessage(const BadBase64 &)
{
    fault(Counter::CarrierBadBase64, u"media that is not base64"_s);
}

void Lane::onMessage(const Malformed &message)
{
    fault(Counter::CarrierMalformed, u"a message "_s % message.why);
}

bool Lane::isOurs(const QByteArray &streamSid, const char *what)
{
    if (m_media == nullptr) {
        fault(Counter::CarrierEarlyMedia, QLatin1StringView(what) % u" before start"_s);
        return false;
    }
    if (streamSid != m_streamSid) {
        fault(Counter::CarrierForeignStream, QLatin1StringView(what) % u" of another stream"_s);
        return false;
    }
    return true;
}

// The message is dropped and counted; only a stream that does nothing else is closed.
void Lane::fault(Counter counter, const QString &what)
{
    count(counter);
    qCWarning(lcCarrier).noquote() << label() << "dropped" << what;
    if (++m_faults < kMaxFaults || m_finished)
        return;
    count(Counter::CarrierAbuse);
    finish(EndReason::CarrierProtocol, u"%1 faulty messages"_s.arg(m_faults),
           QWebSocketProtocol::CloseCodePolicyViolated);
}

// The end --------------------------------------------------------------------------------------------------------------

void Lane::finish(EndReason reason, const QString &detail, int closeCode)
{
    if (m_finished)
        return;
    m_finished = true;
    if (m_slot >= 0) {
        m_worker.remove(m_slot);
        m_slot = -1;
    }
    if (m_media != nullptr) {
        const qint64 nowNs = media::TxWorker::nowNs();
        m_media->health.noteCleared(nowNs);
        flight().note<FlightKind::Closed>(nowNs);
        for (const media::Unsent &unsent : m_media->playout.flushAll())
            m_ledger.unsent(unsent);
        Q_EMIT ended(m_id, reason, detail, m_ledger.snapshot(nowNs));
    } else {
        qCWarning(lcCarrier).noquote() << label() << "stream refused:" << detail;
    }
    m_timer.start(kCloseTimeoutMs);
    m_socket->close(QWebSocketProtocol::CloseCode(closeCode), detail.left(100));
    m_socket->flush();
}

void Lane::onDisconnected()
{
    if (std::exchange(m_gone, true))
        return;
    const bool tooBig = m_socket->closeCode() == QWebSocketProtocol::CloseCodeTooMuchData;
    if (tooBig)
        count(Counter::CarrierOversize);
    if (!m_finished) {
        finish(tooBig ? EndReason::CarrierProtocol : EndReason::CarrierClosed,
               tooBig ? u"a message over %1 bytes"_s.arg(kMaxMessageBytes)
                      : u"socket closed without stop (code %1)"_s.arg(int(m_socket->closeCode())),
               QWebSocketProtocol::CloseCodeNormal);
    }
    m_timer.stop();
    Q_EMIT gone(m_id);
}

bool Lane::isInvited(const StreamStart &start) const
{
    return (m_pass.callSid.isEmpty() || start.callSid == m_pass.callSid)
           && (m_pass.token.isEmpty() || start.token == m_pass.token);
}

QString Lane::label() const
{
    return m_callSid.isEmpty() ? u"lane %1"_s.arg(m_id) : m_callSid;
}

} // namespace takt::carrier
