// SPDX-License-Identifier: GPL-3.0-or-later
// The console's end of the control protocol (CONTROL.md), and its only socket. Reconnects by itself, waiting longer each
// time, and subscribes anew to what was wanted. Lives in the GUI's thread.
#pragma once

#include "shared/result.h"
#include "shared/topic.h"

#include <QElapsedTimer>
#include <QLocalSocket>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>

namespace takt::console {

class GatewayClient final : public QObject
{
    Q_OBJECT
public:
    enum class State {
        Idle,       // open() was not called
        Connecting, // or waiting for the hello
        Connected,
        Waiting,  // nobody answers: another try comes
        Mismatch, // somebody answers, in a protocol of another version; another try comes, he may be replaced
    };
    using Answer = std::function<void(const Result<QJsonObject> &)>;

    explicit GatewayClient(QObject *parent = nullptr);
    ~GatewayClient() override;

    void open(const QString &path);
    // Does not wait for the next try.
    void retryNow();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const QString &path() const { return m_path; }
    // Of the gateway, by its hello.
    [[nodiscard]] const QString &version() const { return m_version; }
    [[nodiscard]] int protocol() const { return m_protocol; }
    [[nodiscard]] bool offers(const QString &method) const { return m_features.contains(method); }
    // While Waiting or Mismatch: until the next try.
    [[nodiscard]] int retryInMs() const { return m_retry.remainingTime(); }
    // While Waiting: what went wrong, in the system's words.
    [[nodiscard]] const QString &problem() const { return m_problem; }

    // Counted: who subscribes twice unsubscribes twice.
    void subscribe(const QString &topic);
    void unsubscribe(const QString &topic);
    // `answer` comes once, unless `context` goes first. A lost connection is an error.
    void ask(const QString &method, const QJsonObject &parameters, QObject *context, Answer answer);

Q_SIGNALS:
    void stateChanged();
    void updated(const QString &topic, const takt::TopicUpdate &update);

private:
    struct Pending {
        QPointer<QObject> context;
        Answer answer;
    };

    void connectNow();
    void onReadable();
    void onMessage(const QJsonObject &message);
    void onHello(const QJsonObject &hello);
    void lose(State state, const QString &problem);
    void write(const QString &method, const QJsonObject &parameters, int id);
    void setState(State state);

    QString m_path;
    QLocalSocket m_socket;
    State m_state = State::Idle;
    QString m_problem;
    QString m_version;
    int m_protocol = 0;
    QStringList m_features;
    QTimer m_retry;
    QTimer m_helloLimit;
    int m_waitMs = 0;
    QHash<QString, int> m_topics; // and how many want them
    QHash<int, Pending> m_pending;
    int m_nextId = 1;
};

} // namespace takt::console
