// SPDX-License-Identifier: GPL-3.0-or-later
// What the agent has said and the caller may not have heard yet: the model's responses and items, which of them are
// discarded, and what a barge-in must truncate. Pure; lives in the call worker's thread.
#pragma once

#include "media/ledger.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace takt::calls {

class AgentSpeech
{
public:
    struct Item {
        media::ItemNumber number = 0;
        QString itemId;
        QString responseId;
        qint64 bytes = 0;  // received from the model
        bool done = false; // no more will come
        int session = 0;   // which model session knows it
        quint32 cut = 0;   // the generation of the barge-in that cut it, 0 while none did
    };
    // conversation.item.truncate, and what the transcript should know.
    struct Cut {
        QString itemId;
        qint64 generatedMs = 0;
        qint64 heardMs = 0;
        bool truncate = false; // false: heard to its end, or of a session that is gone
    };

    // The active response, empty when none.
    [[nodiscard]] const QString &activeResponse() const { return m_active; }
    // True while there may be something of the agent that the caller has not heard.
    [[nodiscard]] bool busy() const { return !m_active.isEmpty() || !m_items.empty(); }

    // True while something of another response than these is under way or was not heard to its end.
    [[nodiscard]] bool busyBeside(const QStringList &responseIds) const;

    // The caller spoke over that response: nothing of it counts any more.
    [[nodiscard]] bool isDiscarded(const QString &responseId) const { return m_discarded.contains(responseId); }

    void onResponseCreated(const QString &responseId) { m_active = responseId; }
    // Audio of an item. Nothing when its response is discarded, or when there is none: nothing to play.
    [[nodiscard]] std::optional<media::ItemNumber> onAudio(const QString &responseId, const QString &itemId,
                                                           qint64 bytes);
    // The item is complete. Nothing when it has no audio or is discarded.
    [[nodiscard]] std::optional<media::ItemNumber> onAudioDone(const QString &itemId);
    // Returns the items of the response that were never said to be done: they are now.
    [[nodiscard]] std::vector<media::ItemNumber>
    onResponseDone(QString responseId); // by value: it may be activeResponse()
    // The caller heard an item to its end.
    [[nodiscard]] std::optional<Item> onHeard(media::ItemNumber number);
    // A new model session: responses of the old one will never end.
    void onNewSession();

    // The caller speaks over the agent: from now on audio of the present responses is discarded. `generation`: the one
    // that begins with this barge-in.
    void interrupt(quint32 generation);
    // What the items cut by that barge-in come to, given what the TX worker says was played of them. Forgets them.
    [[nodiscard]] std::vector<Cut> resolve(quint32 generation, const std::vector<media::ItemPlayback> &played);
    // Without word from the TX worker: what played out if backlogMs of the newest audio have not left.
    [[nodiscard]] std::vector<media::ItemPlayback> estimate(qint64 backlogMs) const;
    // The response that interrupt() found active; empty when none. For response.cancel.
    [[nodiscard]] const QString &interruptedResponse() const { return m_interruptedResponse; }

private:
    void discard(const QString &responseId);

    std::vector<Item> m_items;       // not yet heard to their end, oldest first
    std::vector<Item> m_interrupted; // waiting for resolve()
    QStringList m_discarded;         // response ids, newest last, bounded
    QString m_active;
    QString m_interruptedResponse;
    media::ItemNumber m_lastNumber = 0;
    int m_session = 0;
};

} // namespace takt::calls
