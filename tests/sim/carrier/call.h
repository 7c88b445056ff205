// SPDX-License-Identifier: GPL-3.0-or-later
// One simulated telephone call over one media stream: the socket, the caller's mouth and ears, the playout buffer
// between, and the judge who watches. Carrier thread.
#pragma once

#include "sim/carrier/judge.h"
#include "sim/carrier/options.h"
#include "sim/carrier/recorder.h"
#include "sim/carrier/streamtarget.h"
#include "sim/carrier/strict.h"

#include <deque>
#include <memory>

namespace takt::sim {

class Call final : WebSocket::Listener, PlayoutBuffer::Listener
{
public:
    // What a call needs of its surroundings.
    struct World {
        Reactor &reactor;
        const CarrierOptions &options;
        const Voices &voices;
        Ledger &ledger;
        StrictReader &reader;
        std::function<void(Call &)> ended;           // once; the call may be destroyed by Reactor::later()
        std::function<void(const CallPlan &)> spawn; // another call beside this one
        std::function<void(Call &)> opened{};        // the upgrade succeeded; may be empty
    };

    // Without a target the gateway of the options is called directly.
    Call(World world, CallPlan plan, int number, std::uint64_t seed, std::optional<StreamTarget> target = {});
    ~Call() override;

    void begin();
    void hangUp(); // politely, now
    [[nodiscard]] CallRecord takeRecord() { return std::move(m_judge.record()); }
    [[nodiscard]] const SessionPtr &session() const { return m_tracker.session(); }
    [[nodiscard]] const CallIdentity &identity() const { return m_writer.identity(); }
    // After the end: how the socket ended, whether this side hung up, and what the caller had still in mind.
    [[nodiscard]] const WebSocket::Ending &ending() const { return m_ending; }
    [[nodiscard]] bool hungUpHere() const { return m_hungUpHere; }
    [[nodiscard]] Script unspoken() const { return m_caller.rest(); }

    struct Snapshot {
        bool live = false;
        std::string from;
        std::string saying;  // empty: silent
        std::string hearing; // empty: silence
    };
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] std::int64_t frames() const { return m_frames; }
    [[nodiscard]] Nanos takeWorstGap();

private:
    struct Delayed {
        Nanos due;
        std::string text;
    };

    // WebSocket
    void opened(WebSocket &) override;
    void message(WebSocket &, Opcode opcode, std::string_view payload, const WebSocket::Arrival &arrival) override;
    void closed(WebSocket &, const WebSocket::Ending &ending) override;
    // PlayoutBuffer
    void heard(const Piece &piece, std::string_view bytes, Nanos start) override;

    // towards the gateway
    void startStream();
    void tick();
    void sendFrame(const PhoneFrame &frame);
    // Whoever keeps the call's audio.
    [[nodiscard]] std::array<AudioTap *, 2> taps() const { return {m_recorder.get(), m_target.tap.get()}; }
    void mishap(Nanos now);
    void flushHeld();
    void send(std::string text);
    void transmit(const std::string &text);

    // from the gateway
    void handle(Nanos at, GatewayMessage &message, const std::vector<Piece> &pieces);
    void echoMarks();
    void armMarkTimer();
    [[nodiscard]] Nanos arrivalAt(Nanos stamp);
    [[nodiscard]] std::optional<Nanos> drySince() const;
    void endListening(bool closedByGateway);
    void fault(int code, const std::string &text);
    [[nodiscard]] bool has(CallFault fault) const { return m_plan.faults.contains(fault); }
    // Runs the task then, unless the call has ended before.
    void at(Nanos deadline, void (Call::*task)());

    World m_world;
    CallPlan m_plan;
    Random m_random;
    StreamTarget m_target;
    StreamWriter m_writer;
    Tracker m_tracker;
    Judge m_judge;
    PlayoutBuffer m_playout;
    Caller m_caller;
    WebSocket m_socket;
    std::unique_ptr<Recorder> m_recorder;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    Nanos m_latency;
    Nanos m_openedAt = 0;
    Nanos m_started = 0; // of the media stream; 0: not yet
    Nanos m_nextTick = 0;
    Nanos m_mishapAt = 0; // 0: none, or it has happened
    std::int64_t m_firstTimestamp = 100;
    std::int64_t m_ticks = 0;
    bool m_hungUp = false;
    bool m_hungUpHere = false;
    WebSocket::Ending m_ending;
    bool m_ended = false;
    bool m_speaking = false;
    int m_gapLeft = 0;  // frames still to be lost
    int m_holdLeft = 0; // frames still to be held back
    std::vector<std::string> m_held;
    Nanos m_lastDepart = 0;
    Nanos m_lastArrival = 0;
    Nanos m_now = 0; // of the playout buffer, which must not see time go back
    Reactor::TimerId m_markTimer = 0;
    std::vector<Piece> m_pieces;
    std::int64_t m_frames = 0;
    Nanos m_lastStamp = 0;
    Nanos m_worstGap = 0;
};

} // namespace takt::sim
