// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/office/faultboard.h"

#include <algorithm>
#include <array>

namespace takt::sim {
namespace {

constexpr std::array kKnown{
    // Of every request to the REST API.
    FaultInfo{"rest.first", "N", "so many requests are answered with ..."},
    FaultInfo{"rest.status", "STATUS", "... this status (429, 500, 503)"},
    FaultInfo{"rest.retry-after", "S", "... and this Retry-After header"},
    FaultInfo{"rest.delay", "MS", "before every answer"},
    FaultInfo{"rest.drop-before", "N", "so many connections are reset before the request had any effect"},
    FaultInfo{"rest.drop-after", "N", "... after it had"},
    FaultInfo{"rest.ineligible", "N", "so many recordings are refused with 21220"},
    // Of recordings.
    FaultInfo{"rest.absent", "P", "a recording turns out to be absent, with this probability"},
    FaultInfo{"rest.media404", "N", "so many downloads find nothing although the recording is completed"},
    FaultInfo{"rest.media-mono", "N", "so many RequestedChannels=2 are answered 400"},
    FaultInfo{"rest.media429", "N", "so many downloads are answered 429 ..."},
    FaultInfo{"rest.media5xx", "N", "... or 503, ..."},
    FaultInfo{"rest.media-retry-after", "S", "... with this Retry-After; 1 if not given"},
    FaultInfo{"rest.media-slow", "KB/S", "downloads are that slow"},
    FaultInfo{"rest.media-cut", "N", "so many downloads end in the middle of the body"},
    FaultInfo{"rest.media-corrupt", "N", "so many downloads are garbage"},
    FaultInfo{"rest.media-redirect", "N", "so many downloads are redirected to another host, which needs no key"},
    FaultInfo{"rest.callback-late", "S", "the callback comes so long after the recording was completed"},
    FaultInfo{"rest.callback-never", "N", "so many recordings are completed without a callback"},
    // Of every AI request; with audio- or chat- before the name, of that kind only.
    FaultInfo{"ai.429", "N", "so many requests are answered 429"},
    FaultInfo{"ai.500", "N", "... 500"},
    FaultInfo{"ai.503", "N", "... 503"},
    FaultInfo{"ai.quota", "N", "... 429 insufficient_quota"},
    FaultInfo{"ai.slow", "MS", "before every answer"},
    FaultInfo{"ai.drop-before", "N", "so many connections are reset before anything was done"},
    FaultInfo{"ai.drop-after", "N", "... after the work was done"},
    FaultInfo{"ai.audio-429", "N", ""},
    FaultInfo{"ai.audio-500", "N", ""},
    FaultInfo{"ai.audio-503", "N", ""},
    FaultInfo{"ai.audio-quota", "N", ""},
    FaultInfo{"ai.audio-slow", "MS", ""},
    FaultInfo{"ai.audio-drop-before", "N", ""},
    FaultInfo{"ai.audio-drop-after", "N", ""},
    FaultInfo{"ai.chat-429", "N", ""},
    FaultInfo{"ai.chat-500", "N", ""},
    FaultInfo{"ai.chat-503", "N", ""},
    FaultInfo{"ai.chat-quota", "N", ""},
    FaultInfo{"ai.chat-slow", "MS", ""},
    FaultInfo{"ai.chat-drop-before", "N", ""},
    FaultInfo{"ai.chat-drop-after", "N", ""},
    FaultInfo{"ai.retry-after", "S", "429 and 503 come with this Retry-After; without, with none"},
    FaultInfo{"ai.retry-after-ms", "MS", "... with this retry-after-ms"},
    // Of transcriptions.
    FaultInfo{"ai.no-words", "N", "so many transcriptions have no words although they were asked for"},
    FaultInfo{"ai.hallucination", "N", "so many have a segment that nobody said (no_speech_prob 0.95)"},
    // Of chat completions.
    FaultInfo{"ai.refusal", "N", "so many answers are a refusal"},
    FaultInfo{"ai.length", "N", "so many are cut off, finish_reason length"},
    FaultInfo{"ai.invalid-json", "N", "so many are no JSON"},
    FaultInfo{"ai.fences", "N", "so many are JSON inside ```json fences"},
    FaultInfo{"ai.null", "N", "so many have null in the field whose name is the first by the alphabet"},
    FaultInfo{"ai.wrong-type", "N", "... another type in it"},
    FaultInfo{"ai.empty-choices", "N", "so many have no choices"},
    FaultInfo{"crm.400", "N", "so many deliveries are answered 400"},
    FaultInfo{"crm.410", "N", "... 410"},
    FaultInfo{"crm.429", "N", "... 429"},
    FaultInfo{"crm.500", "N", "... 500"},
    FaultInfo{"crm.503", "N", "... 503"},
    FaultInfo{"crm.redirect", "N", "... 301 to another path of the same server"},
    FaultInfo{"crm.retry-after", "S", "429 and 503 come with this Retry-After; without, with none"},
    FaultInfo{"crm.slow", "MS", "before every answer"},
    FaultInfo{"crm.drop-before", "N", "so many connections are reset before the delivery is looked at"},
    FaultInfo{"crm.drop-after", "N", "... after it was counted as received"},
};

} // namespace

std::span<const FaultInfo> FaultBoard::known()
{
    return kKnown;
}

bool FaultBoard::isKnown(const std::string &name)
{
    return std::any_of(kKnown.begin(), kKnown.end(), [&](const FaultInfo &info) { return name == info.name; });
}

bool FaultBoard::set(const std::string &name, double value)
{
    if (!isKnown(name))
        return false;
    const std::lock_guard lock(m_mutex);
    m_values[name] = value;
    return true;
}

std::string FaultBoard::set(const std::string &service, const Values &values)
{
    for (const auto &[name, value] : values) {
        if (!set(service + "." + name, value))
            return service + "." + name;
    }
    return {};
}

double FaultBoard::value(const std::string &name, double otherwise) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_values.find(name);
    return found == m_values.end() ? otherwise : found->second;
}

bool FaultBoard::take(const std::string &name)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_values.find(name);
    if (found == m_values.end() || found->second == 0)
        return false;
    if (found->second > 0)
        found->second = std::max(0.0, found->second - 1);
    return true;
}

FaultBoard::Values FaultBoard::values() const
{
    const std::lock_guard lock(m_mutex);
    return m_values;
}

} // namespace takt::sim
