// SPDX-License-Identifier: GPL-3.0-or-later
// Asynchronous logging behind Qt's categories. A logging thread owns the descriptor; every other thread only formats its
// text and hands it to a bounded lock-free queue, so nobody ever waits for a disk or a terminal. A full queue drops the line
// and counts it, as does a descriptor that refuses it (a full disk); the next line that gets through says how many were
// lost. Of lines that repeat each other one a second is shown: warnings from one place in the source that begin with the
// same word, which is the call's or the job's name where they are about one; and others of the same text.
#pragma once

#include "telemetry/logline.h"

#include <QLoggingCategory>

#include <memory>

namespace takt::telemetry {

Q_DECLARE_LOGGING_CATEGORY(lcGateway)
Q_DECLARE_LOGGING_CATEGORY(lcCarrier)
Q_DECLARE_LOGGING_CATEGORY(lcSpeech)
Q_DECLARE_LOGGING_CATEGORY(lcCall)
Q_DECLARE_LOGGING_CATEGORY(lcTx)
Q_DECLARE_LOGGING_CATEGORY(lcTxDebug) // TX_METRICS and TX_HEARTBEAT, off without DEBUG_TX=1
Q_DECLARE_LOGGING_CATEGORY(lcStore)
Q_DECLARE_LOGGING_CATEGORY(lcJobs)

// Installs itself as Qt's message handler; its destructor writes what is queued (what is not taken within two seconds is
// counted as dropped) and restores the former handler.
// Created and destroyed on the main thread; one at a time.
class AsyncLog
{
public:
    // `fd` stays the caller's.
    explicit AsyncLog(LogFormat format, int fd = 2);
    ~AsyncLog();
    Q_DISABLE_COPY_MOVE(AsyncLog)

    // While calls are live, the categories of what happens fifty times a second say warnings only.
    static void setQuiet(bool quiet);

private:
    struct Private;
    std::shared_ptr<Private> d; // the log thread's as well
};

// A phone number fit for a log: all but the last three digits hidden.
[[nodiscard]] QString redact(const QString &phoneNumber);

} // namespace takt::telemetry
