// SPDX-License-Identifier: GPL-3.0-or-later
// One HTTP/1.1 message as its bytes arrive: head, then a body of known length, in chunks, or up to the end of the
// connection. Pure; limits on both parts keep a foolish peer from filling the memory.
#pragma once

#include "sim/wire/httphead.h"

namespace takt::sim {

class HttpMessage
{
public:
    enum class Kind { Request, Response };
    explicit HttpMessage(Kind kind)
        : m_kind(kind)
    {
    }

    // Takes what belongs to this message; the rest stays in rest().
    void feed(std::string_view bytes);
    void connectionEnded();

    [[nodiscard]] bool headDone() const { return m_state != State::Head; }
    [[nodiscard]] bool done() const { return m_state == State::Done; }
    [[nodiscard]] const std::string &error() const { return m_error; }
    [[nodiscard]] const HttpHead &head() const { return m_head; }
    [[nodiscard]] const std::string &body() const { return m_body; }
    [[nodiscard]] std::string &rest() { return m_in; }

private:
    enum class State { Head, Length, Chunks, UntilEnd, Done };

    [[nodiscard]] bool readHead();
    [[nodiscard]] bool readChunk();
    void beginBody();
    void fail(const char *why);

    Kind m_kind;
    State m_state = State::Head;
    HttpHead m_head;
    std::string m_in;
    std::string m_body;
    std::size_t m_length = 0;
    std::string m_error;
};

} // namespace takt::sim
