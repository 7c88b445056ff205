// SPDX-License-Identifier: GPL-3.0-or-later
// One client of the operator's door: lines in, answers and updates out. Whatever it sends that is no request ends it, and
// nothing else. Deletes itself when the client has gone. In the control thread.
#pragma once

#include "control/method.h"
#include "control/publisher.h"

#include <QLocalSocket>
#include <QSet>

#include <memory>

namespace takt::control {

class Connection final : public QObject, private Feed::Reader
{
    Q_OBJECT
public:
    // `methods` and `publisher` outlive it.
    Connection(QLocalSocket *socket, const Methods &methods, Publisher &publisher, QObject *parent);
    ~Connection() override;

private:
    void onReadable();
    void onLine(const QByteArray &line);
    void call(const Method &method, const QString &name, const QJsonValue &id, const QJsonObject &parameters);
    // Of what belongs to the connection itself; the error of a method that is none of these is empty.
    [[nodiscard]] std::optional<Result<QJsonObject>> answer(const QString &method, const QJsonObject &parameters);
    [[nodiscard]] Result<QJsonObject> subscribe(const QStringList &topics);
    void unsubscribe(const QStringList &topics);
    void write(const QJsonObject &message);
    void write(const QJsonValue &id, const Result<QJsonObject> &result);
    void drop(const char *why);

    [[nodiscard]] bool keepsUp() const override;
    void send(const QByteArray &lines) override;

    std::unique_ptr<QLocalSocket> m_socket;
    const Methods &m_methods;
    Publisher &m_publisher;
    QSet<QString> m_topics;
    Tier m_tier = Tier::Act;
    int m_underWay = 0; // requests whose answer is still to come
};

} // namespace takt::control
