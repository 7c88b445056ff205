// SPDX-License-Identifier: GPL-3.0-or-later
// A value or the reason why there is none. Used at boundaries instead of exceptions; lives in any thread.
#pragma once

#include <QString>

#include <utility>
#include <variant>

namespace takt {

// The human-readable reason of a failure; a type of its own so that Result<QString> is unambiguous.
struct Error {
    QString text;
};

template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    [[nodiscard]] bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const T &value() const & { return std::get<0>(m_state); }
    [[nodiscard]] T &&value() && { return std::get<0>(std::move(m_state)); }
    [[nodiscard]] const T &operator*() const { return value(); }
    [[nodiscard]] const T *operator->() const { return &value(); }
    [[nodiscard]] const QString &error() const { return std::get<1>(m_state).text; }

private:
    std::variant<T, Error> m_state;
};

} // namespace takt
