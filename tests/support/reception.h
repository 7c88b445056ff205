// SPDX-License-Identifier: GPL-3.0-or-later
// Businesses, reports and TwiML as tests of the front door need them. Pure.
#pragma once

#include "carrier/pass.h"
#include "config/settings.h"
#include "shared/callfacts.h"

#include <QXmlStreamReader>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

inline QString callSid(int n)
{
    return u"CA%1"_s.arg(n, 32, 10, QChar(u'0'));
}

inline config::BusinessPtr business(const QString &name, const QStringList &numbers, config::CallLimits limits = {})
{
    auto business = std::make_shared<config::Business>();
    business->name = name;
    business->numbers = numbers;
    business->limits = limits;
    business->fallback.value = name + u" is closed"_s;
    return business;
}

inline config::Settings settings(const QList<config::BusinessPtr> &businesses, config::AdmissionSettings admission = {})
{
    config::Settings s;
    s.publicUrl = QUrl(u"https://gw.example"_s);
    s.fallback.value = u"Nobody is here"_s;
    s.admission = admission;
    auto everybody = std::make_shared<config::Business>();
    everybody->fallback = s.fallback;
    s.businesses = config::BusinessBook(businesses, everybody);
    return s;
}

inline CallReport ringing(int n, const QString &to, const QString &from = u"+15550009999"_s)
{
    CallReport report;
    report.callSid = callSid(n);
    report.direction = u"inbound"_s;
    report.from = from;
    report.to = to;
    report.status = u"ringing"_s;
    return report;
}

inline CallReport outboundCall(int n)
{
    CallReport report = ringing(n, u"+15550009999"_s, u"+15550000001"_s);
    report.direction = u"outbound"_s;
    report.status = u"in-progress"_s;
    return report;
}

inline CallReport status(int n, const QString &word)
{
    CallReport report;
    report.callSid = callSid(n);
    report.status = word;
    return report;
}

// TwiML as one line a verb: "Response/Connect/Stream url=... name=..." with its text behind a colon; what is not
// well-formed is told as such.
inline QStringList verbs(const QByteArray &twiml)
{
    QStringList all;
    QStringList path;
    QXmlStreamReader xml(twiml);
    while (!xml.atEnd()) {
        switch (xml.readNext()) {
        case QXmlStreamReader::StartElement: {
            path << xml.name().toString();
            QString line = path.join(u'/');
            for (const QXmlStreamAttribute &a : xml.attributes())
                line += u' ' + a.name().toString() + u'=' + a.value().toString();
            all << line;
            break;
        }
        case QXmlStreamReader::EndElement: path.removeLast(); break;
        case QXmlStreamReader::Characters: all.last() += u": " + xml.text().toString(); break;
        default: break;
        }
    }
    if (xml.hasError())
        all << u"not XML: "_s + xml.errorString();
    return all;
}

// The token's path "CA....TOKEN" out of TwiML that connects a stream; empty: it connects none.
inline QByteArray bearerIn(const QByteArray &twiml)
{
    for (const QString &verb : verbs(twiml)) {
        const qsizetype at = verb.indexOf("/media/"_L1);
        if (verb.startsWith("Response/Connect/Stream "_L1) && at >= 0)
            return verb.sliced(at + 7).section(u' ', 0, 0).toLatin1();
    }
    return {};
}

} // namespace takt::test
