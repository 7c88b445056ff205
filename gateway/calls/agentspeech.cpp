// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/agentspeech.h"

#include <algorithm>

namespace takt::calls {

namespace {

// Late audio of a cancelled response arrives within moments; by then this many newer ones can't have been discarded.
constexpr qsizetype kDiscardedKept = 16;

} // namespace

bool AgentSpeech::busyBeside(const QStringList &responseIds) const
{
    return (!m_active.isEmpty() && !responseIds.contains(m_active))
           || std::any_of(m_items.begin(), m_items.end(),
                          [&](const Item &item) { return !responseIds.contains(item.responseId); });
}

std::optional<media::ItemNumber> AgentSpeech::onAudio(const QString &responseId, const QString &itemId, qint64 bytes)
{
    if (m_discarded.contains(responseId) || bytes == 0)
        return std::nullopt;
    const auto known = std::find_if(m_items.begin(), m_items.end(), [&](const Item &i) { return i.itemId == itemId; });
    if (known != m_items.end()) {
        known->bytes += bytes;
        return known->number;
    }
    m_items.push_back({++m_lastNumber, itemId, responseId, bytes, false, m_session, 0});
    return m_lastNumber;
}

std::optional<media::ItemNumber> AgentSpeech::onAudioDone(const QString &itemId)
{
    const auto it = std::find_if(m_items.begin(), m_items.end(), [&](const Item &i) { return i.itemId == itemId; });
    if (it == m_items.end() || it->done)
        return std::nullopt;
    it->done = true;
    return it->number;
}

std::vector<media::ItemNumber> AgentSpeech::onResponseDone(QString responseId)
{
    if (m_active == responseId)
        m_active.clear();
    std::vector<media::ItemNumber> done;
    for (Item &item : m_items) {
        if (item.responseId == responseId && !std::exchange(item.done, true))
            done.push_back(item.number);
    }
    return done;
}

std::optional<AgentSpeech::Item> AgentSpeech::onHeard(media::ItemNumber number)
{
    const auto it = std::find_if(m_items.begin(), m_items.end(), [=](const Item &i) { return i.number == number; });
    if (it == m_items.end())
        return std::nullopt;
    const Item item = *it;
    m_items.erase(it);
    return item;
}

void AgentSpeech::onNewSession()
{
    ++m_session;
    m_active.clear();
}

void AgentSpeech::interrupt(quint32 generation)
{
    m_interruptedResponse = m_active;
    for (Item &item : m_items) {
        discard(item.responseId);
        item.cut = generation;
    }
    if (!m_active.isEmpty())
        discard(m_active); // last, as the newest: it is the one of which more may come
    m_interrupted.insert(m_interrupted.end(), m_items.begin(), m_items.end());
    m_items.clear();
}

std::vector<AgentSpeech::Cut> AgentSpeech::resolve(quint32 generation, const std::vector<media::ItemPlayback> &played)
{
    std::vector<Cut> cuts;
    for (const Item &item : m_interrupted) {
        if (item.cut != generation)
            continue;
        const auto p = std::find_if(played.begin(), played.end(),
                                    [&](const media::ItemPlayback &i) { return i.item == item.number; });
        const qint64 receivedMs = item.bytes / media::kBytesPerMs;
        // An item that the TX worker does not know: finished, it was heard to its end a moment ago; unfinished, it was
        // still less than a frame.
        const qint64 playedMs = p != played.end() ? p->heardMs : item.done ? receivedMs : 0;
        const qint64 heardMs = std::min(playedMs, receivedMs);
        const bool toItsEnd = item.done && heardMs >= receivedMs;
        cuts.push_back({item.itemId, receivedMs, heardMs, !toItsEnd && item.session == m_session});
    }
    std::erase_if(m_interrupted, [=](const Item &item) { return item.cut == generation; });
    return cuts;
}

std::vector<media::ItemPlayback> AgentSpeech::estimate(qint64 backlogMs) const
{
    std::vector<media::ItemPlayback> played;
    for (auto item = m_items.rbegin(); item != m_items.rend(); ++item) {
        const qint64 generatedMs = item->bytes / media::kBytesPerMs;
        const qint64 waitingMs = std::min(backlogMs, generatedMs);
        backlogMs -= waitingMs;
        played.push_back({item->number, generatedMs, generatedMs - waitingMs, generatedMs - waitingMs, item->done});
    }
    return played;
}

void AgentSpeech::discard(const QString &responseId)
{
    m_discarded.removeOne(responseId);
    m_discarded.append(responseId);
    if (m_discarded.size() > kDiscardedKept)
        m_discarded.removeFirst();
}

} // namespace takt::calls
