// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier's playout buffer: what a caller hears is decided here, byte by byte, at exactly 8 bytes a millisecond of
// wall clock. Marks are positions among the bytes. Pure, told the time; carrier thread.
#pragma once

#include "sim/ledger/tracker.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace takt::sim {

inline constexpr Nanos kNanosPerByte = 125'000;

class PlayoutBuffer
{
public:
    // Told what the caller hears; silence is whatever lies between two calls.
    class Listener
    {
    public:
        virtual ~Listener() = default;
        virtual void heard(const Piece &piece, std::string_view bytes, Nanos start) = 0;
    };
    static constexpr std::int64_t kCapacity = 10LL * 60 * 8000; // ten minutes, as the carrier documents

    explicit PlayoutBuffer(Listener &listener)
        : m_listener(listener)
    {
    }

    // False if the buffer is full: the audio is dropped. `now` must not decrease from call to call, here and below.
    [[nodiscard]] bool enqueue(Nanos now, std::string bytes, std::vector<Piece> pieces);
    void mark(Nanos now, std::string name);
    // Empties the buffer; every pending mark becomes due.
    void clear(Nanos now);
    void advance(Nanos now);

    // Marks that are to be echoed, in order; each is handed out once.
    [[nodiscard]] std::vector<std::string> takeDueMarks();
    // When the first pending mark falls due if nothing else happens.
    [[nodiscard]] std::optional<Nanos> nextMarkAt() const;
    [[nodiscard]] bool playing() const { return m_played < m_end; }
    // When the last byte ends, or ended.
    [[nodiscard]] Nanos dryAt() const { return timeOf(m_end); }
    [[nodiscard]] std::int64_t queuedBytes() const { return m_end - m_played; }
    [[nodiscard]] std::int64_t playedBytes() const { return m_played; }

private:
    struct Chunk {
        std::int64_t start; // position of its first byte in the stream
        std::string bytes;
        std::vector<Piece> pieces;
    };
    struct Mark {
        std::int64_t position;
        std::string name;
    };

    [[nodiscard]] Nanos timeOf(std::int64_t position) const
    {
        return m_anchor + (position - m_anchorPosition) * kNanosPerByte;
    }
    void tell(const Chunk &chunk, std::int64_t from, std::int64_t to);

    Listener &m_listener;
    std::deque<Chunk> m_chunks;
    std::deque<Mark> m_marks;
    std::vector<std::string> m_due;
    std::int64_t m_end = 0;            // bytes accepted so far, less those cleared
    std::int64_t m_played = 0;         // of them
    Nanos m_anchor = 0;                // the current run of audio began here ...
    std::int64_t m_anchorPosition = 0; // ... with this byte
};

} // namespace takt::sim
