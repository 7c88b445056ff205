// SPDX-License-Identifier: GPL-3.0-or-later
// The account's recordings: those being made, and those kept with their audio long after their calls. Bounded: beyond
// so many bytes the oldest audio goes. Carrier thread.
#pragma once

#include "sim/carrier/recorder.h"
#include "sim/office/worklog.h"
#include "sim/wire/random.h"

#include <ctime>
#include <functional>
#include <list>
#include <unordered_map>

namespace takt::sim {

struct StoredRecording {
    std::string sid;
    std::string callSid;
    std::string requested = "mono"; // or dual
    std::string track = "both";
    std::string source;
    std::string status = "in-progress"; // paused, processing, completed, absent
    std::time_t started = 0;
    Nanos began = 0;
    std::int64_t seconds = -1;          // once it has ended
    std::unique_ptr<Recorder> recorder; // while it is being made; null: its audio is not kept
    std::size_t liveBytes = 0;          // in the recorder
    RecordedAudioPtr audio;             // while it is kept

    // One side alone is always mono (twilio.com/docs/voice/tutorials/how-record-single-side-call).
    [[nodiscard]] int channels() const { return requested == "dual" && track == "both" ? 2 : 1; }
};
using StoredPtr = std::shared_ptr<StoredRecording>;

class RecordingStore
{
public:
    // Told of every audio that the carrier gives out, so that a transcriber may know the words.
    using Learn = std::function<void(const std::string &sid, RecordedAudioPtr)>;
    static constexpr std::size_t kMaxBytes = 512U << 20;

    RecordingStore(std::string accountSid, WorkLog &log, Learn learn, std::uint64_t seed);

    // Where the carrier's own REST API is; before that, the real one's address stands in the URLs.
    void setBaseUrl(const std::string &url) { m_baseUrl = url; }
    void setMaxBytes(std::size_t bytes) { m_maxBytes = bytes; }
    // Without a REST API nobody could ask for it.
    void setKeepsAudio(bool keeps) { m_keepsAudio = keeps; }
    [[nodiscard]] bool keepsAudio() const { return m_keepsAudio; }
    // What all recorders together hold. Beyond kMaxBytes they go on with silence: a load test of hours must not fill the
    // memory.
    [[nodiscard]] const std::shared_ptr<std::size_t> &liveBytes() const { return m_liveBytes; }

    StoredPtr begin(const std::string &callSid, const std::string &source);
    void complete(const StoredPtr &recording, RecordedAudio audio);
    void endAbsent(const StoredPtr &recording);
    // Completed at once, without a call.
    StoredPtr addSynthetic(const std::string &callSid, double seconds, int channels, const Voices &voices);
    [[nodiscard]] bool remove(const std::string &sid);

    [[nodiscard]] StoredPtr find(const std::string &sid) const;
    [[nodiscard]] std::vector<StoredPtr> ofCall(const std::string &callSid) const; // empty: all
    [[nodiscard]] std::string urlOf(const StoredRecording &recording) const;       // of its media, no extension
    [[nodiscard]] std::string resource(const StoredRecording &recording) const;    // JSON
    [[nodiscard]] std::string listResource(const std::string &callSid) const;

private:
    void makeRoom();

    std::string m_accountSid;
    WorkLog &m_log;
    Learn m_learn;
    Random m_random;
    std::string m_baseUrl = "https://api.twilio.com";
    std::size_t m_maxBytes = kMaxBytes;
    std::size_t m_bytes = 0;
    bool m_keepsAudio = true;
    std::shared_ptr<std::size_t> m_liveBytes = std::make_shared<std::size_t>(0);
    std::list<StoredPtr> m_recordings; // oldest first
    std::unordered_map<std::string, StoredPtr> m_bySid;
};

} // namespace takt::sim
