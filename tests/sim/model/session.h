// SPDX-License-Identifier: GPL-3.0-or-later
// One client's session with the model: checks every client event, listens for turns, answers. Model thread.
#pragma once

#include "sim/model/response.h"
#include "sim/verdict/record.h"

#include <map>
#include <memory>
#include <vector>

namespace simdjson::dom {
class object;
class parser;
} // namespace simdjson::dom

namespace takt::sim {

class Session final : WebSocket::Listener
{
public:
    // What a session needs of its surroundings.
    struct World {
        Reactor &reactor;
        const ModelOptions &options;
        const Voices &voices;
        Ledger &ledger;
        simdjson::dom::parser &parser;
        std::function<WebSocket::Answer(const HttpHead &)> admit;
        std::function<void(const std::function<void(ModelRecord &)> &)> count;
        std::function<void(Session &)> ended; // once; destroyed by Reactor::later()
    };

    Session(World world, std::uint64_t seed);
    ~Session() override;

    void adopt(int fd) { m_socket.adopt(fd); }
    void close() { m_socket.close(1001, "going away"); }

private:
    using Handler = void (Session::*)(const QJsonObject &event);
    struct Item {
        QJsonObject object;
        ItemPtr generated; // of an assistant's audio item
    };

    // WebSocket
    WebSocket::Answer upgrade(WebSocket &, const HttpHead &request) override;
    void opened(WebSocket &) override;
    void message(WebSocket &, Opcode opcode, std::string_view payload, const WebSocket::Arrival &) override;
    void closed(WebSocket &, const WebSocket::Ending &ending) override;

    // client events
    void dispatch(std::string_view json, std::string_view type);
    void updateSession(const QJsonObject &event);
    void commit(const QJsonObject &event);
    void clearInput(const QJsonObject &event);
    void createItem(const QJsonObject &event);
    void truncateItem(const QJsonObject &event);
    void deleteItem(const QJsonObject &event);
    void retrieveItem(const QJsonObject &event);
    void createResponse(const QJsonObject &event);
    void cancelResponse(const QJsonObject &event);
    [[nodiscard]] static const std::map<QString, std::pair<Handler, QStringList>> &handlers();

    // audio and turns
    void append(const simdjson::dom::object &event);
    void speechStarted(std::int64_t ms);
    void speechStopped(std::int64_t ms);
    void commitTurn();
    void transcribe(const QString &itemId, const QString &text);
    void respond(Response::Plan plan);
    void responseEnded(Response &response);
    [[nodiscard]] const Clip &nextSentence();
    [[nodiscard]] ItemPtr generated(const QString &itemId) const; // the audio of an assistant's item, or null
    [[nodiscard]] bool responding() const { return m_response && m_response->active(); }

    void sendUpdated();
    void startFaultTimers();
    void reject(const ApiError &error, const QJsonValue &eventId);
    void fault(const std::string &what, const std::string &example);
    void addItem(const QString &id, const QJsonObject &object, const QString &previous);
    void after(double ms, std::function<void()> task);

    World m_world;
    Random m_random;
    WebSocket m_socket;
    EventSender m_events;
    SessionPtr m_log;
    SessionConfig m_config;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    bool m_betaHeader = false;
    bool m_updated = false; // session.updated was sent
    Vad m_vad;
    std::vector<Vad::Event> m_vadEvents;
    std::string m_audio;
    std::int64_t m_uncommitted = 0; // bytes appended since the last commit
    QString m_turnItemId;
    std::map<QString, Item> m_items;
    QString m_lastItemId;
    std::unique_ptr<Response> m_response;
    std::vector<std::unique_ptr<Response>> m_past; // may still have a late delta to send
    std::size_t m_sentence = 0;
    bool m_spoken = false; // assistant audio is present: the voice is fixed
};

} // namespace takt::sim
