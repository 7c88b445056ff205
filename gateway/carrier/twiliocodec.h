// SPDX-License-Identifier: GPL-3.0-or-later
// The wire of Twilio Media Streams: bytes to structs and back, no socket. One JSON object a text message. Shapes:
// Twilio's "Media Streams - WebSocket Messages". Numbers in messages (sequenceNumber, chunk, timestamp) travel as
// decimal strings; only mediaFormat's are JSON numbers. One parser serves all lanes of a thread; not thread-safe.
#pragma once

#include <QByteArray>
#include <QMetaType>
#include <QString>

#include <memory>
#include <variant>

namespace takt::carrier {

// Inbound messages are small: 400 bytes of media; a start with many parameters some kilobytes.
inline constexpr int kMaxMessageBytes = 64 * 1024;

struct StreamStart {
    QString accountSid;
    QString callSid;
    QString streamSid;
    QString from; // customParameters "from"/"From", where the TwiML passed them
    QString to;
    QString token; // customParameters "token"
    QString encoding;
    int sampleRate = 0;
    int channels = 0;
    // The only format that a bidirectional stream has: audio/x-mulaw, 8000 Hz, mono.
    [[nodiscard]] bool isMuLaw8k() const;
};

struct Connected {
};
struct Media {
    QByteArray streamSid;
    qint64 timestampMs = 0; // since the stream began; the first is not 0
    QByteArray audio;       // raw µ-law
};
struct Dtmf {
    QByteArray streamSid;
    QChar digit;
};
struct Mark {
    QByteArray streamSid;
    QByteArray name; // one of ours, played or cleared
};
struct Stop {
    QByteArray streamSid;
};
struct Unknown {
}; // an event that we don't know: to be ignored, says Twilio
struct BadBase64 {
};
struct Malformed {
    QString why;
};
using Message = std::variant<Connected, StreamStart, Media, Dtmf, Mark, Stop, Unknown, BadBase64, Malformed>;

class TwilioCodec
{
public:
    TwilioCodec();
    ~TwilioCodec();
    Q_DISABLE_COPY_MOVE(TwilioCodec)

    [[nodiscard]] Message parse(const QByteArray &text);

private:
    struct Parser;
    std::unique_ptr<Parser> d;
};

// The three messages that Twilio takes; any other key draws warning 31951. UTF-8. The stream's SID is fixed for a lane.
class TwilioEncoder
{
public:
    explicit TwilioEncoder(const QString &streamSid);
    [[nodiscard]] QByteArray media(QByteArrayView audio) const;
    [[nodiscard]] QByteArray silence() const; // a frame of it
    [[nodiscard]] QByteArray mark(const QByteArray &name) const;
    [[nodiscard]] QByteArray clear() const;

private:
    QByteArray m_mediaHead;
    QByteArray m_silence;
    QByteArray m_markHead;
    QByteArray m_clear;
};

// "MZ", "CA", "AC"... and 32 hexadecimal digits. Anything else never becomes part of a message, a log or a row.
[[nodiscard]] bool isSid(QStringView text, QLatin1StringView prefix);

} // namespace takt::carrier

Q_DECLARE_METATYPE(takt::carrier::StreamStart)
