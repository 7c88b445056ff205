// SPDX-License-Identifier: GPL-3.0-or-later
// One media stream of the carrier: its socket, its outbound frames on the beat, its marks and ledger, its caller audio.
// Lives in the TX worker's thread and never leaves it; what the call needs to know goes out as signals with values.
// Every way in which a stream can be wrong has one outcome here: counted, logged, and never another lane's business.
#pragma once

#include "carrier/framereader.h"
#include "carrier/pass.h"
#include "carrier/rxtimeline.h"
#include "carrier/twiliocodec.h"
#include "media/callmedia.h"
#include "media/ledger.h"
#include "media/textwriter.h"
#include "media/txworker.h"
#include "shared/callfacts.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <optional>

class QWebSocket;
namespace takt::telemetry {
enum class Counter;
}

namespace takt::carrier {

struct LaneOptions {
    int backlogFrames = 120 * media::kFramesPerSecond;
    bool silenceWhenIdle = false; // tx.idle: send 0xFF frames instead of skipping
    int startTimeoutMs = 3000;    // from the upgrade to `start`
    int stalledMs = 3000;         // the peer's socket takes nothing for that long: it stopped reading
    int silentMs = 30'000; // no message for that long: a carrier sends fifty a second, so it is gone without a word
};

class Lane final : public QObject, private media::TxLane
{
    Q_OBJECT
public:
    // Takes the socket over; `reader` reads from the one below it. `codec` and `worker` belong to the thread and outlive the
    // lane.
    Lane(LaneId id, QWebSocket *socket, FrameReader &reader, const Pass &pass, media::TxWorker &worker,
         TwilioCodec &codec, const LaneOptions &options, QObject *parent);
    ~Lane() override;

    // The caller spoke: `generation` is already current in the playout queue. Empties the queue, sends `clear` and
    // reports interrupted() with what had been heard until then.
    void interrupt(quint32 generation);
    // Lets what is queued play out, then closes the stream; after limitMs at the latest. The carrier then goes on with
    // the verb after <Connect>.
    void closeAfterPlayout(takt::EndReason reason, int limitMs);
    void close(takt::EndReason reason);

Q_SIGNALS:
    void started(takt::LaneId lane, const takt::carrier::StreamStart &start, const takt::carrier::Pass &pass,
                 const takt::media::CallMediaPtr &media);
    void digit(takt::LaneId lane, QChar digit);
    // The caller heard the item to its end.
    void itemHeard(takt::LaneId lane, takt::media::ItemNumber item);
    void interrupted(takt::LaneId lane, quint32 generation, const std::vector<takt::media::ItemPlayback> &items);
    // The stream is over; with what had been heard until then. Only after started(), once.
    void ended(takt::LaneId lane, takt::EndReason reason, const QString &detail,
               const std::vector<takt::media::ItemPlayback> &items);
    // The socket is gone; the lane can be deleted.
    void gone(takt::LaneId lane);

private:
    media::Pacer::Outcome onSlot(qint64 nowNs, qint64 lateNs) override;
    media::Pacer::Outcome sendFrame(const media::PlayoutFrame &frame, qint64 nowNs, qint64 lateNs);
    media::Pacer::Outcome onEmpty(qint64 nowNs, qint64 lateNs);
    void noteItemOver(qint64 nowNs);
    bool skipEnds();
    void onSocketFull(qint64 nowNs, qint64 lateNs);
    void noteOverflow();
    void sendMark(quint32 generation, media::ItemNumber item, qint64 positionMs);

    void onText(const QString &text);
    void onBytes(const QByteArray &text);
    void onMessage(const Connected &) {}
    void onMessage(const StreamStart &start);
    void onMessage(const Media &message);
    void onMessage(const Dtmf &message);
    void onMessage(const Mark &message);
    void onMessage(const Stop &message);
    void onMessage(const Unknown &);
    void onMessage(const BadBase64 &);
    void onMessage(const Malformed &message);
    [[nodiscard]] bool isOurs(const QByteArray &streamSid, const char *what);
    void fault(telemetry::Counter counter, const QString &what);
    void finish(EndReason reason, const QString &detail, int closeCode);
    void onDisconnected();
    [[nodiscard]] bool isInvited(const StreamStart &start) const;
    [[nodiscard]] QString label() const;
    [[nodiscard]] media::TxFlight &flight() const { return m_media->flight->tx; } // from `start` on

    const LaneId m_id;
    QWebSocket *m_socket;
    const QPointer<FrameReader> m_reader;
    media::TextWriter m_writer;
    const Pass m_pass;
    media::TxWorker &m_worker;
    TwilioCodec &m_codec;
    const LaneOptions m_options;

    std::optional<TwilioEncoder> m_encoder; // from `start` on
    QByteArray m_streamSid;
    QString m_callSid;
    media::CallMediaPtr m_media;
    media::PlaybackLedger m_ledger;
    quint32 m_generation = 1; // the ledger's: marks of older ones were cleared, not played
    RxTimeline m_rx;
    int m_slot = -1; // our number with the worker, from `start` on
    qint64 m_fullSinceNs = -1;
    qint64 m_lastMessageNs = 0;
    qint64 m_overflowSeen = 0;
    bool m_empty = false; // the last slot had nothing to send
    int m_faults = 0;
    bool m_finished = false; // ended() was said, or the stream was refused
    bool m_gone = false;     // the socket is
    std::optional<EndReason> m_closeWhenPlayed;
    QTimer m_timer; // waits for `start`, then for the end of a playout, then for the peer's close
};

} // namespace takt::carrier
