// SPDX-License-Identifier: GPL-3.0-or-later
// The turns of a session: audio in, voice activity, responses out.
#include "sim/model/session.h"

#include "sim/model/schema.h"
#include "sim/wire/base64.h"

#include <simdjson.h>

#include <algorithm>

namespace takt::sim {
namespace {

constexpr std::int64_t kLeastCommit = 100 * 8; // bytes: the service wants 100 ms

QString firstFunction(const QJsonObject &session)
{
    for (const QJsonValue tool : session.value(u"tools").toArray()) {
        if (tool.toObject().value(u"type") == QStringLiteral("function"))
            return tool.toObject().value(u"name").toString();
    }
    return {};
}

// What a response is told to say word for word; empty: it may say what it likes.
QString dictated(const QString &instructions)
{
    const qsizetype begin = instructions.indexOf(u'"') + 1;
    const qsizetype end = instructions.lastIndexOf(u'"');
    return instructions.contains(u"word for word") ? instructions.mid(begin, end - begin) : QString();
}

} // namespace

void Session::append(const simdjson::dom::object &event)
{
    std::string_view audio;
    const auto eventId = [&] {
        std::string_view id;
        return event.at_key("event_id").get_string().get(id) == simdjson::SUCCESS
                   ? QJsonValue(QString::fromUtf8(id.data(), qsizetype(id.size())))
                   : QJsonValue();
    };
    for (const auto field : event) {
        if (field.key != "type" && field.key != "audio" && field.key != "event_id") {
            reject(schema::unknown(QString::fromUtf8(field.key.data(), qsizetype(field.key.size()))), eventId());
            return;
        }
    }
    if (event.at_key("audio").get_string().get(audio) != simdjson::SUCCESS) {
        reject(schema::missing(QStringLiteral("audio")), eventId());
        return;
    }
    if (!fromBase64(audio, m_audio)) {
        reject({QStringLiteral("invalid_value"),
                QStringLiteral("Invalid 'audio'. Expected base64-encoded audio bytes."), QStringLiteral("audio")},
               eventId());
        return;
    }
    m_world.count([&](ModelRecord &record) {
        ++record.appends;
        record.appendedBytes += std::int64_t(m_audio.size());
    });
    m_uncommitted += std::int64_t(m_audio.size());
    if (!m_updated || m_config.inputFormat() != u"audio/pcmu") {
        fault("audio_before_session_updated", "audio was appended while the session's input format was "
                                                  + m_config.inputFormat().toStdString()
                                                  + (m_updated ? "" : " and session.updated was not sent yet"));
        return;
    }
    if (!m_config.hasVad())
        return;
    m_vadEvents.clear();
    m_vad.append(asBytes(m_audio), m_vadEvents);
    for (const Vad::Event &found : std::vector(m_vadEvents))
        found.started ? speechStarted(found.ms) : speechStopped(found.ms);
}

void Session::speechStarted(std::int64_t ms)
{
    m_turnItemId = m_events.newId("item_");
    m_log->addSpeechStarted(monotonicNs());
    m_world.count([](ModelRecord &record) { ++record.turns; });
    m_events.send("input_audio_buffer.speech_started",
                  {{QStringLiteral("audio_start_ms"), qint64(ms)}, {QStringLiteral("item_id"), m_turnItemId}});
    if (responding() && m_config.interruptsResponse()) {
        m_world.count([](ModelRecord &record) { ++record.cancelledByVad; });
        m_response->cancel("turn_detected");
    }
}

void Session::speechStopped(std::int64_t ms)
{
    m_events.send("input_audio_buffer.speech_stopped",
                  {{QStringLiteral("audio_end_ms"), qint64(ms)}, {QStringLiteral("item_id"), m_turnItemId}});
    commitTurn();
    if (m_config.createsResponse() && !responding())
        respond({});
}

// The caller's turn becomes an item of the conversation.
void Session::commitTurn()
{
    const QString id = m_turnItemId.isEmpty() ? m_events.newId("item_") : m_turnItemId;
    m_turnItemId.clear();
    m_uncommitted = 0;
    const QJsonValue previous = m_lastItemId.isEmpty() ? QJsonValue() : QJsonValue(m_lastItemId);
    m_events.send("input_audio_buffer.committed",
                  {{QStringLiteral("previous_item_id"), previous}, {QStringLiteral("item_id"), id}});
    const QJsonObject content{{QStringLiteral("type"), QStringLiteral("input_audio")},
                              {QStringLiteral("transcript"), QJsonValue()}};
    addItem(id,
            {{QStringLiteral("id"), id},
             {QStringLiteral("object"), QStringLiteral("realtime.item")},
             {QStringLiteral("type"), QStringLiteral("message")},
             {QStringLiteral("role"), QStringLiteral("user")},
             {QStringLiteral("status"), QStringLiteral("completed")},
             {QStringLiteral("content"), QJsonArray{content}}},
            m_lastItemId);
    const std::string said = m_log->takeSaid();
    if (m_config.transcribes()) {
        const QString text = said.empty() ? QStringLiteral("(inaudible)") : QString::fromStdString(said);
        after(m_random.real(80, 1500), [this, id, text] { transcribe(id, text); });
    }
}

void Session::transcribe(const QString &itemId, const QString &text)
{
    QJsonObject event{{QStringLiteral("item_id"), itemId}, {QStringLiteral("content_index"), 0}};
    const QStringList parts = text.split(u' ');
    for (qsizetype i = 0; i < parts.size(); ++i) {
        event[u"delta"] = i > 0 ? QString(u' ' + parts.at(i)) : parts.at(i);
        m_events.send("conversation.item.input_audio_transcription.delta", event);
    }
    event.remove(u"delta");
    event[u"transcript"] = text;
    event[u"usage"] = QJsonObject{{QStringLiteral("type"), QStringLiteral("duration")}, {QStringLiteral("seconds"), 2}};
    m_events.send("conversation.item.input_audio_transcription.completed", event);
}

void Session::commit(const QJsonObject &event)
{
    if (m_uncommitted < kLeastCommit) {
        reject({QStringLiteral("input_audio_buffer_commit_empty"),
                QStringLiteral(
                    "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but "
                    "buffer only has %1ms of audio.")
                    .arg(double(m_uncommitted) / 8.0, 0, 'f', 2),
                {}},
               event.value(u"event_id"));
        return;
    }
    m_vad.reset();
    commitTurn();
}

void Session::clearInput(const QJsonObject &)
{
    m_uncommitted = 0;
    m_vad.reset();
    m_events.send("input_audio_buffer.cleared");
}

const Clip &Session::nextSentence()
{
    const std::vector<Clip> &agent = m_world.voices.agent;
    if (m_sentence == 0) {
        m_sentence = std::size_t(m_random.between(1, std::int64_t(agent.size())));
        return agent.front(); // the greeting
    }
    // Each session goes through the sentences from a place of its own, and never greets again.
    const std::size_t others = agent.size() - 1;
    return others == 0 ? agent.front() : agent[1 + m_sentence++ % others];
}

void Session::createResponse(const QJsonObject &event)
{
    const QJsonValue eventId = event.value(u"event_id");
    const QJsonObject wanted = event.value(u"response").toObject();
    if (const auto wrong = checkResponseParameters(wanted)) {
        reject(*wrong, eventId);
        return;
    }
    if (responding()) {
        reject(
            {QStringLiteral("conversation_already_has_active_response"),
             QStringLiteral("Conversation already has an active response in progress: %1. Wait until the response is "
                            "finished before creating a new one.")
                 .arg(m_response->id()),
             {}},
            eventId);
        return;
    }
    const ModelFaults &faults = m_world.options.faults;
    if (!faults.errorOnCreate.isEmpty() && m_random.chance(faults.errorChance)) {
        m_events.error(
            {faults.errorOnCreate,
             QStringLiteral("Simulated: %1.").arg(faults.errorOnCreate),
             {},
             faults.errorOnCreate == u"server_error" ? QStringLiteral("server_error") : QStringLiteral("tokens")},
            eventId);
        return;
    }
    Response::Plan plan;
    const QJsonArray modalities = wanted.value(u"output_modalities").toArray();
    if (modalities.contains(QStringLiteral("text")))
        plan.kind = Response::Kind::Text;
    plan.text = dictated(wanted.value(u"instructions").toString());
    plan.inConversation = wanted.value(u"conversation") != QStringLiteral("none");
    plan.metadata = wanted.value(u"metadata").isObject() ? wanted.value(u"metadata") : QJsonValue();
    respond(plan);
}

void Session::respond(Response::Plan plan)
{
    if (plan.kind == Response::Kind::Speech && !m_config.speaks())
        plan.kind = Response::Kind::Text;
    plan.functionName = firstFunction(m_config.effective());
    if (plan.kind == Response::Kind::Speech && m_sentence > 0 && !plan.functionName.isEmpty()
        && m_random.chance(m_world.options.toolCallChance))
        plan.kind = Response::Kind::FunctionCall;
    plan.clip = &nextSentence();
    plan.pcm = m_config.outputFormat() != u"audio/pcmu";
    if (plan.pcm && plan.kind == Response::Kind::Speech)
        fault("output_format",
              "a response was created while the output format was " + m_config.outputFormat().toStdString());
    plan.previousItemId = m_lastItemId;
    if (m_random.chance(m_world.options.faults.failChance))
        plan.fate = Response::Fate::Fails;
    else if (m_random.chance(m_world.options.faults.incompleteChance))
        plan.fate = Response::Fate::Incomplete;
    m_world.count([](ModelRecord &record) { ++record.responses; });
    if (m_response)
        m_past.push_back(std::move(m_response));
    if (m_past.size() > 4)
        m_past.erase(m_past.begin()); // its late deltas are long out
    Response::World world{m_world.reactor, m_events, *m_log, m_world.options,
                          [this](Response &over) { responseEnded(over); }};
    m_response = std::make_unique<Response>(std::move(world), plan, m_random.next());
    if (plan.inConversation) {
        m_lastItemId = m_response->itemId();
        m_items[m_lastItemId] = {};
    }
    m_spoken = m_spoken || plan.kind == Response::Kind::Speech;
    m_response->begin();
}

ItemPtr Session::generated(const QString &itemId) const
{
    if (m_response && m_response->itemId() == itemId)
        return m_response->item();
    const auto found = m_items.find(itemId);
    return found == m_items.end() ? nullptr : found->second.generated;
}

void Session::responseEnded(Response &response)
{
    const auto found = m_items.find(response.itemId());
    if (found != m_items.end())
        found->second = {response.itemObject(response.cancelled() ? "incomplete" : "completed"), response.item()};
}

void Session::cancelResponse(const QJsonObject &event)
{
    const QString id = event.value(u"response_id").toString();
    if (!responding() || (!id.isEmpty() && id != m_response->id())) {
        reject({QStringLiteral("response_cancel_not_active"),
                QStringLiteral("Cancellation failed: no active response found"),
                {}},
               event.value(u"event_id"));
        return;
    }
    m_world.count([](ModelRecord &record) { ++record.cancelledByClient; });
    m_response->cancel("client_cancelled");
}

} // namespace takt::sim
