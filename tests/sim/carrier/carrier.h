// SPDX-License-Identifier: GPL-3.0-or-later
// The telephone network: places calls over the ramp, keeps them going, collects what became of them. With a voice URL
// they are telephone calls (phone/), without one media streams only. Owns its thread; the public functions may be called
// from any other one.
#pragma once

#include "sim/phone/restapi.h"

#include <atomic>
#include <list>
#include <thread>

namespace takt::sim {

class Carrier
{
public:
    // Called in the carrier's thread with each ended call.
    using RecordSink = std::function<void(CallRecord)>;
    using ProgressSink = std::function<void(const std::string &line)>;

    // What becomes of the calls' recordings.
    struct Work {
        FaultBoard &faults;
        WorkLog &log;
        RecordingStore::Learn learn; // in the carrier's thread; may be empty
    };

    Carrier(CarrierOptions options, PhoneOptions phone, const Voices &voices, Ledger &ledger, Work work,
            RecordSink records);
    ~Carrier(); // ends all calls and joins
    Carrier(const Carrier &) = delete;
    Carrier &operator=(const Carrier &) = delete;

    void setProgress(ProgressSink sink) { m_progress = std::move(sink); } // before start()
    // Begins to live, and to serve REST if it shall; why it can't, or nothing.
    [[nodiscard]] std::string open();
    [[nodiscard]] std::uint16_t restPort() const { return m_restPort; } // after open()
    [[nodiscard]] std::vector<RestRequest> restLog() const;
    // A completed recording that no call made; its SID. After open().
    [[nodiscard]] std::string addRecording(const std::string &callSid, double seconds, int channels);
    // Begins to call this gateway; after open(), once.
    void start(const sockaddr_in &gateway, const std::string &host, const std::vector<CallPlan> &plans);
    void add(const CallPlan &plan);
    void hangUpAll(); // politely; no further calls are placed
    // True once every call placed so far has ended and none is still to come.
    [[nodiscard]] bool done() const { return m_pending == 0; }

private:
    [[nodiscard]] std::string setFaults(); // what is wrong with them, or nothing
    void begin(const std::vector<CallPlan> &plans);
    void schedule(const CallPlan &plan, Nanos at);
    void place(const CallPlan &plan);
    Call &addStream(const CallPlan &plan, int number, const std::optional<StreamTarget> &target,
                    std::function<void(Call &)> opened, std::function<void(Call &)> ended);
    void streamEnded(Call &call);
    void over(CallRecord record);
    [[nodiscard]] CallPlan chancePlan(double startSeconds);
    void report();

    CarrierOptions m_options;
    PhoneOptions m_phone;
    const Voices &m_voices;
    Ledger &m_ledger;
    Work m_work;
    RecordSink m_records;
    ProgressSink m_progress;
    Random m_random;
    Reactor m_reactor;
    StrictReader m_reader;
    std::list<Call> m_calls; // media streams
    std::unique_ptr<RecordingStore> m_store;
    std::unique_ptr<Exchange> m_exchange;
    std::unique_ptr<RestApi> m_rest;
    std::uint16_t m_restPort = 0;
    int m_number = 0;
    bool m_stopping = false;
    std::int64_t m_framesOfEnded = 0;
    std::size_t m_rotation = 0;
    std::atomic<int> m_pending{0}; // calls placed or still to be placed
    std::thread m_thread;
};

} // namespace takt::sim
