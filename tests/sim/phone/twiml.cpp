// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/twiml.h"

#include "sim/phone/twimlschema.h"
#include "sim/wire/httphead.h"

#include <QByteArray>
#include <QXmlStreamReader>

namespace takt::sim {
namespace {

constexpr std::size_t kMaxDocument = 65536;

class Reader
{
public:
    explicit Reader(std::string_view text)
        : m_xml(QByteArray(text.data(), qsizetype(text.size())))
    {
    }

    Twiml read()
    {
        if (!m_xml.readNextStartElement())
            return broken(m_xml.errorString().toStdString());
        if (m_xml.name() != QLatin1String("Response"))
            return broken("the document element is not <Response>");
        for (const QXmlStreamAttribute &attribute : m_xml.attributes())
            warn("unknown attribute of <Response>: " + attribute.name().toString().toStdString());
        while (m_xml.readNextStartElement())
            readInto("Response", m_twiml.verbs);
        while (!m_xml.atEnd())
            m_xml.readNext();
        if (m_xml.hasError())
            return broken(m_xml.errorString().toStdString());
        m_twiml.usable = true;
        return m_twiml;
    }

private:
    Twiml broken(const std::string &why)
    {
        Twiml twiml;
        twiml.notices.push_back({12100, "document parse failure: " + why, false, false});
        return twiml;
    }
    void warn(const std::string &what) { m_twiml.notices.push_back({12200, what, true, false}); }

    void readInto(const std::string &parent, std::vector<Verb> &verbs)
    {
        Verb verb;
        verb.name = m_xml.name().toString().toStdString();
        const VerbRule *rule = ruleOf(verb.name);
        if (rule == nullptr || !allowedIn(*rule, parent)) {
            warn("<" + verb.name + "> is not allowed in <" + parent + ">");
            m_xml.skipCurrentElement();
            return;
        }
        for (const QXmlStreamAttribute &attribute : m_xml.attributes()) {
            const std::string name = attribute.qualifiedName().toString().toStdString();
            const std::string value = attribute.value().toString().toStdString();
            if (const std::string wrong = wrongAttribute(*rule, name, value); !wrong.empty())
                warn(wrong + " of <" + verb.name + ">: " + name + "=\"" + value + "\"");
            else
                verb.attributes[name] = value;
        }
        readContent(*rule, verb);
        if (const std::string wrong = wrongVerb(verb); !wrong.empty())
            warn(wrong);
        verbs.push_back(std::move(verb));
    }

    void readContent(const VerbRule &rule, Verb &verb)
    {
        QString text;
        while (!m_xml.atEnd()) {
            const QXmlStreamReader::TokenType token = m_xml.readNext();
            if (token == QXmlStreamReader::EndElement)
                break;
            if (token == QXmlStreamReader::Characters || token == QXmlStreamReader::EntityReference)
                text += m_xml.text();
            else if (token == QXmlStreamReader::StartElement && rule.speech) // SSML
                text += m_xml.readElementText(QXmlStreamReader::IncludeChildElements);
            else if (token == QXmlStreamReader::StartElement)
                readInto(verb.name, verb.children);
        }
        verb.text = text.simplified().toStdString();
        if (!verb.text.empty() && !rule.text)
            warn("text is not allowed in <" + verb.name + ">");
    }

    QXmlStreamReader m_xml;
    Twiml m_twiml;
};

} // namespace

const Verb *Verb::child(std::string_view wanted) const
{
    for (const Verb &verb : children) {
        if (verb.name == wanted)
            return &verb;
    }
    return nullptr;
}

Twiml Twiml::parse(std::string_view text)
{
    if (text.size() > kMaxDocument) {
        Twiml tooLarge;
        tooLarge.notices.push_back({11750, "a document of more than 64 KiB", false, false});
        return tooLarge;
    }
    return Reader(text).read();
}

Twiml Twiml::parse(std::string_view text, const std::string &contentType)
{
    const std::string type = lowered(contentType.substr(0, contentType.find_first_of("; ")));
    if (type == "text/xml" || type == "application/xml")
        return parse(text);
    Twiml wrong;
    wrong.notices.push_back({12300, "invalid Content-Type: " + contentType, false, false});
    return wrong;
}

} // namespace takt::sim
