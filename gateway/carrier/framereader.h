// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the carrier's usual WebSocket frames (RFC 6455, 5.2: a whole text message in one masked frame) out of the TCP
// socket before the QWebSocket above it looks: fifty of them come a second from each call, and on their way through
// QWebSocket each costs six signals and two conversions. Everything else, from a ping to a fragment, stays in the
// socket, where QWebSocket finds it. A plain socket's bytes come with one system call from its descriptor, which QTcpSocket
// never sees then; those of TLS come from QSslSocket. Lives in the lane's thread, a child of the socket.
#pragma once

#include <QByteArray>
#include <QObject>
#include <QPointer>

#include <functional>

class QSocketNotifier;
class QTcpSocket;

namespace takt::carrier {

class FrameReader final : public QObject
{
    Q_OBJECT
public:
    // UTF-8 as it came, not looked at; valid during the call.
    using OnText = std::function<void(const QByteArray &text)>;

    // Before the socket is given to a QWebSocketServer: who connects to readyRead first reads first.
    explicit FrameReader(QTcpSocket *transport);

    // Within QWebSocket::textMessageReceived, when the stream stands at a message's end. False when more is already
    // waiting, which is QWebSocket's then: ask again with the next message.
    bool takeOver(OnText onText);
    // From now on QWebSocket reads: nobody listens here any more.
    void letGo();
    [[nodiscard]] bool reading() const { return m_onText != nullptr; }
    [[nodiscard]] QTcpSocket *transport() const { return m_transport; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void onReadyRead();
    char *roomFor(std::size_t bytes);
    void take(qsizetype got);
    void giveBack(const char *begin, qsizetype size);

    QTcpSocket *m_transport;
    OnText m_onText;                      // null: QWebSocket reads
    QPointer<QSocketNotifier> m_notifier; // of a plain socket, while we read
    QByteArray m_partial;                 // the beginning of a frame whose end has not come
};

} // namespace takt::carrier
