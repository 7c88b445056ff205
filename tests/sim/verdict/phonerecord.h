// SPDX-License-Identifier: GPL-3.0-or-later
// What is known after its end about the telephone call around a media stream: the documents, the callbacks, the trouble.
// Values; made in the carrier's thread, handed over once.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace takt::sim {

using Params = std::vector<std::pair<std::string, std::string>>;

struct CarrierNotice { // as the carrier's debugger would list it
    int code = 0;
    std::string text;
    bool warning = false;  // the call went on as if nothing had happened
    bool callback = false; // it is about one of `callbacks`
};

struct CallbackRecord {
    std::string kind; // "status:completed", "stream-started", "recording:completed", "dial:answered", "amd"
    std::string url;
    Params params;
    std::string idempotencyToken;
    bool repeated = false; // the second of a deliberate pair
    int status = 0;        // of the answer; 0: none came
    std::string error;     // why none came
    double ms = 0;         // until the answer
    double sentAtMs = 0;   // since the call's begin
};

struct FetchRecord { // a document asked for
    std::string url;
    Params params;
    int status = 0;
    double ms = 0;
};

// What the gateway made of a deliberate attack.
struct AttackRecord {
    std::string fault;      // its name
    int status = 0;         // of the answer to the webhook or to the upgrade (101: let in); 0: none
    int closeCode = 0;      // if it was let in, and closed later
    std::int64_t heard = 0; // media messages that the attacker was sent
};

struct PhoneRecord {
    std::string callSid; // empty: there was no telephone call around this stream
    std::string direction;
    std::string status; // at the end: "completed", "busy", ...
    std::string to;
    std::vector<std::string> verbs; // executed, in order: "Start/Recording", "Connect/Stream", "Say: text", "Redirect"
    std::vector<CarrierNotice> notices;
    std::vector<CallbackRecord> callbacks;
    std::vector<FetchRecord> fetches;
    std::vector<AttackRecord> attacks;
    double twimlMs = -1; // from the first webhook's begin to its whole answer; -1: there was none
    int streams = 0;     // opened
    int streamsTried = 0;
    int upgradeRefusal = 0; // HTTP status of the last upgrade that was refused; 0: none was
    std::vector<std::string> streamUrls;
    std::vector<std::string> recordings; // SIDs

    [[nodiscard]] bool noticed(int code) const
    {
        for (const CarrierNotice &notice : notices) {
            if (notice.code == code)
                return true;
        }
        return false;
    }
};

// Answered other than 2xx, or not in time.
[[nodiscard]] inline bool failed(const CallbackRecord &callback)
{
    return callback.status < 200 || callback.status >= 300;
}

} // namespace takt::sim
