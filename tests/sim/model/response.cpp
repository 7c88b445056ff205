// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/model/response.h"

#include "media/g711.h"

#include <algorithm>

namespace takt::sim {
namespace {

constexpr std::int64_t kFirstBurst = 8 * 400; // so far ahead at once that no gateway need run dry
constexpr int kDither = 24;                   // 16-bit steps: -63 dBFS, unheard, and different in every item

// The clip in µ-law, with a dither of this item alone, so that any few dozen bytes of it are found nowhere else.
std::string encode(const Clip &clip, Random &random)
{
    std::string bytes;
    bytes.reserve(clip.speech.size());
    for (const std::int16_t sample : clip.speech) {
        const int dithered = sample + int(random.between(-kDither, kDither));
        bytes.push_back(
            static_cast<char>(media::encodeMuLaw(static_cast<std::int16_t>(std::clamp(dithered, -32768, 32767)))));
    }
    return bytes;
}

} // namespace

Response::Response(World world, Plan plan, std::uint64_t seed)
    : m_world(std::move(world))
    , m_plan(std::move(plan))
    , m_random(seed)
    , m_id(m_world.events.newId("resp_"))
    , m_itemId(m_world.events.newId("item_"))
    , m_callId(m_world.events.newId("call_"))
    , m_speed(m_random.real(m_world.options.speedLow, m_world.options.speedHigh))
    , m_words((m_plan.text.isEmpty() ? QString::fromStdString(m_plan.clip->text) : m_plan.text).split(u' '))
{
}

void Response::after(double ms, void (Response::*task)())
{
    m_world.reactor.at(monotonicNs() + fromMs(ms), [this, task, alive = m_alive] {
        if (*alive)
            (this->*task)();
    });
}

void Response::begin()
{
    m_active = true;
    m_world.events.send("response.created", {{QStringLiteral("response"), object("in_progress", QJsonValue())}});
    const double think = m_random.real(m_world.options.thinkLowMs, m_world.options.thinkHighMs);
    after(think, m_plan.kind == Kind::FunctionCall ? &Response::callFunction : &Response::speak);
}

QJsonObject Response::place() const
{
    return {{QStringLiteral("response_id"), m_id},
            {QStringLiteral("item_id"), m_itemId},
            {QStringLiteral("output_index"), 0},
            {QStringLiteral("content_index"), 0}};
}

QJsonObject Response::part() const
{
    const QString spoken = m_words.mid(0, m_wordsSent).join(u' ');
    if (m_plan.kind == Kind::Text)
        return {{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("text"), spoken}};
    return {{QStringLiteral("type"), QStringLiteral("audio")}, {QStringLiteral("transcript"), spoken}};
}

QJsonObject Response::itemObject(const char *status) const
{
    QJsonObject item{{QStringLiteral("id"), m_itemId},
                     {QStringLiteral("object"), QStringLiteral("realtime.item")},
                     {QStringLiteral("status"), QString::fromLatin1(status)}};
    if (m_plan.kind == Kind::FunctionCall) {
        item[u"type"] = QStringLiteral("function_call");
        item[u"name"] = m_plan.functionName;
        item[u"call_id"] = m_callId;
        item[u"arguments"] = m_wordsSent > 0 ? QStringLiteral("{}") : QString();
        return item;
    }
    QJsonObject content = part();
    content[u"type"] = QString(QStringLiteral("output_") + content.value(u"type").toString());
    item[u"type"] = QStringLiteral("message");
    item[u"role"] = QStringLiteral("assistant");
    item[u"content"] = m_contentOpen || m_wordsSent > 0 ? QJsonArray{content} : QJsonArray();
    return item;
}

QJsonObject Response::object(const char *status, const QJsonValue &details) const
{
    const int in = 120;
    const int out = int(m_sent / 400);
    const QJsonObject cached{
        {QStringLiteral("text_tokens"), 0}, {QStringLiteral("audio_tokens"), 0}, {QStringLiteral("image_tokens"), 0}};
    const QJsonObject usage{
        {QStringLiteral("total_tokens"), in + out},
        {QStringLiteral("input_tokens"), in},
        {QStringLiteral("output_tokens"), out},
        {QStringLiteral("input_token_details"), QJsonObject{{QStringLiteral("text_tokens"), in},
                                                            {QStringLiteral("audio_tokens"), 0},
                                                            {QStringLiteral("image_tokens"), 0},
                                                            {QStringLiteral("cached_tokens"), 0},
                                                            {QStringLiteral("cached_tokens_details"), cached}}},
        {QStringLiteral("output_token_details"),
         QJsonObject{{QStringLiteral("text_tokens"), int(m_wordsSent)}, {QStringLiteral("audio_tokens"), out}}}};
    const bool over = qstrcmp(status, "in_progress") != 0;
    const char *itemStatus = qstrcmp(status, "completed") == 0 ? "completed" : "incomplete";
    return {{QStringLiteral("object"), QStringLiteral("realtime.response")},
            {QStringLiteral("id"), m_id},
            {QStringLiteral("status"), QString::fromLatin1(status)},
            {QStringLiteral("status_details"), details},
            {QStringLiteral("output"), over && m_contentOpen ? QJsonArray{itemObject(itemStatus)} : QJsonArray()},
            {QStringLiteral("conversation_id"),
             m_plan.inConversation ? QJsonValue(QStringLiteral("conv_sim")) : QJsonValue()},
            {QStringLiteral("output_modalities"),
             QJsonArray{m_plan.kind == Kind::Text ? QStringLiteral("text") : QStringLiteral("audio")}},
            {QStringLiteral("max_output_tokens"), QStringLiteral("inf")},
            {QStringLiteral("usage"), over ? QJsonValue(usage) : QJsonValue()},
            {QStringLiteral("metadata"), m_plan.metadata}};
}

void Response::speak()
{
    if (!m_active)
        return;
    if (m_plan.kind == Kind::Speech) {
        m_item = std::make_shared<GeneratedItem>(m_itemId.toStdString(), m_words.join(u' ').toStdString(),
                                                 encode(*m_plan.clip, m_random), monotonicNs());
        m_stopAt = std::int64_t(m_item->audio.size());
        if (m_plan.fate != Fate::Completes)
            m_stopAt = m_random.between(m_stopAt / 4, m_stopAt / 2);
        m_world.log.addItem(m_item);
    }
    m_world.events.send("response.output_item.added", {{QStringLiteral("response_id"), m_id},
                                                       {QStringLiteral("output_index"), 0},
                                                       {QStringLiteral("item"), itemObject("in_progress")}});
    if (m_plan.inConversation) {
        m_world.events.send("conversation.item.added",
                            {{QStringLiteral("previous_item_id"),
                              m_plan.previousItemId.isEmpty() ? QJsonValue() : QJsonValue(m_plan.previousItemId)},
                             {QStringLiteral("item"), itemObject("in_progress")}});
    }
    QJsonObject added = place();
    added[u"part"] = part();
    m_contentOpen = true;
    m_world.events.send("response.content_part.added", added);
    burst();
}

void Response::callFunction()
{
    if (!m_active)
        return;
    m_contentOpen = true;
    QJsonObject where{{QStringLiteral("response_id"), m_id}, {QStringLiteral("output_index"), 0}};
    where[u"item"] = itemObject("in_progress");
    m_world.events.send("response.output_item.added", where);
    m_world.events.send("conversation.item.added", {{QStringLiteral("previous_item_id"), m_plan.previousItemId},
                                                    {QStringLiteral("item"), itemObject("in_progress")}});
    QJsonObject arguments = place();
    arguments.remove(u"content_index");
    arguments[u"call_id"] = m_callId;
    for (const char *piece : {"{", "}"}) {
        arguments[u"delta"] = QString::fromLatin1(piece);
        m_world.events.send("response.function_call_arguments.delta", arguments);
    }
    m_wordsSent = 1;
    arguments.remove(u"delta");
    arguments[u"name"] = m_plan.functionName;
    arguments[u"arguments"] = QStringLiteral("{}");
    m_world.events.send("response.function_call_arguments.done", arguments);
    m_world.events.send("conversation.item.done", {{QStringLiteral("previous_item_id"), m_plan.previousItemId},
                                                   {QStringLiteral("item"), itemObject("completed")}});
    where[u"item"] = itemObject("completed");
    m_world.events.send("response.output_item.done", where);
    end("completed", QJsonValue());
}

void Response::sendTranscript()
{
    const double share = m_item ? double(m_sent) / double(m_item->audio.size()) : 1.0;
    const auto wanted = qMin(m_words.size(), qsizetype(share * double(m_words.size()) + 1.0));
    if (wanted <= m_wordsSent)
        return;
    QJsonObject delta = place();
    const QString text = m_words.mid(m_wordsSent, wanted - m_wordsSent).join(u' ');
    delta[u"delta"] = m_wordsSent > 0 ? QString(u' ' + text) : text;
    m_wordsSent = wanted;
    m_world.events.send(
        m_plan.kind == Kind::Text ? "response.output_text.delta" : "response.output_audio_transcript.delta", delta);
}

void Response::sendDelta(bool late)
{
    const auto left = std::int64_t(m_item->audio.size()) - m_sent;
    const std::int64_t size = std::min(left, m_random.between(100, 4000));
    m_world.events.audioDelta(
        m_id, m_itemId, std::string_view(m_item->audio).substr(std::size_t(m_sent), std::size_t(size)), m_plan.pcm);
    m_sent += size;
    m_item->deliver(monotonicNs(), m_sent, late);
}

// Some deltas at once, then a pause that keeps the rate on average, and always ahead of the player.
void Response::burst()
{
    if (!m_active)
        return;
    if (!m_item) {
        sendTranscript();
        finishContent("completed");
        return;
    }
    const std::int64_t before = m_sent;
    std::int64_t count = m_random.between(1, 4);
    while (m_sent < m_stopAt && (count-- > 0 || m_sent < kFirstBurst)) {
        sendTranscript();
        sendDelta(false);
    }
    if (m_sent < m_stopAt) {
        after(double(m_sent - before) / 8.0 / m_speed * m_random.real(0.3, 1.7), &Response::burst);
        return;
    }
    m_item->abandoned = m_plan.fate != Fate::Completes;
    if (m_plan.fate == Fate::Fails) {
        const QJsonObject error{
            {QStringLiteral("type"), QStringLiteral("server_error")},
            {QStringLiteral("code"), QStringLiteral("server_error")},
            {QStringLiteral("message"), QStringLiteral("The server had an error while processing your request.")}};
        finishContent("incomplete");
        end("failed",
            QJsonObject{{QStringLiteral("type"), QStringLiteral("failed")}, {QStringLiteral("error"), error}});
    } else if (m_plan.fate == Fate::Incomplete) {
        finishContent("incomplete");
        end("incomplete", QJsonObject{{QStringLiteral("type"), QStringLiteral("incomplete")},
                                      {QStringLiteral("reason"), QStringLiteral("max_output_tokens")}});
    } else {
        m_wordsSent = m_words.size();
        finishContent("completed");
    }
}

void Response::finishContent(const char *status)
{
    const bool text = m_plan.kind == Kind::Text;
    const QString spoken = m_words.mid(0, m_wordsSent).join(u' ');
    if (!text)
        m_world.events.send("response.output_audio.done", place());
    QJsonObject done = place();
    done[text ? u"text" : u"transcript"] = spoken;
    m_world.events.send(text ? "response.output_text.done" : "response.output_audio_transcript.done", done);
    QJsonObject partDone = place();
    partDone[u"part"] = part();
    m_world.events.send("response.content_part.done", partDone);
    if (m_plan.inConversation) {
        m_world.events.send("conversation.item.done",
                            {{QStringLiteral("previous_item_id"),
                              m_plan.previousItemId.isEmpty() ? QJsonValue() : QJsonValue(m_plan.previousItemId)},
                             {QStringLiteral("item"), itemObject(status)}});
    }
    m_world.events.send("response.output_item.done", {{QStringLiteral("response_id"), m_id},
                                                      {QStringLiteral("output_index"), 0},
                                                      {QStringLiteral("item"), itemObject(status)}});
    if (qstrcmp(status, "completed") == 0)
        end("completed", QJsonValue());
}

void Response::end(const char *status, const QJsonValue &details)
{
    m_active = false;
    if (m_item)
        m_item->due = m_sent;
    m_world.events.send("response.done", {{QStringLiteral("response"), object(status, details)}});
    if (m_random.chance(0.3)) {
        const QJsonObject limit{{QStringLiteral("name"), QStringLiteral("tokens")},
                                {QStringLiteral("limit"), 40000},
                                {QStringLiteral("remaining"), 39000},
                                {QStringLiteral("reset_seconds"), 0.4}};
        m_world.events.send("rate_limits.updated", {{QStringLiteral("rate_limits"), QJsonArray{limit}}});
    }
    m_world.ended(*this);
}

void Response::cancel(const char *reason)
{
    if (!m_active)
        return;
    m_cancelled = true;
    if (m_item && qstrcmp(reason, "client_cancelled") == 0)
        m_item->cancelledByClient = true;
    if (m_contentOpen && m_plan.kind != Kind::FunctionCall)
        finishContent("incomplete");
    // What was in flight when the response was cancelled arrives after the news of it.
    if (m_item && m_sent < std::int64_t(m_item->audio.size()) && m_random.chance(0.6))
        after(m_random.real(0, 60), &Response::sendLateDelta);
    end("cancelled", QJsonObject{{QStringLiteral("type"), QStringLiteral("cancelled")},
                                 {QStringLiteral("reason"), QString::fromLatin1(reason)}});
}

void Response::sendLateDelta()
{
    if (m_sent >= std::int64_t(m_item->audio.size()))
        return;
    ++m_late;
    sendDelta(true);
    if (m_random.chance(0.5))
        after(m_random.real(0, 60), &Response::sendLateDelta);
}

void Response::abandon()
{
    *m_alive = false;
    if (m_active && m_item)
        m_item->abandoned = true;
    m_active = false;
}

} // namespace takt::sim
