// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/httpmessage.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace takt::sim {
namespace {

constexpr std::size_t kMaxHead = 65536;
constexpr std::size_t kMaxBody = 64 * 1024 * 1024;

bool readSize(std::string_view text, int base, std::size_t &size)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, base);
    return error == std::errc() && end == text.data() + text.size() && size <= kMaxBody;
}

} // namespace

void HttpMessage::fail(const char *why)
{
    m_error = why;
    m_state = State::Done;
}

void HttpMessage::feed(std::string_view bytes)
{
    m_in.append(bytes);
    while (m_state != State::Done) {
        if (m_state == State::Head) {
            if (!readHead())
                return;
        } else if (m_state == State::Chunks) {
            if (!readChunk())
                return;
        } else if (m_state == State::UntilEnd) {
            m_body += m_in;
            m_in.clear();
            if (m_body.size() > kMaxBody)
                fail("the body is too large");
            return;
        } else {
            const std::size_t take = std::min(m_length - m_body.size(), m_in.size());
            m_body.append(m_in, 0, take);
            m_in.erase(0, take);
            if (m_body.size() < m_length)
                return;
            m_state = State::Done;
        }
    }
}

bool HttpMessage::readHead()
{
    const std::size_t end = m_in.find("\r\n\r\n");
    if (end == std::string::npos) {
        if (m_in.size() > kMaxHead)
            fail("the head is too large");
        else if (!m_in.empty() && std::isupper(static_cast<unsigned char>(m_in.front())) == 0)
            fail("not HTTP/1.1"); // TLS to a plain port, for one: it would wait for ever
        return false;
    }
    const auto head = HttpHead::parse(std::string_view(m_in).substr(0, end));
    m_in.erase(0, end + 4);
    if (!head || (head->status != 0) != (m_kind == Kind::Response)) {
        fail("not HTTP/1.1");
        return true;
    }
    if (head->status >= 100 && head->status < 200 && head->status != 101)
        return true; // an interim answer: the real one follows
    m_head = *head;
    beginBody();
    return true;
}

void HttpMessage::beginBody()
{
    const std::string length = m_head.header("content-length");
    if (m_head.status == 101 || m_head.status == 204 || m_head.status == 304) {
        m_state = State::Done;
    } else if (lowered(m_head.header("transfer-encoding")).find("chunked") != std::string::npos) {
        m_state = State::Chunks;
    } else if (!length.empty()) {
        m_state = State::Length;
        if (!readSize(length, 10, m_length))
            fail("a bad Content-Length");
    } else {
        m_state = m_kind == Kind::Response ? State::UntilEnd : State::Done;
    }
}

bool HttpMessage::readChunk()
{
    const std::size_t line = m_in.find("\r\n");
    if (line == std::string::npos)
        return false;
    std::size_t size = 0;
    if (!readSize(std::string_view(m_in).substr(0, m_in.find_first_of(";\r")), 16, size)
        || m_body.size() + size > kMaxBody) {
        fail("a bad chunk");
        return true;
    }
    if (size == 0) {
        const std::size_t end = m_in.find("\r\n\r\n", line); // after the trailers, of which there are usually none
        if (end == std::string::npos)
            return false;
        m_in.erase(0, end + 4);
        m_state = State::Done;
        return true;
    }
    if (m_in.size() < line + 2 + size + 2)
        return false;
    m_body.append(m_in, line + 2, size);
    m_in.erase(0, line + 2 + size + 2);
    return true;
}

void HttpMessage::connectionEnded()
{
    if (m_state == State::UntilEnd)
        m_state = State::Done;
    else if (m_state != State::Done)
        fail("the connection ended in mid-message");
}

} // namespace takt::sim
