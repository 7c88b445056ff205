// SPDX-License-Identifier: GPL-3.0-or-later
// A job as a worker holds it, and what it leaves behind. Plain values; any thread.
#pragma once

#include "shared/jobfacts.h"

#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

namespace takt::store {

// A claimed job. `token` is the fence: whatever is written for the job names it, and is refused once another worker has
// claimed the job.
struct Job {
    qint64 id = 0;
    QString callSid;
    QString business;
    Stage stage = Stage::Download;
    int attempt = 0; // this one, from 1
    int maxAttempts = 0;
    int snoozes = 0;
    qint64 token = 0;
    qint64 createdAtMs = 0; // the call's end, as a rule
    QJsonObject checkpoint; // of an earlier attempt; may be empty

    // For the log: one word, so that its lines are sampled apart from those of other jobs.
    [[nodiscard]] QString label() const { return callSid + u'/' + name(stage); }
};

// A file of a call. Kinds: original (as the carrier made it), archive (compact, kept), caller and agent (16 kHz mono,
// until they are transcribed).
struct Artifact {
    QString kind;
    QString path; // relative to the data directory
    qint64 bytes = 0;
};

// What a call says about its lead. Empty: not said, and never takes the place of what is known.
struct LeadChange {
    QString phone; // E.164, or "withheld:<CallSid>"
    QString direction;
    QString name;
    QString city;
    double cityConfidence = 0;
    QString service;
    double serviceConfidence = 0;
    QString note;        // for people: the summary
    QString firstStatus; // of a lead that is new
    QString status;      // one of the business's; empty: no idea
    double statusConfidence = 0;
    QString statusSource; // label, keywords
};

// One attempt at delivering the call's webhook message.
struct DeliveryAttempt {
    QString messageId;
    int status = 0; // HTTP; 0: no answer
    QString error;
    QString response; // its beginning
    qint64 durationMs = 0;
    bool delivered = false;
    bool disablesEndpoint = false; // 410
};

// Written in the same transaction as the attempt's end, or not at all.
struct Effects {
    QJsonObject result; // of the stage; empty: none
    QList<Artifact> artifacts;
    QStringList artifactsGone; // kinds
    std::optional<LeadChange> lead;
    std::optional<DeliveryAttempt> delivery;
};

// What an attempt's child process left behind, for people.
struct AttemptLog {
    std::optional<int> exitCode; // negative: the signal that ended it
    qint64 cpuMs = -1;
    qint64 maxRssKb = -1;
    QString tail; // of what it printed
};

// How an attempt ended.
struct Outcome {
    AttemptOutcome kind = AttemptOutcome::Completed;
    QString reason{};    // all but Completed: for people
    qint64 delayMs = -1; // Retry: -1 is the usual backoff. Snoozed: must be said
    Effects effects{};
    AttemptLog log{};

    static Outcome completed(Effects effects = {}) { return {.effects = std::move(effects)}; }
    static Outcome skipped(const QString &reason, Effects effects = {})
    {
        return {.kind = AttemptOutcome::Skipped, .reason = reason, .effects = std::move(effects)};
    }
    // A passing fault: again later, until the attempts are used up.
    static Outcome retry(const QString &reason, qint64 delayMs = -1)
    {
        return {.kind = AttemptOutcome::Retry, .reason = reason, .delayMs = delayMs};
    }
    // Nothing is wrong, but it is too early: costs no attempt.
    static Outcome snoozed(const QString &reason, qint64 delayMs)
    {
        return {.kind = AttemptOutcome::Snoozed, .reason = reason, .delayMs = delayMs};
    }
    // For good: another attempt would fail the same way.
    static Outcome failed(const QString &reason) { return {.kind = AttemptOutcome::Failed, .reason = reason}; }
    // Preempted, by the gate or by shutdown: costs no attempt.
    static Outcome interrupted(const QString &reason)
    {
        return {.kind = AttemptOutcome::Interrupted, .reason = reason};
    }
    static Outcome cancelled() { return {.kind = AttemptOutcome::Cancelled}; }
};

} // namespace takt::store
