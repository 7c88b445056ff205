// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/recordings.h"

#include "sim/carrier/streamwriter.h"

#include <algorithm>

namespace takt::sim {

Recordings::Recordings(World world, PhoneRecord &record, std::uint64_t seed)
    : m_world(std::move(world))
    , m_record(record)
    , m_random(seed)
{
}

Recordings::~Recordings()
{
    *m_alive = false;
}

std::string Recordings::start(const RecordingRequest &request)
{
    Recording &recording = m_recordings.emplace_back();
    recording.request = request;
    recording.sid = "RE" + m_random.hex(32);
    recording.started = std::time(nullptr);
    recording.began = monotonicNs();
    m_record.recordings.push_back(recording.sid);
    report(recording, "in-progress", -1);
    return recording.sid;
}

// No From, To or CallStatus: who only looks at those doesn't find the call.
void Recordings::report(const Recording &recording, const std::string &event, std::int64_t seconds)
{
    const Subscription &callback = recording.request.callback;
    if (std::find(callback.events.begin(), callback.events.end(), event) == callback.events.end())
        return;
    Params params{{"AccountSid", m_world.facts.accountSid},
                  {"CallSid", m_world.facts.callSid},
                  {"RecordingSid", recording.sid},
                  {"RecordingUrl", "https://api.twilio.com/2010-04-01/Accounts/" + m_world.facts.accountSid
                                       + "/Recordings/" + recording.sid},
                  {"RecordingStatus", event},
                  {"RecordingChannels", recording.request.channels == "dual" ? "2" : "1"},
                  {"RecordingStartTime", rfc2822(recording.started)},
                  {"RecordingSource", recording.request.source},
                  {"RecordingTrack", recording.request.track},
                  {"ErrorCode", "0"}};
    if (seconds >= 0)
        params.emplace_back("RecordingDuration", std::to_string(seconds));
    m_world.callbacks.send("recording:" + event, callback.url, callback.method, std::move(params));
}

void Recordings::stop(Recording &recording)
{
    if (recording.status == "completed")
        return;
    recording.status = "completed";
    ++m_ending;
    const std::int64_t seconds = (monotonicNs() - recording.began) / kSecond;
    const std::string event = m_random.chance(m_world.absent) ? "absent" : "completed";
    // The file is made in the background: its callback comes before or after the call's own last one.
    const Nanos delay = fromMs(m_random.real(0, 400));
    m_world.reactor.at(monotonicNs() + delay, [this, which = &recording, event, seconds, alive = m_alive] {
        if (!*alive)
            return;
        --m_ending;
        report(*which, event, event == "absent" ? 0 : std::max<std::int64_t>(seconds, 1));
        m_world.changed();
    });
}

std::string Recordings::update(const std::string &sid, const std::string &status)
{
    for (auto it = m_recordings.rbegin(); it != m_recordings.rend(); ++it) {
        if ((it->sid != sid && sid != "Twilio.CURRENT") || it->status == "completed")
            continue;
        if (status == "stopped")
            stop(*it);
        else
            it->status = status;
        return it->sid;
    }
    return {};
}

void Recordings::callEnded()
{
    for (Recording &recording : m_recordings)
        stop(recording);
}

std::string Recordings::resource(const std::string &sid) const
{
    const auto found = std::find_if(m_recordings.begin(), m_recordings.end(),
                                    [&](const Recording &recording) { return recording.sid == sid; });
    if (found == m_recordings.end())
        return {};
    const CallFacts &facts = m_world.facts;
    const std::string when = quoted(rfc2822(found->started));
    return R"({"account_sid":)" + quoted(facts.accountSid) + R"(,"api_version":"2010-04-01","call_sid":)"
           + quoted(facts.callSid) + R"(,"conference_sid":null,"channels":)"
           + (found->request.channels == "dual" ? "2" : "1") + R"(,"date_created":)" + when + R"(,"date_updated":)"
           + when + R"(,"start_time":)" + when + R"(,"duration":null,"price":null,"price_unit":null,"sid":)"
           + quoted(found->sid) + R"(,"source":)" + quoted(found->request.source) + R"(,"status":)"
           + quoted(found->status) + R"(,"error_code":null,"encryption_details":null,"track":)"
           + quoted(found->request.track) + R"(,"uri":)"
           + quoted("/2010-04-01/Accounts/" + facts.accountSid + "/Calls/" + facts.callSid + "/Recordings/" + found->sid
                    + ".json")
           + "}";
}

} // namespace takt::sim
