// SPDX-License-Identifier: GPL-3.0-or-later
// The live calls' way into the database: a thread of its own with the only connection for it. What arrives together is
// committed together, and whoever wants to know is told when it is on disk. When the database fails, facts wait in memory
// and are tried again every second, in order; calls go on meanwhile.
#pragma once

#include "shared/callfacts.h"
#include "shared/result.h"

#include <QObject>
#include <QThread>
#include <QTimer>

#include <atomic>
#include <deque>
#include <memory>
#include <variant>

namespace takt::store {
class Database;
}

namespace takt::records {

// What goes on record of a call.
using Fact = std::variant<CallStarted, TurnFinished, CallEnded, CallReport, RecordingReport, StreamReport>;

// Lives in the records thread.
class RecordWriter final : public QObject
{
    Q_OBJECT
public:
    RecordWriter();
    ~RecordWriter() override;

    // Empty on success. `owner`: this process, as it is announced to the others that share the database.
    [[nodiscard]] QString open(const QString &databaseUrl, const QString &owner);
    void add(Fact fact);
    // recorded() once all that was added before is on disk, or was given up for good. Receipts grow.
    void wantReceipt(quint64 receipt);
    // Any thread may ask.
    [[nodiscard]] bool failing() const { return m_failing.load(std::memory_order_relaxed); }
    // The last chance: what can't be written now is lost, counted, and its calls are named in the log. False: so it was.
    bool finish();

Q_SIGNALS:
    // ... and so is what came before the receipts before this one.
    void recorded(quint64 receipt);
    // A call's end is on record, or a recording's: its jobs may run.
    void jobsReleased();

private:
    void flush();
    // False: the database would not; nothing was written.
    [[nodiscard]] bool writeBatch();
    // That one can't be written, now or ever.
    void giveUp(std::size_t index);
    void giveReceipts();

    std::shared_ptr<store::Database> m_database;
    QString m_owner;
    struct Wanted {
        quint64 receipt = 0;
        quint64 behind = 0; // so many facts
    };
    std::deque<Fact> m_facts;
    quint64 m_settled = 0; // facts before those
    std::deque<Wanted> m_wanted;
    QTimer m_flush;
    std::atomic<bool> m_failing{false};
};

// Owned by the main thread; the destructor writes what is left (finish()), quits and joins.
class Recorder
{
public:
    Recorder();
    ~Recorder();
    Q_DISABLE_COPY_MOVE(Recorder)

    // Empty on success.
    [[nodiscard]] QString open(const QString &databaseUrl, const QString &owner);
    // Nothing comes any more. False: the database would not take all of it.
    [[nodiscard]] bool finish();
    // The database would not take what was written last.
    [[nodiscard]] bool failing() const { return m_writer->failing(); }
    // To connect signals to; lives in the records thread.
    [[nodiscard]] RecordWriter *writer() const { return m_writer; }

private:
    QThread m_thread;
    RecordWriter *m_writer;
};

} // namespace takt::records
