// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/stream.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace takt::sim {
namespace {

// The kernel stamps in wall-clock time; the simulator thinks in monotonic time.
Nanos toMonotonic(const timespec &stamp)
{
    const Nanos wall = Nanos(stamp.tv_sec) * kSecond + Nanos(stamp.tv_nsec);
    const Nanos age = clockNs(CLOCK_REALTIME) - wall;
    return monotonicNs() - (age > 0 ? age : 0);
}

Nanos stampOf(msghdr &message)
{
    for (cmsghdr *c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            timespec stamp{};
            std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
            return toMonotonic(stamp);
        }
    }
    return monotonicNs();
}

void setInt(int fd, int level, int name, int value)
{
    setsockopt(fd, level, name, &value, sizeof value);
}

} // namespace

sockaddr_in loopback(int port, int host)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + std::uint32_t(host));
    address.sin_port = htons(std::uint16_t(port));
    return address;
}

TcpStream::TcpStream(int fd)
    : m_fd(fd)
{
    setInt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    setInt(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
}

TcpStream::~TcpStream()
{
    close(m_fd);
}

std::unique_ptr<TcpStream> TcpStream::dial(const sockaddr_in &to, int receiveBuffer)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return nullptr;
    if (receiveBuffer > 0) // before connecting: the window is agreed on then
        setInt(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer);
    auto stream = std::make_unique<TcpStream>(fd);
    if (connect(fd, reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0 && errno != EINPROGRESS)
        return nullptr;
    return stream;
}

int TcpStream::listenOn(sockaddr_in &address)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setInt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<const sockaddr *>(&address), size) != 0 || listen(fd, 4096) != 0
        || getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

Stream::Outcome TcpStream::read(std::span<char> into)
{
    iovec part{into.data(), into.size()};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = recvmsg(m_fd, &message, 0);
    if (n > 0)
        return {Status::Moved, std::size_t(n), stampOf(message)};
    if (n == 0)
        return {Status::Ended, 0, 0};
    return {errno == EAGAIN || errno == EINTR ? Status::Again : Status::Failed, 0, 0};
}

Stream::Outcome TcpStream::write(std::string_view bytes)
{
    const ssize_t n = send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0)
        return {Status::Moved, std::size_t(n), 0};
    return {errno == EAGAIN || errno == EINTR ? Status::Again : Status::Failed, 0, 0};
}

bool TcpStream::connected()
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0;
}

void TcpStream::reset()
{
    const linger hard{1, 0};
    setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

} // namespace takt::sim
