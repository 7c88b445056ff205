// SPDX-License-Identifier: GPL-3.0-or-later
// The speech model behind the program under test, as far as the load needs one: it accepts any session, speaks without
// end, faster than it is heard, and tells now and then that the caller barged in. The object belongs to the main
// thread; sockets and figures belong to its own thread "model", and are the main thread's again after stop().
#pragma once

#include "load/board.h"
#include "load/histogram.h"
#include "sim/wire/acceptor.h"
#include "sim/wire/reactor.h"
#include "sim/wire/tlsstream.h"

#include <memory>
#include <thread>
#include <vector>

namespace takt::load {

class ModelSession;

// How long a call waits for its session. `added` is what the program under test had to do itself: the whole time but
// that between the model's accepting the connection and its answering the upgrade.
struct StartFigures {
    Histogram total;     // `start` sent -> session.update there, by its kernel stamp
    Histogram toConnect; // `start` sent -> connection accepted
    Histogram upgrade;   // connection accepted -> upgrade answered
    Histogram toUpdate;  // upgrade answered -> session.update there
    Histogram added;     // toConnect + toUpdate
};

struct ModelFigures {
    StartFigures start;
    int sessions = 0;
    int unpaired = 0;               // sessions whose audio named no call
    int lost = 0;                   // sessions that ended before they were told to
    std::uint64_t barges = 0;       // in the measured span
    std::uint64_t bargesMissed = 0; // no `clear` came until the next one
    std::uint64_t truncates = 0;
    std::uint64_t cancels = 0;
    std::uint64_t appends = 0; // in the measured span
    std::uint64_t appendedBytes = 0;
    std::uint64_t deltas = 0;
};

class Model
{
public:
    // `tls`: null for plain connections.
    Model(Board &board, double barge, sim::TlsContextPtr tls = nullptr);
    ~Model();
    Model(const Model &) = delete;
    Model &operator=(const Model &) = delete;

    // The port it listens on (0: any that is free), or 0.
    [[nodiscard]] int start(int port = 0);
    // No session is missed any more: calls are being ended.
    void expectEnd();
    void stop();
    [[nodiscard]] const ModelFigures &figures() const { return m_figures; }

private:
    Board &m_board;
    double m_barge;
    sim::TlsContextPtr m_tls;
    ModelFigures m_figures;
    sim::Reactor m_reactor;
    std::unique_ptr<sim::Acceptor> m_acceptor;
    std::vector<std::unique_ptr<ModelSession>> m_sessions;
    bool m_ending = false;
    std::thread m_thread;

    friend class ModelSession;
};

} // namespace takt::load
