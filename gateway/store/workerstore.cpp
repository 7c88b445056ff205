// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/workerstore.h"

#include "shared/callfacts.h"
#include "store/database.h"
#include "store/jobplan.h"
#include "store/sql.h"

#include <QFile>
#include <QFileInfo>
#include <QSysInfo>
#include <QUuid>

#include <cerrno>
#include <csignal>
#include <unistd.h>

namespace takt::store {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kUnseen = -1;

QByteArray content(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

// When a process began, in clock ticks after boot; 0: nothing but its remains are there; kUnseen: it can't be seen. See
// proc(5): the fields after the name, which stands in brackets and may hold anything.
qint64 startOf(qint64 pid, const QString &processes)
{
    const QByteArray stat = content(u"%1/%2/stat"_s.arg(processes).arg(pid));
    if (stat.isEmpty())
        return kUnseen;
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    return fields.value(0) == "Z" || fields.value(0) == "X" ? 0 : fields.value(19).toLongLong();
}

Worker workerOf(const QSqlQuery &row)
{
    Worker w;
    w.uid = row.value(0).toString();
    w.host = row.value(1).toString();
    w.bootId = row.value(2).toString();
    w.pid = row.value(3).toLongLong();
    w.pidStarted = row.value(4).toLongLong();
    w.role = row.value(5).toString();
    w.version = row.value(6).toString();
    w.slotCount = row.value(7).toInt();
    w.activeCalls = row.value(8).toInt();
    w.heartbeatAtMs = row.value(9).toLongLong();
    return w;
}

// Of a process of this very host.
bool isGone(const Worker &worker, const QString &processes)
{
    const qint64 started = startOf(worker.pid, processes);
    if (started != kUnseen)
        return started != worker.pidStarted;
    // What other users run may be hidden (hidepid=, ProtectProc=); the kernel tells all the same whether it is there.
    return ::kill(pid_t(worker.pid), 0) != 0 && errno == ESRCH;
}

bool isDead(const Worker &worker, const Worker &self, bool sharedByHosts, const QString &processes, qint64 now)
{
    if (worker.uid == self.uid)
        return false;
    if (now - worker.heartbeatAtMs > kWorkerDeadMs)
        return true;
    // Names of hosts are not unique in the world: only the boot tells that it is this very one. Where it is not known
    // (/proc/sys may be hidden) the heartbeat is all there is.
    if (worker.bootId.isEmpty() || self.bootId.isEmpty())
        return false;
    if (worker.bootId != self.bootId)
        return !sharedByHosts;
    return worker.host == self.host && isGone(worker, processes);
}

// One call that nobody has any more. It lasted as long as anything was heard of it. False: somebody has it again.
Result<bool> endCall(const QSqlDatabase &database, const QString &callSid, const QString &which,
                     const QVariantList &values, EndReason reason, qint64 now)
{
    const Query ended = run(database,
                            u"UPDATE calls SET ended_at_ms = COALESCE((SELECT MAX(at_ms) FROM turns t "
                            "WHERE t.call_sid = calls.call_sid), started_at_ms), end_reason = ?, end_detail = '' "
                            "WHERE call_sid = ? AND ended_at_ms IS NULL AND "_s
                                + which,
                            QVariantList{QString(name(reason)), callSid} + values);
    if (ended.lastError().isValid())
        return failure(ended.lastError());
    if (ended.numRowsAffected() == 0)
        return false;
    QSqlError error = planJobs(database, callSid, now);
    if (!error.isValid())
        error = releaseJobs(database, callSid, now, 0);
    return error.isValid() ? Result<bool>(failure(error)) : true;
}

Result<int> endCalls(Database &database, const QString &which, const QVariantList &values, EndReason reason, qint64 now)
{
    Query open = run(database.handle(), u"SELECT call_sid FROM calls WHERE ended_at_ms IS NULL AND "_s + which, values);
    if (open.lastError().isValid())
        return failure(open.lastError());
    QStringList calls;
    while (open.next())
        calls << open.value(0).toString();
    open.finish();
    int count = 0;
    for (const QString &call : calls) {
        const auto ended = endCall(database.handle(), call, which, values, reason, now);
        if (!ended)
            return Error{ended.error()};
        count += *ended ? 1 : 0;
    }
    return count;
}

} // namespace

Worker thisWorker(const QString &role, int slotCount)
{
    Worker w;
    w.uid = QUuid::createUuid().toString(QUuid::WithoutBraces);
    w.host = QSysInfo::machineHostName() + u'/' + QFileInfo(u"/proc/self/ns/pid"_s).symLinkTarget().section(u'/', -1);
    w.bootId = QString::fromLatin1(content(u"/proc/sys/kernel/random/boot_id"_s));
    w.pid = getpid();
    w.pidStarted = startOf(w.pid, kProcesses);
    w.role = role;
    w.version = QString::fromLatin1(TAKT_VERSION);
    w.slotCount = slotCount;
    return w;
}

QString WorkerStore::announce(const Worker &worker)
{
    const qint64 now = m_database.nowMs();
    const QSqlError error = exec(
        m_database.handle(),
        u"INSERT INTO workers (uid, host, boot_id, pid, pid_started, role, version, slots, "
        "active_calls, started_at_ms, heartbeat_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (uid) DO UPDATE SET active_calls = excluded.active_calls, "
        "slots = excluded.slots, heartbeat_at_ms = excluded.heartbeat_at_ms"_s,
        {worker.uid, worker.host, worker.bootId, worker.pid, worker.pidStarted, worker.role, worker.version,
         worker.slotCount, worker.activeCalls, now, now});
    return error.isValid() ? error.text() : QString();
}

QString WorkerStore::retire(const QString &uid)
{
    const QSqlError error = exec(m_database.handle(), u"DELETE FROM workers WHERE uid = ?"_s, {uid});
    return error.isValid() ? error.text() : QString();
}

Result<QList<Worker>> WorkerStore::all()
{
    Query row = run(m_database.handle(),
                    u"SELECT uid, host, boot_id, pid, pid_started, role, version, slots, active_calls, "
                    "heartbeat_at_ms FROM workers ORDER BY started_at_ms, uid"_s);
    if (row.lastError().isValid())
        return failure(row.lastError());
    QList<Worker> all;
    while (row.next())
        all << workerOf(row);
    return all;
}

Result<QStringList> WorkerStore::dead(const Worker &self)
{
    const qint64 now = m_database.nowMs();
    const auto workers = all();
    if (!workers)
        return Error{workers.error()};
    QStringList dead;
    for (const Worker &worker : *workers) {
        if (isDead(worker, self, m_database.isPostgres(), m_processes, now))
            dead << worker.uid;
    }
    return dead;
}

Result<int> WorkerStore::bury(const QStringList &deadWorkers)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error());
    for (const QString &uid : deadWorkers) {
        if (const QString error = retire(uid); !error.isEmpty())
            return Error{error};
    }
    // Without a stream a call is in the carrier's hands, and tells its end to whoever is there.
    const auto ended = endCalls(m_database, u"stream_sid <> '' AND owner NOT IN (SELECT uid FROM workers)"_s, {},
                                EndReason::GatewayDied, now);
    if (!ended)
        return ended;
    // ... but it told it while nobody was there, if nothing more comes. Only what still rings outside may go on in silence.
    const auto silent = endCalls(
        m_database,
        u"stream_sid = '' AND owner NOT IN (SELECT uid FROM workers) AND started_at_ms < ? "
        "AND (direction <> 'outbound' OR carrier_status NOT IN ('queued', 'initiated', 'ringing')) "
        "AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.call_sid = calls.call_sid "
        "AND r.at_ms >= ?)"_s,
        {now - kSilentMs, now - kSilentMs}, EndReason::CarrierSilent, now);
    if (!silent)
        return silent;
    if (!transaction.commit())
        return failure(transaction.error());
    return *ended + *silent;
}

Result<int> WorkerStore::endForgottenCalls(qint64 startedBeforeMs)
{
    const qint64 now = m_database.nowMs();
    Transaction transaction(m_database);
    if (!transaction.isOpen() || now < 0)
        return failure(transaction.error());
    const auto ended = endCalls(m_database, u"stream_sid = '' AND started_at_ms < ?"_s, {startedBeforeMs},
                                EndReason::CarrierSilent, now);
    if (!ended || !transaction.commit())
        return ended ? Result<int>(failure(transaction.error())) : ended;
    return ended;
}

Result<int> WorkerStore::activeCallsBeside(const Worker &self)
{
    Query row = run(m_database.handle(),
                    u"SELECT COALESCE(SUM(active_calls), 0) FROM workers WHERE uid <> ? AND host = ? AND boot_id = ? "
                    "AND heartbeat_at_ms > ?"_s,
                    {self.uid, self.host, self.bootId, m_database.nowMs() - kWorkerDeadMs});
    return row.next() ? Result<int>(row.value(0).toInt()) : failure(row.lastError());
}

} // namespace takt::store
