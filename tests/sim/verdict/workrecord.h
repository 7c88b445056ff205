// SPDX-License-Identifier: GPL-3.0-or-later
// What the world saw of the work after the calls: downloads, AI requests, webhook deliveries, and their sums. Values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace takt::sim {

// `at` of the three below: seconds since 1970.
struct MediaRequest {
    double at = 0;
    std::string method;    // GET, DELETE
    std::string target;    // path and query
    std::string recording; // SID
    int status = 0;        // answered; 0: the connection was dropped instead
    std::int64_t bytes = 0;
    bool authorized = false;
    bool leaked = false; // it was the target of a redirect, and came with an Authorization header
    std::string fault;   // what was done on purpose
};

struct AiRequest {
    double at = 0;
    std::string kind; // transcription, chat, other
    std::string path;
    std::string model;
    std::int64_t bytes = 0; // of the request's body
    double audioSeconds = 0;
    bool authorized = false;
    int status = 0;     // answered; 0: the connection was dropped instead
    bool done = false;  // the work was done: what drop-after threw away included
    std::string format; // response_format
    std::string prompt; // all messages of a chat; the prompt of a transcription
    std::string text;   // the transcript, or the content of the answer
    std::string recording;
    int channel = -1; // of that recording: 0 caller, 1 agent, 2 both mixed; -1: the audio is of no known recording
    std::string fault;
};

struct CrmReceipt {
    double at = 0;
    std::string id; // webhook-id
    std::string path;
    std::int64_t timestamp = 0;
    bool signedRight = false;
    std::string wrong;      // what is wrong with the signature, in words
    int status = 0;         // answered; 0: the connection was dropped instead
    bool received = false;  // counted: answered 2xx, or dropped after it was read
    bool duplicate = false; // received before
    std::string body;
    std::string fault;
};

struct WorkRecord {
    std::int64_t recordings = 0; // completed
    std::int64_t absent = 0;
    std::int64_t downloads = 0; // answered 200
    std::int64_t mediaRequests = 0;
    std::int64_t deleted = 0;
    std::int64_t leaked = 0; // requests that took an Authorization header along to a redirect's target
    std::int64_t transcriptions = 0;
    double audioSeconds = 0; // transcribed
    std::int64_t chats = 0;
    std::int64_t aiRequests = 0;
    std::int64_t aiUnauthorized = 0;
    std::int64_t deliveries = 0; // requests to the CRM
    std::int64_t badSignatures = 0;
    std::int64_t duplicates = 0;
    std::int64_t followedRedirects = 0;      // deliveries that came to a redirect's target
    std::int64_t changedBodies = 0;          // another body under an id that was received before
    std::map<std::string, std::int64_t> ids; // times received, by webhook-id

    [[nodiscard]] bool any() const { return recordings + absent + mediaRequests + aiRequests + deliveries > 0; }
};

} // namespace takt::sim
