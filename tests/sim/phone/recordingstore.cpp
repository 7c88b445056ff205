// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/recordingstore.h"

#include "sim/carrier/streamwriter.h"
#include "sim/phone/callfacts.h"

#include <algorithm>

namespace takt::sim {

RecordingStore::RecordingStore(std::string accountSid, WorkLog &log, Learn learn, std::uint64_t seed)
    : m_accountSid(std::move(accountSid))
    , m_log(log)
    , m_learn(std::move(learn))
    , m_random(seed)
{
}

StoredPtr RecordingStore::begin(const std::string &callSid, const std::string &source)
{
    auto recording = std::make_shared<StoredRecording>();
    recording->sid = "RE" + m_random.hex(32);
    recording->callSid = callSid;
    recording->source = source;
    recording->started = std::time(nullptr);
    recording->began = monotonicNs();
    m_recordings.push_back(recording);
    m_bySid[recording->sid] = recording;
    return recording;
}

void RecordingStore::complete(const StoredPtr &recording, RecordedAudio audio)
{
    recording->status = "completed";
    m_log.recordingEnded(false);
    if (!m_bySid.contains(recording->sid)) // deleted meanwhile
        return;
    audio.channels = recording->channels();
    m_bytes += audio.memory();
    recording->audio = std::make_shared<const RecordedAudio>(std::move(audio));
    makeRoom();
    if (m_learn)
        m_learn(recording->sid, recording->audio);
}

void RecordingStore::endAbsent(const StoredPtr &recording)
{
    recording->status = "absent";
    m_log.recordingEnded(true);
}

StoredPtr RecordingStore::addSynthetic(const std::string &callSid, double seconds, int channels, const Voices &voices)
{
    const StoredPtr recording = begin(callSid, "StartCallRecordingAPI");
    recording->requested = channels == 2 ? "dual" : "mono";
    recording->seconds = std::int64_t(seconds);
    complete(recording, syntheticAudio(voices, seconds, m_random.next()));
    return recording;
}

void RecordingStore::makeRoom()
{
    for (const StoredPtr &oldest : m_recordings) {
        if (m_bytes <= m_maxBytes)
            return;
        if (oldest->audio)
            m_bytes -= oldest->audio->memory();
        oldest->audio.reset();
    }
}

bool RecordingStore::remove(const std::string &sid)
{
    const StoredPtr recording = find(sid);
    if (!recording)
        return false;
    if (recording->audio)
        m_bytes -= recording->audio->memory();
    recording->audio.reset();
    m_recordings.remove(recording);
    m_bySid.erase(sid);
    return true;
}

StoredPtr RecordingStore::find(const std::string &sid) const
{
    const auto found = m_bySid.find(sid);
    return found == m_bySid.end() ? nullptr : found->second;
}

std::vector<StoredPtr> RecordingStore::ofCall(const std::string &callSid) const
{
    std::vector<StoredPtr> found;
    std::copy_if(m_recordings.begin(), m_recordings.end(), std::back_inserter(found),
                 [&](const StoredPtr &recording) { return callSid.empty() || recording->callSid == callSid; });
    return found;
}

std::string RecordingStore::urlOf(const StoredRecording &recording) const
{
    return m_baseUrl + "/2010-04-01/Accounts/" + m_accountSid + "/Recordings/" + recording.sid;
}

std::string RecordingStore::resource(const StoredRecording &recording) const
{
    const std::string when = quoted(rfc2822(recording.started));
    const std::string uri = "/2010-04-01/Accounts/" + m_accountSid;
    return R"({"account_sid":)" + quoted(m_accountSid) + R"(,"api_version":"2010-04-01","call_sid":)"
           + quoted(recording.callSid) + R"(,"conference_sid":null,"channels":)" + std::to_string(recording.channels())
           + R"(,"date_created":)" + when + R"(,"date_updated":)" + when + R"(,"start_time":)" + when
           + R"(,"duration":)" + (recording.seconds < 0 ? "null" : quoted(std::to_string(recording.seconds)))
           + R"(,"price":null,"price_unit":null,"sid":)" + quoted(recording.sid) + R"(,"source":)"
           + quoted(recording.source) + R"(,"status":)" + quoted(recording.status)
           + R"(,"error_code":null,"encryption_details":null,"track":)" + quoted(recording.track) + R"(,"media_url":)"
           + quoted(urlOf(recording)) + R"(,"uri":)"
           + quoted(uri + "/Calls/" + recording.callSid + "/Recordings/" + recording.sid + ".json") + "}";
}

std::string RecordingStore::listResource(const std::string &callSid) const
{
    std::string rows;
    const std::vector<StoredPtr> found = ofCall(callSid);
    for (const StoredPtr &recording : found)
        rows += (rows.empty() ? "" : ",") + resource(*recording);
    const std::string uri = "/2010-04-01/Accounts/" + m_accountSid + "/Calls/" + callSid + "/Recordings.json";
    const std::string page = quoted(uri + "?PageSize=50&Page=0");
    return R"({"first_page_uri":)" + page + R"(,"next_page_uri":null,"previous_page_uri":null,"page":0,"page_size":50)"
           + R"(,"start":0,"end":)" + std::to_string(found.empty() ? 0 : found.size() - 1) + R"(,"uri":)" + page
           + R"(,"recordings":[)" + rows + "]}";
}

} // namespace takt::sim
