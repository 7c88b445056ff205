// SPDX-License-Identifier: GPL-3.0-or-later
// The callbacks of one telephone call: in order one after the other, or as disordered as the options say. Carrier
// thread; one per call.
#pragma once

#include "sim/phone/webhooks.h"
#include "sim/wire/random.h"

#include <deque>

namespace takt::sim {

class Callbacks
{
public:
    struct World {
        Reactor &reactor;
        Webhooks &webhooks;
        const CallbackDisorder &disorder;
        std::function<void()> changed; // a callback was settled
    };
    Callbacks(World world, PhoneRecord &record, std::uint64_t seed);
    ~Callbacks();

    void send(const std::string &kind, const std::string &url, const std::string &method, Params params);
    [[nodiscard]] bool settled() const { return m_pending == 0; }

private:
    struct Waiting {
        std::size_t index; // in the record
        std::string method;
    };

    void begin(const Waiting &callback, bool inOrder);
    void disturb(Params &params);
    void advance();

    World m_world;
    PhoneRecord &m_record;
    Random m_random;
    Nanos m_began;
    std::deque<Waiting> m_queue;
    bool m_busy = false; // with the one that others wait for
    int m_pending = 0;
    int m_sent = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace takt::sim
