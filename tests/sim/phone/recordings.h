// SPDX-License-Identifier: GPL-3.0-or-later
// The recordings of one telephone call: their states, resources and callbacks. No audio. Carrier thread.
#pragma once

#include "sim/phone/statusreports.h"

#include <list>

namespace takt::sim {

struct RecordingRequest {
    Subscription callback;
    std::string channels = "mono";
    std::string track = "both";
    std::string source; // StartCallRecordingTwiML, StartCallRecordingAPI, OutboundAPI
};

class Recordings
{
public:
    struct World {
        Reactor &reactor;
        Callbacks &callbacks;
        const CallFacts &facts;
        double absent = 0; // probability that a recording turns out to have nothing in it
        std::function<void()> changed;
    };
    Recordings(World world, PhoneRecord &record, std::uint64_t seed);
    ~Recordings();

    std::string start(const RecordingRequest &request); // the SID
    // "paused", "in-progress" or "stopped", of a SID or of Twilio.CURRENT. The SID, or nothing.
    std::string update(const std::string &sid, const std::string &status);
    void callEnded();
    [[nodiscard]] std::string resource(const std::string &sid) const;
    [[nodiscard]] bool settled() const { return m_ending == 0; }

private:
    struct Recording {
        RecordingRequest request;
        std::string sid;
        std::string status = "in-progress";
        std::time_t started = 0;
        Nanos began = 0;
    };

    void stop(Recording &recording);
    void report(const Recording &recording, const std::string &event, std::int64_t seconds);

    World m_world;
    PhoneRecord &m_record;
    Random m_random;
    std::list<Recording> m_recordings;
    int m_ending = 0; // recordings whose last callback is still to come
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace takt::sim
