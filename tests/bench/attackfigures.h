// SPDX-License-Identifier: GPL-3.0-or-later
// The kinds of abuse, what each has to come to, and what became of them in a run. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

namespace takt::bench {

enum class AttackKind {
    Idle,
    SlowHead,
    SlowBody,
    HugeBody,
    EndlessChunks,
    EndlessChunkLine,
    HugeHead,
    Garbage,
    TlsHello,
    Pipelined,
    UpgradeElsewhere,
    UpgradeWrongToken,
    PlainMedia,
    UnsignedWebhook,
};

struct AttackKindFacts {
    const char *name;
    int share; // of a hundred new connections
    int most;  // open at a time; 0: as many as stay
    // The statuses that it may end with; 0: none further. Closing it without a word is right, too.
    std::array<int, 2> right;
};

inline constexpr std::array<AttackKindFacts, 14> kAttackKinds{{
    {"idle", 40, 3000, {408, 0}},
    {"slow_head", 20, 500, {408, 0}},
    {"slow_body", 4, 0, {408, 0}},
    {"huge_body", 3, 0, {413, 0}},
    {"endless_chunks", 4, 0, {413, 0}},
    {"endless_chunk_line", 3, 0, {431, 400}},
    {"huge_head", 3, 0, {431, 0}},
    {"garbage", 3, 0, {400, 0}},
    {"tls_hello", 4, 0, {400, 0}},
    {"pipelined", 3, 0, {404, 0}},
    {"upgrade_elsewhere", 3, 0, {404, 0}},
    {"upgrade_wrong_token", 4, 0, {403, 0}},
    {"media_without_upgrade", 2, 0, {426, 0}},
    {"unsigned_webhook", 4, 0, {403, 0}},
}};

// In place of a status; 0: what came was no HTTP.
inline constexpr int kSeveral = -1;
inline constexpr int kNotEnded = -2;

struct AttackKindFigures {
    std::uint64_t opened = 0;
    std::uint64_t unconnected = 0;           // the connection did not come to be
    std::map<int, std::uint64_t> statuses;   // of those that ended
    std::uint64_t closed = 0;                // ended without a status
    std::uint64_t wrong = 0;                 // a status that is not right, several answers, or no end in time
    std::uint64_t endless = 0;               // of these, no end in time
    std::uint64_t stillOpen = 0;             // when the attack ended
    std::map<int, std::uint64_t> wrongKinds; // by status, or what follows
    double held = 0;                         // open at a time, mean over the measured span
};

struct HonestFigures {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;         // another status, no stream in the answer, or no answer in time
    double p50 = 0, p99 = 0, max = 0; // ms from connecting to the answer, by its kernel stamp
};

struct AttackFigures {
    bool attacked = false; // false: honest requests only
    double seconds = 0;
    double cpuSeconds = 0; // of the attacker itself
    std::array<AttackKindFigures, kAttackKinds.size()> kinds;
    HonestFigures honest;

    [[nodiscard]] double opened() const
    {
        double total = 0;
        for (const AttackKindFigures &kind : kinds)
            total += double(kind.opened);
        return total;
    }
    [[nodiscard]] double wrong() const
    {
        double total = 0;
        for (const AttackKindFigures &kind : kinds)
            total += double(kind.wrong);
        return total;
    }
    [[nodiscard]] double rate() const { return seconds > 0 ? opened() / seconds : 0; }
};

} // namespace takt::bench
