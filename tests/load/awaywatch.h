// SPDX-License-Identifier: GPL-3.0-or-later
// Tells how far back the bytes that a socket just gave may have come. A read bears one stamp, that of its newest bytes;
// older messages in it came after the socket was last known to be empty. That is known of all sockets whenever the
// reactor has asked the kernel and served all it named. Belongs to the reactor's thread.
#pragma once

#include "sim/wire/reactor.h"

#include <cstddef>
#include <deque>

namespace takt::load {

class AwayWatch
{
public:
    AwayWatch(sim::Reactor &reactor, int sockets)
        : m_reactor(reactor)
        , m_passes(2 + std::size_t(sockets) / kEventsPerPass)
    {
    }

    // To be called by timers, the more the finer. Timers of one pass count once: no socket is served between them.
    void tick(sim::Nanos now)
    {
        if (m_ticked)
            return;
        m_ticked = true;
        m_reactor.later([this, now] {
            m_ticked = false;
            m_times.push_back(now);
            if (m_times.size() > m_passes)
                m_times.pop_front();
        });
    }
    // Nothing that was read just now was there before; 0 if unknown.
    [[nodiscard]] sim::Nanos emptyAt() const { return m_times.size() < m_passes ? 0 : m_times.front(); }

private:
    static constexpr std::size_t kEventsPerPass = 256; // that the reactor takes from the kernel at once

    sim::Reactor &m_reactor;
    std::size_t m_passes;
    std::deque<sim::Nanos> m_times;
    bool m_ticked = false;
};

} // namespace takt::load
