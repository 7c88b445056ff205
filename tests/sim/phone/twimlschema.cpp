// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/twimlschema.h"

#include "sim/wire/url.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace takt::sim {
namespace {

constexpr std::size_t kMaxParameter = 500; // of a name and of a value: must stay under it

constexpr const char *kCalleeAttributes =
    "url method statusCallback statusCallbackMethod statusCallbackEvent byoc machineDetection "
    "machineDetectionTimeout machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold "
    "machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod sendDigits username password";

constexpr std::array kRules{
    VerbRule{"Start", "Response", "action method"},
    VerbRule{"Stop", "Response", ""},
    VerbRule{"Connect", "Response", "action method"},
    VerbRule{"Recording", "Start Stop",
             "channels track trim recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent "
             "recordingConfigurationId name"},
    VerbRule{"Stream", "Connect Start Stop",
             "url name track statusCallback statusCallbackMethod connectorName audioFormat sampleRate"},
    VerbRule{"Parameter", "Stream", "name value"},
    VerbRule{"Redirect", "Response", "method", true},
    VerbRule{"Say", "Response Gather", "voice language loop", true, true},
    VerbRule{"Play", "Response Gather", "loop digits", true},
    VerbRule{"Pause", "Response Gather", "length"},
    VerbRule{"Dial", "Response",
             "action method answerOnBridge callerId callReason hangupOnStar timeLimit timeout record trim ringTone "
             "recordingTrack recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent "
             "referUrl referMethod sequential",
             true},
    VerbRule{"Number", "Dial", kCalleeAttributes, true},
    VerbRule{"Sip", "Dial", kCalleeAttributes, true},
    VerbRule{"Client", "Dial", kCalleeAttributes, true},
    VerbRule{"Hangup", "Response", ""},
    VerbRule{"Reject", "Response", "reason"},
    VerbRule{"Gather", "Response",
             "action method finishOnKey input timeout speechTimeout numDigits language hints partialResultCallback "
             "partialResultCallbackMethod actionOnEmptyResult bargeIn enhanced speechModel profanityFilter "
             "maxSpeechTime"},
    VerbRule{"Enqueue", "Response", "action method maxQueueSize waitUrl waitUrlMethod workflowSid", true},
    VerbRule{"Leave", "Response", ""},
};

struct ValueRule {
    const char *attribute;
    const char *values; // the only ones; separated by blanks
    bool list;          // several at once
};
constexpr std::array kValues{
    ValueRule{"method", "GET POST", false},
    ValueRule{"statusCallbackMethod", "GET POST", false},
    ValueRule{"recordingStatusCallbackMethod", "GET POST", false},
    ValueRule{"waitUrlMethod", "GET POST", false},
    ValueRule{"channels", "mono dual", false},
    ValueRule{"reason", "busy rejected", false},
    ValueRule{"answerOnBridge", "true false", false},
    ValueRule{"recordingStatusCallbackEvent", "in-progress completed absent", true},
    ValueRule{"statusCallbackEvent", "initiated ringing answered completed", true},
};

} // namespace

std::vector<std::string> wordsOf(std::string_view list)
{
    std::vector<std::string> words;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        if (end > 0)
            words.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(list.size(), end + 1));
    }
    return words;
}

bool hasWord(std::string_view list, std::string_view word)
{
    const std::vector<std::string> words = wordsOf(list);
    return std::find(words.begin(), words.end(), word) != words.end();
}

const VerbRule *ruleOf(std::string_view verb)
{
    const auto found = std::find_if(kRules.begin(), kRules.end(),
                                    [&](const VerbRule &rule) { return verb == rule.name; });
    return found == kRules.end() ? nullptr : &*found;
}

bool allowedIn(const VerbRule &rule, std::string_view parent)
{
    return hasWord(rule.parents, parent);
}

std::string wrongAttribute(const VerbRule &rule, std::string_view name, const std::string &value)
{
    if (!hasWord(rule.attributes, name))
        return "unknown attribute";
    for (const ValueRule &known : kValues) {
        if (name != known.attribute)
            continue;
        const std::vector<std::string> words = known.list ? wordsOf(value) : std::vector<std::string>{value};
        for (const std::string &word : words) {
            if (!hasWord(known.values, word))
                return "unknown value";
        }
    }
    if (name == "length" || name == "timeout" || name == "timeLimit") {
        int number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || end != value.data() + value.size() || number < 0)
            return "not a number";
    }
    const bool absolute = name == "statusCallback" && hasWord("Stream", rule.name);
    if (absolute && !Url::parse(value))
        return "not an absolute URL";
    return {};
}

std::string wrongVerb(const Verb &verb)
{
    if (verb.name == "Stream" && !verb.has("url") && !verb.has("connectorName") && !verb.has("name"))
        return "<Stream> without url";
    if (verb.name == "Parameter" && (!verb.has("name") || !verb.has("value")))
        return "<Parameter> without name or value";
    if (verb.name == "Parameter"
        && std::max(verb.attribute("name").size(), verb.attribute("value").size()) >= kMaxParameter)
        return "a <Parameter> of 500 characters or more";
    if (verb.name == "Redirect" && verb.text.empty())
        return "<Redirect> without a URL";
    if (verb.name == "Connect" && verb.children.empty())
        return "<Connect> without a noun";
    if (verb.name == "Dial" && verb.text.empty() && verb.children.empty())
        return "<Dial> without anybody to call";
    return {};
}

} // namespace takt::sim
