// SPDX-License-Identifier: GPL-3.0-or-later
// How the telephone part of a run shall be: the number's configuration, the account, the network's habits and faults.
// Values, fixed before the start.
#pragma once

#include "sim/carrier/options.h"
#include "sim/office/faultboard.h"

#include <map>
#include <string>
#include <vector>

namespace takt::sim {

// Where a host name leads, instead of asking the resolver: a public name of a gateway on this machine.
struct HostTarget {
    sockaddr_in address{}; // its port 0: the gateway's
    bool plain = false;    // without TLS although the URL says so: as behind a proxy that terminates it
};

// The order of callbacks, by chance; all zero: as things happened, one after the other.
struct CallbackDisorder {
    double shuffled = 0;      // probability of a delay of up to two seconds, overtaken by others
    double duplicated = 0;    // ... of being sent twice, with the same idempotency token
    double late = 0;          // ... of coming `lateSeconds` after its time
    double emptyParties = 0;  // ... of empty From and To
    double withoutParent = 0; // ... of a child leg's callback without ParentCallSid
    double lateSeconds = 5;

    [[nodiscard]] static CallbackDisorder wild() { return {0.3, 0.3, 0.15, 0.3, 0.3, 3}; }
};

enum class Answer { Human, Machine, Fax, Busy, NoAnswer, Failed };

// What happens to a number that is called, by <Dial> or by REST.
struct Dialling {
    double ringMs = 50;
    double answerMs = 300;  // of ringing
    double machineMs = 500; // until a machine is told from a human
    double talkSeconds = 3; // that a <Dial>led party talks before it hangs up
    Answer answer = Answer::Human;
    // ... and exceptions, by how the number ends.
    std::map<std::string, Answer> bySuffix{{"0001", Answer::Busy},
                                           {"0002", Answer::NoAnswer},
                                           {"0003", Answer::Failed},
                                           {"0004", Answer::Machine},
                                           {"0005", Answer::Fax}};

    [[nodiscard]] Answer of(const std::string &number) const
    {
        for (const auto &[suffix, outcome] : bySuffix) {
            if (number.ends_with(suffix))
                return outcome;
        }
        return answer;
    }
};

struct RestFaults {
    int first = 0;       // so many requests ...
    int status = 0;      // ... are answered with this status (429, 500, 503); 0: not
    int retryAfter = -1; // seconds, in a Retry-After header; -1: no header
    double delayMs = 0;  // before every answer
    int dropBefore = 0;  // so many connections are reset before their request has any effect
    int dropAfter = 0;   // ... after it had
    int ineligible = 0;  // so many recordings are refused with 21220
    // Of recordings, by their names on the fault board without "rest.": media404, media-cut, callback-late, ...
    FaultBoard::Values media;
};

struct PhoneOptions {
    // Of the called numbers. The port 0 in any URL here stands for the gateway's, which is known later.
    std::string voiceUrl; // empty: no telephone calls, only media streams
    std::string statusUrl;
    std::string fallbackUrl;
    std::vector<std::string> numbers; // called ones, at random; empty: made up
    std::string authToken;            // empty: made up
    std::string caFile;               // of PEM certificates that are trusted; empty: the system's
    bool verify = true;
    std::map<std::string, HostTarget> hosts; // by "name:port", or by "name" for every port
    bool allowRemote = false;
    bool allowWs = false;            // <Stream url="ws://..."> to this machine
    bool actionFallsThrough = false; // after </Connect> the next verb runs although there is an action
    bool signWithoutPort = false;    // the wss URL is signed without its port, as https is
    double speechMsPerLetter = 60;   // of <Say>
    double playSeconds = 2;          // of <Play>
    double webhookSeconds = 15;      // that an answer may take
    CallbackDisorder disorder;
    Dialling dialling;
    bool rest = false;
    std::uint16_t restPort = 0;  // 0: any
    std::string restCertificate; // PEM files: then it is https
    std::string restKey;
    double recordingAbsent = 0; // probability that a recording turns out to have nothing in it
    RestFaults restFaults;
    CallPlan outbound; // how the called party of a REST call behaves; its seconds: as in the carrier's options if <= 0

    [[nodiscard]] bool enabled() const { return rest || !voiceUrl.empty(); }
};

} // namespace takt::sim
