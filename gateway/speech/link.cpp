// SPDX-License-Identifier: GPL-3.0-or-later
#include "speech/link.h"

#include "media/frame.h"
#include "media/g711.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QNetworkRequest>
#include <QRegularExpression>
#include <QUrlQuery>
#include <QWebSocket>

namespace takt::speech {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcSpeech;

namespace {

// Far above any event seen; Qt's own default is 2 GiB.
constexpr quint64 kMaxMessageBytes = 8 * 1024 * 1024;
// The model reads much faster than the caller speaks. Two minutes of audio unread: it does not read any more.
constexpr qint64 kMaxUnsentBytes = 120 * 1000 * media::kBytesPerMs * 4 / 3;
// A connection that broke without a word (a lost route, a dead host) is found by pings.
constexpr int kPingMs = 5000;
constexpr int kMaxUnanswered = 2;
constexpr qsizetype kReleaseBytes = 1000 * media::kBytesPerMs; // held audio goes out by the second

// The upgrade's HTTP status, which QWebSocket tells in its error text only; 0 when it does not.
int httpStatus(const QString &errorText)
{
    static const QRegularExpression s_status(u"status code: (\\d{3})"_s);
    return s_status.match(errorText).captured(1).toInt();
}

} // namespace

Link::Link(SessionSettings settings, RealtimeCodec &codec, Listener &listener, QObject *parent)
    : Link(std::move(settings), codec, listener, Limits(), parent)
{
}

Link::Link(SessionSettings settings, RealtimeCodec &codec, Listener &listener, const Limits &limits, QObject *parent)
    : QObject(parent)
    , m_settings(std::move(settings))
    , m_limits(limits)
    , m_codec(codec)
    , m_listener(listener)
{
    m_attemptTimer.setSingleShot(true);
    m_totalTimer.setSingleShot(true);
    connect(&m_attemptTimer, &QTimer::timeout, this, [this] {
        if (m_state == State::BackingOff)
            connectOnce();
        else
            attemptFailed(m_state == State::Connecting ? u"connecting took too long"_s : u"no session.updated"_s);
    });
    connect(&m_pingTimer, &QTimer::timeout, this, [this] {
        if (++m_unanswered > kMaxUnanswered)
            onBroken(u"the model answers no ping"_s);
        else
            m_socket->ping();
    });
    connect(&m_totalTimer, &QTimer::timeout, this,
            [this] { fail(false, u"no session within %1 ms"_s.arg(m_limits.totalMs)); });
}

Link::~Link()
{
    dropSocket();
}

void Link::open()
{
    m_attempt = 0;
    m_totalTimer.start(m_limits.totalMs);
    connectOnce();
}

void Link::close()
{
    m_state = State::Closed;
    m_attemptTimer.stop();
    m_totalTimer.stop();
    m_pingTimer.stop();
    m_heldAudio.clear();
    m_batch.clear();
    m_responseHeld = false;
    dropSocket();
}

void Link::connectOnce()
{
    ++m_attempt;
    m_state = State::Connecting;
    m_attemptTimer.start(m_limits.attemptMs);
    count(Counter::ModelConnects);

    dropSocket();
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setMaxAllowedIncomingMessageSize(kMaxMessageBytes);
    m_socket->setMaxAllowedIncomingFrameSize(kMaxMessageBytes);
    connect(m_socket, &QWebSocket::connected, this, &Link::onConnected);
    connect(m_socket, &QWebSocket::textMessageReceived, this, &Link::onText);
    connect(m_socket, &QWebSocket::pong, this, [this] { m_unanswered = 0; });
    connect(m_socket, &QWebSocket::disconnected, this, [this] {
        if (m_state == State::Connecting) // never was a WebSocket: the socket knows more than the close code
            onSocketFailed(m_socket->errorString());
        else
            onBroken(u"closed (code %1) %2"_s.arg(int(m_socket->closeCode())).arg(m_socket->closeReason()).trimmed());
    });
    connect(m_socket, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this,
            [this] { onSocketFailed(m_socket->errorString()); });

    QUrl url = m_settings.url;
    QUrlQuery query(url);
    query.addQueryItem(u"model"_s, m_settings.model);
    url.setQuery(query);
    QNetworkRequest request(url);
    request.setRawHeader("Authorization"_ba, "Bearer "_ba + m_settings.apiKey.toUtf8());
    m_socket->open(request);
}

void Link::onConnected()
{
    // The TCP socket is a child of the QWebSocket and exists from now on. Nagle's algorithm would hold a truncate back
    // until the frame before it was acknowledged.
    auto *tcp = m_socket->findChild<QAbstractSocket *>();
    tcp->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_writer.emplace(m_socket, tcp, media::TextWriter::Role::Client);
    m_state = State::AwaitingUpdated;
    send(sessionUpdate(nextEventId("session-"_L1), m_settings));
}

void Link::onText(const QString &text)
{
    const ServerEvent event = m_codec.parse(text.toUtf8());
    if (const auto *updated = std::get_if<SessionUpdated>(&event)) {
        onUpdated(*updated);
    } else if (const auto *error = std::get_if<ErrorEvent>(&event)) {
        onError(*error);
    } else if (const auto *malformed = std::get_if<MalformedEvent>(&event)) {
        count(Counter::ModelMalformed);
        qCWarning(lcSpeech).noquote() << "the model sent" << malformed->why;
    } else if (m_state == State::Ready) {
        m_listener.onServerEvent(event);
    }
}

void Link::onUpdated(const SessionUpdated &updated)
{
    if (m_state != State::AwaitingUpdated)
        return;
    const QString why = whyUnusable(updated);
    if (!why.isEmpty()) {
        fail(true, u"the session is unusable: "_s + why);
        return;
    }
    m_state = State::Ready;
    m_attemptTimer.stop();
    m_totalTimer.stop();
    m_unanswered = 0;
    m_pingTimer.start(kPingMs);
    count(Counter::ModelSessionsReady);
    m_listener.onSessionReady();
    releaseHeld();
}

void Link::onError(const ErrorEvent &error)
{
    const QString text = u"%1 %2: %3"_s.arg(error.type, error.code, error.message);
    switch (classify(error)) {
    case Severity::Benign:
        count(Counter::ModelErrorsBenign);
        qCInfo(lcSpeech).noquote() << "harmless error event:" << text;
        break;
    case Severity::Retryable:
        count(Counter::ModelErrorsRetryable);
        qCWarning(lcSpeech).noquote() << "error event:" << text;
        if (m_state != State::Ready)
            attemptFailed(text);
        else if (error.code == "session_expired"_L1)
            fail(false, text);
        break;
    case Severity::Fatal:
        count(Counter::ModelErrorsFatal);
        fail(true, text);
        break;
    }
    if (m_state == State::Ready)
        m_listener.onServerEvent(error);
}

// The socket is gone, whatever we were doing.
void Link::onBroken(const QString &why)
{
    if (m_state == State::Ready)
        fail(false, why);
    else if (m_state == State::Connecting || m_state == State::AwaitingUpdated)
        attemptFailed(why);
}

void Link::onSocketFailed(const QString &why)
{
    const int status = httpStatus(why);
    // What would be the same next time: bad key, no access, no such model or path.
    if (m_state == State::Connecting && (status == 400 || status == 401 || status == 403 || status == 404)) {
        count(Counter::ModelErrorsFatal);
        fail(true, why);
    } else {
        onBroken(why);
    }
}

void Link::attemptFailed(const QString &why)
{
    count(Counter::ModelConnectFailures);
    qCWarning(lcSpeech).noquote() << "attempt" << m_attempt << "to open a model session failed:" << why;
    if (m_attempt >= m_limits.attempts) {
        fail(false, why);
        return;
    }
    dropSocket();
    m_state = State::BackingOff;
    m_attemptTimer.start(m_limits.firstBackoffMs << (m_attempt - 1));
}

void Link::fail(bool fatal, const QString &why)
{
    m_attemptTimer.stop();
    m_totalTimer.stop();
    m_pingTimer.stop();
    dropSocket();
    m_state = State::Closed;
    m_listener.onSessionLost(fatal, why);
}

void Link::dropSocket()
{
    if (m_socket == nullptr)
        return;
    disconnect(m_socket, nullptr, this, nullptr);
    m_socket->close();
    m_socket->flush();
    m_socket->deleteLater();
    m_socket = nullptr;
    m_writer.reset();
}

void Link::send(const QByteArray &text)
{
    if (!m_writer)
        return;
    m_writer->send(text); // may fail, and then the socket is not ours any more
    if (m_writer && m_writer->unsent() > kMaxUnsentBytes)
        onBroken(u"the model stopped reading"_s);
}

// What the call says ---------------------------------------------------------------------------------------------------

void Link::appendAudio(QByteArrayView audio)
{
    if (m_state != State::Ready) {
        holdAudio(audio);
        return;
    }
    const qsizetype wanted = qsizetype(m_settings.appendMs) * media::kBytesPerMs;
    if (m_batch.isEmpty() && audio.size() >= wanted) {
        send(speech::appendAudio(nextEventId("audio-"_L1), audio));
        return;
    }
    m_batch.append(audio);
    if (m_batch.size() >= wanted)
        send(speech::appendAudio(nextEventId("audio-"_L1), std::exchange(m_batch, {})));
}

void Link::appendSilence(int ms)
{
    const QByteArray second(kReleaseBytes, char(media::kSilence));
    for (qsizetype left = qsizetype(ms) * media::kBytesPerMs; left > 0; left -= second.size())
        appendAudio(QByteArrayView(second).first(std::min(left, second.size())));
}

void Link::createResponse(const QString &instructions)
{
    if (m_state == State::Ready) {
        send(speech::createResponse(nextEventId("response-"_L1), instructions));
    } else {
        m_responseHeld = true;
        m_heldInstructions = instructions;
    }
}

void Link::cancelResponse(const QString &responseId)
{
    if (m_state == State::Ready)
        send(speech::cancelResponse(nextEventId("cancel-"_L1), responseId));
}

void Link::truncateItem(const QString &itemId, qint64 audioEndMs)
{
    if (m_state == State::Ready)
        send(speech::truncateItem(nextEventId("truncate-"_L1), itemId, audioEndMs));
}

void Link::createMessage(bool fromCaller, const QString &text)
{
    if (m_state == State::Ready)
        send(speech::createMessage(nextEventId("item-"_L1), fromCaller, text));
}

void Link::answerTool(const QString &callId, const QString &output)
{
    if (m_state == State::Ready)
        send(speech::answerTool(nextEventId("item-"_L1), callId, output));
}

QString Link::sayExactly(const QString &text)
{
    if (m_state != State::Ready)
        return {};
    const QString eventId = nextEventId("response-"_L1);
    send(speech::sayExactly(eventId, text));
    return eventId;
}

void Link::setAnswering(bool answering)
{
    if (m_state == State::Ready)
        send(speech::setAnswering(nextEventId("turns-"_L1), m_settings.turnDetection, answering));
}

void Link::holdAudio(QByteArrayView audio)
{
    if (m_state == State::Closed)
        return;
    m_heldAudio.append(audio);
    const qsizetype excess = m_heldAudio.size() - qsizetype(m_limits.heldAudioMs) * media::kBytesPerMs;
    if (excess > 0) {
        m_heldAudio.remove(0, excess);
        count(Counter::HeldAudioDropped, excess);
    }
}

void Link::releaseHeld()
{
    // Each send may find the session broken: what is left is then held for the next one.
    if (m_responseHeld && m_state == State::Ready) {
        m_responseHeld = false;
        createResponse(m_heldInstructions);
    }
    while (!m_heldAudio.isEmpty() && m_state == State::Ready) {
        const QByteArray second = m_heldAudio.first(std::min(kReleaseBytes, m_heldAudio.size()));
        m_heldAudio.remove(0, second.size());
        appendAudio(second);
    }
}

QString Link::nextEventId(QLatin1StringView kind)
{
    return kind % QString::number(++m_events);
}

} // namespace takt::speech
