// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/fakegateway.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::Literals::StringLiterals;

QString FakeGateway::listen(const QString &path)
{
    QLocalServer::removeServer(path);
    connect(&m_server, &QLocalServer::newConnection, this, &FakeGateway::onClient, Qt::UniqueConnection);
    return m_server.listen(path) ? QString() : m_server.errorString();
}

void FakeGateway::vanish()
{
    m_server.close();
    const auto clients = std::exchange(m_clients, {});
    for (const Client &client : clients) {
        client.socket->disconnect(this);
        client.socket->abort();
        client.socket->deleteLater();
    }
}

void FakeGateway::publish(const QString &topic, const takt::TopicState &state)
{
    const bool isNew = !m_topics.contains(topic);
    const takt::TopicUpdate update = difference(m_topics[topic], state);
    m_topics[topic] = state;
    for (const Client &client : std::as_const(m_clients)) {
        if (!client.topics.contains(topic))
            continue;
        if (isNew)
            sendSnapshot(client.socket, topic);
        else if (!update.isEmpty())
            send(client.socket, update.toJson(topic));
    }
}

void FakeGateway::sendRaw(const QByteArray &bytes)
{
    for (const Client &client : std::as_const(m_clients))
        client.socket->write(bytes);
}

QStringList FakeGateway::orders() const
{
    QStringList all;
    for (const Request &request : requests) {
        if (!request.method.endsWith("subscribe"_L1))
            all << request.method;
    }
    return all;
}

void FakeGateway::onClient()
{
    while (QLocalSocket *socket = m_server.nextPendingConnection()) {
        m_clients.append(Client{socket, {}});
        connect(socket, &QLocalSocket::disconnected, this, [this, socket] {
            m_clients.removeIf([socket](const Client &client) { return client.socket == socket; });
            socket->deleteLater();
        });
        connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
            while (socket->canReadLine())
                onLine(socket, socket->readLine());
        });
        socket->write(hello + '\n');
    }
}

void FakeGateway::onLine(QLocalSocket *socket, const QByteArray &line)
{
    const QJsonDocument request = QJsonDocument::fromJson(line);
    const QString method = request["method"_L1].toString();
    const QJsonObject parameters = request["params"_L1].toObject();
    requests.append({method, parameters});
    QJsonObject result;
    const auto client = std::find_if(m_clients.begin(), m_clients.end(),
                                     [socket](const Client &each) { return each.socket == socket; });
    const QJsonArray topics = parameters["topics"_L1].toArray();
    for (const QJsonValue &topic : topics) {
        if (method == "unsubscribe"_L1) {
            client->topics.remove(topic.toString());
            continue;
        }
        client->topics.insert(topic.toString());
        if (m_topics.contains(topic.toString()))
            sendSnapshot(socket, topic.toString());
    }
    if (const auto handler = handlers.constFind(method); handler != handlers.cend())
        result = (*handler)(parameters);
    if (result.contains("error"_L1))
        send(socket, {{"id"_L1, request["id"_L1]}, {"error"_L1, result["error"_L1]}});
    else
        send(socket, {{"id"_L1, request["id"_L1]}, {"result"_L1, result}});
}

void FakeGateway::sendSnapshot(QLocalSocket *socket, const QString &topic)
{
    const auto pieces = snapshotOf(m_topics[topic]);
    for (const takt::TopicUpdate &piece : pieces)
        send(socket, piece.toJson(topic));
}

void FakeGateway::send(QLocalSocket *socket, const QJsonObject &message)
{
    socket->write(QJsonDocument(message).toJson(QJsonDocument::Compact) + '\n');
}
