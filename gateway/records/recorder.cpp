// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/recorder.h"

#include "store/callstore.h"
#include "store/database.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QSet>

namespace takt::records {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcStore;

namespace {

constexpr int kRetryMs = 1000;
constexpr std::size_t kBatch = 500;

bool releasesJobs(const Fact &fact)
{
    // Of a leg: jobs of what looked like a call are to be stopped.
    if (const auto *report = std::get_if<CallReport>(&fact))
        return report->isFinal() || !report->parentCallSid.isEmpty();
    return std::holds_alternative<CallEnded>(fact) || std::holds_alternative<RecordingReport>(fact);
}

// Each once, in the order of the facts.
QStringList callsOf(const std::deque<Fact> &facts)
{
    QStringList calls;
    QSet<QString> seen;
    for (const Fact &fact : facts) {
        const QString callSid = std::visit([](const auto &of) { return of.callSid; }, fact);
        if (!seen.contains(callSid))
            calls << callSid;
        seen << callSid;
    }
    return calls;
}

} // namespace

RecordWriter::RecordWriter()
    : m_flush(this)
{
    m_flush.setSingleShot(true);
    connect(&m_flush, &QTimer::timeout, this, &RecordWriter::flush);
}

RecordWriter::~RecordWriter() = default;

QString RecordWriter::open(const QString &databaseUrl, const QString &owner)
{
    m_owner = owner;
    auto database = store::Database::open(databaseUrl);
    if (!database)
        return database.error();
    m_database = std::move(database).value();
    return {};
}

void RecordWriter::add(Fact fact)
{
    m_facts.push_back(std::move(fact));
    if (!m_flush.isActive())
        m_flush.start(0); // after whatever else has been posted already
}

void RecordWriter::wantReceipt(quint64 receipt)
{
    m_wanted.push_back({receipt, m_settled + m_facts.size()});
    giveReceipts();
}

void RecordWriter::giveReceipts()
{
    quint64 last = 0;
    for (; !m_wanted.empty() && m_wanted.front().behind <= m_settled; m_wanted.pop_front())
        last = m_wanted.front().receipt;
    if (last != 0)
        Q_EMIT recorded(last);
}

void RecordWriter::giveUp(std::size_t index)
{
    count(Counter::RecordsLost);
    m_facts.erase(m_facts.begin() + std::ptrdiff_t(index));
    for (Wanted &wanted : m_wanted) {
        if (wanted.behind > m_settled + index)
            --wanted.behind;
    }
    giveReceipts(); // it may have been the only one
}

void RecordWriter::flush()
{
    while (!m_facts.empty()) {
        const bool written = writeBatch();
        m_failing.store(!written, std::memory_order_relaxed);
        if (!written) {
            count(Counter::RecordsRetried);
            m_database->revive();
            m_flush.start(kRetryMs);
            return;
        }
    }
}

bool RecordWriter::writeBatch()
{
    store::Transaction transaction(*m_database);
    if (!transaction.isOpen()) {
        qCWarning(lcStore).noquote() << "can't write to the database:" << transaction.error().text();
        return false;
    }
    store::CallStore calls(*m_database, m_owner);
    const std::size_t n = std::min(m_facts.size(), kBatch);
    for (std::size_t i = 0; i < n; ++i) {
        const QSqlError error = std::visit([&](const auto &fact) { return calls.write(fact); }, m_facts[i]);
        if (!error.isValid())
            continue;
        qCCritical(lcStore).noquote() << "can't write to the database:" << error.text();
        if (!store::isHopeless(error))
            return false;
        giveUp(i);
        return true; // and the rest once more, without it
    }
    if (!transaction.commit()) {
        qCWarning(lcStore).noquote() << "can't commit to the database:" << transaction.error().text();
        return false;
    }
    const bool released = std::any_of(m_facts.begin(), m_facts.begin() + std::ptrdiff_t(n), releasesJobs);
    m_facts.erase(m_facts.begin(), m_facts.begin() + std::ptrdiff_t(n));
    m_settled += n;
    count(Counter::RecordsWritten, qint64(n));
    giveReceipts(); // first of all: somebody is on the line
    if (released) {
        m_database->hint();
        Q_EMIT jobsReleased();
    }
    return true;
}

bool RecordWriter::finish()
{
    m_flush.stop();
    if (m_database != nullptr) {
        flush();
        if (!m_facts.empty() && m_database->isPostgres())
            flush(); // a connection that was lost is there again
    }
    m_flush.stop();
    m_database.reset();
    if (m_facts.empty())
        return true;
    count(Counter::RecordsLost, qint64(m_facts.size()));
    qCCritical(lcStore).noquote() << "shutting down with" << m_facts.size()
                                  << "facts that the database would not take, of" << callsOf(m_facts).join(u' ');
    m_facts.clear();
    return false;
}

Recorder::Recorder()
    : m_writer(new RecordWriter)
{
    m_thread.setObjectName("records"_L1);
    m_writer->moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::finished, m_writer, &QObject::deleteLater);
    m_thread.start();
}

Recorder::~Recorder()
{
    (void)finish();
    m_thread.quit();
    m_thread.wait();
}

bool Recorder::finish()
{
    bool kept = true;
    // Behind everything that the calls have posted.
    QMetaObject::invokeMethod(
        m_writer, [&] { kept = m_writer->finish(); }, Qt::BlockingQueuedConnection);
    return kept;
}

QString Recorder::open(const QString &databaseUrl, const QString &owner)
{
    QString error;
    QMetaObject::invokeMethod(
        m_writer, [&] { error = m_writer->open(databaseUrl, owner); }, Qt::BlockingQueuedConnection);
    return error;
}

} // namespace takt::records
