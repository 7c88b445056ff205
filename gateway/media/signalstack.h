// SPDX-License-Identifier: GPL-3.0-or-later
// A stack for the signal handlers of one thread: where the thread's own has run out, what a crash leaves is written on this
// one. Set up in its thread, and outlives it.
#pragma once

#include <QtGlobal>

#include <array>
#include <csignal>

namespace takt::media {

class SignalStack
{
public:
    SignalStack() = default;
    Q_DISABLE_COPY_MOVE(SignalStack)

    // By the calling thread; one that it has already (a sanitizer's) stays.
    void use()
    {
        stack_t stack{};
        if (sigaltstack(nullptr, &stack) != 0 || (stack.ss_flags & SS_DISABLE) == 0)
            return;
        stack = {m_bytes.data(), 0, m_bytes.size()};
        sigaltstack(&stack, nullptr);
    }

private:
    static constexpr std::size_t kBytes = 64 * 1024;

    std::array<char, kBytes> m_bytes; // not cleared: a page that nobody needs is none
};

} // namespace takt::media
