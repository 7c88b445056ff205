// SPDX-License-Identifier: GPL-3.0-or-later
// Plays a flight record's carrier and model against a gateway: one call, in which both do again what they did then. Used
// from one thread; it starts one of its own.
//
//     Replayer replayer(*replayOf(record), options);
//     const auto modelPort = replayer.start();     // the model listens; give its port to the gateway
//     ... start the gateway, then:
//     replayer.call(gatewayPort);
//     ... until done(), then finish()
#pragma once

#include "sim/replay/script.h"
#include "sim/wire/url.h"

#include <QJsonObject>

#include <atomic>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <thread>

namespace takt::sim {

class Reactor;

struct ReplayOptions {
    sockaddr_in gateway{};
    std::string host;
    std::string path = "/media";
    sockaddr_in model{}; // where it listens; port 0: any
};

// What was seen of the gateway on the wire. Whether and why it stalled, its own records tell.
struct ReplayVerdict {
    bool played = false; // to the end of the record, or until the gateway closed the stream
    std::string problem;
    qint64 frames = 0;       // of speech, received
    qint64 longestGapMs = 0; // between two of them, pauses included
    QString recordedCause;
    qint64 recordedMs = 0;

    [[nodiscard]] QJsonObject json() const;
    [[nodiscard]] QString text() const;
};

class Replayer
{
public:
    Replayer(Replay replay, const ReplayOptions &options);
    ~Replayer(); // ends the call and joins
    Replayer(const Replayer &) = delete;
    Replayer &operator=(const Replayer &) = delete;

    // The model's port, or why it can't listen.
    [[nodiscard]] Result<quint16> start();
    // Calls the gateway; a port here overrides the one of the options.
    void call(quint16 gatewayPort = 0);
    [[nodiscard]] bool done() const { return m_done; }
    // Hangs up, and tells how it was; interrupted, if it was not done.
    [[nodiscard]] ReplayVerdict finish();

private:
    class Model;
    class Carrier;

    void begin(); // both sides are ready
    void play(std::size_t step);
    void over(const std::string &problem);

    const Replay m_replay;
    ReplayOptions m_options;
    std::unique_ptr<Reactor> m_reactor;
    std::unique_ptr<Model> m_model;
    std::unique_ptr<Carrier> m_carrier;
    Nanos m_beganAt = 0;
    std::mutex m_mutex; // guards m_verdict
    ReplayVerdict m_verdict;
    std::atomic<bool> m_done{false};
    std::thread m_thread;
};

} // namespace takt::sim
