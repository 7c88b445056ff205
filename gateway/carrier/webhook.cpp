// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/webhook.h"

#include "carrier/twiliocodec.h"

#include <QDateTime>
#include <QUrl>

#include <algorithm>

namespace takt::carrier {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kMaxNumber = 64; // characters of a phone number or SIP address
constexpr qsizetype kMaxWord = 40;
constexpr qsizetype kMaxUrl = 2048;
constexpr qsizetype kMaxError = 300;
constexpr int kMaxDecimal = 100'000'000;

QString sid(const Form &form, QByteArrayView field, QLatin1StringView prefix)
{
    const QString text = value(form, field);
    return isSid(text, prefix) ? text : QString();
}

QString cut(QString text, qsizetype length)
{
    text.truncate(length);
    if (!text.isEmpty() && text.back().isHighSurrogate())
        text.chop(1);
    return text;
}

// Control characters and those without a look of their own (direction marks, zero widths) would let a caller paint over
// what a log or a console shows.
bool isPrintable(char32_t c)
{
    return QChar::isPrint(c) && QChar::category(c) != QChar::Separator_Line
           && QChar::category(c) != QChar::Separator_Paragraph;
}

// A number, a SIP address, or what the carrier writes for callers without one. With anything unprintable in it: none.
QString number(const Form &form, QByteArrayView field)
{
    const QString text = value(form, field);
    const QList<uint> points = text.toUcs4();
    return std::all_of(points.begin(), points.end(), isPrintable) ? cut(text, kMaxNumber) : QString();
}

// A word of the carrier's own vocabulary, like no-answer, machine_end_beep or StartCallRecordingTwiML.
QString word(const Form &form, QByteArrayView field)
{
    const QString text = value(form, field);
    const bool plain = std::all_of(text.begin(), text.end(), [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9') || c == u'-'
               || c == u'_';
    });
    return plain && text.size() <= kMaxWord ? text : QString();
}

// A decimal number without a sign; `otherwise` when it is not one.
int decimal(const Form &form, QByteArrayView field, int otherwise)
{
    const QString text = value(form, field);
    if (text.isEmpty() || !std::all_of(text.begin(), text.end(), [](QChar c) { return c >= u'0' && c <= u'9'; }))
        return otherwise;
    bool ok = false;
    const int number = text.toInt(&ok);
    return ok && number <= kMaxDecimal ? number : otherwise;
}

QString direction(const Form &form)
{
    const QString text = value(form, "Direction");
    if (text == "inbound"_L1)
        return text;
    return text == "outbound-api"_L1 || text == "outbound-dial"_L1 ? u"outbound"_s : QString();
}

QString webUrl(const Form &form, QByteArrayView field)
{
    const QString text = value(form, field);
    if (text.size() > kMaxUrl)
        return {};
    const QUrl url(text, QUrl::StrictMode);
    const bool web = url.scheme() == "https"_L1 || url.scheme() == "http"_L1;
    return url.isValid() && web && !url.host().isEmpty() ? text : QString();
}

QString sentence(const Form &form, QByteArrayView field)
{
    QString text = cut(value(form, field), kMaxError);
    for (QChar &c : text) {
        if (!c.isSurrogate() && !isPrintable(c.unicode()))
            c = u' ';
    }
    return text.simplified();
}

} // namespace

CallReport callReport(const Form &form, qint64 nowMs)
{
    CallReport report;
    report.callSid = sid(form, "CallSid", "CA"_L1);
    report.parentCallSid = sid(form, "ParentCallSid", "CA"_L1);
    report.accountSid = sid(form, "AccountSid", "AC"_L1);
    report.direction = direction(form);
    report.from = number(form, "From");
    report.to = number(form, "To");
    report.status = word(form, "CallStatus");
    report.answeredBy = word(form, "AnsweredBy");
    report.durationSeconds = decimal(form, "CallDuration", -1); // "Duration" is what is billed, in minutes
    report.atMs = nowMs;
    return report;
}

RecordingReport recordingReport(const Form &form, qint64 nowMs)
{
    RecordingReport report;
    report.callSid = sid(form, "CallSid", "CA"_L1);
    report.recordingSid = sid(form, "RecordingSid", "RE"_L1);
    report.url = webUrl(form, "RecordingUrl");
    report.status = word(form, "RecordingStatus");
    report.durationSeconds = decimal(form, "RecordingDuration", -1);
    report.channels = decimal(form, "RecordingChannels", -1);
    report.source = word(form, "RecordingSource");
    report.errorCode = decimal(form, "ErrorCode", 0);
    const QDateTime started = QDateTime::fromString(value(form, "RecordingStartTime").simplified(), Qt::RFC2822Date);
    report.startedAtMs = started.isValid() ? std::max<qint64>(0, started.toMSecsSinceEpoch()) : 0;
    report.atMs = nowMs;
    return report;
}

StreamReport streamReport(const Form &form, qint64 nowMs)
{
    StreamReport report;
    report.callSid = sid(form, "CallSid", "CA"_L1);
    report.streamSid = sid(form, "StreamSid", "MZ"_L1);
    report.event = word(form, "StreamEvent");
    report.error = sentence(form, "StreamError");
    report.atMs = nowMs;
    return report;
}

} // namespace takt::carrier
