// SPDX-License-Identifier: GPL-3.0-or-later
// The recordings of one telephone call while it lives: their states, their audio as it comes, their callbacks. What
// they have become is in the store. Carrier thread.
#pragma once

#include "sim/office/faultboard.h"
#include "sim/phone/recordingstore.h"
#include "sim/phone/statusreports.h"

namespace takt::sim {

struct RecordingRequest {
    Subscription callback;
    std::string channels = "mono";
    std::string track = "both";
    std::string source; // StartCallRecordingTwiML, StartCallRecordingAPI, OutboundAPI
};

// Gives the call's audio to those recordings that are in progress. Shared with the media streams, which may outlive
// the call.
class CallAudio final : public AudioTap
{
public:
    explicit CallAudio(std::shared_ptr<std::size_t> liveBytes)
        : m_liveBytes(std::move(liveBytes))
    {
    }
    void add(const StoredPtr &recording) { m_recordings.push_back(recording); }
    void said(Nanos at, std::string_view muLaw) override;
    void saying(Nanos at, const std::string &text) override;
    void silent(Nanos at) override;
    void heard(Nanos at, std::string_view muLaw, const Piece &piece) override;

private:
    template <typename Task>
    void each(const char *notTrack, std::size_t bytes, Task task);

    std::vector<StoredPtr> m_recordings;
    std::shared_ptr<std::size_t> m_liveBytes;
};

class Recordings
{
public:
    struct World {
        Reactor &reactor;
        Callbacks &callbacks;
        const CallFacts &facts;
        RecordingStore &store;
        FaultBoard &faults;
        std::function<void()> changed;
    };
    Recordings(World world, PhoneRecord &record, std::uint64_t seed);
    ~Recordings();

    std::string start(const RecordingRequest &request); // the SID
    // "paused", "in-progress" or "stopped", of a SID or of Twilio.CURRENT. The SID, or nothing.
    std::string update(const std::string &sid, const std::string &status);
    void callEnded();
    [[nodiscard]] std::string resource(const std::string &sid) const; // empty: not of this call
    [[nodiscard]] bool settled() const { return m_ending == 0; }
    [[nodiscard]] const std::shared_ptr<CallAudio> &audio() const { return m_audio; }

private:
    struct Recording {
        StoredPtr stored;
        Subscription callback;
        [[nodiscard]] bool live() const { return stored->status == "in-progress" || stored->status == "paused"; }
    };

    void stop(const Recording &recording);
    void ended(const Recording &recording, bool absent, const std::shared_ptr<RecordedAudio> &audio);
    void report(const Recording &recording, const std::string &event);
    void in(double milliseconds, std::function<void()> task); // unless the call has gone

    World m_world;
    PhoneRecord &m_record;
    Random m_random;
    std::vector<Recording> m_recordings;
    std::shared_ptr<CallAudio> m_audio;
    int m_ending = 0; // recordings whose last callback is still to come
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace takt::sim
