// SPDX-License-Identifier: GPL-3.0-or-later
// All live calls: makes a Call when a stream starts, hands it the caller's audio from the rings, and sends its wishes out
// as signals. Created in, and lives in, the call worker's BeatThread.
#pragma once

#include "calls/call.h"
#include "media/beatdispatcher.h"
#include "media/calleraudio.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace takt::calls {

class CallWorker final : public QObject, private Call::Host, private media::BeatDispatcher::Beat
{
    Q_OBJECT
public:
    CallWorker(media::BeatDispatcher *dispatcher, std::vector<std::shared_ptr<media::CallerAudioRing>> rings);
    ~CallWorker() override;

    // From the lanes.
    void onStarted(LaneId lane, const carrier::StreamStart &start, const carrier::Pass &pass,
                   const media::CallMediaPtr &media);
    void onDigit(LaneId lane, QChar digit);
    void onItemHeard(LaneId lane, media::ItemNumber item);
    void onInterrupted(LaneId lane, quint32 generation, const std::vector<media::ItemPlayback> &played);
    void onLaneEnded(LaneId lane, EndReason reason, const QString &detail,
                     const std::vector<media::ItemPlayback> &played);

    void endAll(EndReason reason);
    // Nothing happens when there is no such call any more.
    void endCall(const QString &callSid, EndReason reason);
    // What an operator orders of a live call; empty, or what is in the way.
    using Order = std::function<QString(Call &)>;
    [[nodiscard]] QString order(const QString &callSid, const Order &order);
    // For those who look on: all live calls, delivered soon and in this thread. Only a few are looked at in a round of the
    // event loop, so that who talks does not wait until a thousand others have been looked at.
    static constexpr int kSeenInARound = 50;
    using Deliver = std::function<void(const QList<CallSnapshot> &)>;
    void tellAll(Deliver deliver);
    [[nodiscard]] CallDetail detail(const QString &callSid) const;
    // Null: there is no such live call.
    [[nodiscard]] media::CallMediaPtr mediaOf(const QString &callSid) const;

Q_SIGNALS:
    void interruptRequested(takt::LaneId lane, quint32 generation);
    void closeAfterPlayoutRequested(takt::LaneId lane, takt::EndReason reason, int limitMs);
    void closeRequested(takt::LaneId lane, takt::EndReason reason);
    void callStarted(const takt::CallStarted &started);
    void turnFinished(const takt::TurnFinished &turn);
    void callEnded(const takt::CallEnded &ended);
    void stallTold(const takt::media::StallTold &stall);

private:
    void interruptLane(LaneId lane, quint32 generation) override;
    void closeLaneAfterPlayout(LaneId lane, EndReason reason, int limitMs) override;
    void closeLane(LaneId lane, EndReason reason) override;
    void recordStart(const CallStarted &started) override;
    void recordTurn(const TurnFinished &turn) override;
    void recordEnd(const CallEnded &ended) override;
    void stallOver(const media::StallTold &stall) override;
    void callOver(LaneId lane) override;
    void lookOn();

    qint64 nextBeatNs() override { return media::BeatDispatcher::kNever; }
    void onBeat(qint64) override {}
    void onRound() override; // takes what is in the rings

    media::BeatDispatcher *m_dispatcher;
    const std::vector<std::shared_ptr<media::CallerAudioRing>> m_rings;
    speech::RealtimeCodec m_codec;
    QHash<LaneId, Call *> m_calls;
    QHash<QString, LaneId> m_laneOfSid; // one live stream a CallSid
    QTimer m_ticks;
    // Who wants to be told of all calls.
    struct Look {
        Deliver deliver;
        QList<LaneId> left;       // to look at
        QList<CallSnapshot> seen; // so far
    };
    std::deque<Look> m_looks;
    QTimer m_rounds; // while there are any
};

} // namespace takt::calls
