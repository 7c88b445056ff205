// SPDX-License-Identifier: GPL-3.0-or-later
// The last events of one thread of one call, in a ring of a fixed size: writing one is two stores, whatever else happens.
// One thread writes; any other one, and a signal handler, may copy meanwhile.
//
// An event is one word of 64 bits, so that it is never seen in half: 5 bits of kind, 30 of time (4 µs each, since the
// call's start, modulo 71 minutes: who reads backwards from now knows the rest), 13 and 16 of figures.
#pragma once

#include "shared/flightfacts.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace takt::media {

struct FlightEvent {
    FlightKind kind = FlightKind::Second;
    qint64 atUs = 0; // since the call's start
    quint32 a = 0;   // in the units of the record, see flightfacts.h
    quint32 b = 0;
};

namespace flightword {

inline constexpr int kTimeBits = 30;
inline constexpr int kBBits = 13;
inline constexpr int kABits = 16;
inline constexpr qint64 kTimeStepUs = 4;
inline constexpr quint64 kTimeMask = (quint64(1) << kTimeBits) - 1;

constexpr quint64 steps(qint64 value, quint32 step, int bits)
{
    return quint64(std::clamp<qint64>(value / std::max(step, 1U), 0, (qint64(1) << bits) - 1));
}

template <FlightKind kind>
constexpr quint64 pack(qint64 sinceStartNs, qint64 a, qint64 b)
{
    constexpr const FlightWords &kWords = words(kind);
    const quint64 time = quint64(sinceStartNs / (1000 * kTimeStepUs)) & kTimeMask;
    return quint64(kind) << (kTimeBits + kBBits + kABits) | time << (kBBits + kABits)
           | steps(b, kWords.b.step, kBBits) << kABits | steps(a, kWords.a.step, kABits);
}

// `nextUs`: when something later happened, or now: the latest time that fits and is no later than that.
constexpr FlightEvent unpack(quint64 word, qint64 nextUs)
{
    FlightEvent event;
    const auto kind = std::min(word >> (kTimeBits + kBBits + kABits), quint64(FlightKind::Count_) - 1);
    event.kind = FlightKind(kind);
    const qint64 next = nextUs / kTimeStepUs;
    const quint64 back = (quint64(next) - (word >> (kBBits + kABits))) & kTimeMask;
    event.atUs = (next - qint64(back)) * kTimeStepUs;
    event.a = quint32(word & ((1U << kABits) - 1)) * std::max(words(event.kind).a.step, 1U);
    event.b = quint32(word >> kABits & ((1U << kBBits) - 1)) * std::max(words(event.kind).b.step, 1U);
    return event;
}

} // namespace flightword

template <std::size_t size>
class FlightRing
{
public:
    static constexpr std::size_t kSize = size;

    // The writer --------------------------------------------------------------------------------------------------------
    // Each call's first of all: times are counted from `startNs` on.
    void begin(qint64 startNs)
    {
        m_startNs = startNs;
        m_next.store(0, std::memory_order_release);
    }
    template <FlightKind kind>
    void note(qint64 nowNs, qint64 a = 0, qint64 b = 0)
    {
        const quint64 n = m_next.load(std::memory_order_relaxed);
        // Release: who sees this word sees that m_next is n, and that the one of n - size is gone.
        m_words[n % size].store(flightword::pack<kind>(nowNs - m_startNs, a, b), std::memory_order_release);
        m_next.store(n + 1, std::memory_order_release);
    }

    // Any thread ---------------------------------------------------------------------------------------------------------
    struct Copied {
        std::size_t count = 0;
        bool all = true; // nothing had been overwritten before
    };
    // The words, oldest first; without those that were overwritten meanwhile.
    Copied copy(std::array<quint64, size> &to) const
    {
        const quint64 end = m_next.load(std::memory_order_acquire);
        const quint64 begin = end - std::min<quint64>(end, size);
        for (quint64 n = begin; n < end; ++n)
            to[n - begin] = m_words[n % size].load(std::memory_order_acquire);
        // The writer may be at the word of `after` - size this very moment.
        const quint64 after = m_next.load(std::memory_order_acquire);
        const quint64 lost = after + 1 > begin + size ? std::min(after + 1 - size - begin, end - begin) : 0;
        std::copy(to.begin() + std::ptrdiff_t(lost), to.begin() + std::ptrdiff_t(end - begin), to.begin());
        return {std::size_t(end - begin - lost), begin + lost == 0};
    }

private:
    std::array<std::atomic<quint64>, size> m_words{};
    std::atomic<quint64> m_next{0};
    qint64 m_startNs = 0;
};

} // namespace takt::media
