// SPDX-License-Identifier: GPL-3.0-or-later
// Heavy child processes, real ones: humble, limited, standing still when the gate says so, and gone when it is over.
#include "jobs/child.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace takt;
using namespace Qt::Literals::StringLiterals;
using jobs::CallGate;
using jobs::ChildCommand;
using jobs::ChildResult;
using jobs::GatePass;
using jobs::runChild;
using End = ChildResult::End;

namespace {

struct Rig {
    Rig() { pass = gate.enter(u"CA1"_s, reason); }
    void hold() { gate.noteBeat(100, false); }
    void release()
    {
        gate.noteBeat(0, false);
        ahead += CallGate::kCalmMs;
        gate.noteBeat(0, false);
    }
    void after(int ms, void (Rig::*what)())
    {
        QTimer::singleShot(ms, &gate, [this, what] { (this->*what)(); });
    }
    QString reason;
    std::atomic<qint64> ahead = 0; // of the clock: what nobody need wait for
    CallGate gate{config::JobsSettings{}, [this] { return QDeadlineTimer::current().deadline() + ahead; }};
    std::shared_ptr<GatePass> pass;
};

ChildCommand shell(const QString &script)
{
    ChildCommand command;
    command.program = u"/bin/sh"_s;
    command.arguments = {u"-c"_s, script};
    return command;
}

// Says its number first, and then does that.
ChildCommand speaking(const QString &script, qint64 &pid, const std::function<void()> &then = {})
{
    ChildCommand command = shell("echo $$; "_L1 + script);
    command.onLine = [&pid, then](const QByteArray &line) {
        if (pid == 0) {
            pid = line.toLongLong();
            if (then)
                then();
        }
    };
    return command;
}

char stateOf(qint64 pid)
{
    QFile stat(u"/proc/%1/stat"_s.arg(pid));
    if (!stat.open(QIODevice::ReadOnly))
        return '-';
    const QByteArray text = stat.readAll();
    return text.at(text.lastIndexOf(')') + 2);
}

} // namespace

class TestChild : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void lines();
    void howItEnds_data();
    void howItEnds();
    void theTailOfItsErrors();
    void aLineWithoutEnd();
    void aMissingProgram();
    void isHumble();
    void inheritsNoSockets();
    void tooSlow_data();
    void tooSlow();
    void aStarvedOneIsNotTooSlow();
    void stubborn();
    void stopped();
    void stoppedBeforeItsStart();
    void stoppedByItsCall();
    void standsStill();
    void standsStillWithItsGroup();
    void startsWhileHeld();
    void theLimitCountsRunning();
    void isMeasured();
    void endsWithItsParent();
    void leavesNothingBehind();

private:
    [[nodiscard]] static bool nobodyLeft() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }
};

void TestChild::lines()
{
    Rig rig;
    QList<QByteArray> lines;
    ChildCommand command = shell(u"echo one; printf 'tw'; sleep 0.1; printf 'o\\n\\nlast'; cat"_s);
    command.onLine = [&](const QByteArray &line) { lines << line; };
    const ChildResult result = runChild(*rig.pass, command);
    QVERIFY(result.ok());
    QCOMPARE(lines, (QList<QByteArray>{"one", "two", "", "last"}));
}

void TestChild::howItEnds_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<int>("end");
    QTest::addColumn<int>("code");
    QTest::newRow("well") << u"exit 0"_s << int(End::Exited) << 0;
    QTest::newRow("badly") << u"exit 3"_s << int(End::Exited) << 3;
    QTest::newRow("by a signal") << u"kill -SEGV $$"_s << int(End::Signalled) << -SIGSEGV;
}

void TestChild::howItEnds()
{
    QFETCH(QString, script);
    QFETCH(int, end);
    QFETCH(int, code);
    Rig rig;
    const ChildResult result = runChild(*rig.pass, shell(script));
    QCOMPARE(int(result.end), end);
    QCOMPARE(result.code, code);
    QCOMPARE(result.ok(), code == 0);
}

void TestChild::theTailOfItsErrors()
{
    Rig rig;
    const ChildResult result = runChild(
        *rig.pass, shell(u"i=0; while [ $i -lt 1000 ]; do echo \"line $i\" >&2; i=$((i+1)); done; exit 1"_s));
    QCOMPARE(result.code, 1);
    QVERIFY2(result.tail.endsWith("line 998\nline 999"_L1), qPrintable(result.tail.right(40)));
    QVERIFY(result.tail.startsWith("line "_L1)); // whole lines
    QVERIFY(result.tail.size() <= 4096);
    QVERIFY(result.tail.size() > 3500);
}

void TestChild::aLineWithoutEnd()
{
    Rig rig;
    QList<QByteArray> lines;
    ChildCommand command = shell(u"echo first; head -c 3000000 /dev/zero | tr '\\0' 'x'; echo; echo last"_s);
    command.onLine = [&](const QByteArray &line) { lines << line; };
    QVERIFY(runChild(*rig.pass, command).ok());
    QCOMPARE(lines.first(), "first");
    QCOMPARE(lines.last(), "last");
    for (const QByteArray &line : lines)
        QVERIFY(line.size() < 1'000'000);
}

void TestChild::aMissingProgram()
{
    Rig rig;
    ChildCommand command;
    command.program = u"/no/such/program"_s;
    const ChildResult result = runChild(*rig.pass, command);
    QCOMPARE(result.end, End::NotStarted);
    QVERIFY(result.tail.contains("/no/such/program"_L1));
    QVERIFY(!result.ok());
}

void TestChild::isHumble()
{
    sigset_t some, before;
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    sigaddset(&some, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &some, &before); // as in a thread that reads them by a descriptor
    Rig rig;
    qint64 pid = 0;
    int policy = -1, nice = 0;
    qint64 group = 0, io = 0;
    const auto look = [&] {
        policy = ::sched_getscheduler(pid_t(pid));
        nice = ::getpriority(PRIO_PROCESS, id_t(pid));
        group = ::getpgid(pid_t(pid));
        io = ::syscall(SYS_ioprio_get, 1, pid_t(pid));
    };
    QByteArrayList lines;
    ChildCommand command = speaking(
        u"cat /proc/$$/oom_score_adj; grep SigBlk /proc/self/status; ulimit -v; sleep 0.3"_s, pid, look);
    const auto first = command.onLine;
    command.onLine = [&](const QByteArray &line) {
        if (pid != 0)
            lines << line;
        first(line);
    };
    command.memoryLimit = 1'000'000'000;
    const ChildResult result = runChild(*rig.pass, command);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    QVERIFY(result.ok());
    QCOMPARE(policy, SCHED_IDLE);
    QCOMPARE(nice, 19);
    QCOMPARE(group, pid);
    QCOMPARE(io >> 13, 3); // idle
    QCOMPARE(lines.value(0), "900");
    QCOMPARE(lines.value(1).simplified(), "SigBlk: 0000000000000000");
    QCOMPARE(lines.value(2), "976562"); // kB
}

// Nor does it keep them for a moment longer than it must, but that is not to be seen from here.
void TestChild::inheritsNoSockets()
{
    const int leaky = ::socket(AF_UNIX, SOCK_STREAM, 0); // without CLOEXEC
    const int far = ::fcntl(leaky, F_DUPFD, 500);
    QVERIFY(leaky > 0 && far >= 500);
    Rig rig;
    QByteArrayList links;
    ChildCommand command = shell(u"ls -l /proc/$$/fd"_s);
    command.onLine = [&](const QByteArray &line) { links << line; };
    QVERIFY(runChild(*rig.pass, command).ok());
    ::close(leaky);
    ::close(far);
    QVERIFY(links.size() >= 4); // the total and the standard ones
    QVERIFY2(!links.join('\n').contains("socket:"), links.join('\n').constData());
}

void TestChild::tooSlow_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("limitMs");
    QTest::newRow("burns") << u"i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done"_s << 1000;
    QTest::newRow("hangs") << u"sleep 0.2"_s << 100;
}

void TestChild::tooSlow()
{
    QFETCH(QString, what);
    QFETCH(int, limitMs);
    Rig rig;
    ChildCommand command = shell(u"trap 'echo goodbye >&2; exit 0' TERM; while :; do %1; done"_s.arg(what));
    command.limitMs = limitMs;
    const ChildResult result = runChild(*rig.pass, command);
    QCOMPARE(result.end, End::TooSlow);
    QVERIFY(!result.ok());
    QVERIFY(result.cpuMs < limitMs + 1'500); // it is looked at once a second: the clock was not its end
    if (result.code != -SIGKILL)             // it gets little time on a busy host
        QVERIFY(result.tail.endsWith("goodbye"_L1));
}

// It runs far longer than its limit, and does next to nothing in it.
void TestChild::aStarvedOneIsNotTooSlow()
{
    Rig rig;
    ChildCommand command = shell(u"sleep 2.5; echo done"_s);
    command.limitMs = 500;
    QVERIFY(runChild(*rig.pass, command).ok());
}

void TestChild::stubborn()
{
    Rig rig;
    ChildCommand command = shell(u"trap '' TERM; while :; do sleep 0.2; done"_s);
    command.limitMs = 100;
    const ChildResult result = runChild(*rig.pass, command);
    QCOMPARE(result.end, End::TooSlow);
    QCOMPARE(result.code, -SIGKILL);
}

void TestChild::stopped()
{
    Rig rig;
    qint64 pid = 0;
    std::thread other;
    const ChildResult result = runChild(*rig.pass, speaking(u"exec sleep 60"_s, pid, [&] {
        other = std::thread([&] { rig.pass->stop(u"cancelled"_s); });
    }));
    other.join();
    QCOMPARE(result.end, End::Stopped);
    QVERIFY(result.code == -SIGTERM || result.code == -SIGKILL); // it gets little time on a busy host
    QVERIFY(nobodyLeft());
}

void TestChild::stoppedBeforeItsStart()
{
    Rig rig;
    rig.pass->stop(u"cancelled"_s);
    QTemporaryDir folder;
    const QString file = folder.filePath(u"it-ran"_s);
    QCOMPARE(runChild(*rig.pass, shell("touch "_L1 + file)).end, End::Stopped);
    QVERIFY(!QFile::exists(file));
}

// Not even the time for a goodbye: the caller is on the line.
void TestChild::stoppedByItsCall()
{
    Rig rig;
    qint64 pid = 0;
    std::thread other;
    const ChildResult result = runChild(
        *rig.pass, speaking(u"trap 'echo goodbye >&2; exit 0' TERM; while :; do sleep 0.2; done"_s, pid,
                            [&] { other = std::thread([&] { rig.gate.callStarted(u"CA1"_s); }); }));
    other.join();
    QCOMPARE(result.end, End::Stopped);
    QCOMPARE(result.code, -SIGKILL);
    QCOMPARE(result.tail, QString());
}

void TestChild::standsStill()
{
    Rig rig;
    qint64 pid = 0;
    char held = 0, later = 0;
    qint64 active = 0;
    QTimer::singleShot(300, &rig.gate, [&] {
        rig.hold();
        held = QTest::qWaitFor([&] { return stateOf(pid) == 'T'; }) ? 'T' : stateOf(pid);
        active = rig.pass->activeMs();
    });
    QTimer::singleShot(900, &rig.gate, [&] {
        later = stateOf(pid);
        active = rig.pass->activeMs() - active;
        rig.release();
    });
    QElapsedTimer since;
    since.start();
    const ChildResult result = runChild(*rig.pass, speaking(u"exec sleep 0.5"_s, pid));
    QVERIFY(result.ok());
    QCOMPARE(held, 'T');
    QCOMPARE(later, 'T');
    QCOMPARE(active, 0);
    QVERIFY(since.elapsed() >= 900);
}

// A script in the place of the program: what it runs stands still as well.
void TestChild::standsStillWithItsGroup()
{
    Rig rig;
    qint64 pid = 0;
    char held = 0;
    QTimer::singleShot(200, &rig.gate, [&] {
        rig.hold();
        held = QTest::qWaitFor([&] { return stateOf(pid) == 'T'; }) ? 'T' : stateOf(pid);
        rig.pass->stop(u"enough"_s);
    });
    ChildCommand command = shell(u"sh -c 'echo $$; exec sleep 60'; true"_s);
    command.onLine = [&](const QByteArray &line) { pid = line.toLongLong(); };
    const ChildResult result = runChild(*rig.pass, command);
    QCOMPARE(result.end, End::Stopped);
    if (held != 'T')
        QSKIP("a kernel before 6.9");
    QVERIFY(QTest::qWaitFor([&] { return stateOf(pid) == '-' || stateOf(pid) == 'Z'; }));
}

void TestChild::startsWhileHeld()
{
    Rig rig;
    rig.hold();
    rig.after(500, &Rig::release);
    QElapsedTimer since;
    since.start();
    qint64 spokeAt = 0, pid = 0;
    QVERIFY(runChild(*rig.pass, speaking(u"true"_s, pid, [&] { spokeAt = since.elapsed(); })).ok());
    QVERIFY2(spokeAt >= 500, qPrintable(QString::number(spokeAt)));
}

void TestChild::theLimitCountsRunning()
{
    Rig rig;
    rig.after(200, &Rig::hold);
    rig.after(1'500, &Rig::release);
    ChildCommand command = shell(u"sleep 0.5"_s);
    command.limitMs = 1'200 / jobs::kStarvation;
    QVERIFY(runChild(*rig.pass, command).ok());
    // And it counts again afterwards.
    rig.after(100, &Rig::hold);
    rig.after(300, &Rig::release);
    command = shell(u"sleep 60"_s);
    command.limitMs = 500 / jobs::kStarvation;
    QCOMPARE(runChild(*rig.pass, command).end, End::TooSlow);
}

void TestChild::isMeasured()
{
    Rig rig;
    const ChildResult result = runChild(*rig.pass,
                                        shell(u"i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done; sleep 1.2"_s));
    QVERIFY(result.ok());
    QVERIFY2(result.cpuMs >= 10, qPrintable(QString::number(result.cpuMs)));
    QVERIFY2(result.maxRssKb > 300, qPrintable(QString::number(result.maxRssKb)));
}

// A gateway that is killed leaves no child behind: here a process of our own plays the gateway.
void TestChild::endsWithItsParent()
{
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    const pid_t gateway = ::fork();
    QVERIFY(gateway >= 0);
    if (gateway == 0) {
        Rig rig;
        qint64 pid = 0;
        (void)runChild(*rig.pass, speaking(u"exec sleep 60"_s, pid, [&] {
            if (::write(ends[1], &pid, sizeof pid) != sizeof pid)
                ::_exit(1);
            ::raise(SIGKILL);
        }));
        ::_exit(0);
    }
    qint64 child = 0;
    QCOMPARE(::read(ends[0], &child, sizeof child), ssize_t(sizeof child));
    int status = 0;
    ::waitpid(gateway, &status, 0);
    QVERIFY(WIFSIGNALED(status));
    QVERIFY(child > 0);
    QVERIFY(QTest::qWaitFor([&] { return stateOf(child) == '-' || stateOf(child) == 'Z'; }));
    ::close(ends[0]);
    ::close(ends[1]);
}

void TestChild::leavesNothingBehind()
{
    const auto descriptors = [] { return QDir(u"/proc/self/fd"_s).entryList(QDir::AllEntries | QDir::System).size(); };
    Rig rig;
    QVERIFY(runChild(*rig.pass, shell(u"true"_s)).ok());
    const auto before = descriptors();
    for (int i = 0; i < 5; ++i)
        QVERIFY(runChild(*rig.pass, shell(u"true"_s)).ok());
    QCOMPARE(descriptors(), before);
    QVERIFY(nobodyLeft());
}

QTEST_GUILESS_MAIN(TestChild)
#include "tst_child.moc"
