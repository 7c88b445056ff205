// SPDX-License-Identifier: GPL-3.0-or-later
// A gateway as the console sees it, over real bytes: says hello, answers, and publishes what the test tells it to.
#pragma once

#include "shared/topic.h"

#include <QLocalServer>
#include <QLocalSocket>

#include <functional>

class FakeGateway final : public QObject
{
    Q_OBJECT
public:
    using Handler = std::function<QJsonObject(const QJsonObject &parameters)>;
    struct Request {
        QString method;
        QJsonObject parameters;
    };

    ~FakeGateway() override { vanish(); }

    // Empty on success.
    [[nodiscard]] QString listen(const QString &path);
    // Stops listening and ends all connections.
    void vanish();
    // Sends a snapshot or what is new, to whom has subscribed and will.
    void publish(const QString &topic, const takt::TopicState &state);
    void sendRaw(const QByteArray &bytes);
    [[nodiscard]] QStringList orders() const; // methods, without subscriptions
    [[nodiscard]] qsizetype clients() const { return m_clients.size(); }

    QByteArray hello =
        R"({"type":"hello","protocol":1,"gateway":"9.9.9","features":["status","subscribe","hangup","transfer","say","mute","jobs"]})";
    QHash<QString, Handler> handlers; // {"error":...} is an error
    QList<Request> requests;

private:
    struct Client {
        QLocalSocket *socket;
        QSet<QString> topics;
    };
    void onClient();
    void onLine(QLocalSocket *socket, const QByteArray &line);
    void sendSnapshot(QLocalSocket *socket, const QString &topic);
    static void send(QLocalSocket *socket, const QJsonObject &message);

    QLocalServer m_server;
    QList<Client> m_clients;
    QHash<QString, takt::TopicState> m_topics;
};
