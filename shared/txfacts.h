// SPDX-License-Identifier: GPL-3.0-or-later
// How the beat of one call's outbound audio was, up to one moment: a count of what became of its slots (one each 20 ms),
// and how late they were. Plain values; any thread. The JSON names are part of the control protocol: append-only.
#pragma once

#include <QJsonObject>
#include <QLatin1StringView>
#include <QtGlobal>

namespace takt {

// Why ready audio did not leave for more than 120 ms.
enum class StallCause {
    WorkerLate, // the TX worker came late: the host, or another call, kept it
    SocketFull, // the carrier's socket had not taken what was sent before
    Starved,    // the model's audio ran out in the middle of an item, and came again later
};
[[nodiscard]] QLatin1StringView name(StallCause cause);

struct TxFacts {
    qint64 framesSent = 0;    // of the agent's audio
    qint64 framesSilent = 0;  // of tx.idle = silence
    qint64 framesDropped = 0; // oldest ones, by overflow of the backlog; new ones, while nothing at all left
    qint64 slotsSkipped = 0;  // nothing to send
    qint64 slotsFull = 0;     // the carrier's socket had not taken what was sent before
    qint64 underruns = 0;     // audio ran out in the middle of an item
    qint64 unsentMaxBytes = 0;
    qint64 bursts = 0; // frames that left within 9 ms of the one before: 20 are due, 10 where a lead is built
    qint64 backlogMaxMs = 0; // the most audio that ever waited to be sent
    qint64 stalls = 0;
    qint64 stalledMs = 0; // all of them together
    // Lateness of the slots that had a frame to send, and the longest time between two frames of running speech.
    qint64 lateP50Us = 0;
    qint64 lateP99Us = 0;
    qint64 lateP999Us = 0;
    qint64 worstLateUs = 0;
    qint64 worstGapUs = 0;

    // How far ahead of real time speech may run (tx.lead_ms), at present and at most.
    qint64 leadMs = 0;
    qint64 leadMaxMs = 0;

    void addTo(QJsonObject &json) const;
    // Those facts that were not so in `before`.
    void addNewsTo(QJsonObject &json, const TxFacts &before) const;
    [[nodiscard]] static TxFacts fromJson(const QJsonObject &json);
    friend bool operator==(const TxFacts &, const TxFacts &) = default;
};

} // namespace takt
