// SPDX-License-Identifier: GPL-3.0-or-later
// The wire of a session: upgrade, dispatch of client events, conversation items. Turns are in sessionturns.cpp.
#include "sim/model/session.h"

#include "sim/model/schema.h"

#include <simdjson.h>

#include <QDateTime>
#include <QJsonDocument>

namespace takt::sim {
namespace {

constexpr int kSessionSeconds = 3600;
constexpr int kBetaClose = 4000;

QStringList words(const char *spaced)
{
    return QString::fromLatin1(spaced).split(u' ');
}

// The flat shape of the beta, which is switched off.
bool looksBeta(const QJsonObject &session)
{
    static const QStringList beta = words("modalities input_audio_format output_audio_format input_audio_transcription "
                                          "max_response_output_tokens");
    for (const QString &key : beta) {
        if (session.contains(key) && !session.contains(u"type"))
            return true;
    }
    return false;
}

const ApiError &betaError()
{
    static const ApiError error{QStringLiteral("beta_api_shape_disabled"),
                                QStringLiteral("The Realtime Beta API is no longer supported. Please use the GA API."),
                                {}};
    return error;
}

} // namespace

Session::Session(World world, std::uint64_t seed)
    : m_world(std::move(world))
    , m_random(seed)
    , m_socket(m_world.reactor, *this, m_random.next())
    , m_events(m_socket, m_random.next(), m_world.options.extras)
    , m_log(std::make_shared<SessionLog>("sess_" + m_random.name(20)))
    , m_config(QString::fromStdString(m_log->id), QStringLiteral("gpt-realtime"), 0)
{
}

Session::~Session()
{
    *m_alive = false;
}

void Session::after(double ms, std::function<void()> task)
{
    m_world.reactor.at(monotonicNs() + fromMs(ms), [task = std::move(task), alive = m_alive] {
        if (*alive)
            task();
    });
}

WebSocket::Answer Session::upgrade(WebSocket &, const HttpHead &request)
{
    m_betaHeader = !request.header("openai-beta").empty();
    const QString model = QString::fromStdString(request.query("model").value_or("gpt-realtime"));
    m_config = SessionConfig(QString::fromStdString(m_log->id), model,
                             QDateTime::currentSecsSinceEpoch() + kSessionSeconds);
    return m_world.admit(request);
}

void Session::opened(WebSocket &)
{
    if (m_betaHeader) {
        reject(betaError(), QJsonValue());
        m_socket.close(kBetaClose, "invalid_request_error.beta_api_shape_disabled");
        return;
    }
    m_world.count([](ModelRecord &record) { ++record.sessions; });
    m_world.ledger.add(m_log);
    m_vad.configure(m_config.vad());
    m_events.send("session.created", {{QStringLiteral("session"), m_config.effective()}});
    startFaultTimers();
}

void Session::startFaultTimers()
{
    const ModelFaults &faults = m_world.options.faults;
    if (faults.dropAfterSeconds > 0) {
        after(1000 * faults.dropAfterSeconds, [this] {
            m_log->faulty = true;
            m_world.count([](ModelRecord &record) { ++record.droppedByFault; });
            m_socket.reset();
        });
    }
    if (faults.expireAfterSeconds > 0) {
        after(1000 * faults.expireAfterSeconds, [this] {
            m_log->faulty = true;
            m_world.count([](ModelRecord &record) { ++record.droppedByFault; });
            m_events.error({QStringLiteral("session_expired"),
                            QStringLiteral("Your session hit the maximum duration of 60 minutes."),
                            {}},
                           QJsonValue());
            m_socket.close(1001, "session_expired");
        });
    }
    if (faults.pingSeconds > 0) {
        auto ping = std::make_shared<std::function<void()>>();
        const std::weak_ptr<std::function<void()>> again = ping;
        *ping = [this, again, every = 1000 * faults.pingSeconds] {
            m_socket.sendFrame(Opcode::Ping, "are you there");
            if (const auto next = again.lock())
                after(every, [next] { (*next)(); });
        };
        after(1000 * faults.pingSeconds, [ping] { (*ping)(); });
    }
}

void Session::reject(const ApiError &error, const QJsonValue &eventId)
{
    m_world.count(
        [&](ModelRecord &record) { note(record.errors, error.code.toStdString(), error.message.toStdString()); });
    m_events.error(error, eventId);
}

void Session::fault(const std::string &what, const std::string &example)
{
    m_world.count([&](ModelRecord &record) { note(record.faults, what, example); });
}

void Session::message(WebSocket &, Opcode opcode, std::string_view payload, const WebSocket::Arrival &)
{
    if (opcode != Opcode::Text) {
        fault("binary_message", "a binary message from the client");
        return;
    }
    simdjson::dom::object event;
    if (m_world.parser.parse(payload.data(), payload.size()).get_object().get(event) != simdjson::SUCCESS) {
        reject({QStringLiteral("invalid_event"), QStringLiteral("The event could not be parsed as a JSON object."), {}},
               QJsonValue());
        return;
    }
    std::string_view type;
    if (event.at_key("type").get_string().get(type) != simdjson::SUCCESS) {
        reject(schema::missing(QStringLiteral("type")), QJsonValue());
        return;
    }
    if (type == "input_audio_buffer.append")
        append(event); // the hot one: a hundred calls send five thousand a second
    else
        dispatch(payload, type);
}

const std::map<QString, std::pair<Session::Handler, QStringList>> &Session::handlers()
{
    // Each with the parameters it may have beside type and event_id.
    static const std::map<QString, std::pair<Handler, QStringList>> table{
        {QStringLiteral("session.update"), {&Session::updateSession, words("session")}},
        {QStringLiteral("input_audio_buffer.commit"), {&Session::commit, {}}},
        {QStringLiteral("input_audio_buffer.clear"), {&Session::clearInput, {}}},
        {QStringLiteral("conversation.item.create"), {&Session::createItem, words("item previous_item_id")}},
        {QStringLiteral("conversation.item.truncate"),
         {&Session::truncateItem, words("item_id content_index audio_end_ms")}},
        {QStringLiteral("conversation.item.delete"), {&Session::deleteItem, words("item_id")}},
        {QStringLiteral("conversation.item.retrieve"), {&Session::retrieveItem, words("item_id")}},
        {QStringLiteral("response.create"), {&Session::createResponse, words("response")}},
        {QStringLiteral("response.cancel"), {&Session::cancelResponse, words("response_id")}},
    };
    return table;
}

void Session::dispatch(std::string_view json, std::string_view type)
{
    const QString name = QString::fromUtf8(type.data(), qsizetype(type.size()));
    const QJsonObject event = QJsonDocument::fromJson(QByteArray(json.data(), qsizetype(json.size()))).object();
    const QJsonValue eventId = event.value(u"event_id");
    const auto found = handlers().find(name);
    if (found == handlers().end()) {
        QStringList known{QStringLiteral("input_audio_buffer.append")};
        for (const auto &[supported, handler] : handlers())
            known << supported;
        reject({QStringLiteral("invalid_value"),
                QStringLiteral("Invalid value: '%1'. Supported values are: '%2'.")
                    .arg(name, known.join(QStringLiteral("', '"))),
                QStringLiteral("type")},
               eventId);
        return;
    }
    for (auto it = event.begin(); it != event.end(); ++it) {
        if (it.key() != u"type" && it.key() != u"event_id" && !found->second.second.contains(it.key())) {
            reject(schema::unknown(it.key()), eventId);
            return;
        }
    }
    (this->*found->second.first)(event);
}

void Session::updateSession(const QJsonObject &event)
{
    const QJsonValue eventId = event.value(u"event_id");
    if (!event.value(u"session").isObject()) {
        reject(schema::missing(QStringLiteral("session")), eventId);
        return;
    }
    const QJsonObject session = event.value(u"session").toObject();
    if (looksBeta(session)) {
        reject(betaError(), eventId);
        m_socket.close(kBetaClose, "invalid_request_error.beta_api_shape_disabled");
        return;
    }
    if (m_world.options.faults.neverUpdated)
        return;
    if (const auto wrong = m_config.update(session, m_spoken)) {
        reject(*wrong, eventId);
        return;
    }
    m_log->interrupts = m_config.interruptsResponse();
    m_vad.configure(m_config.vad());
    // Never at once: a client that doesn't wait for it must be noticed.
    after(m_world.options.faults.updatedDelayMs + m_random.real(20, 120), [this] { sendUpdated(); });
}

void Session::sendUpdated()
{
    m_world.count([](ModelRecord &record) { ++record.updates; });
    QJsonObject told = m_config.effective();
    if (m_world.options.faults.wrongFormats) {
        m_log->faulty = true;
        const QJsonObject pcm{{QStringLiteral("type"), QStringLiteral("audio/pcm")}, {QStringLiteral("rate"), 24000}};
        QJsonObject audio = told.value(u"audio").toObject();
        for (const QString &direction : words("input output")) {
            QJsonObject side = audio.value(direction).toObject();
            side[u"format"] = pcm;
            audio[direction] = side;
        }
        told[u"audio"] = audio;
    }
    m_updated = true;
    m_events.send("session.updated", {{QStringLiteral("session"), told}});
}

void Session::addItem(const QString &id, const QJsonObject &object, const QString &previous)
{
    m_items[id] = {object, nullptr};
    m_lastItemId = id;
    const QJsonValue before = previous.isEmpty() ? QJsonValue() : QJsonValue(previous);
    m_events.send("conversation.item.added",
                  {{QStringLiteral("previous_item_id"), before}, {QStringLiteral("item"), object}});
    m_events.send("conversation.item.done",
                  {{QStringLiteral("previous_item_id"), before}, {QStringLiteral("item"), object}});
}

void Session::createItem(const QJsonObject &event)
{
    using namespace schema;
    static const Check check = object(
        {{QStringLiteral("id"), text()},
         {QStringLiteral("object"), text()},
         {QStringLiteral("status"), text()},
         {QStringLiteral("type"), oneOf(words("message function_call function_call_output"))},
         {QStringLiteral("role"), oneOf(words("user assistant system"))},
         {QStringLiteral("content"), listOf(anything())},
         {QStringLiteral("name"), text()},
         {QStringLiteral("arguments"), text()},
         {QStringLiteral("call_id"), text()},
         {QStringLiteral("output"), text()}},
        words("type"));
    const QJsonValue eventId = event.value(u"event_id");
    std::optional<ApiError> wrong = event.contains(u"item") ? check(event.value(u"item"), QStringLiteral("item"))
                                                            : std::optional(missing(QStringLiteral("item")));
    QJsonObject item = event.value(u"item").toObject();
    const QString type = item.value(u"type").toString();
    const QStringList required = type == u"message"                ? words("role content")
                                 : type == u"function_call_output" ? words("call_id output")
                                                                   : words("name arguments");
    for (const QString &field : required) {
        if (!wrong && !item.contains(field))
            wrong = missing(u"item." + field);
    }
    const QString previous = event.value(u"previous_item_id").toString();
    if (!wrong && !previous.isEmpty() && previous != u"root" && !m_items.contains(previous))
        wrong = invalid(QStringLiteral("previous_item_id"), QStringLiteral("item '%1' does not exist.").arg(previous));
    const QString id = item.contains(u"id") ? item.value(u"id").toString() : m_events.newId("item_");
    if (!wrong && m_items.contains(id))
        wrong = invalid(QStringLiteral("item.id"), QStringLiteral("an item with this id already exists."));
    if (wrong) {
        reject(*wrong, eventId);
        return;
    }
    item[u"id"] = id;
    item[u"object"] = QStringLiteral("realtime.item");
    item[u"status"] = QStringLiteral("completed");
    addItem(id, item, previous.isEmpty() ? m_lastItemId : previous);
}

void Session::truncateItem(const QJsonObject &event)
{
    using namespace schema;
    const QJsonValue eventId = event.value(u"event_id");
    std::optional<ApiError> wrong;
    for (const QString &field : words("item_id content_index audio_end_ms")) {
        if (!wrong && !event.contains(field))
            wrong = missing(field);
    }
    if (!wrong)
        wrong = integer(0, 0)(event.value(u"content_index"), QStringLiteral("content_index"));
    if (!wrong)
        wrong = integer(0, 1'000'000'000)(event.value(u"audio_end_ms"), QStringLiteral("audio_end_ms"));
    const QString id = event.value(u"item_id").toString();
    const ItemPtr item = generated(id);
    if (!wrong && !item)
        wrong = ApiError{
            QStringLiteral("item_truncate_invalid_item_id"),
            QStringLiteral("Error truncating item: item with item_id '%1' has no audio or does not exist.").arg(id),
            QStringLiteral("item_id")};
    const qint64 end = event.value(u"audio_end_ms").toInteger();
    if (!wrong) {
        const qint64 generated = item->sent / 8;
        if (end > generated)
            wrong = ApiError{
                QStringLiteral("invalid_value"),
                QStringLiteral("Audio content of %1ms is already shorter than %2ms").arg(generated).arg(end),
                QStringLiteral("audio_end_ms")};
    }
    if (wrong) {
        reject(*wrong, eventId);
        return;
    }
    std::int64_t never = -1;
    item->truncatedMs.compare_exchange_strong(never, end);
    m_world.count([](ModelRecord &record) { ++record.truncates; });
    m_events.send(
        "conversation.item.truncated",
        {{QStringLiteral("item_id"), id}, {QStringLiteral("content_index"), 0}, {QStringLiteral("audio_end_ms"), end}});
}

void Session::deleteItem(const QJsonObject &event)
{
    const QString id = event.value(u"item_id").toString();
    if (m_items.erase(id) == 0) {
        reject({QStringLiteral("item_delete_invalid_item_id"),
                QStringLiteral("Error deleting item: the item with id '%1' does not exist.").arg(id),
                QStringLiteral("item_id")},
               event.value(u"event_id"));
        return;
    }
    m_events.send("conversation.item.deleted", {{QStringLiteral("item_id"), id}});
}

void Session::retrieveItem(const QJsonObject &event)
{
    const QString id = event.value(u"item_id").toString();
    const auto found = m_items.find(id);
    if (found == m_items.end()) {
        reject({QStringLiteral("item_retrieve_invalid_item_id"),
                QStringLiteral("Error retrieving item: the item with id '%1' does not exist.").arg(id),
                QStringLiteral("item_id")},
               event.value(u"event_id"));
        return;
    }
    m_events.send("conversation.item.retrieved", {{QStringLiteral("item"), found->second.object}});
}

void Session::closed(WebSocket &, const WebSocket::Ending &ending)
{
    *m_alive = false; // no timer of ours may act any more
    if (ending.protocolError)
        fault("websocket", ending.reason);
    if (m_response)
        m_response->abandon();
    for (const auto &past : m_past)
        past->abandon();
    m_log->ended = true;
    if (!m_log->linked)
        m_world.ledger.remove(m_log);
    m_world.ended(*this);
}

} // namespace takt::sim
