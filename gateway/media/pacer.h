// SPDX-License-Identifier: GPL-3.0-or-later
// Decides when each lane (one call's outbound audio) may send its next frame. Pure: it is told the time, it never
// sleeps, locks, logs or parses, and it allocates only when a lane is added. One Pacer serves all lanes of a TX worker
// and lives in that worker's thread.
//
// The rules, per lane:
// - Deadlines are absolute: a frame every 20 ms on the lane's own grid. Grids of different lanes are spread over the
//   20 ms window, in steps of two milliseconds: lanes of one step share a wake-up of the thread, always in the same order.
//   Once these are crowded, there are steps half as far apart between them.
// - Served late by more than one interval: the missed slots are skipped, the grid restarts at now + 20 ms and then
//   glides back to the lane's own phase by at most slewNs a frame. No catch-up burst.
// - Two frames of a lane never leave within minGapNs of each other, whatever happened before.
// - leadNs > 0 lets a talk spurt run up to that much ahead of real time (built with frames minGapNs apart) so that the
//   carrier holds a cushion. After an underrun the spurt starts anew from zero lead.
// - Silence is never ahead of real time: it would only delay the words after it. While the carrier still has a cushion
//   to play, isAhead() says so, and whoever sends leaves the slot empty.
#pragma once

#include <QtGlobal>

#include <limits>
#include <vector>

namespace takt::media {

class Pacer
{
public:
    static constexpr qint64 kNever = std::numeric_limits<qint64>::max();

    struct Config {
        qint64 intervalNs = 20'000'000;
        // Half an interval, and a little more so that the distance holds on another machine's clock as well.
        qint64 minGapNs = 10'500'000;
        qint64 leadNs = 0;
        qint64 slewNs = 200'000;
        qint64 phaseStepNs = 2'000'000;
        int crowd = 15; // lanes on each step, before there are more steps: a step more is a wake-up more
    };

    // What became of a slot.
    struct Outcome {
        bool sent = false;    // a frame left
        qint64 atNs = 0;      // when the send had returned, same clock as `now`
        bool silence = false; // it was a silent one
    };

    // Whoever sends. May add or remove lanes from within.
    class Sink
    {
    public:
        virtual Outcome onSlot(int lane, qint64 lateNs) = 0;

    protected:
        ~Sink() = default;
    };

    // Without arguments: the strict defaults. (A default argument can't use Config's own initialisers here.)
    Pacer();
    explicit Pacer(const Config &config);

    // A new lane, on the phase that the fewest others have and that is farthest from them. Its first slot is within the
    // next interval. Returns the lane's number; numbers of removed lanes are used again.
    int add(qint64 nowNs);
    void remove(int lane);

    // When serve() is to be called next; kNever without lanes.
    [[nodiscard]] qint64 nextDeadlineNs() const;

    // Serves the one lane that is most overdue. False when none is due.
    bool serve(qint64 nowNs, Sink &sink);

    // In a lane's slot: what it has sent so far plays beyond `now`. Only with a lead.
    [[nodiscard]] bool isAhead(int lane, qint64 nowNs) const { return m_lanes[std::size_t(lane)].gridNs > nowNs; }

    // From each lane's next slot on. More is built up a little at a time; less lets the lanes pause once, unheard.
    void setLead(qint64 leadNs) { m_config.leadNs = leadNs; }
    [[nodiscard]] qint64 resyncs() const { return m_resyncs; }

private:
    struct Lane {
        qint64 gridNs = 0;  // when the next frame is due in real time, without lead
        qint64 phaseNs = 0; // the lane's place in the interval, 0 <= phase < interval
        qint64 dueNs = 0;   // when the pacer looks at the lane next
        qint64 lastNs = 0;  // when its last frame had left
        bool everSent = false;
        bool active = false;
        quint64 serial = 0; // whose number it is: numbers are used again
    };
    struct Entry {
        qint64 dueNs;
        int lane;
    };

    // A place for one more lane among steps of some width.
    struct Place {
        qint64 phaseNs;
        int lanes; // that have this step already
    };
    [[nodiscard]] Place freePlace(qint64 stepNs) const;
    [[nodiscard]] qint64 freePhase() const;
    [[nodiscard]] qint64 slotAfter(const Lane &lane, qint64 nowNs) const;
    [[nodiscard]] qint64 glide(const Lane &lane, qint64 gridNs) const;
    [[nodiscard]] qint64 earliest(const Lane &lane) const;
    void schedule(int lane);

    Config m_config;
    std::vector<Lane> m_lanes;
    std::vector<Entry> m_heap; // one entry an active lane, soonest first
    qint64 m_resyncs = 0;
    quint64 m_serial = 0;
};

} // namespace takt::media
