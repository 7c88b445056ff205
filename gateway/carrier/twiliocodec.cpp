// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/twiliocodec.h"

#include "media/base64.h"
#include "media/frame.h"
#include "media/g711.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace takt::carrier {

using namespace Qt::Literals::StringLiterals;
namespace dom = simdjson::dom;

namespace {

using View = std::string_view;

QString toQString(View text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}
QByteArray toBytes(View text)
{
    return {text.data(), qsizetype(text.size())};
}

View text(const dom::object &object, View key)
{
    View value;
    return object[key].get(value) == simdjson::SUCCESS ? value : View();
}

// A decimal number inside a string, as the carrier writes them; -1 when it is not one.
qint64 decimal(View digits)
{
    qint64 value = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value >= 0 ? value : -1;
}

int number(const dom::object &object, View key)
{
    std::int64_t value = 0;
    return object[key].get(value) == simdjson::SUCCESS && value >= 0 && value <= 1'000'000 ? int(value) : 0;
}

Malformed missing(View what)
{
    return {u"without a usable "_s + toQString(what)};
}

Message parseStart(const dom::object &root)
{
    dom::object start;
    dom::object format;
    if (root["start"].get(start) != simdjson::SUCCESS)
        return missing("start");
    if (start["mediaFormat"].get(format) != simdjson::SUCCESS)
        return missing("start.mediaFormat");
    StreamStart s;
    s.accountSid = toQString(text(start, "accountSid"));
    s.callSid = toQString(text(start, "callSid"));
    s.streamSid = toQString(text(start, "streamSid"));
    s.encoding = toQString(text(format, "encoding"));
    s.sampleRate = number(format, "sampleRate");
    s.channels = number(format, "channels");
    dom::object parameters;
    if (start["customParameters"].get(parameters) == simdjson::SUCCESS) {
        for (const auto &[key, value] : parameters) {
            View v;
            if (value.get(v) != simdjson::SUCCESS)
                continue;
            if (key == "from" || key == "From")
                s.from = toQString(v);
            else if (key == "to" || key == "To")
                s.to = toQString(v);
            else if (key == "token")
                s.token = toQString(v);
        }
    }
    if (!isSid(s.accountSid, "AC"_L1))
        s.accountSid.clear(); // the call does not need it
    if (!isSid(s.callSid, "CA"_L1))
        return missing("start.callSid");
    if (!isSid(s.streamSid, "MZ"_L1) || text(root, "streamSid") != text(start, "streamSid"))
        return missing("streamSid");
    return s;
}

Message parseMedia(const dom::object &root)
{
    dom::object media;
    if (root["media"].get(media) != simdjson::SUCCESS)
        return missing("media");
    Media m;
    m.streamSid = toBytes(text(root, "streamSid"));
    m.timestampMs = decimal(text(media, "timestamp"));
    if (m.timestampMs < 0)
        return missing("media.timestamp");
    View payload;
    if (media["payload"].get(payload) != simdjson::SUCCESS)
        return missing("media.payload");
    auto decoded = media::fromBase64(QByteArrayView(payload.data(), qsizetype(payload.size())));
    if (!decoded || decoded->isEmpty())
        return BadBase64();
    m.audio = std::move(*decoded);
    return m;
}

Message parseDtmf(const dom::object &root)
{
    dom::object dtmf;
    if (root["dtmf"].get(dtmf) != simdjson::SUCCESS)
        return missing("dtmf");
    const View digit = text(dtmf, "digit");
    if (digit.size() != 1 || View("0123456789*#ABCDabcd").find(digit.front()) == View::npos)
        return missing("dtmf.digit");
    return Dtmf{toBytes(text(root, "streamSid")), QChar::fromLatin1(digit.front())};
}

Message parseMark(const dom::object &root)
{
    dom::object mark;
    if (root["mark"].get(mark) != simdjson::SUCCESS)
        return missing("mark");
    return Mark{toBytes(text(root, "streamSid")), toBytes(text(mark, "name"))};
}

} // namespace

struct TwilioCodec::Parser {
    dom::parser parser;
};

TwilioCodec::TwilioCodec()
    : d(std::make_unique<Parser>())
{
}

TwilioCodec::~TwilioCodec() = default;

Message TwilioCodec::parse(const QByteArray &bytes)
{
    dom::object root;
    const auto error = d->parser.parse(bytes.constData(), std::size_t(bytes.size())).get(root);
    if (error != simdjson::SUCCESS)
        return Malformed{u"not a JSON object: "_s + QLatin1StringView(simdjson::error_message(error))};
    const View event = text(root, "event");
    if (event == "media")
        return parseMedia(root);
    if (event == "mark")
        return parseMark(root);
    if (event == "start")
        return parseStart(root);
    if (event == "stop")
        return Stop{toBytes(text(root, "streamSid"))};
    if (event == "dtmf")
        return parseDtmf(root);
    if (event == "connected")
        return Connected();
    if (event.empty())
        return missing("event");
    return Unknown();
}

bool StreamStart::isMuLaw8k() const
{
    return encoding == "audio/x-mulaw"_L1 && sampleRate == 8000 && channels == 1;
}

TwilioEncoder::TwilioEncoder(const QString &streamSid)
    : m_mediaHead(R"({"event":"media","streamSid":")"_ba + streamSid.toUtf8() + R"(","media":{"payload":")"_ba)
    , m_silence(media(QByteArray(media::kFrameBytes, char(media::kSilence))))
    , m_markHead(R"({"event":"mark","streamSid":")"_ba + streamSid.toUtf8() + R"(","mark":{"name":")"_ba)
    , m_clear(R"({"event":"clear","streamSid":")"_ba + streamSid.toUtf8() + R"("})"_ba)
{
}

QByteArray TwilioEncoder::media(QByteArrayView audio) const
{
    return m_mediaHead % media::toBase64(audio) % R"("}})"_ba;
}

QByteArray TwilioEncoder::silence() const
{
    return m_silence;
}

QByteArray TwilioEncoder::mark(const QByteArray &name) const
{
    return m_markHead % name % R"("}})"_ba;
}

QByteArray TwilioEncoder::clear() const
{
    return m_clear;
}

bool isSid(QStringView text, QLatin1StringView prefix)
{
    constexpr qsizetype kDigits = 32;
    return text.size() == prefix.size() + kDigits && text.startsWith(prefix)
           && std::all_of(text.begin() + prefix.size(), text.end(), [](QChar c) {
                  return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
              });
}

} // namespace takt::carrier
