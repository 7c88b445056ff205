// SPDX-License-Identifier: GPL-3.0-or-later
// One call's connection to the speech model: connects (3 attempts with backoff inside 8 s), sends session.update first,
// and opens the gate only when a session.updated has come back that says what the gateway needs. Until then caller audio
// and response.create are held. Lives in the call worker's thread.
#pragma once

#include "media/textwriter.h"
#include "speech/codec.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>

class QWebSocket;

namespace takt::speech {

class Link final : public QObject
{
    Q_OBJECT
public:
    // Called in the link's thread. A listener may close or delete the link's owner only later, from the event loop.
    class Listener
    {
    public:
        virtual void onSessionReady() = 0;
        // Everything but session.created and session.updated; errors only where classify() says Benign or Retryable.
        virtual void onServerEvent(const ServerEvent &event) = 0;
        // The session could not be opened, or broke. `fatal`: opening it again would end the same way.
        virtual void onSessionLost(bool fatal, const QString &why) = 0;

    protected:
        ~Listener() = default;
    };

    struct Limits {
        int attempts = 3;
        int attemptMs = 3000;     // one attempt, from connecting to session.updated
        int totalMs = 8000;       // all of them
        int firstBackoffMs = 250; // then twice that, and so on
        int heldAudioMs = 10'000; // of the caller; older is dropped
    };

    Link(SessionSettings settings, RealtimeCodec &codec, Listener &listener, QObject *parent);
    Link(SessionSettings settings, RealtimeCodec &codec, Listener &listener, const Limits &limits, QObject *parent);
    ~Link() override;

    // Also to open a new session after onSessionLost().
    void open();
    void close();
    [[nodiscard]] bool ready() const { return m_state == State::Ready; }

    void appendAudio(QByteArrayView audio);
    void appendSilence(int ms);
    void createResponse(const QString &instructions);
    // Below: only for sessions that are ready; nothing happens otherwise (the item is gone with its session).
    void cancelResponse(const QString &responseId);
    void truncateItem(const QString &itemId, qint64 audioEndMs);
    void createMessage(bool fromCaller, const QString &text);
    // What came of a tool that the model called; `output`: words for the model.
    void answerTool(const QString &callId, const QString &output);
    // Returns the event's id, by which an error names it; empty: not ready.
    [[nodiscard]] QString sayExactly(const QString &text);
    void setAnswering(bool answering); // see the codec; a new session answers

private:
    enum class State { Closed, Connecting, AwaitingUpdated, BackingOff, Ready };

    void connectOnce();
    void onConnected();
    void onText(const QString &text);
    void onUpdated(const SessionUpdated &updated);
    void onError(const ErrorEvent &error);
    void onBroken(const QString &why);
    void onSocketFailed(const QString &why);
    void attemptFailed(const QString &why);
    void fail(bool fatal, const QString &why);
    void dropSocket();
    void send(const QByteArray &text);
    void releaseHeld();
    void holdAudio(QByteArrayView audio);
    [[nodiscard]] QString nextEventId(QLatin1StringView kind);

    const SessionSettings m_settings;
    const Limits m_limits;
    RealtimeCodec &m_codec;
    Listener &m_listener;
    QWebSocket *m_socket = nullptr;
    std::optional<media::TextWriter> m_writer; // while connected
    State m_state = State::Closed;
    int m_attempt = 0;
    quint64 m_events = 0;
    QTimer m_attemptTimer; // the running attempt, or the pause before the next
    QTimer m_totalTimer;
    QTimer m_pingTimer;
    int m_unanswered = 0; // pings
    QByteArray m_heldAudio;
    QByteArray m_batch; // less than settings.appendMs; stays for the next session when this one breaks
    bool m_responseHeld = false;
    QString m_heldInstructions;
};

} // namespace takt::speech
