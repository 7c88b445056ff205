// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/twiml.h"

#include <QXmlStreamWriter>

namespace takt::carrier {

using namespace Qt::Literals::StringLiterals;
using config::Fallback;

namespace {

// Production 2 ("Char") of XML 1.0: no control characters but tab and line ends, no lone surrogates, no U+FFFE and U+FFFF.
QString legal(const QString &text)
{
    QString out;
    out.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
            out += c;
            out += text[++i];
        } else if (!c.isSurrogate() && c.unicode() < 0xFFFE
                   && (c.unicode() >= 0x20 || c == u'\t' || c == u'\n' || c == u'\r')) {
            out += c;
        }
    }
    return out;
}

// A document with one <Response>. Everything goes through legal() here.
class Document
{
public:
    Document()
        : m_xml(&m_bytes)
    {
        m_xml.writeStartDocument();
        m_xml.writeStartElement(u"Response"_s);
    }

    void open(const QString &verb) { m_xml.writeStartElement(verb); }
    void close() { m_xml.writeEndElement(); }
    void attribute(const QString &name, const QString &value) { m_xml.writeAttribute(name, legal(value)); }
    void text(const QString &value) { m_xml.writeCharacters(legal(value)); }

    QByteArray finish()
    {
        m_xml.writeEndDocument(); // closes what is open
        // QXmlStreamWriter ends a document with a line end; it would be part of every comparison.
        return m_bytes.trimmed();
    }

private:
    QByteArray m_bytes;
    QXmlStreamWriter m_xml;
};

void writeDial(Document &xml, const QString &target, const QString &callerId, const QString &action)
{
    const bool sip = target.startsWith("sip:"_L1, Qt::CaseInsensitive)
                     || target.startsWith("sips:"_L1, Qt::CaseInsensitive);
    xml.open(u"Dial"_s);
    if (!callerId.isEmpty())
        xml.attribute(u"callerId"_s, callerId);
    if (!action.isEmpty())
        xml.attribute(u"action"_s, action);
    xml.open(sip ? u"Sip"_s : u"Number"_s);
    xml.text(target);
    xml.close();
    xml.close();
}

void writeFallback(Document &xml, const Fallback &what)
{
    if (what.value.isEmpty()) {
        xml.open(u"Hangup"_s);
        xml.close();
        return;
    }
    switch (what.kind) {
    case Fallback::Kind::Say:
        xml.open(u"Say"_s);
        if (!what.language.isEmpty())
            xml.attribute(u"language"_s, what.language);
        xml.text(what.value);
        xml.close();
        return;
    case Fallback::Kind::Dial: writeDial(xml, what.value, {}, {}); return;
    case Fallback::Kind::Redirect:
        xml.open(u"Redirect"_s);
        xml.attribute(u"method"_s, u"POST"_s);
        xml.text(what.value);
        xml.close();
        return;
    }
}

void writeRecording(Document &xml, const QString &callback)
{
    xml.open(u"Start"_s);
    xml.open(u"Recording"_s);
    xml.attribute(u"channels"_s, u"dual"_s);
    xml.attribute(u"recordingStatusCallback"_s, callback);
    xml.attribute(u"recordingStatusCallbackEvent"_s, u"in-progress completed absent"_s);
    xml.close();
    xml.close();
}

void writeStream(Document &xml, const ConnectStream &what)
{
    xml.open(u"Stream"_s);
    const QUrl url = what.streamUrl.adjusted(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment);
    xml.attribute(u"url"_s, url.toString(QUrl::FullyEncoded));
    if (!what.streamStatusCallback.isEmpty()) {
        xml.attribute(u"statusCallback"_s, what.streamStatusCallback);
        xml.attribute(u"statusCallbackMethod"_s, u"POST"_s);
    }
    for (const auto &[name, value] : what.parameters) {
        const QString key = legal(name);
        const QString text = legal(value);
        if (key.isEmpty() || key.size() + text.size() >= kMaxParameter)
            continue;
        xml.open(u"Parameter"_s);
        xml.attribute(u"name"_s, key);
        xml.attribute(u"value"_s, text);
        xml.close();
    }
    xml.close();
}

} // namespace

QByteArray connectStream(const ConnectStream &what)
{
    Document xml;
    if (what.recordingCallback)
        writeRecording(xml, *what.recordingCallback);
    xml.open(u"Connect"_s);
    if (!what.connectAction.isEmpty()) {
        xml.attribute(u"action"_s, what.connectAction);
        xml.attribute(u"method"_s, u"POST"_s);
    }
    writeStream(xml, what);
    xml.close();
    writeFallback(xml, what.fallback);
    return xml.finish();
}

QByteArray fallback(const Fallback &what)
{
    Document xml;
    writeFallback(xml, what);
    return xml.finish();
}

QByteArray hangup()
{
    return fallback({});
}

QByteArray empty()
{
    return Document().finish();
}

QByteArray dial(const QString &target, const QString &callerId, const QString &action)
{
    Document xml;
    writeDial(xml, target, callerId, action);
    return xml.finish();
}

} // namespace takt::carrier
