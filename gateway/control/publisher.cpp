// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/publisher.h"

namespace takt::control {

namespace {

constexpr qsizetype kLongestTopic = 200;

QString kindOf(const QString &topic)
{
    return topic.section(u'/', 0, 0);
}

QString aboutOf(const QString &topic)
{
    return topic.section(u'/', 1);
}

} // namespace

Publisher::Publisher(QHash<QString, Kind> kinds, QObject *parent)
    : QObject(parent)
    , m_kinds(std::move(kinds))
{
}

bool Publisher::knows(const QString &topic) const
{
    const auto kind = m_kinds.constFind(kindOf(topic));
    return topic.size() <= kLongestTopic && kind != m_kinds.cend() && kind->aboutOne == !aboutOf(topic).isEmpty()
           && (kind->aboutOne || !topic.contains(u'/'));
}

void Publisher::subscribe(const QString &topic, Feed::Reader *reader)
{
    Feed *&feed = m_feeds[topic];
    if (feed == nullptr) {
        const Kind &kind = *m_kinds.constFind(kindOf(topic));
        feed = new Feed(
            topic,
            [source = kind.source, about = aboutOf(topic)](const Feed::Deliver &deliver) { source(about, deliver); },
            kind.intervalMs, this);
    }
    feed->add(reader);
}

void Publisher::unsubscribe(const QString &topic, Feed::Reader *reader)
{
    Feed *feed = m_feeds.value(topic);
    if (feed == nullptr)
        return;
    feed->remove(reader);
    if (feed->idle()) {
        m_feeds.remove(topic);
        feed->deleteLater();
    }
}

} // namespace takt::control
