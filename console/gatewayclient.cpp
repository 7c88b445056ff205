// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/gatewayclient.h"

#include "shared/controlprotocol.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kFirstWaitMs = 250;
constexpr int kLongestWaitMs = 5000;
constexpr int kHelloLimitMs = 5000;
constexpr qint64 kLongestLine = 32 * 1024 * 1024; // a whole transcript, at most

} // namespace

GatewayClient::GatewayClient(QObject *parent)
    : QObject(parent)
{
    m_retry.setSingleShot(true);
    m_helloLimit.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &GatewayClient::connectNow);
    connect(&m_helloLimit, &QTimer::timeout, this,
            [this] { lose(State::Waiting, tr("it does not introduce itself")); });
    connect(&m_socket, &QLocalSocket::readyRead, this, &GatewayClient::onReadable);
    connect(&m_socket, &QLocalSocket::disconnected, this, [this] {
        if (m_state != State::Idle && m_state != State::Mismatch)
            lose(State::Waiting, tr("the connection has ended"));
    });
    connect(&m_socket, &QLocalSocket::errorOccurred, this, [this](QLocalSocket::LocalSocketError error) {
        if (m_state == State::Connecting && error != QLocalSocket::PeerClosedError)
            lose(State::Waiting, m_socket.errorString());
    });
}

GatewayClient::~GatewayClient()
{
    m_socket.disconnect(this);
}

void GatewayClient::open(const QString &path)
{
    m_path = path;
    m_waitMs = 0;
    connectNow();
}

void GatewayClient::retryNow()
{
    if (m_state == State::Waiting || m_state == State::Mismatch)
        open(m_path);
}

void GatewayClient::connectNow()
{
    m_retry.stop();
    m_state = State::Idle; // whatever the old connection still says is not about this one
    m_socket.abort();
    setState(State::Connecting);
    m_helloLimit.start(kHelloLimitMs);
    m_socket.connectToServer(m_path);
}

void GatewayClient::onReadable()
{
    while (m_socket.canReadLine()) {
        const QJsonDocument message = QJsonDocument::fromJson(m_socket.readLine());
        if (!message.isObject())
            return lose(State::Waiting, tr("what answers is no gateway"));
        onMessage(message.object());
    }
    if (m_socket.bytesAvailable() > kLongestLine)
        lose(State::Waiting, tr("what answers is no gateway"));
}

void GatewayClient::onMessage(const QJsonObject &message)
{
    if (m_state == State::Connecting)
        return onHello(message);
    if (m_state != State::Connected)
        return;
    if (message.contains("topic"_L1)) {
        const QString topic = message["topic"_L1].toString();
        if (m_topics.contains(topic)) // else: it was on its way when it was given up
            Q_EMIT updated(topic, TopicUpdate::fromJson(message));
        return;
    }
    const Pending pending = m_pending.take(message["id"_L1].toInt());
    if (pending.context == nullptr || !pending.answer)
        return;
    if (message.contains("error"_L1))
        pending.answer(Error{message["error"_L1].toString()});
    else
        pending.answer(message["result"_L1].toObject());
}

void GatewayClient::onHello(const QJsonObject &hello)
{
    m_helloLimit.stop();
    m_protocol = hello["protocol"_L1].toInt();
    m_version = hello["gateway"_L1].toString();
    m_features.clear();
    const QJsonArray features = hello["features"_L1].toArray();
    for (const QJsonValue &feature : features)
        m_features << feature.toString();
    if (hello["type"_L1] != "hello"_L1)
        return lose(State::Waiting, tr("what answers is no gateway"));
    if (m_protocol != control::kProtocol || !offers(control::kSubscribe))
        return lose(State::Mismatch, {});
    m_waitMs = 0;
    for (auto it = m_topics.cbegin(); it != m_topics.cend(); ++it)
        write(control::kSubscribe, {{"topics"_L1, QJsonArray{it.key()}}}, 0);
    setState(State::Connected);
}

void GatewayClient::lose(State state, const QString &problem)
{
    m_helloLimit.stop();
    m_problem = problem;
    m_state = State::Idle; // abort() tells of a disconnection that is none
    m_socket.abort();
    m_waitMs = m_waitMs == 0 ? kFirstWaitMs : std::min(m_waitMs * 2, kLongestWaitMs);
    m_retry.start(state == State::Mismatch ? kLongestWaitMs : m_waitMs);
    setState(state);
    const auto pending = std::exchange(m_pending, {});
    for (const Pending &each : pending) {
        if (each.context != nullptr && each.answer)
            each.answer(Error{tr("The connection to the gateway was lost.")});
    }
}

void GatewayClient::subscribe(const QString &topic)
{
    if (m_topics[topic]++ == 0 && m_state == State::Connected)
        write(control::kSubscribe, {{"topics"_L1, QJsonArray{topic}}}, 0);
}

void GatewayClient::unsubscribe(const QString &topic)
{
    const auto it = m_topics.find(topic);
    if (it == m_topics.end() || --*it > 0)
        return;
    m_topics.erase(it);
    if (m_state == State::Connected)
        write(control::kUnsubscribe, {{"topics"_L1, QJsonArray{topic}}}, 0);
}

void GatewayClient::ask(const QString &method, const QJsonObject &parameters, QObject *context, Answer answer)
{
    if (m_state != State::Connected)
        return answer(Error{tr("There is no connection to a gateway.")});
    const int id = m_nextId++;
    m_pending.insert(id, {context, std::move(answer)});
    write(method, parameters, id);
}

void GatewayClient::write(const QString &method, const QJsonObject &parameters, int id)
{
    const QJsonObject request{{"id"_L1, id}, {"method"_L1, method}, {"params"_L1, parameters}};
    m_socket.write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
}

void GatewayClient::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
}

} // namespace takt::console
