// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/callfacts.h"

#include "sim/carrier/streamwriter.h"

#include <array>

namespace takt::sim {
namespace {

std::string formatted(std::time_t when, const char *format)
{
    std::tm parts{};
    gmtime_r(&when, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), format, &parts);
    return text.data();
}

std::string countryOf(const std::string &number)
{
    if (number.starts_with("+972"))
        return "IL";
    return number.starts_with("+1") ? "US" : "";
}

std::string orNull(const std::string &text)
{
    return text.empty() ? "null" : quoted(text);
}

} // namespace

std::string rfc2822(std::time_t when)
{
    return formatted(when, "%a, %d %b %Y %H:%M:%S +0000");
}

std::string iso8601(std::time_t when)
{
    return formatted(when, "%Y-%m-%dT%H:%M:%SZ");
}

bool isTerminal(const std::string &status)
{
    return status == "completed" || status == "busy" || status == "failed" || status == "no-answer"
           || status == "canceled";
}

Params standardParams(const CallFacts &facts)
{
    Params params{{"CallSid", facts.callSid},   {"AccountSid", facts.accountSid},
                  {"From", facts.from},         {"To", facts.to},
                  {"Caller", facts.from},       {"Called", facts.to},
                  {"CallStatus", facts.status}, {"Direction", facts.direction},
                  {"ApiVersion", "2010-04-01"}};
    if (!facts.parentCallSid.empty())
        params.emplace_back("ParentCallSid", facts.parentCallSid);
    for (const std::string party : {"From", "To", "Caller", "Called"}) {
        const bool calling = party == "From" || party == "Caller";
        params.emplace_back(party + "City", "");
        params.emplace_back(party + "State", "");
        params.emplace_back(party + "Zip", "");
        params.emplace_back(party + "Country", countryOf(calling ? facts.from : facts.to));
    }
    return params;
}

Params statusParams(const CallFacts &facts, int sequenceNumber, std::time_t now)
{
    Params params = standardParams(facts);
    params.emplace_back("Timestamp", rfc2822(now));
    params.emplace_back("CallbackSource", "call-progress-events");
    params.emplace_back("SequenceNumber", std::to_string(sequenceNumber));
    if (!facts.over())
        return params;
    const std::int64_t seconds = facts.seconds();
    params.emplace_back("CallDuration", std::to_string(seconds));
    params.emplace_back("Duration", std::to_string((seconds + 59) / 60));
    params.emplace_back("SipResponseCode", facts.status == "busy"        ? "486"
                                           : facts.status == "no-answer" ? "480"
                                           : facts.status == "canceled"  ? "487"
                                           : facts.status == "failed"    ? "404"
                                                                         : "200");
    return params;
}

std::string callResource(const CallFacts &facts)
{
    const std::string uri = "/2010-04-01/Accounts/" + facts.accountSid + "/Calls/" + facts.callSid;
    const auto when = [](std::time_t at) { return at == 0 ? std::string("null") : quoted(rfc2822(at)); };
    const std::time_t touched = facts.ended != 0 ? facts.ended : (facts.answered != 0 ? facts.answered : facts.created);
    return R"({"sid":)" + quoted(facts.callSid) + R"(,"date_created":)" + when(facts.created) + R"(,"date_updated":)"
           + when(touched) + R"(,"parent_call_sid":)" + orNull(facts.parentCallSid) + R"(,"account_sid":)"
           + quoted(facts.accountSid) + R"(,"to":)" + quoted(facts.to) + R"(,"to_formatted":)" + quoted(facts.to)
           + R"(,"from":)" + quoted(facts.from) + R"(,"from_formatted":)" + quoted(facts.from)
           + R"(,"phone_number_sid":null,"status":)" + quoted(facts.status) + R"(,"start_time":)" + when(facts.answered)
           + R"(,"end_time":)" + when(facts.ended) + R"(,"duration":)"
           + (facts.over() ? quoted(std::to_string(facts.seconds())) : "null")
           + R"(,"price":null,"price_unit":"USD","direction":)" + quoted(facts.direction) + R"(,"answered_by":)"
           + orNull(facts.answeredBy) + R"(,"api_version":"2010-04-01","forwarded_from":null,"group_sid":null,)"
           + R"("caller_name":null,"queue_time":"0","trunk_sid":null,"uri":)" + quoted(uri + ".json")
           + R"(,"subresource_uris":{"recordings":)" + quoted(uri + "/Recordings.json") + R"(,"streams":)"
           + quoted(uri + "/Streams.json") + "}}";
}

} // namespace takt::sim
