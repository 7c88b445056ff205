// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/logline.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>

#include <sys/stat.h>

namespace takt::telemetry {

using namespace Qt::Literals::StringLiterals;

namespace {

QLatin1StringView levelName(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg: return "debug"_L1;
    case QtInfoMsg: return "info"_L1;
    case QtWarningMsg: return "warn"_L1;
    case QtCriticalMsg: return "error"_L1;
    case QtFatalMsg: return "fatal"_L1;
    }
    return "?"_L1;
}

// syslog(3)
char priority(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg: return '7';
    case QtInfoMsg: return '6';
    case QtWarningMsg: return '4';
    case QtCriticalMsg: return '3';
    case QtFatalMsg: return '2';
    }
    return '5';
}

// A line stays one: what would break it, or move a terminal's cursor, is shown as an escape.
QString harmless(const QString &text)
{
    QString out;
    out.reserve(text.size());
    for (const QChar c : text) {
        if (c == u'\n')
            out += u"\\n"_s;
        else if (c.category() == QChar::Other_Control)
            out += u"\\x%1"_s.arg(c.unicode(), 2, 16, QChar(u'0'));
        else
            out += c;
    }
    return out;
}

} // namespace

QByteArray formatted(const LogLine &line, LogFormat format, int repeats)
{
    const QString when = QDateTime::fromMSecsSinceEpoch(line.atMs, Qt::UTC).toString(u"yyyy-MM-ddTHH:mm:ss.zzzZ"_s);
    const QByteArray ahead = format == LogFormat::Journal || format == LogFormat::JournalJson
                                 ? QByteArray("<") + priority(line.type) + '>'
                                 : QByteArray();
    if (format == LogFormat::Json || format == LogFormat::JournalJson) {
        QJsonObject json{{u"time"_s, when},
                         {u"level"_s, QString(levelName(line.type))},
                         {u"category"_s, line.category},
                         {u"message"_s, line.text}};
        if (repeats > 0)
            json.insert(u"repeats"_s, repeats);
        return ahead + QJsonDocument(json).toJson(QJsonDocument::Compact) + '\n';
    }
    QString text = line.category % u": "_s % harmless(line.text);
    if (repeats > 0)
        text += u" (and %1 like it)"_s.arg(repeats);
    if (format == LogFormat::Journal)
        return ahead + text.toUtf8() + '\n';
    return QString(when % u' ' % levelName(line.type) % u' ' % text % u'\n').toUtf8();
}

LogFormat formatFor(bool asJson, int fd, const QByteArray &journalStream)
{
    const QList<QByteArray> named = journalStream.split(':');
    struct stat is = {};
    const bool journal = named.size() == 2 && ::fstat(fd, &is) == 0 && QByteArray::number(quint64(is.st_dev)) == named[0]
                         && QByteArray::number(quint64(is.st_ino)) == named[1];
    if (asJson)
        return journal ? LogFormat::JournalJson : LogFormat::Json;
    return journal ? LogFormat::Journal : LogFormat::Text;
}

} // namespace takt::telemetry
