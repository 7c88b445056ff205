// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/textwriter.h"

#include "media/websocketframe.h"

#include <QRandomGenerator>
#include <QSslSocket>
#include <QWebSocket>
#include <QtEndian>

#include <array>
#include <sys/socket.h>
#include <vector>

namespace takt::media {

namespace {

using namespace websocket;

void putLength(std::vector<char> &frame, qsizetype length, uchar maskBit)
{
    const auto put = [&frame](auto number) {
        std::array<char, sizeof number> bytes{};
        qToBigEndian(number, bytes.data());
        frame.insert(frame.end(), bytes.begin(), bytes.end());
    };
    if (length <= kMaxShort) {
        frame.push_back(char(maskBit | uchar(length)));
    } else if (length <= 0xFFFF) {
        frame.push_back(char(maskBit | kLength16));
        put(quint16(length));
    } else {
        frame.push_back(char(maskBit | kLength64));
        put(quint64(length));
    }
}

// RFC 6455, 10.3, wants masks that a web page can't predict: a generator that was seeded by the system, one a thread.
Mask nextMask()
{
    static thread_local QRandomGenerator s_random = QRandomGenerator::securelySeeded();
    const quint32 number = s_random.generate();
    Mask mask{};
    std::memcpy(mask.data(), &number, mask.size());
    return mask;
}

void putMasked(std::vector<char> &frame, QByteArrayView text)
{
    const Mask mask = nextMask();
    frame.insert(frame.end(), mask.begin(), mask.end());
    frame.insert(frame.end(), text.begin(), text.end());
    applyMask(mask, frame.data() + frame.size() - text.size(), text.size());
}

} // namespace

TextWriter::TextWriter(QWebSocket *socket, QAbstractSocket *transport, Role role)
    : m_transport(transport)
    , m_tls(qobject_cast<QSslSocket *>(transport))
    , m_role(role)
    , m_open(socket->isValid())
{
    // Told right behind the close frame, of whichever side, and by a socket that goes.
    connect(transport, &QAbstractSocket::stateChanged, this, [this] { m_open = false; });
}

void TextWriter::send(QByteArrayView text)
{
    if (!m_open)
        return;
    static thread_local std::vector<char> s_frame; // keeps its memory from message to message
    s_frame.clear();
    s_frame.push_back(char(kText));
    putLength(s_frame, text.size(), m_role == Role::Client ? kMasked : 0);
    if (m_role == Role::Client)
        putMasked(s_frame, text);
    else
        s_frame.insert(s_frame.end(), text.begin(), text.end());

    const char *rest = s_frame.data();
    auto left = qint64(s_frame.size());
    // Past the socket's buffer only while that is empty: nothing overtakes.
    if (m_tls == nullptr && m_transport->bytesToWrite() == 0) {
        const ssize_t taken = ::send(int(m_transport->socketDescriptor()), rest, std::size_t(left),
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken == left)
            return;
        rest += std::max<ssize_t>(taken, 0);
        left -= std::max<ssize_t>(taken, 0);
    }
    m_transport->write(rest, left); // which also finds, in its own time, that a connection is dead
    if (m_tls != nullptr)
        m_transport->flush(); // a plain one has just been told that the kernel is full
}

qint64 TextWriter::unsent() const
{
    if (!m_open)
        return 0;
    return m_transport->bytesToWrite() + (m_tls != nullptr ? m_tls->encryptedBytesToWrite() : 0);
}

} // namespace takt::media
