// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier in front of the program under test: so many calls, each speaking a frame every 20 ms, playing what it is
// sent and echoing marks when they have been heard. The object belongs to the main thread; sockets and figures belong
// to its own thread "carrier", and are the main thread's again after stop().
#pragma once

#include "load/arrivalmeter.h"
#include "load/awaywatch.h"
#include "load/board.h"
#include "load/passes.h"
#include "sim/wire/random.h"
#include "sim/wire/reactor.h"

#include <memory>
#include <netinet/in.h>
#include <thread>
#include <vector>

namespace takt::load {

class CarrierCall;

struct CarrierFigures {
    ArrivalFigures arrivals;
    Histogram clearLatency; // barge-in told by the model -> `clear` at the carrier, by its kernel stamp
    std::uint64_t clears = 0;
    std::uint64_t clearsNotMeasurable = 0; // in one read with later messages, whose stamp it bears
    std::uint64_t marks = 0;
    std::uint64_t sentFrames = 0; // of the callers, in the measured span
    int alive = 0;                // at the end of the measured span
    int silent = 0;               // of these, heard nothing in it
    int dropped = 0;              // ended by the program under test
};

class Carrier
{
public:
    // `passes`: one for each call, or none if the door is open.
    Carrier(Board &board, const Door &door, std::vector<Pass> passes, bool aligned);
    ~Carrier();
    Carrier(const Carrier &) = delete;
    Carrier &operator=(const Carrier &) = delete;

    // Opens the calls, one after the other.
    void start();
    // Ends the measured span, then all calls, as a carrier does.
    void hangUp();
    [[nodiscard]] bool allClosed() const { return m_closed == int(m_calls.size()); }
    void stop();
    [[nodiscard]] const CarrierFigures &figures() const { return m_figures; }

private:
    void dialNext();

    Board &m_board;
    const Door m_door;
    std::vector<Pass> m_passes;
    sockaddr_in m_gateway{};
    bool m_aligned;
    CarrierFigures m_figures;
    sim::Reactor m_reactor;
    sim::Random m_random{1};
    AwayWatch m_away;
    std::vector<std::unique_ptr<CarrierCall>> m_calls; // made before the thread starts
    std::size_t m_dialled = 0;
    sim::Nanos m_firstDial = 0;
    bool m_ending = false;
    std::atomic<int> m_closed{0};
    std::thread m_thread;

    friend class CarrierCall;
};

} // namespace takt::load
