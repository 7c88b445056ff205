// SPDX-License-Identifier: GPL-3.0-or-later
// What one caller's frames say about the program under test: gaps between them, and silence heard inside speech. Told
// all times, reads no clock. Each call of the carrier has one; belongs to its thread. Pure.
//
// Frames that came out of one read share a stamp. Of all but the last it is only known that they came between two
// moments. So each gap lies in an interval: it counts as a burst or a stall only if it is one at both ends, and a gap
// whose interval is too wide to say anything is counted as not measurable. The plain figures take the stamp for the
// truth, and blame the program under test for what we were too slow to see.
#pragma once

#include "load/histogram.h"

#include <cstdint>

namespace takt::load {

inline constexpr sim::Nanos kInterval = 20 * sim::kMillisecond;
inline constexpr sim::Nanos kStall = 120 * sim::kMillisecond;
inline constexpr sim::Nanos kLate = 40 * sim::kMillisecond;
inline constexpr sim::Nanos kBurst = 10 * sim::kMillisecond;

// Of all calls of a run.
struct ArrivalFigures {
    Histogram deviation;      // |gap - 20 ms|, of gaps that are measurable
    Histogram plainDeviation; // of all gaps, by the stamps as they are
    std::uint64_t gaps = 0;
    std::uint64_t notMeasurable = 0;
    std::uint64_t stalls = 0, plainStalls = 0;
    std::uint64_t bursts = 0, plainBursts = 0;
    std::uint64_t late = 0; // gaps > 40 ms
    std::uint64_t frames = 0;
    std::uint64_t wrongSize = 0;
    sim::Nanos speaking = 0;     // time from each frame to the next one
    sim::Nanos silence = 0;      // that a caller heard inside speech, by kernel stamps
    sim::Nanos plainSilence = 0; // by the time at which we got to read the frames
};

class ArrivalMeter
{
public:
    struct Message {
        sim::Nanos stamp = 0;   // of the read that it came out of
        bool shared = false;    // not the first message of that read
        sim::Nanos emptyAt = 0; // nothing of that read had come before
        sim::Nanos handledAt = 0;
        bool counted = false; // in the measured span
    };

    explicit ArrivalMeter(ArrivalFigures &figures)
        : m_figures(figures)
    {
    }

    void frame(const Message &message, std::size_t bytes);
    void clear(const Message &message);
    void other(const Message &message) { widenLast(message); }
    // The measured span is over.
    void end(sim::Nanos now);

    // When all that has come will have been heard.
    [[nodiscard]] sim::Nanos playoutEnd() const { return m_plainPlayoutEnd; }
    [[nodiscard]] std::uint64_t framesCounted() const { return m_framesCounted; }

private:
    struct Arrival {
        sim::Nanos from = 0; // it came no earlier
        sim::Nanos to = 0;   // and no later
        sim::Nanos duration = 0;
        bool counted = false;
    };

    void widenLast(const Message &message);
    void settleLast();
    void countGap(const Arrival &older, const Arrival &newer);

    ArrivalFigures &m_figures;
    Arrival m_settled; // the frame before m_last
    Arrival m_last;    // still open: a later message of the same read makes its time uncertain
    bool m_haveSettled = false;
    bool m_haveLast = false;
    bool m_lastInThisRead = false;
    sim::Nanos m_playoutEnd = 0;
    sim::Nanos m_plainPlayoutEnd = 0;
    std::uint64_t m_framesCounted = 0;
};

} // namespace takt::load
