// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/framereader.h"

#include "carrier/twiliocodec.h"

#include <QTcpSocket>
#include <QtEndian>

#include <algorithm>
#include <array>
#include <vector>

namespace takt::carrier {

namespace {

constexpr uchar kText = 0x81;        // FIN, no reserved bit, opcode 1
constexpr uchar kControl = 0x88;     // FIN, no reserved bit, opcode 8 or above: close, ping, pong
constexpr uchar kControlBits = 0xF8; // of the first byte
constexpr uchar kMasked = 0x80;
constexpr uchar kLength16 = 126;
constexpr uchar kLength64 = 127;
constexpr qsizetype kMaskBytes = 4;

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
    if (payload > kMaxMessageBytes)
        return {Frame::Kind::Foreign, 0, 0};
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
    std::array<char, kMaskBytes> mask{};
    std::copy_n(payload - kMaskBytes, kMaskBytes, mask.begin());
    for (qsizetype i = 0; i < size; ++i)
        payload[i] = char(payload[i] ^ mask[std::size_t(i % kMaskBytes)]);
}

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
    return true;
}

void FrameReader::onReadyRead()
{
    if (!m_onText)
        return;
    static thread_local std::vector<char> s_bytes; // keeps its memory from message to message
    const qint64 available = m_transport->bytesAvailable();
    s_bytes.resize(std::size_t(m_partial.size() + available));
    std::copy(m_partial.cbegin(), m_partial.cend(), s_bytes.begin());
    const qint64 got = std::max<qint64>(0, m_transport->read(s_bytes.data() + m_partial.size(), available));
    char *at = s_bytes.data();
    qsizetype left = m_partial.size() + qsizetype(got);
    m_partial.clear();
    while (left > 0) {
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
        m_onText = nullptr;
    for (qsizetype i = size; i > 0; --i)
        m_transport->ungetChar(begin[i - 1]);
}

} // namespace takt::carrier
