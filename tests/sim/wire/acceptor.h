// SPDX-License-Identifier: GPL-3.0-or-later
// A listening TCP socket in a reactor. Belongs to the reactor's thread.
#pragma once

#include "sim/wire/reactor.h"
#include "sim/wire/stream.h"

#include <functional>

namespace takt::sim {

class Acceptor final : public Reactor::Handler
{
public:
    Acceptor(Reactor &reactor, int listeningFd, std::function<void(int fd)> accepted);
    ~Acceptor() override;
    Acceptor(const Acceptor &) = delete;
    Acceptor &operator=(const Acceptor &) = delete;

    void ready(std::uint32_t events) override;

private:
    Reactor &m_reactor;
    int m_fd;
    std::function<void(int fd)> m_accepted;
};

} // namespace takt::sim
