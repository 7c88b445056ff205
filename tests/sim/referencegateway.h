// SPDX-License-Identifier: GPL-3.0-or-later
// The least gateway that keeps every limit of the verdict, with defects to switch on: so that tests can see the
// simulator pass a good gateway and catch each kind of bad one. One thread of its own. Not a product.
#pragma once

#include "sim/referencephone.h"
#include "sim/wire/websocket.h"

#include <deque>
#include <list>
#include <memory>
#include <thread>

namespace takt::sim {

enum class Defect {
    None,
    Burst,        // now and then two frames at once
    Stall,        // now and then nothing for 300 ms
    OddFrames,    // 200 bytes each
    LosesTail,    // the rest of an item that is shorter than ten frames
    SkipsFrames,  // every 40th frame
    Repeats,      // every 40th frame twice
    KeepsTalking, // doesn't stop when the caller speaks
    LateDeltas,   // plays what arrives of a cancelled response
    NoTruncate,
    WrongTruncate,  // tells the model that 300 ms less were heard
    ExtraField,     // a media message that the carrier rejects
    EarlyAudio,     // appends before session.updated
    UnknownSetting, // a session.update that the model rejects
    NoKey,
    HangsUp, // closes the call after four seconds
    Mute,    // sends nothing to the caller
};

class ReferenceGateway
{
public:
    explicit ReferenceGateway(Defect defect);
    // ... that answers telephone webhooks too, under /twilio/.
    ReferenceGateway(Defect defect, ReferencePhoneOptions phone, TlsContextPtr tls = nullptr);
    ~ReferenceGateway();

    [[nodiscard]] std::uint16_t start(std::uint16_t modelPort); // its own port
    [[nodiscard]] std::vector<ReferencePhone::Seen> seen() const;

private:
    class Line;

    Defect m_defect;
    Reactor m_reactor;
    std::unique_ptr<HttpServer> m_server;
    std::unique_ptr<ReferencePhone> m_phone; // null: only media streams
    std::list<std::unique_ptr<Line>> m_lines;
    std::thread m_thread;
};

} // namespace takt::sim
