// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/exchange.h"

#include "load/wiretext.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace takt::load {

namespace {

constexpr std::size_t kKept = 64 * 1024; // of an answer; the longest is that of /metrics
constexpr sim::Nanos kPatience = 5 * sim::kSecond;
constexpr auto kStatusLine = "HTTP/1.1 ";

} // namespace

Exchange::Exchange(sim::Reactor &reactor, Words words, Ended ended)
    : m_reactor(reactor)
    , m_words(std::move(words))
    , m_ended(std::move(ended))
{
}

Exchange::~Exchange()
{
    m_reactor.cancel(m_timer);
    if (!m_stream)
        return;
    m_reactor.forget(m_stream->descriptor());
    m_stream->reset(); // or thousands of ports would wait for a minute
}

bool Exchange::dial(int port, int stranger)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    m_stream = std::make_unique<sim::TcpStream>(fd);
    m_reactor.watch(fd, EPOLLIN | EPOLLOUT, this);
    m_begun = sim::monotonicNs();
    const sockaddr_in from = sim::loopback(0, stranger);
    const sockaddr_in to = sim::loopback(port);
    const int late = 1; // the port is chosen on connecting: it has to be free towards that peer only
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
    if (bind(fd, reinterpret_cast<const sockaddr *>(&from), sizeof from) != 0)
        return false;
    return connect(fd, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0 || errno == EINPROGRESS;
}

void Exchange::ready(std::uint32_t events)
{
    if (m_over)
        return;
    if (!m_connected) {
        if ((events & EPOLLERR) != 0 || !m_stream->connected()) {
            end();
            return;
        }
        if ((events & EPOLLOUT) == 0)
            return;
        m_connected = true;
        m_unsent = m_words.first;
        send();
        sendLater();
    } else if ((events & EPOLLOUT) != 0) {
        send();
    }
    if ((events & ~std::uint32_t(EPOLLOUT)) != 0)
        read();
}

void Exchange::read()
{
    std::array<char, 4096> bytes{};
    while (!m_over) {
        const sim::Stream::Outcome outcome = m_stream->read(bytes);
        if (outcome.status == sim::Stream::Status::Again)
            return;
        if (outcome.status != sim::Stream::Status::Moved) {
            end();
            return;
        }
        m_stamp = outcome.stamp;
        m_answer.append(bytes.data(), std::min(outcome.bytes, kKept - std::min(kKept, m_answer.size())));
    }
}

// What fails here shows when reading, which may still find an answer.
void Exchange::send()
{
    if (!m_unsent.empty()) {
        const sim::Stream::Outcome outcome = m_stream->write(m_unsent);
        if (outcome.status == sim::Stream::Status::Moved)
            m_unsent.erase(0, outcome.bytes);
        else if (outcome.status == sim::Stream::Status::Failed)
            m_unsent.clear();
    }
    if (m_wantsOut == m_unsent.empty()) {
        m_wantsOut = !m_unsent.empty();
        m_reactor.rewatch(m_stream->descriptor(), m_wantsOut ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

void Exchange::sendLater()
{
    if (m_words.every == 0)
        return;
    m_timer = m_reactor.at(sim::monotonicNs() + m_words.every, [this] {
        if (m_over)
            return;
        if (m_unsent.empty()) {
            m_unsent = m_words.piece;
            send();
        }
        sendLater();
    });
}

void Exchange::end()
{
    m_over = true;
    m_ended(*this);
}

int Exchange::status() const
{
    return m_answer.rfind(kStatusLine, 0) == 0 ? std::atoi(m_answer.c_str() + 9) : 0;
}

int Exchange::answers() const
{
    int count = 0;
    for (std::size_t at = m_answer.find(kStatusLine); at != std::string::npos; at = m_answer.find(kStatusLine, at + 1))
        ++count;
    return count;
}

std::string ask(int port, const std::string &request)
{
    sim::Reactor reactor;
    std::string answer;
    Exchange exchange(reactor, Words{request, {}, 0}, [&](Exchange &e) {
        answer = e.answer();
        reactor.quit();
    });
    if (!exchange.dial(port, 0))
        return {};
    reactor.at(sim::monotonicNs() + kPatience, [&] { reactor.quit(); });
    reactor.run();
    return answer;
}

} // namespace takt::load
