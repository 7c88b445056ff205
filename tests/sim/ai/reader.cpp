// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ai/reader.h"

#include <QJsonArray>
#include <QRegularExpression>

namespace takt::sim {
namespace {

QString simplified(const QString &text)
{
    QString out = text.toLower();
    for (QChar &c : out) {
        if (!c.isLetterOrNumber())
            c = u' ';
    }
    return u' ' + out.simplified() + u' ';
}

QString firstSentence(const QString &text)
{
    const qsizetype end = text.indexOf(QRegularExpression(QStringLiteral("[.!?\\n]")));
    return end < 0 ? text : text.left(end);
}

QJsonValue orNull(const QString &text, bool nullable)
{
    return text.isEmpty() && nullable ? QJsonValue() : QJsonValue(text);
}

} // namespace

Reader::Reader(const AiOptions &options, const QString &text)
    : m_options(options)
    , m_text(text)
    , m_lower(simplified(text))
{
    static const QRegularExpression line(
        QStringLiteral("^\\W*(?:[\\[(]?[\\d:.,\\s-]+[\\])]?\\s*)?(caller|customer|client|user|agent|assistant)\\s*"
                       "(?:[\\[(][^\\])]*[\\])])?\\s*[:>-]\\s*(.+)$"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::MultilineOption);
    for (auto it = line.globalMatch(text); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        const bool agent = match.captured(1).toLower().startsWith(u'a');
        (agent ? m_agent : m_caller).append(match.captured(2).trimmed());
    }
}

QString Reader::summary() const
{
    if (m_caller.isEmpty() && m_agent.isEmpty())
        return QStringLiteral("The conversation begins with \"%1\". Nothing else is known about it.")
            .arg(firstSentence(m_text.trimmed()).left(200));
    QString out = m_caller.isEmpty() ? QStringLiteral("The caller said nothing.")
                                     : QStringLiteral("The caller began with \"%1\".").arg(m_caller.first().left(200));
    if (!m_agent.isEmpty())
        out += QStringLiteral(" The agent ended with \"%1\".").arg(m_agent.last().left(200));
    return out;
}

QJsonValue Reader::fill(const QJsonObject &schema)
{
    m_root = schema;
    return value({}, schema, {});
}

bool Reader::says(const QString &words) const
{
    const QString wanted = simplified(words);
    return wanted.trimmed().isEmpty() ? false : m_lower.contains(wanted);
}

QString Reader::wordOf(const std::vector<std::string> &list) const
{
    QString found;
    qsizetype where = m_lower.size();
    for (const std::string &word : list) {
        const qsizetype at = m_lower.indexOf(simplified(QString::fromStdString(word)));
        if (at >= 0 && at < where) {
            where = at;
            found = QString::fromStdString(word);
        }
    }
    return found;
}

// The agent may introduce itself in the same words: if it is known who said what, only the caller counts.
QString Reader::callerName() const
{
    static const QRegularExpression name(QStringLiteral("my name is (\\p{L}[\\p{L}'-]*(?: \\p{Lu}[\\p{L}'-]*)?)"),
                                         QRegularExpression::CaseInsensitiveOption);
    const bool roles = !m_caller.isEmpty() || !m_agent.isEmpty();
    QString found = name.match(roles ? m_caller.join(u'\n') : m_text).captured(1);
    const QStringList words = found.split(u' '); // case-insensitive matching lets any second word pass
    if (words.size() == 2 && !words[1].front().isUpper())
        found = words[0];
    return found;
}

QString Reader::time() const
{
    static const QRegularExpression time(
        QStringLiteral("\\b((?:on )?(?:today|tomorrow|sunday|monday|tuesday|wednesday|thursday|friday|saturday)"
                       "(?: (?:morning|afternoon|evening|at \\w+(?::\\d\\d)?))?|at \\d{1,2}(?::\\d\\d)?)\\b"),
        QRegularExpression::CaseInsensitiveOption);
    return time.match(m_text).captured(1);
}

QJsonValue Reader::known(const QString &name, bool nullable, bool &isKnown) const
{
    isKnown = true;
    if (name == u"summary")
        return summary();
    if (name == u"language")
        return m_text.contains(QRegularExpression(QStringLiteral("[\\x{0590}-\\x{05FF}]"))) ? QStringLiteral("he")
                                                                                            : QStringLiteral("en");
    if (name == u"city" || name == u"raw_city")
        return orNull(wordOf(m_options.cities), nullable);
    if (name == u"service" || name == u"service_category")
        return orNull(wordOf(m_options.services), nullable);
    if (name == u"customer_name")
        return orNull(callerName(), nullable);
    if (name == u"preferred_time")
        return orNull(time(), nullable);
    isKnown = false;
    return {};
}

QJsonValue Reader::oneOf(const QJsonArray &choices, const QString &name, bool nullable) const
{
    QJsonValue first;
    for (const QJsonValue &choice : choices) {
        if (choice.isNull())
            nullable = true;
        else if (first.isNull())
            first = choice;
        if (choice.isString() && (says(choice.toString()) || (name == u"language" && choice.toString() == u"en")))
            return choice;
    }
    const bool place = name.endsWith(u"city") || name.startsWith(u"service");
    return place && nullable ? QJsonValue() : first;
}

// As sure of a value as it has one: "city_confidence" belongs to "city", "confidence" to all beside it.
double Reader::confidence(const QString &name, const QJsonObject &siblings)
{
    const QString of = name.endsWith(u"_confidence") ? name.chopped(11) : QString();
    if (siblings.contains(of))
        return siblings.value(of).isNull() ? 0.3 : 0.9;
    for (const QJsonValue &sibling : siblings) {
        if (!sibling.isNull())
            return 0.9;
    }
    return siblings.isEmpty() ? 0.9 : 0.3;
}

// Follows $ref, and of a union takes what is not null.
QJsonObject Reader::resolved(QJsonObject schema, bool &nullable) const
{
    for (int depth = 0; depth < 8; ++depth) {
        if (schema.contains(QStringLiteral("$ref"))) {
            QJsonObject at = m_root;
            for (const QString &part : schema.value(QStringLiteral("$ref")).toString().mid(2).split(u'/'))
                at = at.value(part).toObject();
            schema = at;
            continue;
        }
        const QJsonArray choices = schema.contains(QStringLiteral("anyOf"))
                                       ? schema.value(QStringLiteral("anyOf")).toArray()
                                       : schema.value(QStringLiteral("oneOf")).toArray();
        if (choices.isEmpty())
            break;
        QJsonObject taken;
        for (const QJsonValue &choice : choices) {
            if (choice.toObject().value(QStringLiteral("type")).toString() == u"null")
                nullable = true;
            else if (taken.isEmpty())
                taken = choice.toObject();
        }
        schema = taken;
    }
    const QJsonArray types = schema.value(QStringLiteral("type")).toArray();
    for (const QJsonValue &type : types) {
        if (type.toString() == u"null")
            nullable = true;
        else
            schema[QStringLiteral("type")] = type;
    }
    return schema;
}

QJsonValue Reader::value(const QString &name, const QJsonObject &raw, const QJsonObject &siblings)
{
    bool nullable = false;
    const QJsonObject schema = resolved(raw, nullable);
    if (schema.contains(QStringLiteral("const")))
        return schema.value(QStringLiteral("const"));
    if (schema.contains(QStringLiteral("enum")))
        return oneOf(schema.value(QStringLiteral("enum")).toArray(), name, nullable);
    const QString type = schema.value(QStringLiteral("type")).toString();
    if (type == u"object")
        return object(schema);
    if (type == u"array") {
        const QJsonValue item = value(name, schema.value(QStringLiteral("items")).toObject(), siblings);
        return item.isNull() || item == QString() ? QJsonArray() : QJsonArray{item};
    }
    if (type == u"boolean")
        return says(QString(name).replace(u'_', u' '));
    if (type == u"number" || type == u"integer") {
        if (name.contains(u"confidence"))
            return confidence(name, siblings);
        const double lowest = schema.value(QStringLiteral("minimum")).toDouble(0);
        return nullable ? QJsonValue() : QJsonValue(lowest);
    }
    bool isKnown = false;
    const QJsonValue found = known(name, nullable, isKnown);
    if (isKnown)
        return found;
    if (raw.contains(QStringLiteral("items")) || type == u"null" || nullable)
        return {};
    return m_caller.isEmpty() ? QString() : m_caller.first();
}

QJsonObject Reader::object(const QJsonObject &schema)
{
    const QJsonObject properties = schema.value(QStringLiteral("properties")).toObject();
    QJsonObject out;
    for (const bool confidences : {false, true}) { // these depend on the others
        const QJsonObject others = out;
        for (auto it = properties.begin(); it != properties.end(); ++it) {
            if (it.key().contains(u"confidence") == confidences)
                out[it.key()] = value(it.key(), it.value().toObject(), others);
        }
    }
    return out;
}

QString strictSchemaError(const QJsonObject &schema, const QString &path)
{
    const QJsonObject properties = schema.value(QStringLiteral("properties")).toObject();
    const QJsonValue type = schema.value(QStringLiteral("type"));
    if (type.toString() == u"object" || type.toArray().contains(QStringLiteral("object")) || !properties.isEmpty()) {
        if (schema.value(QStringLiteral("additionalProperties")) != QJsonValue(false))
            return QStringLiteral("In context=%1, 'additionalProperties' is required to be supplied and to be false.")
                .arg(path);
        const QJsonArray required = schema.value(QStringLiteral("required")).toArray();
        for (auto it = properties.begin(); it != properties.end(); ++it) {
            if (!required.contains(it.key()))
                return QStringLiteral("In context=%1, 'required' is required to be supplied and to be an array "
                                      "including every key in properties. Missing '%2'.")
                    .arg(path, it.key());
        }
    }
    for (const char *part : {"properties", "$defs"}) {
        const QJsonObject inner = schema.value(QString::fromLatin1(part)).toObject();
        for (auto it = inner.begin(); it != inner.end(); ++it) {
            if (QString wrong = strictSchemaError(it.value().toObject(), path + u'.' + it.key()); !wrong.isEmpty())
                return wrong;
        }
    }
    for (const QJsonValue &choice : schema.value(QStringLiteral("anyOf")).toArray()) {
        if (QString wrong = strictSchemaError(choice.toObject(), path); !wrong.isEmpty())
            return wrong;
    }
    const QJsonObject items = schema.value(QStringLiteral("items")).toObject();
    return items.isEmpty() ? QString() : strictSchemaError(items, path + QStringLiteral(".items"));
}

} // namespace takt::sim
