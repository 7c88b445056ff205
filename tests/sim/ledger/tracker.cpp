// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ledger/tracker.h"

#include <algorithm>
#include <cstring>

namespace takt::sim {
namespace {

constexpr std::size_t kNeedle = 32;     // bytes that make a find certain
constexpr std::size_t kShortNeedle = 8; // enough at the very start of an item, where a find is expected
constexpr char kSilenceByte = static_cast<char>(0xFF);

} // namespace

// How many bytes of `rest` go on where the cursor stands; 0 if they don't.
std::int64_t Tracker::follow(std::string_view rest) const
{
    if (!m_hasCursor)
        return 0;
    const std::string_view ahead = std::string_view(m_items[m_index]->audio).substr(std::size_t(m_at));
    const std::size_t limit = std::min(ahead.size(), rest.size());
    const auto mismatch = std::mismatch(rest.begin(), rest.begin() + std::ptrdiff_t(limit), ahead.begin());
    const auto same = std::size_t(mismatch.first - rest.begin());
    // A few equal bytes are an accident, unless the item or the frame ends with them.
    return same == limit || same >= kShortNeedle ? std::int64_t(same) : 0;
}

bool Tracker::searchItem(std::size_t index, std::string_view needle, bool fromStart)
{
    const std::string &audio = m_items[index]->audio;
    const void *found = audio.data();
    if (!fromStart)
        found = memmem(audio.data(), audio.size(), needle.data(), needle.size());
    if (found == nullptr || (fromStart && !audio.starts_with(needle)))
        return false;
    m_index = index;
    m_at = static_cast<const char *>(found) - audio.data();
    m_hasCursor = true;
    return true;
}

void Tracker::refresh()
{
    if (m_session && m_session->itemCount() != m_items.size())
        m_items = m_session->items();
}

// Looks where `rest` may be: the start of any other item first, newest first, then anywhere in any item.
bool Tracker::search(std::string_view rest)
{
    refresh();
    const std::string_view needle = rest.substr(0, kNeedle);
    if (needle.size() < kShortNeedle)
        return false;
    for (std::size_t i = m_items.size(); i-- > 0;) {
        if (searchItem(i, needle, true))
            return true;
    }
    if (needle.size() < kNeedle / 2)
        return false;
    for (std::size_t i = m_items.size(); i-- > 0;) {
        if (searchItem(i, needle, false))
            return true;
    }
    return false;
}

// The first audio of a call: whose is it?
bool Tracker::link(std::string_view rest)
{
    // Audio from elsewhere: don't search the whole ledger for every frame of it.
    ++m_unlinkedFrames;
    if (m_unlinkedFrames > 50 && m_unlinkedFrames % 50 != 0)
        return false;
    for (const bool fromStart : {true, false}) {
        if (!fromStart && m_unlinkedFrames % 10 != 1)
            break;
        for (const SessionPtr &session : m_ledger.unlinked()) {
            m_items = session->items();
            for (std::size_t i = 0; i < m_items.size(); ++i) {
                if (searchItem(i, rest.substr(0, kNeedle), fromStart)) {
                    m_session = session;
                    session->linked = true;
                    return true;
                }
            }
        }
    }
    m_items.clear();
    return false;
}

void Tracker::identify(std::string_view payload, std::vector<Piece> &pieces)
{
    pieces.clear();
    const auto add = [&](Piece piece) {
        pieces.push_back(piece);
        payload.remove_prefix(std::size_t(piece.length));
    };
    while (!payload.empty()) {
        if (const std::int64_t same = follow(payload); same > 0) {
            add({m_items[m_index].get(), m_at, same, false});
            m_at += same;
            continue;
        }
        const std::size_t loud = payload.find_first_not_of(kSilenceByte);
        if (loud == std::string_view::npos) {
            add({nullptr, 0, std::int64_t(payload.size()), true});
            break;
        }
        const bool known = m_session ? search(payload) : payload.size() >= kNeedle && link(payload);
        if (known && follow(payload) > 0)
            continue;
        // Neither; skip the padding before whatever comes, or else all of it.
        add({nullptr, 0, std::int64_t(loud > 0 ? loud : payload.size()), loud > 0});
    }
}

} // namespace takt::sim
