// SPDX-License-Identifier: GPL-3.0-or-later
// Which topics there are, and the feeds of those that somebody reads: a topic that nobody reads costs nothing. In the
// control thread.
#pragma once

#include "control/feed.h"

namespace takt::control {

class Publisher final : public QObject
{
    Q_OBJECT
public:
    // "calls", or "call/CA..." of the kind "call": what stands behind the slash is what it is about.
    struct Kind {
        std::function<void(const QString &about, const Feed::Deliver &)> source;
        int intervalMs = Feed::kLeastMs;
        bool aboutOne = false; // needs something behind the slash
    };

    explicit Publisher(QHash<QString, Kind> kinds, QObject *parent = nullptr);

    [[nodiscard]] bool knows(const QString &topic) const;
    // Both may be said twice.
    void subscribe(const QString &topic, Feed::Reader *reader);
    void unsubscribe(const QString &topic, Feed::Reader *reader);

private:
    const QHash<QString, Kind> m_kinds;
    QHash<QString, Feed *> m_feeds; // children
};

} // namespace takt::control
