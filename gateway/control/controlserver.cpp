// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/controlserver.h"

#include "control/door.h"

#include <QPointer>

namespace takt::control {

ControlServer::ControlServer(const Methods &methods, const QHash<QString, Publisher::Kind> &topics, QObject *parent)
    : QObject(parent)
{
    Methods askedThere = methods;
    for (Method &method : askedThere)
        method.handler = across<Reply::Answer>(method.handler);
    QHash<QString, Publisher::Kind> readThere = topics;
    for (Publisher::Kind &kind : readThere)
        kind.source = across<Feed::Draw>(kind.source);
    m_door = new Door(std::move(askedThere), std::move(readThere));
    m_door->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_door, &QObject::deleteLater);
    m_thread.setObjectName(QStringLiteral("control"));
    m_thread.start();
}

ControlServer::~ControlServer()
{
    m_thread.quit();
    m_thread.wait();
}

template <typename Value, typename About, typename Deliver>
std::function<void(const About &, const Deliver &)>
ControlServer::across(std::function<void(const About &, const Deliver &)> question)
{
    return [this, question = std::move(question)](const About &about, const Deliver &deliver) {
        const auto ask = [this, question, about, deliver] {
            question(about, Deliver([self = QPointer(this), deliver](const Value &value) {
                         if (self == nullptr)
                             return; // and so is the thread that it was for
                         QMetaObject::invokeMethod(
                             self->m_door, [deliver, value] { deliver(value); }, Qt::QueuedConnection);
                     }));
        };
        QMetaObject::invokeMethod(this, ask, Qt::QueuedConnection); // dropped when we go first
    };
}

QString ControlServer::listen(const QString &path)
{
    QString error;
    QMetaObject::invokeMethod(
        m_door, [&] { error = m_door->listen(path); }, Qt::BlockingQueuedConnection);
    return error;
}

} // namespace takt::control
