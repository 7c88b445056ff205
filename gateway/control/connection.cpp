// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/connection.h"

#include "shared/controlprotocol.h"
#include "telemetry/log.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QPointer>

namespace takt::control {

using namespace Qt::Literals::StringLiterals;
using telemetry::lcGateway;

namespace {

constexpr int kMostUnderWay = 64;
constexpr qsizetype kMostTopics = 64;
constexpr qint64 kUnreadWhileKeepingUp = 256 * 1024;
constexpr qint64 kMostUnread = 16 * kMaxLineBytes; // who asks and never reads

} // namespace

Connection::Connection(QLocalSocket *socket, const Methods &methods, Publisher &publisher, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_methods(methods)
    , m_publisher(publisher)
{
    m_socket->setParent(nullptr);
    m_socket->setReadBufferSize(kMaxLineBytes);
    connect(m_socket.get(), &QLocalSocket::disconnected, this, &QObject::deleteLater);
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &Connection::onReadable);
    QStringList names = m_methods.keys();
    names << kSubscribe << kUnsubscribe << kViewOnly;
    names.sort();
    write({{"type"_L1, "hello"_L1},
           {"protocol"_L1, kProtocol},
           {"gateway"_L1, QString::fromLatin1(TAKT_VERSION)},
           {"features"_L1, QJsonArray::fromStringList(names)}});
}

Connection::~Connection()
{
    m_socket->disconnect(this);
    unsubscribe(m_topics.values());
}

void Connection::onReadable()
{
    while (m_socket->canReadLine())
        onLine(m_socket->readLine(kMaxLineBytes));
    if (m_socket->bytesAvailable() >= kMaxLineBytes)
        drop("a control client sent a line that is too long");
}

void Connection::onLine(const QByteArray &line)
{
    if (m_socket->bytesToWrite() > kMostUnread)
        return drop("a control client asks and does not read");
    const QJsonDocument request = QJsonDocument::fromJson(line);
    if (!request.isObject())
        return drop("a control client sent something that is not a JSON object");
    const QJsonValue id = request["id"_L1];
    const QString name = request["method"_L1].toString();
    const QJsonObject parameters = request["params"_L1].toObject();
    const auto method = m_methods.constFind(name);
    if (method != m_methods.cend())
        return call(*method, name, id, parameters);
    const auto result = answer(name, parameters);
    write(id, result ? *result : Error{u"unknown method \"%1\""_s.arg(name.left(100))});
}

void Connection::call(const Method &method, const QString &name, const QJsonValue &id, const QJsonObject &parameters)
{
    if (method.tier > m_tier)
        return write(id, Error{u"this connection only looks on"_s});
    if (m_underWay >= kMostUnderWay)
        return write(id, Error{u"too many requests are under way"_s});
    if (method.tier == Tier::Act)
        qCInfo(lcGateway).noquote() << "an operator orders:" << name;
    ++m_underWay;
    method.handler(parameters, Reply([id, self = QPointer(this)](const Reply::Answer &answer) {
                       if (self == nullptr)
                           return;
                       --self->m_underWay;
                       self->write(id, answer());
                   }));
}

std::optional<Result<QJsonObject>> Connection::answer(const QString &method, const QJsonObject &parameters)
{
    QStringList topics;
    const QJsonArray named = parameters["topics"_L1].toArray();
    for (const QJsonValue &topic : named)
        topics << topic.toString();
    if (method == kSubscribe)
        return subscribe(topics);
    if (method == kUnsubscribe) {
        unsubscribe(topics);
        return QJsonObject();
    }
    if (method == kViewOnly) {
        m_tier = Tier::View;
        return QJsonObject();
    }
    return std::nullopt;
}

// All of them or none. The snapshots may come before the answer.
Result<QJsonObject> Connection::subscribe(const QStringList &topics)
{
    for (const QString &topic : topics) {
        if (!m_publisher.knows(topic))
            return Error{u"there is no topic \"%1\""_s.arg(topic.left(100))};
    }
    if (m_topics.size() + topics.size() > kMostTopics)
        return Error{u"too many topics"_s};
    for (const QString &topic : topics) {
        if (m_topics.contains(topic))
            continue;
        m_topics.insert(topic);
        m_publisher.subscribe(topic, this);
    }
    return QJsonObject();
}

void Connection::unsubscribe(const QStringList &topics)
{
    for (const QString &topic : topics) {
        if (m_topics.remove(topic))
            m_publisher.unsubscribe(topic, this);
    }
}

void Connection::write(const QJsonObject &message)
{
    m_socket->write(QJsonDocument(message).toJson(QJsonDocument::Compact) + '\n');
}

void Connection::write(const QJsonValue &id, const Result<QJsonObject> &result)
{
    if (result)
        write({{"id"_L1, id}, {"result"_L1, *result}});
    else
        write({{"id"_L1, id}, {"error"_L1, result.error()}});
}

void Connection::drop(const char *why)
{
    qCWarning(lcGateway) << why;
    m_socket->abort(); // emits disconnected()
}

bool Connection::keepsUp() const
{
    return m_socket->bytesToWrite() <= kUnreadWhileKeepingUp;
}

void Connection::send(const QByteArray &lines)
{
    m_socket->write(lines);
}

} // namespace takt::control
