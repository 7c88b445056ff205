// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/acceptor.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace takt::sim {

Acceptor::Acceptor(Reactor &reactor, int listeningFd, std::function<void(int fd)> accepted)
    : m_reactor(reactor)
    , m_fd(listeningFd)
    , m_accepted(std::move(accepted))
{
    m_reactor.watch(m_fd, EPOLLIN, this);
}

Acceptor::~Acceptor()
{
    m_reactor.forget(m_fd);
    close(m_fd);
}

void Acceptor::ready(std::uint32_t)
{
    for (;;) {
        const int fd = accept4(m_fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        m_accepted(fd);
    }
}

} // namespace takt::sim
