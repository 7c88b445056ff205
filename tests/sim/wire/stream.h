// SPDX-License-Identifier: GPL-3.0-or-later
// A non-blocking byte stream as the layers above see it, and its plain kind: TCP. tlsstream.h has the encrypted one.
// Belongs to the thread of its reactor.
#pragma once

#include "sim/wire/clock.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <span>
#include <string>
#include <string_view>

namespace takt::sim {

// Of this machine: the first address of its own network, or the so many-th after it.
[[nodiscard]] sockaddr_in loopback(int port, int host = 0);

class Stream
{
public:
    enum class Status { Moved, Again, Ended, Failed };
    struct Outcome {
        Status status = Status::Again;
        std::size_t bytes = 0;
        Nanos stamp = 0; // monotonic time at which the kernel took the newest of these bytes from the network
    };

    virtual ~Stream() = default;
    virtual Outcome read(std::span<char> into) = 0;
    virtual Outcome write(std::string_view bytes) = 0;
    [[nodiscard]] virtual int descriptor() const = 0;
    // True once a connection that was begun has succeeded; asked when the descriptor first becomes writable.
    [[nodiscard]] virtual bool connected() = 0;
    virtual void reset() = 0; // an abrupt end: the peer sees ECONNRESET

    // False while the two ends still agree on a key: what is written then has to wait, but not for the socket.
    [[nodiscard]] virtual bool secured() const { return true; }
    // True while bytes taken over by write() have not reached the kernel; flush() tries again.
    [[nodiscard]] virtual bool unflushed() const { return false; }
    virtual Status flush() { return Status::Moved; }
    // Why it failed, in words; empty if the socket is all that there is to say about.
    [[nodiscard]] virtual std::string failure() const { return {}; }
};

class TcpStream final : public Stream
{
public:
    explicit TcpStream(int fd);
    ~TcpStream() override;
    TcpStream(const TcpStream &) = delete;
    TcpStream &operator=(const TcpStream &) = delete;

    // Begins to connect; null when no descriptor or route is left.
    static std::unique_ptr<TcpStream> dial(const sockaddr_in &to, int receiveBuffer);
    // A listening descriptor on the address, or -1; the port that the kernel chose is stored back into it.
    static int listenOn(sockaddr_in &address);

    Outcome read(std::span<char> into) override;
    Outcome write(std::string_view bytes) override;
    [[nodiscard]] int descriptor() const override { return m_fd; }
    [[nodiscard]] bool connected() override;
    void reset() override;

private:
    int m_fd;
};

} // namespace takt::sim
