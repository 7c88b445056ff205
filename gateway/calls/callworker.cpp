// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/callworker.h"

#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QCoreApplication>

namespace takt::calls {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::count;

namespace {

constexpr int kTickMs = 50; // a fraction of what makes a stall

} // namespace

CallWorker::CallWorker(media::BeatDispatcher *dispatcher, std::vector<std::shared_ptr<media::CallerAudioRing>> rings)
    : m_dispatcher(dispatcher)
    , m_rings(std::move(rings))
{
    m_dispatcher->setBeat(this);
    connect(&m_ticks, &QTimer::timeout, this, [this] {
        const qint64 now = media::BeatDispatcher::nowNs();
        const auto calls = m_calls.values(); // a copy: what a call does now may end it
        for (Call *call : calls)
            call->onTick(now);
    });
    m_ticks.start(kTickMs);
    connect(&m_rounds, &QTimer::timeout, this, &CallWorker::lookOn);
}

CallWorker::~CallWorker()
{
    m_dispatcher->setBeat(nullptr);
}

void CallWorker::onStarted(LaneId lane, const carrier::StreamStart &start, const carrier::Pass &pass,
                           const media::CallMediaPtr &media)
{
    // A carrier has one bidirectional stream a call. A second one means that it reconnected and our end of the first
    // socket has not noticed: the new one is where the caller is.
    if (const auto older = m_laneOfSid.constFind(start.callSid); older != m_laneOfSid.constEnd()) {
        count(Counter::StreamsReplaced);
        m_calls.value(*older)->end(EndReason::Replaced, u"a newer stream took over"_s);
    }
    auto *call = new Call(lane, start, pass, media, m_codec, *this, this);
    m_calls.insert(lane, call);
    m_laneOfSid.insert(start.callSid, lane);
    call->begin();
}

void CallWorker::onDigit(LaneId lane, QChar digit)
{
    if (Call *call = m_calls.value(lane))
        call->onDigit(digit);
}

void CallWorker::onItemHeard(LaneId lane, media::ItemNumber item)
{
    if (Call *call = m_calls.value(lane))
        call->onItemHeard(item);
}

void CallWorker::onInterrupted(LaneId lane, quint32 generation, const std::vector<media::ItemPlayback> &played)
{
    if (Call *call = m_calls.value(lane))
        call->onInterrupted(generation, played);
}

void CallWorker::onLaneEnded(LaneId lane, EndReason reason, const QString &detail,
                             const std::vector<media::ItemPlayback> &played)
{
    if (Call *call = m_calls.value(lane))
        call->onLaneEnded(reason, detail, played);
}

void CallWorker::endAll(EndReason reason)
{
    const auto calls = m_calls.values();
    for (Call *call : calls)
        call->end(reason, {});
}

void CallWorker::endCall(const QString &callSid, EndReason reason)
{
    if (Call *call = m_calls.value(m_laneOfSid.value(callSid)))
        call->end(reason, {});
}

QString CallWorker::order(const QString &callSid, const Order &order)
{
    Call *call = m_calls.value(m_laneOfSid.value(callSid));
    return call != nullptr ? order(*call) : u"there is no live call \"%1\""_s.arg(callSid.left(40));
}

void CallWorker::tellAll(Deliver deliver)
{
    m_looks.push_back({std::move(deliver), m_calls.keys(), {}});
    m_rounds.start(0);
}

void CallWorker::lookOn()
{
    Look &look = m_looks.front();
    for (int i = 0; i < kSeenInARound && !look.left.isEmpty(); ++i) {
        if (const Call *call = m_calls.value(look.left.takeLast())) // else it has ended meanwhile
            look.seen.append(call->snapshot());
    }
    if (!look.left.isEmpty())
        return;
    const Look done = std::move(look);
    m_looks.pop_front();
    if (m_looks.empty())
        m_rounds.stop();
    done.deliver(done.seen);
}

CallDetail CallWorker::detail(const QString &callSid) const
{
    const Call *call = m_calls.value(m_laneOfSid.value(callSid));
    return call != nullptr ? call->detail() : CallDetail();
}

media::CallMediaPtr CallWorker::mediaOf(const QString &callSid) const
{
    const Call *call = m_calls.value(m_laneOfSid.value(callSid));
    return call != nullptr ? call->media() : nullptr;
}

void CallWorker::onRound()
{
    const qint64 now = media::BeatDispatcher::nowNs();
    for (const auto &ring : m_rings) {
        for (const media::CallerChunk *chunk = ring->front(); chunk != nullptr; chunk = ring->front()) {
            Call *call = m_calls.value(chunk->lane);
            if (call == nullptr) { // over; or so new that its started() is still posted to us: that comes first
                QCoreApplication::sendPostedEvents(this, QEvent::MetaCall);
                call = m_calls.value(chunk->lane);
            }
            if (call != nullptr) {
                if (chunk->silentMs > 0)
                    call->onCallerHole(chunk->silentMs);
                else
                    call->onCallerAudio(QByteArrayView(chunk->audio).first(chunk->bytes), now);
            }
            ring->pop();
        }
    }
}

void CallWorker::interruptLane(LaneId lane, quint32 generation)
{
    Q_EMIT interruptRequested(lane, generation);
}

void CallWorker::closeLaneAfterPlayout(LaneId lane, EndReason reason, int limitMs)
{
    Q_EMIT closeAfterPlayoutRequested(lane, reason, limitMs);
}

void CallWorker::closeLane(LaneId lane, EndReason reason)
{
    Q_EMIT closeRequested(lane, reason);
}

void CallWorker::recordStart(const CallStarted &started)
{
    Q_EMIT callStarted(started);
}

void CallWorker::recordTurn(const TurnFinished &turn)
{
    Q_EMIT turnFinished(turn);
}

void CallWorker::recordEnd(const CallEnded &ended)
{
    Q_EMIT callEnded(ended);
}

void CallWorker::stallOver(const media::StallTold &stall)
{
    Q_EMIT stallTold(stall);
}

void CallWorker::callOver(LaneId lane)
{
    Call *call = m_calls.take(lane);
    if (m_laneOfSid.value(call->callSid()) == lane)
        m_laneOfSid.remove(call->callSid());
    call->deleteLater();
}

} // namespace takt::calls
