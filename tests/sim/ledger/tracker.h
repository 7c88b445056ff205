// SPDX-License-Identifier: GPL-3.0-or-later
// Finds out which bytes of which generated item a call's frames are, by their content alone: every item bears a dither
// of its own, so that a few dozen bytes are unique. Follows a cursor; searches where the sequence breaks. A call and a
// session are linked by the first audio that matches. One per call; carrier thread.
#pragma once

#include "sim/ledger/ledger.h"

#include <span>

namespace takt::sim {

// A stretch of a frame. Without an item it is silence (0xFF, as padding or idle filling) or unknown audio.
struct Piece {
    const GeneratedItem *item = nullptr; // kept alive by the session
    std::int64_t offset = 0;             // in the item
    std::int64_t length = 0;
    bool silence = false;
};

class Tracker
{
public:
    explicit Tracker(Ledger &ledger)
        : m_ledger(ledger)
    {
    }

    // Replaces `pieces` by what the payload consists of.
    void identify(std::string_view payload, std::vector<Piece> &pieces);
    [[nodiscard]] const SessionPtr &session() const { return m_session; }

private:
    [[nodiscard]] std::int64_t follow(std::string_view rest) const;
    [[nodiscard]] bool search(std::string_view rest);
    [[nodiscard]] bool searchItem(std::size_t index, std::string_view needle, bool fromStart);
    [[nodiscard]] bool link(std::string_view rest);
    void refresh();

    Ledger &m_ledger;
    SessionPtr m_session;
    std::vector<ItemPtr> m_items; // a copy of the session's, renewed when it has more
    std::size_t m_index = 0;      // the cursor: item and byte
    std::int64_t m_at = 0;
    bool m_hasCursor = false;
    int m_unlinkedFrames = 0;
};

} // namespace takt::sim
