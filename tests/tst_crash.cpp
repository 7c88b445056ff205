// SPDX-License-Identifier: GPL-3.0-or-later
// No call is lost and nothing is done twice, whatever dies: the real program is killed at each of its failpoints and at
// random moments, its database server in the midst of work, and its disk is full for a while. One of the two databases a
// run: TAKT_CRASH_DATABASE=postgres, or SQLite. TAKT_CRASH_KILLS: how many; TAKT_CRASH_SEED: which;
// TAKT_CRASH_SECONDS: how long it may take until all is done (60; more for a host that is busy otherwise, or sanitizers).
#include "support/crashrig.h"
#include "support/postgres.h"

#include <QRandomGenerator>
#include <QScopeGuard>

#include <sys/mount.h>

using namespace takt;
using namespace takt::test;

namespace {

struct Failpoint {
    const char *name;
    int most; // that a kill lets pass
};
constexpr std::array kFailpoints{
    Failpoint{"claimed", 8},     Failpoint{"file-written", 5},   Failpoint{"file-settled", 5},
    Failpoint{"checkpoint", 10}, Failpoint{"finish", 14},        Failpoint{"finished", 14},
    Failpoint{"call-end", 1},    Failpoint{"webhook-frozen", 2}, Failpoint{"webhook-sent", 2},
};
const QByteArray kCallEnd = "call-end";

// A process that dies with a job for the third time takes the job for the cause, and gives it up: so between two kills
// and the next two all of the work is done.
constexpr int kKillsARound = 2;

int number(const char *name, int otherwise)
{
    bool ok = false;
    const int n = qEnvironmentVariableIntValue(name, &ok);
    return ok ? n : otherwise;
}

// A server or disk that was away costs its own time, and that of a retry.
qint64 patienceMs(int awayMs = 0)
{
    return 1000 * number("TAKT_CRASH_SECONDS", 60) + awayMs;
}

} // namespace

class TestCrash : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_url.clear();
        if (qgetenv("TAKT_CRASH_DATABASE") != "postgres")
            return;
        m_server = Postgres::instance();
        if (m_server == nullptr)
            QSKIP("PostgreSQL is not installed: ITS HALF OF THIS SUITE DOES NOT RUN (apt install postgresql)");
        const QString name = u"crash%1"_s.arg(++m_databases);
        m_server->create(name);
        m_url = m_server->url(name);
    }
    void cleanup() { close(); }

    void kills()
    {
        const int kills = number("TAKT_CRASH_KILLS", 30);
        const auto seed = quint32(number("TAKT_CRASH_SEED", 1));
        QRandomGenerator random(seed);
        m_rig = std::make_unique<CrashRig>(m_dir->path(), m_url);
        QMap<QByteArray, int> met;
        qint64 longestMs = 0;
        QElapsedTimer all;
        all.start();
        for (int kill = 0; kill < kills;) {
            QStringList plan; // for whoever reads of a failure
            for (int i = 0; i < kKillsARound && kill < kills; ++i, ++kill) {
                const QByteArray failpoint = choose(kill, random);
                plan << QString::fromLatin1(failpoint.isEmpty() ? "random" : failpoint);
                const bool rings = failpoint.startsWith(kCallEnd) || kill / kKillsARound % 4 == 3;
                met[killOnce(failpoint, i == 0 ? 3 : 1, rings, random)] += 1;
            }
            QVERIFY(m_rig->start());
            const qint64 ms = m_rig->finishedMs(patienceMs());
            QVERIFY2(ms >= 0, qPrintable(told(u"not finished"_s, seed, kill, plan, m_rig->unfinished())));
            longestMs = qMax(longestMs, ms);
            const QString harm = m_rig->harm(kill);
            QVERIFY2(harm.isEmpty(), qPrintable(told(u"harm"_s, seed, kill, plan, harm)));
            m_rig->kill(); // with nothing to do: no crash that counts
        }
        QStringList points;
        for (auto it = met.cbegin(); it != met.cend(); ++it)
            points << u"%1 %2"_s.arg(QString::fromLatin1(it.key())).arg(it.value());
        qInfo().noquote() << u"CRASH seed %1: %2 kills, %3 calls, %4 deliveries of which %5 repeated, %6 answers "
                             "before their record, %7 s, longest recovery %8 ms (%9)"_s.arg(seed)
                                 .arg(kills)
                                 .arg(value(m_rig->db, u"SELECT COUNT(*) FROM calls"_s).toString())
                                 .arg(m_rig->simulation.work().deliveries)
                                 .arg(m_rig->simulation.work().duplicates)
                                 .arg(m_rig->answersBeforeRecord())
                                 .arg(all.elapsed() / 1000)
                                 .arg(longestMs)
                                 .arg(points.join(u", "_s));
        for (const Failpoint &point : kFailpoints)
            QVERIFY2(kills < 20 || met.value(point.name) > 0, point.name);
    }

    // Killed in the very moment in which it has answered: that call is on record all the same.
    void anAnswerIsAPromise()
    {
        m_rig = std::make_unique<CrashRig>(m_dir->path(), m_url);
        int lost = 0;
        for (int i = 1; i <= 10; ++i) {
            QVERIFY(m_rig->start());
            const QString call = u"CA%1"_s.arg(i, 32, 16, QChar(u'f'));
            QCOMPARE(m_rig->askVoice(call), 200);
            m_rig->kill();
            QVERIFY(m_rig->db->revive());
            lost += value(m_rig->db, u"SELECT COUNT(*) FROM calls WHERE call_sid = '%1'"_s.arg(call)).toInt() == 0;
        }
        QVERIFY2(lost <= m_rig->answersBeforeRecord(), qPrintable(QString::number(lost)));
    }

    // The server dies in the midst of live calls and of the work after others, and comes back.
    void theServerRestarts()
    {
        if (m_url.isEmpty())
            QSKIP("SQLite has no server");
        m_rig = std::make_unique<CrashRig>(m_dir->path(), m_url);
        for (int i = 0; i < 6; ++i)
            QVERIFY(!m_rig->putCall(i % 2 == 0).isEmpty());
        QVERIFY(m_rig->start());
        m_rig->ring(3, 4);
        QTRY_VERIFY(!m_rig->simulation.aiLog().empty()); // at work
        m_server->kill();
        m_rig->ring(2, 2); // callers need no database
        QTest::qWait(3000);
        QVERIFY(m_server->start());
        const qint64 ms = m_rig->finishedMs(patienceMs(10'000));
        QVERIFY2(ms >= 0, qPrintable(m_rig->unfinished()));
        QVERIFY(m_rig->runs());
        QCOMPARE(m_rig->harm(1), QString());
        qInfo() << "CRASH server restarted: finished" << ms << "ms after the gateway's start";
    }

    // Files can't grow for a while: neither those of the calls nor those of the database.
    void filesCannotGrow()
    {
        m_rig = std::make_unique<CrashRig>(m_dir->path(), m_url);
        QVERIFY(m_rig->start());
        m_rig->ring(2, 2);
        QTest::qWait(500);
        m_rig->space(20'000);
        m_rig->ring(2, 2);
        for (int i = 0; i < 4; ++i)
            QVERIFY(!m_rig->putCall(true).isEmpty());
        QTest::qWait(6000);
        QVERIFY(!m_rig->unfinished().isEmpty());
        m_rig->space(RLIM_INFINITY);
        const qint64 ms = m_rig->finishedMs(patienceMs(10'000));
        QVERIFY2(ms >= 0, qPrintable(m_rig->unfinished()));
        QCOMPARE(m_rig->harm(0), QString());
        qInfo() << "CRASH files could not grow: finished" << ms << "ms after the start";
    }

    // A disk that is full to the last byte, with the data directory on it.
    void theDiskIsFull()
    {
        const QByteArray disk = m_dir->path().toLocal8Bit();
        if (::mount("takt-crash", disk.constData(), "tmpfs", 0, "size=12m,mode=0700") != 0)
            QSKIP("may not mount a small disk (needs root): ONLY filesCannotGrow() SHOWS WHAT HAPPENS WHEN IT IS FULL");
        const auto unmount = qScopeGuard([&] {
            close(); // whose files are there
            ::umount2(disk.constData(), MNT_DETACH);
        });
        m_rig = std::make_unique<CrashRig>(m_dir->path(), m_url);
        QVERIFY(m_rig->start());
        m_rig->ring(2, 3);
        for (int i = 0; i < 4; ++i)
            QVERIFY(!m_rig->putCall(true).isEmpty());
        QFile filler(m_dir->filePath(u"filler"_s));
        QVERIFY(filler.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
        const QByteArray block(4096, 'x');
        QElapsedTimer full; // whatever becomes free in between is taken at once
        for (full.start(); full.elapsed() < 6000; QTest::qWait(20)) {
            while (filler.write(block) == block.size()) {
            }
        }
        QVERIFY(m_rig->runs());
        QVERIFY(!m_rig->unfinished().isEmpty());
        QVERIFY(filler.remove());
        const qint64 ms = m_rig->finishedMs(patienceMs(10'000));
        QVERIFY2(ms >= 0, qPrintable(m_rig->unfinished()));
        QCOMPARE(m_rig->harm(0), QString());
        qInfo() << "CRASH the disk was full: finished" << ms << "ms after the start";
    }

private:
    void close()
    {
        if (QTest::currentTestFailed() && m_rig)
            qWarning().noquote() << m_rig->log().right(6000);
        m_rig.reset();
    }

    // First each of them, then by chance; empty: a random moment.
    static QByteArray choose(int kill, QRandomGenerator &random)
    {
        if (kill < int(kFailpoints.size()))
            return kFailpoints[std::size_t(kill)].name;
        if (random.bounded(3) == 0)
            return {};
        const Failpoint &point = kFailpoints[random.bounded(quint32(kFailpoints.size()))];
        return QByteArray(point.name) + ':' + QByteArray::number(random.bounded(1, point.most + 1));
    }

    // Calls wait from before; others may ring meanwhile. (Not each time: when the carrier's last word on a call has met
    // nobody, it takes a while until that is clear.) What it died of.
    QByteArray killOnce(const QByteArray &failpoint, int calls, bool rings, QRandomGenerator &random)
    {
        for (int i = 0; i < calls; ++i)
            m_rig->putCall(i % 3 != 1);
        const bool up = m_rig->start(failpoint);
        const QByteArray name = failpoint.left(failpoint.contains(':') ? failpoint.indexOf(':') : failpoint.size());
        if (up && rings)
            m_rig->ring(random.bounded(1, 4));
        if (!failpoint.isEmpty())
            return m_rig->dies(15'000) ? name : "none";
        QTest::qWait(random.bounded(50, 1500));
        m_rig->kill();
        return "random";
    }

    static QString told(const QString &what, quint32 seed, int kills, const QStringList &plan, const QString &details)
    {
        return u"%1 (seed %2, after %3 kills, the last ones: %4)\n%5"_s.arg(what).arg(seed).arg(kills).arg(
            plan.join(u", "_s), details);
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<CrashRig> m_rig;
    Postgres *m_server = nullptr;
    QString m_url;
    int m_databases = 0;
};

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"
