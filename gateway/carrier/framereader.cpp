// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/framereader.h"

#include "carrier/twiliocodec.h"
#include "media/websocketframe.h"

#include <QEvent>
#include <QSocketNotifier>
#include <QSslSocket>
#include <QTcpSocket>
#include <QtEndian>

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <vector>

namespace takt::carrier {

namespace {

using namespace media::websocket;

static_assert(kMaxMessageBytes > 0xFFFF); // whoever is longer than allowed has a 64 bit length, which is QWebSocket's

constexpr std::size_t kReadBytes = 8 * 1024; // at once: some thirty messages of 20 ms

struct Frame {
    enum class Kind {
        Partial, // not all of it is there
        Text,    // a whole text message of ours
        Control, // complete
        Foreign, // anything else
    };
    Kind kind = Kind::Partial;
    qsizetype headBytes = 0; // with the mask
    qsizetype bytes = 0;     // with the head
};

Frame look(const char *data, qsizetype size)
{
    Frame frame;
    if (size < 2)
        return frame;
    const auto first = uchar(data[0]);
    const auto second = uchar(data[1]);
    const uchar length = second & uchar(~kMasked);
    const bool control = (first & kControlBits) == kControl;
    if ((second & kMasked) == 0 || length == kLength64 || (first != kText && !control))
        return {Frame::Kind::Foreign, 0, 0};
    frame.headBytes = 2 + (length == kLength16 ? 2 : 0) + kMaskBytes;
    if (size < frame.headBytes)
        return frame;
    const qsizetype payload = length == kLength16 ? qFromBigEndian<quint16>(data + 2) : length;
    frame.bytes = frame.headBytes + payload;
    if (size >= frame.bytes)
        frame.kind = control ? Frame::Kind::Control : Frame::Kind::Text;
    return frame;
}

// Whether there is nothing but whole control frames.
bool onlyControl(const char *data, qsizetype size)
{
    while (size > 0) {
        const Frame frame = look(data, size);
        if (frame.kind != Frame::Kind::Control)
            return false;
        data += frame.bytes;
        size -= frame.bytes;
    }
    return true;
}

// The mask stands right before the payload.
void unmask(char *payload, qsizetype size)
{
    Mask mask{};
    std::copy_n(payload - kMaskBytes, kMaskBytes, mask.begin());
    applyMask(mask, payload, size);
}

// The notifier by which Qt hears of data; null for TLS, whose bytes only QSslSocket can read, and if Qt should ever be built
// otherwise: then the way over readyRead does.
QSocketNotifier *readNotifierOf(QTcpSocket &transport)
{
    if (qobject_cast<QSslSocket *>(&transport) != nullptr)
        return nullptr;
    const auto notifiers = transport.findChildren<QSocketNotifier *>();
    const auto found = std::find_if(notifiers.begin(), notifiers.end(), [](const QSocketNotifier *notifier) {
        return notifier->type() == QSocketNotifier::Read;
    });
    return found != notifiers.end() ? *found : nullptr;
}

// Of this thread, for the time of one read: keeps its memory from message to message.
thread_local std::vector<char> s_bytes;

} // namespace

FrameReader::FrameReader(QTcpSocket *transport)
    : QObject(transport)
    , m_transport(transport)
{
    connect(transport, &QIODevice::readyRead, this, &FrameReader::onReadyRead);
}

bool FrameReader::takeOver(OnText onText)
{
    if (m_transport->bytesAvailable() > 0)
        return false;
    m_onText = std::move(onText);
    m_notifier = readNotifierOf(*m_transport);
    if (m_notifier != nullptr)
        m_notifier->installEventFilter(this);
    return true;
}

void FrameReader::letGo()
{
    m_onText = nullptr;
    if (m_notifier != nullptr)
        m_notifier->removeEventFilter(this);
    m_notifier = nullptr;
}

// Of the notifier that would have QTcpSocket read. What is no data, the end or an error, stays for it to find.
bool FrameReader::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::SockAct)
        return QObject::eventFilter(watched, event);
    char *into = roomFor(kReadBytes);
    const ssize_t got = ::recv(int(m_transport->socketDescriptor()), into, kReadBytes, MSG_DONTWAIT);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    take(qsizetype(got));
    if (m_transport->bytesAvailable() > 0)
        Q_EMIT m_transport->readyRead(); // given back
    return true;
}

void FrameReader::onReadyRead()
{
    if (!m_onText || !m_transport->isOpen())
        return;
    const qint64 available = m_transport->bytesAvailable();
    char *into = roomFor(std::size_t(available));
    take(qsizetype(std::max<qint64>(0, m_transport->read(into, available))));
}

// Behind what is left from the last time.
char *FrameReader::roomFor(std::size_t bytes)
{
    const auto partial = std::size_t(m_partial.size());
    if (s_bytes.size() < partial + bytes)
        s_bytes.resize(partial + bytes);
    std::copy(m_partial.cbegin(), m_partial.cend(), s_bytes.begin());
    return s_bytes.data() + partial;
}

// `got`: bytes that were read to where roomFor() said.
void FrameReader::take(qsizetype got)
{
    char *at = s_bytes.data();
    qsizetype left = m_partial.size() + got;
    m_partial.clear();
    while (left > 0 && m_transport->isOpen()) { // whoever heard a message may have closed it
        const Frame frame = look(at, left);
        if (frame.kind == Frame::Kind::Partial) {
            m_partial = QByteArray(at, left);
            return;
        }
        if (frame.kind != Frame::Kind::Text) {
            giveBack(at, left);
            return;
        }
        char *payload = at + frame.headBytes;
        const qsizetype size = frame.bytes - frame.headBytes;
        unmask(payload, size);
        m_onText(QByteArray::fromRawData(payload, size));
        at += frame.bytes;
        left -= frame.bytes;
    }
}

// QWebSocket reads next, all of it. Behind whole control frames the stream stands at a message's end again; otherwise we
// can't know where it stands, and QWebSocket goes on alone.
void FrameReader::giveBack(const char *begin, qsizetype size)
{
    if (!onlyControl(begin, size))
        letGo();
    for (qsizetype i = size; i > 0; --i)
        m_transport->ungetChar(begin[i - 1]);
}

} // namespace takt::carrier
