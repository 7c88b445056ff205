// SPDX-License-Identifier: GPL-3.0-or-later
// What every program does that measures under load: it can be interrupted, it may open many sockets, it reads numbers from its
// command line. Main thread.
#pragma once

#include <QCommandLineParser>

#include <atomic>
#include <sys/resource.h>
#include <type_traits>

namespace takt::load {

// Set by SIGINT, SIGTERM and SIGHUP from now on. A connection that breaks is no reason to end.
[[nodiscard]] const std::atomic<bool> &catchInterrupts();

// Two sockets a call, here and in the program under test: takes all descriptors that we may have, and says how many.
rlim_t raiseDescriptorLimit();

// An error text, or nothing.
template <typename T>
[[nodiscard]] QString readNumber(const QCommandLineParser &parser, const QString &name, std::type_identity_t<T> low,
                                 std::type_identity_t<T> high, T &into)
{
    bool ok = false;
    const double value = parser.value(name).toDouble(&ok);
    if (!ok || value < double(low) || value > double(high))
        return QStringLiteral("--%1 takes a number from %2 to %3").arg(name).arg(low).arg(high);
    into = T(value);
    return {};
}

} // namespace takt::load
