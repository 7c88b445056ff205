// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator wants to hear of while he looks elsewhere, and how often he can bear it. Pure, told the time; lives in the
// GUI's thread.
#pragma once

#include <QList>
#include <QMap>

#include <utility>

namespace takt::console {

enum class Alarm { Stall, DeadJob };

// Tells what is new of what a gateway lists again and again.
class News
{
public:
    // Moments, and how much happened in each. How much of it is later than all that was there before; at the first look
    // nothing is new.
    [[nodiscard]] int look(const QList<std::pair<qint64, int>> &happened);

private:
    qint64 m_seenMs = -1;
};

// Keeps alarms of a kind apart.
class Bell
{
public:
    static constexpr qint64 kQuietMs = 60'000;

    // `count` more: of how many to tell now, with those that were kept back before. 0: be quiet.
    [[nodiscard]] int ring(Alarm kind, int count, qint64 nowMs);

private:
    struct Past {
        qint64 rangAtMs = -kQuietMs;
        int keptBack = 0;
    };
    QMap<Alarm, Past> m_past;
};

} // namespace takt::console
