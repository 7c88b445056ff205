// SPDX-License-Identifier: GPL-3.0-or-later
// Who calls whom, and the form fields that the carrier's requests carry about it (protocols: TwiML request parameters,
// call status callbacks). Pure, told the time where there is any.
#pragma once

#include "sim/verdict/phonerecord.h"

#include <cstdint>
#include <ctime>

namespace takt::sim {

struct CallFacts {
    std::string accountSid;
    std::string callSid;
    std::string parentCallSid; // of a leg that <Dial> made
    std::string from;
    std::string to;
    std::string direction = "inbound"; // or outbound-api, outbound-dial
    std::string status = "ringing";
    std::time_t created = 0;
    std::time_t answered = 0; // 0: not
    std::time_t ended = 0;    // 0: not
    std::string answeredBy;   // of answering machine detection; empty: not asked for

    [[nodiscard]] bool over() const { return ended != 0; }
    [[nodiscard]] std::int64_t seconds() const { return answered == 0 ? 0 : (ended == 0 ? 0 : ended - answered); }
};

// What every request about the call carries.
[[nodiscard]] Params standardParams(const CallFacts &facts);
// ... and what a status callback adds; the duration only at the end.
[[nodiscard]] Params statusParams(const CallFacts &facts, int sequenceNumber, std::time_t now);
// The REST resource.
[[nodiscard]] std::string callResource(const CallFacts &facts);

[[nodiscard]] std::string rfc2822(std::time_t when);
[[nodiscard]] std::string iso8601(std::time_t when);
[[nodiscard]] bool isTerminal(const std::string &status);

} // namespace takt::sim
