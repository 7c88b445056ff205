// SPDX-License-Identifier: GPL-3.0-or-later
// The playback ledger of one call: of each model item, what was sent to the carrier and what the caller has heard.
// Sent is known exactly. Heard is confirmed by the carrier's mark echoes; between two marks it is estimated: the last
// confirmed mark plus the time since, never more than a real-time playout of what was sent could have reached.
// Pure, told the time; lives in the TX worker's thread.
#pragma once

#include "media/frame.h"
#include "media/playoutqueue.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QMetaType>

#include <optional>
#include <vector>

namespace takt::media {

// A point of an item's audio, as written into a mark's name ("g3:7:1480": generation 3, item 7, 1480 ms).
struct MarkPoint {
    quint32 generation = 0;
    ItemNumber item = 0;
    qint64 positionMs = 0;
};
[[nodiscard]] QByteArray toName(const MarkPoint &mark);
[[nodiscard]] std::optional<MarkPoint> parseMark(QByteArrayView name);

// One item at a moment. generatedMs counts what reached the playout queue, in whole frames.
struct ItemPlayback {
    ItemNumber item = 0;
    qint64 generatedMs = 0;
    qint64 sentMs = 0;
    qint64 heardMs = 0;
    bool complete = false; // the model had finished the item
};

class PlaybackLedger
{
public:
    // A frame of the item left at nowNs. Returns the position to send a mark for: after the first frame of an item,
    // then once a second.
    std::optional<qint64> sent(ItemNumber item, qint64 nowNs);
    // All audio of the item has been sent. Returns the position of its last mark, unless one stands there already.
    std::optional<qint64> ended(ItemNumber item);
    // The carrier played everything up to the mark. Returns the item when it has now been heard to its end.
    std::optional<ItemNumber> heard(const MarkPoint &mark, qint64 nowNs);
    // Frames that were queued for an item and thrown away.
    void unsent(const Unsent &frames);

    // All items not yet known to be heard to the end, oldest first.
    [[nodiscard]] std::vector<ItemPlayback> snapshot(qint64 nowNs) const;
    // Forgets all items: what follows is a new generation. The carrier's buffer is empty (it was cleared).
    void reset();

    // True while the carrier may still be playing something of ours.
    [[nodiscard]] bool playing(qint64 nowNs) const { return !m_items.empty() || m_playEndNs > nowNs; }

private:
    struct Item {
        ItemNumber number = 0;
        int sentFrames = 0;
        int unsentFrames = 0;
        bool ended = false;
        qint64 firstSentNs = 0;
        qint64 playEndNs = 0;    // when the last frame sent will have been played, by the clock alone
        qint64 confirmedMs = 0;  // of the last mark, heard
        qint64 confirmedNs = -1; // at, -1 before the first
        qint64 lastMarkMs = -1;  // position of the newest mark sent
    };
    [[nodiscard]] Item &find(ItemNumber number, qint64 nowNs);
    [[nodiscard]] static qint64 heardMs(const Item &item, qint64 nowNs);

    std::vector<Item> m_items;
    qint64 m_playEndNs = 0;
};

} // namespace takt::media

Q_DECLARE_METATYPE(takt::media::ItemPlayback)
