// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/connection.h"

#include <array>
#include <sys/epoll.h>
#include <utility>

namespace takt::sim {

Connection::Connection(Reactor &reactor, Owner &owner, std::unique_ptr<Stream> stream, bool dialling)
    : m_reactor(reactor)
    , m_owner(owner)
    , m_stream(std::move(stream))
    , m_stage(dialling ? Stage::Connecting : Stage::Securing)
    , m_dialled(dialling)
    , m_interest(dialling ? std::uint32_t(EPOLLOUT) : std::uint32_t(EPOLLIN))
{
    m_reactor.watch(m_stream->descriptor(), m_interest, this);
}

Connection::~Connection()
{
    *m_alive = false;
    if (m_stream)
        m_reactor.forget(m_stream->descriptor());
}

std::unique_ptr<Stream> Connection::release()
{
    if (m_stream)
        m_reactor.forget(m_stream->descriptor());
    return std::move(m_stream);
}

void Connection::send(std::string_view bytes)
{
    m_out.append(bytes);
    flush();
}

void Connection::closeWhenSent()
{
    m_closing = true;
    flush();
}

void Connection::reset()
{
    if (!m_stream)
        return;
    m_stream->reset();
    m_reactor.forget(m_stream->descriptor());
    m_stream.reset();
}

void Connection::ready(std::uint32_t events)
{
    if (m_stage == Stage::Connecting) {
        if (!m_stream->connected()) {
            end("connection refused");
            return;
        }
        m_stage = Stage::Securing;
        m_interest = 0; // so that it is set anew
        if (!m_stream->secured())
            m_stream->write({}); // begins to shake hands
        advance();
        flush();
        return;
    }
    if ((events & EPOLLOUT) != 0)
        flush();
    if (m_stream && (events & ~std::uint32_t(EPOLLOUT)) != 0)
        readAll();
}

void Connection::advance()
{
    if (m_stage != Stage::Securing || !m_stream || !m_stream->secured())
        return;
    m_stage = Stage::Open;
    if (m_dialled)
        m_owner.opened(*this);
}

void Connection::readAll()
{
    std::array<char, 65536> buffer; // NOLINT: filled by the kernel, no need to clear it first
    const auto alive = m_alive;
    while (m_stream) {
        const Stream::Outcome got = m_stream->read(buffer);
        advance();
        if (!*alive || !m_stream)
            return;
        if (got.status == Stream::Status::Again)
            break;
        if (got.status != Stream::Status::Moved) {
            const std::string why = m_stream->failure();
            end(got.status == Stream::Status::Ended && why.empty() ? std::string()
                                                                   : (why.empty() ? "connection reset" : why));
            return;
        }
        m_owner.received(*this, std::string_view(buffer.data(), got.bytes));
        if (!*alive || got.bytes < buffer.size())
            break;
    }
    if (*alive)
        flush(); // what had to wait for the keys
}

void Connection::flush()
{
    if (!m_stream || m_stage == Stage::Connecting)
        return;
    bool failed = m_stream->unflushed() && m_stream->flush() == Stream::Status::Failed;
    while (!failed && m_outAt < m_out.size()) {
        const Stream::Outcome sent = m_stream->write(std::string_view(m_out).substr(m_outAt));
        if (sent.status == Stream::Status::Again)
            break;
        failed = sent.status != Stream::Status::Moved;
        m_outAt += sent.bytes;
    }
    if (failed) {
        m_reactor.later([this, alive = m_alive] {
            if (*alive && m_stream)
                end(m_stream->failure().empty() ? "connection broken while writing" : m_stream->failure());
        });
        return;
    }
    if (m_outAt == m_out.size()) {
        m_out.clear();
        m_outAt = 0;
        if (m_closing && !m_stream->unflushed()) {
            m_reactor.later([this, alive = m_alive] {
                if (*alive && m_stream)
                    end({});
            });
            return;
        }
    }
    updateInterest();
}

void Connection::updateInterest()
{
    const bool blocked = m_stream->unflushed() || (m_stream->secured() && m_outAt < m_out.size());
    const std::uint32_t wanted = std::uint32_t(EPOLLIN) | (blocked ? std::uint32_t(EPOLLOUT) : 0U);
    if (wanted == m_interest)
        return;
    m_interest = wanted;
    m_reactor.rewatch(m_stream->descriptor(), wanted);
}

void Connection::end(const std::string &why)
{
    m_reactor.forget(m_stream->descriptor());
    m_stream.reset();
    m_owner.ended(*this, why);
}

} // namespace takt::sim
