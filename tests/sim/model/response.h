// SPDX-License-Identifier: GPL-3.0-or-later
// One response of the model, from response.created to response.done: speaks a sentence faster than real time in deltas
// of arbitrary size, or calls a function. One at a time per session; model thread.
#pragma once

#include "sim/audio/voices.h"
#include "sim/ledger/ledger.h"
#include "sim/model/eventsender.h"
#include "sim/model/options.h"

#include <functional>
#include <memory>

namespace takt::sim {

class Response
{
public:
    enum class Kind { Speech, Text, FunctionCall };
    enum class Fate { Completes, Fails, Incomplete };
    struct Plan {
        Kind kind = Kind::Speech;
        Fate fate = Fate::Completes;
        const Clip *clip = nullptr;
        QString text{}; // said in the place of the clip's words; the voice is the clip's
        QString functionName;
        bool pcm = false; // the session never asked for µ-law
        bool inConversation = true;
        QString previousItemId;
        QJsonValue metadata;
    };
    struct World {
        Reactor &reactor;
        EventSender &events;
        SessionLog &log;
        const ModelOptions &options;
        // Once, with the response's end; its item if it made one.
        std::function<void(Response &)> ended;
    };

    Response(World world, Plan plan, std::uint64_t seed);
    ~Response() { *m_alive = false; }
    Response(const Response &) = delete;
    Response &operator=(const Response &) = delete;

    void begin();
    // Stops it for that reason: turn_detected or client_cancelled.
    void cancel(const char *reason);
    void abandon(); // the connection is going away

    [[nodiscard]] bool active() const { return m_active; }
    [[nodiscard]] bool cancelled() const { return m_cancelled; }
    [[nodiscard]] const QString &id() const { return m_id; }
    [[nodiscard]] const QString &itemId() const { return m_itemId; }
    [[nodiscard]] const ItemPtr &item() const { return m_item; }
    [[nodiscard]] QJsonObject itemObject(const char *status) const;
    [[nodiscard]] std::int64_t lateDeltas() const { return m_late; }

private:
    void speak();
    void callFunction();
    void burst();
    void sendDelta(bool late);
    void sendTranscript();
    void finishContent(const char *status);
    void end(const char *status, const QJsonValue &details);
    void sendLateDelta();
    [[nodiscard]] QJsonObject place() const; // response_id, item_id and the indices
    [[nodiscard]] QJsonObject part() const;
    [[nodiscard]] QJsonObject object(const char *status, const QJsonValue &details) const;
    void after(double ms, void (Response::*task)());

    World m_world;
    Plan m_plan;
    Random m_random;
    QString m_id;
    QString m_itemId;
    QString m_callId;
    double m_speed;
    ItemPtr m_item;
    QStringList m_words;
    qsizetype m_wordsSent = 0;
    std::int64_t m_sent = 0;
    std::int64_t m_stopAt = 0; // bytes at which a failing response fails
    std::int64_t m_late = 0;
    bool m_active = false;
    bool m_cancelled = false;
    bool m_contentOpen = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace takt::sim
