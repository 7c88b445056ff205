// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/feed.h"

#include <QJsonDocument>
#include <QPointer>

namespace takt::control {

namespace {

QByteArray line(const QString &topic, const TopicUpdate &update)
{
    return QJsonDocument(update.toJson(topic)).toJson(QJsonDocument::Compact) + '\n';
}

} // namespace

Feed::Feed(QString topic, Source source, int intervalMs, QObject *parent)
    : QObject(parent)
    , m_topic(std::move(topic))
    , m_source(std::move(source))
{
    connect(&m_timer, &QTimer::timeout, this, &Feed::ask);
    m_timer.start(std::max(intervalMs, kLeastMs));
    ask();
}

void Feed::add(Reader *reader)
{
    m_readers.insert(reader, m_known);
    if (m_known)
        reader->send(snapshot());
}

void Feed::remove(Reader *reader)
{
    m_readers.remove(reader);
}

void Feed::ask()
{
    if (std::exchange(m_asked, true))
        return; // one question at a time, however long the answer takes
    m_source([self = QPointer(this)](const Draw &draw) {
        if (self != nullptr)
            self->onPicture(draw());
    });
}

void Feed::onPicture(Picture picture)
{
    m_asked = false;
    const TopicUpdate update = difference(m_picture, picture);
    m_picture = std::move(picture);
    m_known = true;
    QByteArray delta;
    QByteArray whole; // each made once, for all who need it
    for (auto it = m_readers.begin(); it != m_readers.end(); ++it) {
        if (!it.key()->keepsUp()) {
            *it = *it && update.isEmpty();
        } else if (!*it) {
            whole = whole.isEmpty() ? snapshot() : whole;
            it.key()->send(whole);
            *it = true;
        } else if (!update.isEmpty()) {
            delta = delta.isEmpty() ? line(m_topic, update) : delta;
            it.key()->send(delta);
        }
    }
}

QByteArray Feed::snapshot() const
{
    QByteArray lines;
    const QList<TopicUpdate> pieces = snapshotOf(stateOf(m_picture));
    for (const TopicUpdate &piece : pieces)
        lines += line(m_topic, piece);
    return lines;
}

} // namespace takt::control
