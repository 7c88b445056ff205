// SPDX-License-Identifier: GPL-3.0-or-later
// The words of flight records, which FLIGHT.md describes: what can have happened in the last seconds of a call, and which
// figures go with it. Append-only. Pure; any thread, and a signal handler.
#pragma once

#include <QLatin1StringView>
#include <QtGlobal>

#include <array>
#include <cstdint>
#include <optional>

namespace takt {

enum class FlightKind : std::uint8_t {
    // By the TX thread: what became of slots, and what came from the carrier.
    Sent,      // a frame of speech left
    Silent,    // a frame of silence (tx.idle = silence)
    Empty,     // nothing to send; the first such slot in a row
    Full,      // the socket had not taken what was sent before
    ItemOver,  // the last frame of an item has left
    Cleared,   // a barge-in emptied queue and carrier
    Dropped,   // oldest frames, by overflow
    MarkSent,  // "tell me when you have played this"
    MarkHeard, // ... it has
    Media,     // audio of the caller came
    MediaStale,
    Closed, // the stream
    // By the call's thread: the model, and what is seen from outside.
    ModelReady,
    ModelLost,
    ResponseBegins,
    ResponseEnds,
    Delta,     // audio of the model, for the queue
    DeltaLate, // ... of a discarded response
    AudioDone, // the item is complete
    CallerSpeaks,
    CallerStops,
    BargeIn,
    Digit,
    Tool,
    StallFound,
    StallOver,
    Second, // once a second
    Count_
};

// A figure of an event: what it counts in the record, and in which steps it is kept (0: it is a StallCause).
struct FlightFigure {
    QLatin1StringView name{};
    quint32 step = 1;
};
struct FlightWords {
    QLatin1StringView what;
    FlightFigure a{}; // up to 65,535 steps
    FlightFigure b{}; // up to 8,191 steps
};

namespace flight {
inline constexpr FlightFigure kLate{QLatin1StringView("late_us"), 16};
inline constexpr FlightFigure kBacklog{QLatin1StringView("backlog"), 1};
inline constexpr FlightFigure kItem{QLatin1StringView("item"), 1};
inline constexpr FlightFigure kPosition{QLatin1StringView("at_ms"), 20};
inline constexpr FlightFigure kBytes{QLatin1StringView("bytes"), 1};
inline constexpr FlightFigure kFrames{QLatin1StringView("frames"), 1};
inline constexpr FlightFigure kCause{QLatin1StringView("cause"), 0};

// In the order of the enumeration.
inline constexpr std::array kWords{
    FlightWords{QLatin1StringView("sent"), kLate, kBacklog},
    FlightWords{QLatin1StringView("silent"), kLate},
    FlightWords{QLatin1StringView("empty"), kLate, {QLatin1StringView("mid_item")}},
    FlightWords{QLatin1StringView("full"), {QLatin1StringView("unsent_bytes")}, kBacklog},
    FlightWords{QLatin1StringView("item_over")},
    FlightWords{QLatin1StringView("clear"), kFrames},
    FlightWords{QLatin1StringView("dropped"), kFrames},
    FlightWords{QLatin1StringView("mark"), kItem, kPosition},
    FlightWords{QLatin1StringView("mark_heard"), kItem, kPosition},
    FlightWords{QLatin1StringView("media"), kBytes, {QLatin1StringView("hole_ms")}},
    FlightWords{QLatin1StringView("media_stale"), kBytes},
    FlightWords{QLatin1StringView("closed")},
    FlightWords{QLatin1StringView("model_ready")},
    FlightWords{QLatin1StringView("model_lost")},
    FlightWords{QLatin1StringView("response")},
    FlightWords{QLatin1StringView("response_done")},
    FlightWords{QLatin1StringView("delta"), kBytes, kItem},
    FlightWords{QLatin1StringView("late_delta"), kBytes},
    FlightWords{QLatin1StringView("audio_done"), {}, kItem},
    FlightWords{QLatin1StringView("caller_speaks")},
    FlightWords{QLatin1StringView("caller_stops")},
    FlightWords{QLatin1StringView("barge_in")},
    FlightWords{QLatin1StringView("digit")},
    FlightWords{QLatin1StringView("tool")},
    FlightWords{QLatin1StringView("stall"), {QLatin1StringView("so_far_ms")}, kCause},
    FlightWords{QLatin1StringView("stall_over"), {QLatin1StringView("ms")}, kCause},
    FlightWords{QLatin1StringView("second"), {QLatin1StringView("longest_gap_ms")}, kBacklog},
};
static_assert(kWords.size() == std::size_t(FlightKind::Count_));
} // namespace flight

constexpr const FlightWords &words(FlightKind kind)
{
    return flight::kWords[std::size_t(kind)];
}

// Why a record was written.
enum class FlightReason { Stall, Asked, Crash };
constexpr QLatin1StringView name(FlightReason reason)
{
    return reason == FlightReason::Stall   ? QLatin1StringView("stall")
           : reason == FlightReason::Asked ? QLatin1StringView("asked")
                                           : QLatin1StringView("crash");
}

inline constexpr int kFlightVersion = 1;

} // namespace takt
