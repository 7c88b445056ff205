// SPDX-License-Identifier: GPL-3.0-or-later
// The flight recorder of one call: a ring for the TX thread's events and one for the call's, and whose they are. Their
// memory is never given back, but used again by later calls: who looks from a signal handler finds no freed memory.
#pragma once

#include "media/flightring.h"

#include <QByteArrayView>

#include <memory>

namespace takt::media {

// Ten seconds: fifty frames out and fifty in a second, their marks, and half of that again; fifty deltas a second, which a
// model sends while it runs ahead.
using TxFlight = FlightRing<1280>;
using CallFlight = FlightRing<640>;

struct FlightLog {
    static constexpr std::size_t kNameBytes = 64;

    TxFlight tx;     // TX worker writes
    CallFlight call; // call worker writes
    // Fixed while the call lives. Longer ones are cut, and what is neither letter nor digit is a '_'.
    std::array<char, kNameBytes> callSid{};
    std::array<char, kNameBytes> streamSid{};
    qint64 startNs = 0;   // on the media threads' clock
    qint64 startedMs = 0; // since the Unix epoch
};
using FlightLogPtr = std::shared_ptr<FlightLog>;

// From any thread, without waiting. Never null.
[[nodiscard]] FlightLogPtr takeFlightLog(QByteArrayView callSid, QByteArrayView streamSid, qint64 nowNs, qint64 nowMs);
// Those of live calls one by one, with a `slot` that begins at 0, until it is null; also from a signal handler. A call that
// ends meanwhile may be one of another.
[[nodiscard]] const FlightLog *nextLiveFlightLog(std::size_t &slot);

} // namespace takt::media
