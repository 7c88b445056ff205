// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/recordings.h"

#include <algorithm>
#include <utility>

namespace takt::sim {

template <typename Task>
void CallAudio::each(const char *notTrack, std::size_t bytes, Task task)
{
    for (const StoredPtr &recording : m_recordings) {
        if (!recording->recorder || recording->status != "in-progress" || recording->track == notTrack
            || *m_liveBytes > RecordingStore::kMaxBytes)
            continue;
        task(*recording->recorder);
        recording->liveBytes += bytes;
        *m_liveBytes += bytes;
    }
}

void CallAudio::said(Nanos at, std::string_view muLaw)
{
    each("outbound", muLaw.size(), [&](Recorder &recorder) { recorder.said(at, muLaw); });
}

void CallAudio::saying(Nanos at, const std::string &text)
{
    each("outbound", 0, [&](Recorder &recorder) { recorder.saying(at, text); });
}

void CallAudio::silent(Nanos at)
{
    each("outbound", 0, [&](Recorder &recorder) { recorder.silent(at); });
}

void CallAudio::heard(Nanos at, std::string_view muLaw, const Piece &piece)
{
    each("inbound", muLaw.size(), [&](Recorder &recorder) { recorder.heard(at, muLaw, piece); });
}

Recordings::Recordings(World world, PhoneRecord &record, std::uint64_t seed)
    : m_world(std::move(world))
    , m_record(record)
    , m_random(seed)
    , m_audio(std::make_shared<CallAudio>(m_world.store.liveBytes()))
{
}

Recordings::~Recordings()
{
    *m_alive = false;
}

void Recordings::in(double milliseconds, std::function<void()> task)
{
    m_world.reactor.at(monotonicNs() + fromMs(milliseconds), [task = std::move(task), alive = m_alive] {
        if (*alive)
            task();
    });
}

std::string Recordings::start(const RecordingRequest &request)
{
    const StoredPtr stored = m_world.store.begin(m_world.facts.callSid, request.source);
    stored->requested = request.channels;
    stored->track = request.track;
    if (m_world.store.keepsAudio())
        stored->recorder = std::make_unique<Recorder>(stored->began);
    m_audio->add(stored);
    m_recordings.push_back({stored, request.callback});
    m_record.recordings.push_back(stored->sid);
    report(m_recordings.back(), "in-progress");
    return stored->sid;
}

// No From, To or CallStatus: who only looks at those doesn't find the call.
void Recordings::report(const Recording &recording, const std::string &event)
{
    const Subscription &callback = recording.callback;
    if (std::find(callback.events.begin(), callback.events.end(), event) == callback.events.end())
        return;
    const StoredRecording &stored = *recording.stored;
    Params params{{"AccountSid", m_world.facts.accountSid},
                  {"CallSid", m_world.facts.callSid},
                  {"RecordingSid", stored.sid},
                  {"RecordingUrl", m_world.store.urlOf(stored)},
                  {"RecordingStatus", event},
                  {"RecordingChannels", std::to_string(stored.channels())},
                  {"RecordingStartTime", rfc2822(stored.started)},
                  {"RecordingSource", stored.source},
                  {"RecordingTrack", stored.track},
                  {"ErrorCode", "0"}};
    if (stored.seconds >= 0)
        params.emplace_back("RecordingDuration", std::to_string(stored.seconds));
    m_world.callbacks.send("recording:" + event, callback.url, callback.method, std::move(params));
}

void Recordings::stop(const Recording &recording)
{
    if (!recording.live())
        return;
    StoredRecording &stored = *recording.stored;
    const Nanos now = monotonicNs();
    const bool absent = m_random.chance(m_world.faults.value("rest.absent"));
    const auto audio = std::make_shared<RecordedAudio>(stored.recorder ? stored.recorder->take(now) : RecordedAudio());
    stored.recorder.reset();
    *m_world.store.liveBytes() -= std::exchange(stored.liveBytes, 0);
    stored.status = "processing";
    stored.seconds = absent ? 0 : std::max<std::int64_t>(1, (now - stored.began) / kSecond);
    ++m_ending;
    // The file is made in the background: it is there before or after the call's own last callback.
    in(m_random.real(0, 400), [this, recording, absent, audio] { ended(recording, absent, audio); });
}

void Recordings::ended(const Recording &recording, bool absent, const std::shared_ptr<RecordedAudio> &audio)
{
    if (absent)
        m_world.store.endAbsent(recording.stored);
    else
        m_world.store.complete(recording.stored, std::move(*audio));
    const bool never = m_world.faults.take("rest.callback-never");
    const auto tell = [this, recording, absent, never] {
        --m_ending;
        if (!never)
            report(recording, absent ? "absent" : "completed");
        m_world.changed();
    };
    const double late = m_world.faults.value("rest.callback-late");
    if (late > 0 && !never)
        in(1000 * late, tell);
    else
        tell();
}

std::string Recordings::update(const std::string &sid, const std::string &status)
{
    for (auto it = m_recordings.rbegin(); it != m_recordings.rend(); ++it) {
        if ((it->stored->sid != sid && sid != "Twilio.CURRENT") || !it->live())
            continue;
        if (status == "stopped")
            stop(*it);
        else
            it->stored->status = status;
        return it->stored->sid;
    }
    return {};
}

void Recordings::callEnded()
{
    for (const Recording &recording : m_recordings)
        stop(recording);
}

std::string Recordings::resource(const std::string &sid) const
{
    for (const Recording &recording : m_recordings) {
        if (recording.stored->sid == sid)
            return m_world.store.resource(*recording.stored);
    }
    return {};
}

} // namespace takt::sim
