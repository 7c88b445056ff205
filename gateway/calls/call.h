// SPDX-License-Identifier: GPL-3.0-or-later
// One phone call: the carrier's lane on one side, the model's session on the other, and what happens between them.
// Lives in the call worker's thread. Every way in which a call can be over leads to end(), which runs once.
#pragma once

#include "calls/agentspeech.h"
#include "calls/inputwatch.h"
#include "calls/machine.h"
#include "calls/timeline.h"
#include "calls/transcript.h"
#include "calls/txwatch.h"
#include "carrier/pass.h"
#include "carrier/twiliocodec.h"
#include "config/business.h"
#include "media/beatdispatcher.h"
#include "media/callmedia.h"
#include "shared/callfacts.h"
#include "shared/callsnapshot.h"
#include "speech/link.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <optional>

namespace takt::calls {

class Call final : public QObject, private speech::Link::Listener
{
    Q_OBJECT
public:
    // Values only go out; the host delivers them to other threads.
    class Host
    {
    public:
        virtual void interruptLane(LaneId lane, quint32 generation) = 0;
        virtual void closeLaneAfterPlayout(LaneId lane, EndReason reason, int limitMs) = 0;
        virtual void closeLane(LaneId lane, EndReason reason) = 0;
        virtual void recordStart(const CallStarted &started) = 0;
        virtual void recordTurn(const TurnFinished &turn) = 0;
        virtual void recordEnd(const CallEnded &ended) = 0;
        virtual void stallOver(const media::StallTold &stall) = 0;
        // The call has ended; the host deletes it, later.
        virtual void callOver(LaneId lane) = 0;

    protected:
        ~Host() = default;
    };

    // What the front door knows of the call goes before what its stream says of itself.
    Call(LaneId lane, const carrier::StreamStart &start, const carrier::Pass &pass, media::CallMediaPtr media,
         speech::RealtimeCodec &codec, Host &host, QObject *parent);

    void begin();
    void end(EndReason reason, const QString &detail);

    // From the lane.
    void onCallerAudio(QByteArrayView audio, qint64 nowNs);
    void onCallerHole(int missingMs);
    void onDigit(QChar digit);
    void onItemHeard(media::ItemNumber item);
    void onInterrupted(quint32 generation, const std::vector<media::ItemPlayback> &played);
    void onLaneEnded(EndReason reason, const QString &detail, const std::vector<media::ItemPlayback> &played);

    void onTick(qint64 nowNs);

    // What operators order, see CONTROL.md. Empty, or what is in the way of it.
    [[nodiscard]] QString say(const QString &text);
    [[nodiscard]] QString setMuted(bool muted);
    // The carrier is being asked to pass the caller on to `target`. It has taken the stream away when it did.
    [[nodiscard]] QString beginTransfer(const QString &target);
    void onTransferRefused(const QString &why);

    [[nodiscard]] const QString &callSid() const { return m_start.callSid; }
    [[nodiscard]] const media::CallMediaPtr &media() const { return m_media; }
    [[nodiscard]] CallSnapshot snapshot() const;
    [[nodiscard]] CallDetail detail() const;

private:
    [[nodiscard]] const QString &from() const { return m_pass.from.isEmpty() ? m_start.from : m_pass.from; }
    [[nodiscard]] const QString &to() const { return m_pass.to.isEmpty() ? m_start.to : m_pass.to; }
    void onSessionReady() override;
    void onServerEvent(const speech::ServerEvent &event) override;
    void onSessionLost(bool fatal, const QString &why) override;

    void on(const speech::SpeechStarted &event);
    void on(const speech::SpeechStopped &event);
    void on(const speech::InputCommitted &event);
    void on(const speech::ResponseCreated &event);
    void on(const speech::ResponseDone &event);
    void on(const speech::AudioDelta &event);
    void on(const speech::AudioDone &event);
    void on(const speech::AgentText &event);
    void on(const speech::CallerText &event);
    void on(const speech::ToolCall &tool);
    void on(const speech::ErrorEvent &event);
    template <typename T>
    void on(const T &)
    {
    } // nothing for a call to do

    void bargeIn();
    void noteHeard(const AgentSpeech::Cut &cut);
    void settleSpeech(const std::vector<media::ItemPlayback> &played);
    void finishItem(media::ItemNumber item);
    void askAgain();
    void tellDigits();
    bool leaveOnceHeard();
    void callOffFarewell();
    [[nodiscard]] bool isLeaving() const;
    void ask(const QString &instructions);
    void cut();
    void onCut(quint32 generation);
    void answerIfOwed();
    void sayNext();
    void resume();
    void note(QLatin1StringView what, const QString &detail = {});
    void onStallOver(const TxWatch::Stall &stall);
    // For the flight recorder.
    template <FlightKind kind>
    void trace(qint64 a = 0, qint64 b = 0)
    {
        m_media->flight->call.note<kind>(media::BeatDispatcher::nowNs(), a, b);
    }
    void recordTurns(const std::vector<Transcript::Turn> &turns);

    // A sentence that an operator has ordered.
    struct Sentence {
        QString text;
        int attempts = 0;
        QString eventId{};    // of its response.create
        QString responseId{}; // once the model has taken it up
    };
    void onSentenceTaken(const QString &responseId);
    void onSentenceRefused(const speech::ErrorEvent &why);
    void sayAgain(Sentence sentence);
    [[nodiscard]] std::optional<Sentence> takeSaid(const QString &responseId);

    // A goodbye that the agent has announced by a tool.
    struct Farewell {
        EndReason reason = EndReason::AgentHangup;
        QString callId; // of the tool's call
    };

    const LaneId m_lane;
    const carrier::StreamStart m_start;
    const carrier::Pass m_pass; // with the call's slot: free when the call is deleted
    const media::CallMediaPtr m_media;
    TxWatch m_tx;
    const speech::SessionSettings &m_settings; // of the pass's business
    Host &m_host;
    speech::Link *m_link;

    Machine m_machine;
    AgentSpeech m_speech;
    Transcript m_transcript;
    InputWatch m_input;
    Timeline m_timeline;
    Usage m_usage; // of all its sessions
    qint64 m_startedAtMs = 0;
    qint64 m_interruptions = 0;
    int m_sessions = 0;         // model sessions that became ready
    int m_retries = 0;          // of a failed response, in a row
    bool m_replyOwed = false;   // the caller spoke last, or the agent was cut off by a lost session
    bool m_replyWanted = false; // response.create as soon as the active response is done
    std::optional<Farewell> m_farewell;
    bool m_muted = false;             // nothing of the model reaches the caller
    bool m_unmutedMeanwhile = false;  // while the caller spoke: the server may take it that no answer is wanted
    std::deque<Sentence> m_sentences; // waiting to be said
    std::optional<Sentence> m_saying; // asked for; its response is not done
    QStringList m_said;               // responses that are operators' sentences, the newest last, bounded
    std::optional<quint32> m_cutting; // the generation of an operator's cut of which the lane has not told
    QString m_transferTo;             // while the carrier is asked
    QString m_digits;                 // pressed and not yet told
    QTimer m_digitTimer;
    EndReason m_drainReason = EndReason::ModelFailed;
    QString m_drainDetail;
};

} // namespace takt::calls
