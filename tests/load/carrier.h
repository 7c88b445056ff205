// SPDX-License-Identifier: GPL-3.0-or-later
// The carrier in front of the program under test: so many calls, each speaking a frame every 20 ms, playing what it is
// sent and echoing marks when they have been heard. The object belongs to the main thread; sockets and figures belong
// to its own thread "carrier", and are the main thread's again after stop().
#pragma once

#include "load/arrivalmeter.h"
#include "load/awaywatch.h"
#include "load/board.h"
#include "load/passes.h"
#include "load/trace.h"
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
    int refused = 0;              // of those that could not be opened: by an answer of HTTP
    Histogram callerLate;         // how late the callers' frames were sent: ours, in the measured span
};

class Carrier
{
public:
    struct Options {
        bool aligned = false; // all callers speak in step, instead of spread over 20 ms
        bool traces = false;  // all arrivals are kept
        int firstCall = 1;    // the number in the first call's names
    };
    // `passes`: one for each call, or none if the door is open.
    Carrier(Board &board, const Door &door, std::vector<Pass> passes, const Options &options);
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
    // One for each call.
    [[nodiscard]] const std::vector<Trace> &traces() const { return m_traces; }

private:
    void dialNext();

    Board &m_board;
    const Door m_door;
    std::vector<Pass> m_passes;
    const Options m_options;
    const sockaddr_in m_gateway;
    CarrierFigures m_figures;
    std::vector<Trace> m_traces; // none if they are not kept
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
