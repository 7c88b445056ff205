// SPDX-License-Identifier: GPL-3.0-or-later
// The TX worker: the beat of all lanes of one thread. It joins the pure Pacer to the thread's dispatcher (the clock is a
// QElapsedTimer) and calls each lane when its slot has come. Created in, and lives in, its BeatThread.
#pragma once

#include "media/autolead.h"
#include "media/beatdispatcher.h"
#include "media/calleraudio.h"
#include "media/latenesshistogram.h"
#include "media/pacer.h"

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

namespace takt::media {

// One call's outbound side. Lives in the worker's thread.
class TxLane
{
public:
    // The lane's slot: send one frame if there is one. lateNs: how late the slot is served.
    virtual Pacer::Outcome onSlot(qint64 nowNs, qint64 lateNs) = 0;

protected:
    ~TxLane() = default;
};

class TxWorker final : private Pacer::Sink, private BeatDispatcher::Beat
{
public:
    // `ring` takes the caller audio of all lanes; the worker rings its bell once after each round of
    // its sockets: what many calls sent shares a wake-up of the call worker.
    // `autoLead`: the lead is not that of `config`, it begins with none and follows what is late.
    TxWorker(BeatDispatcher *dispatcher, const Pacer::Config &config, std::shared_ptr<CallerAudioRing> ring,
             bool autoLead = false);
    ~TxWorker();
    Q_DISABLE_COPY_MOVE(TxWorker)

    // From lanes, in this thread.
    int add(TxLane *lane);
    void remove(int number);
    // From lanes: how far ahead of real time speech may run at present.
    [[nodiscard]] qint64 leadNs() const { return m_leadNs; }
    // From a lane in its slot: what it has sent so far plays on, silence would lie behind it.
    [[nodiscard]] bool isAhead(int number) const { return m_pacer.isAhead(number, m_slotNs); }
    // Of any slot that had a frame to send; any thread may ask.
    [[nodiscard]] qint64 worstLateNs() const { return m_worstLateNs.load(std::memory_order_relaxed); }
    // Of every slot served, with a frame or without; any thread may ask.
    [[nodiscard]] const LatenessHistogram &lateness() const { return m_lateness; }
    [[nodiscard]] static qint64 nowNs() { return BeatDispatcher::nowNs(); }
    void pushCallerAudio(LaneId lane, QByteArrayView audio);
    void pushCallerSilence(LaneId lane, int ms);

private:
    Pacer::Outcome onSlot(int lane, qint64 lateNs) override;
    qint64 nextBeatNs() override;
    void onBeat(qint64 nowNs) override;
    void onRound() override;
    void noteResult(bool pushed);
    void setLead(qint64 leadNs);

    BeatDispatcher *m_dispatcher;
    Pacer m_pacer;
    std::vector<TxLane *> m_lanes; // by the pacer's lane number
    std::shared_ptr<CallerAudioRing> m_ring;
    qint64 m_slotNs = 0; // the time the current slot was served with
    qint64 m_resyncsSeen = 0;
    qint64 m_leadNs;
    std::optional<AutoLead> m_autoLead;
    std::atomic<qint64> m_worstLateNs{0};
    LatenessHistogram m_lateness;
    bool m_bellWanted = false;
};

} // namespace takt::media
