// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/model/eventsender.h"

#include "media/g711.h"
#include "sim/wire/base64.h"

#include <QJsonDocument>

namespace takt::sim {
namespace {

std::string widened(std::string_view muLaw)
{
    std::string pcm;
    pcm.reserve(muLaw.size() * 6);
    for (const char code : muLaw) {
        const auto sample = static_cast<std::uint16_t>(media::decodeMuLaw(static_cast<std::uint8_t>(code)));
        for (int i = 0; i < 3; ++i) {
            pcm.push_back(static_cast<char>(sample & 0xFF));
            pcm.push_back(static_cast<char>(sample >> 8));
        }
    }
    return pcm;
}

} // namespace

QString EventSender::newId(const char *prefix)
{
    return QString::fromLatin1(prefix) + QString::fromStdString(m_random.name(20));
}

void EventSender::send(const char *type, QJsonObject fields)
{
    fields[u"type"] = QString::fromLatin1(type);
    fields[u"event_id"] = newId("event_");
    if (m_extras && m_random.chance(0.02))
        fields[u"x_from_the_future"] = QJsonObject{{QStringLiteral("depth"), 1}};
    const QByteArray json = QJsonDocument(fields).toJson(QJsonDocument::Compact);
    m_socket.sendText({json.constData(), std::size_t(json.size())});
    if (m_extras && m_random.chance(0.01))
        m_socket.sendText(R"({"type":"weather.updated","event_id":"event_weather","sky":"blue"})");
}

void EventSender::error(const ApiError &error, const QJsonValue &clientEventId)
{
    const auto orNull = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
    send("error", {{QStringLiteral("error"), QJsonObject{{QStringLiteral("type"), error.type},
                                                         {QStringLiteral("code"), orNull(error.code)},
                                                         {QStringLiteral("message"), error.message},
                                                         {QStringLiteral("param"), orNull(error.param)},
                                                         {QStringLiteral("event_id"),
                                                          clientEventId.isString() ? clientEventId : QJsonValue()}}}});
}

void EventSender::audioDelta(const QString &responseId, const QString &itemId, std::string_view muLaw, bool pcm)
{
    m_buffer = R"({"type":"response.output_audio.delta","event_id":"event_)";
    m_buffer += m_random.name(20);
    m_buffer += R"(","response_id":")";
    m_buffer += responseId.toStdString();
    m_buffer += R"(","item_id":")";
    m_buffer += itemId.toStdString();
    m_buffer += R"(","output_index":0,"content_index":0,"delta":")";
    if (pcm) {
        const std::string wide = widened(muLaw);
        appendBase64(m_buffer, asBytes(wide));
    } else {
        appendBase64(m_buffer, asBytes(muLaw));
    }
    m_buffer += '"';
    if (m_extras && m_random.chance(0.5)) {
        m_buffer += R"(,"obfuscation":")";
        m_buffer += m_random.name(std::size_t(m_random.between(4, 16)));
        m_buffer += '"';
    }
    m_buffer += '}';
    m_socket.sendText(m_buffer);
}

} // namespace takt::sim
