// SPDX-License-Identifier: GPL-3.0-or-later
// The media threads: TX workers with their carrier sockets, and the call worker with its model sessions. Part of the
// composition root. Owned by the main thread, whose functions these are; the destructor ends and joins all of it.
#pragma once

#include "calls/callworker.h"
#include "carrier/hub.h"
#include "config/settings.h"
#include "media/beatthread.h"
#include "media/latenesshistogram.h"
#include "media/txworker.h"

#include <QObject>

#include <functional>
#include <memory>
#include <vector>

class QTcpSocket;

namespace takt {

class Engine final : public QObject
{
    Q_OBJECT
public:
    explicit Engine(const config::TxSettings &settings);
    ~Engine() override;

    // To connect signals to; lives in the call worker's thread.
    [[nodiscard]] calls::CallWorker *calls() const { return m_calls.worker.get(); }
    // What the kernel granted to the media threads.
    [[nodiscard]] const QString &realTime() const { return m_realTime; }
    [[nodiscard]] qint64 worstLateNs() const;
    // Of each TX worker, since the start.
    [[nodiscard]] std::vector<media::LatenessHistogram::Snapshot> lateness() const;

    // Takes over a socket without parent whose upgrade request is unread.
    void handOver(QTcpSocket *socket, const carrier::Pass &pass);
    // Delivers in the main thread, soon.
    void askCalls(std::function<void(const QList<CallSnapshot> &)> deliver);
    void askCall(const QString &callSid, std::function<void(const CallDetail &)> deliver);
    // Null: there is no such live call.
    void askMedia(const QString &callSid, std::function<void(const media::CallMediaPtr &)> deliver);
    void endCall(const QString &callSid, EndReason reason);
    // An operator's order to a live call. Delivers in the main thread what was in the way; empty: nothing.
    void order(const QString &callSid, calls::CallWorker::Order order, std::function<void(const QString &)> done);
    // Ends all calls; their ends are with the records when this returns.
    void endAll(EndReason reason);
    // Delivers in the main thread once every media thread has answered.
    void probe(std::function<void()> alive);

private:
    // What lives in one TX thread.
    struct Tx {
        explicit Tx(int index)
            : thread(QStringLiteral("tx-%1").arg(index))
        {
        }
        media::BeatThread thread;
        std::shared_ptr<media::CallerAudioRing> ring;
        std::unique_ptr<media::TxWorker> worker; // made and destroyed in the thread
        std::unique_ptr<carrier::Hub> hub;       // as well
    };
    struct Calls {
        media::BeatThread thread{QStringLiteral("calls")};
        std::unique_ptr<calls::CallWorker> worker; // made and destroyed in the thread
    };

    template <typename Question, typename Deliver>
    void ask(Question question, Deliver deliver);
    void startCalls();
    void startTx(const config::TxSettings &settings);
    void connectRooms(const Tx &tx);

    Calls m_calls;
    std::vector<std::unique_ptr<Tx>> m_tx;
    std::size_t m_nextTx = 0;
    QString m_realTime;
};

} // namespace takt
