// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/playout.h"

#include <algorithm>
#include <utility>

namespace takt::sim {

bool PlayoutBuffer::enqueue(Nanos now, std::string bytes, std::vector<Piece> pieces)
{
    advance(now);
    const auto size = std::int64_t(bytes.size());
    if (queuedBytes() + size > kCapacity)
        return false;
    if (!playing()) { // it ran dry: the line was silent until now
        m_anchor = now;
        m_anchorPosition = m_end;
    }
    m_chunks.push_back({m_end, std::move(bytes), std::move(pieces)});
    m_end += size;
    return true;
}

void PlayoutBuffer::mark(Nanos now, std::string name)
{
    advance(now);
    if (!playing() && m_marks.empty())
        m_due.push_back(std::move(name));
    else
        m_marks.push_back({m_end, std::move(name)});
}

void PlayoutBuffer::clear(Nanos now)
{
    advance(now);
    m_chunks.clear();
    m_end = m_played;
    m_anchor = now;
    m_anchorPosition = m_end;
    for (Mark &mark : m_marks)
        m_due.push_back(std::move(mark.name));
    m_marks.clear();
}

void PlayoutBuffer::tell(const Chunk &chunk, std::int64_t from, std::int64_t to)
{
    std::int64_t start = chunk.start;
    for (const Piece &piece : chunk.pieces) {
        const std::int64_t first = std::max(from, start);
        const std::int64_t last = std::min(to, start + piece.length);
        if (first < last) {
            const Piece part{piece.item, piece.offset + (first - start), last - first, piece.silence};
            const std::string_view bytes(chunk.bytes);
            m_listener.heard(part, bytes.substr(std::size_t(first - chunk.start), std::size_t(last - first)),
                             timeOf(first));
        }
        start += piece.length;
    }
}

void PlayoutBuffer::advance(Nanos now)
{
    const std::int64_t reached = std::min(m_end, m_anchorPosition + std::max<Nanos>(0, now - m_anchor) / kNanosPerByte);
    while (m_played < reached) {
        const Chunk &chunk = m_chunks.front();
        const std::int64_t chunkEnd = chunk.start + std::int64_t(chunk.bytes.size());
        const std::int64_t to = std::min(reached, chunkEnd);
        tell(chunk, m_played, to);
        m_played = to;
        if (to == chunkEnd)
            m_chunks.pop_front();
    }
    while (!m_marks.empty() && m_marks.front().position <= m_played) {
        m_due.push_back(std::move(m_marks.front().name));
        m_marks.pop_front();
    }
}

std::vector<std::string> PlayoutBuffer::takeDueMarks()
{
    return std::exchange(m_due, {});
}

std::optional<Nanos> PlayoutBuffer::nextMarkAt() const
{
    if (m_marks.empty())
        return std::nullopt;
    return timeOf(m_marks.front().position);
}

} // namespace takt::sim
