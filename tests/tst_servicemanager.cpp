// SPDX-License-Identifier: GPL-3.0-or-later
// What a service manager hears, on a real datagram socket.
#include "servicemanager.h"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt::servicemanager;

namespace {

qint64 monotonicUs()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

} // namespace

class TestServiceManager : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_socket = -1;

    // The next message; empty: none has come. Datagrams of a local socket are there when send() has returned.
    QByteArray heard() const
    {
        QByteArray bytes(4096, '\0');
        const ssize_t size = recv(m_socket, bytes.data(), std::size_t(bytes.size()), MSG_DONTWAIT);
        return size < 0 ? QByteArray() : bytes.first(size);
    }

private Q_SLOTS:
    void init()
    {
        const QByteArray path = m_folder.filePath(u"notify"_s).toLocal8Bit();
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        QVERIFY(std::size_t(path.size()) < sizeof address.sun_path);
        std::memcpy(address.sun_path, path.constData(), std::size_t(path.size()));
        m_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        QVERIFY(m_socket >= 0);
        QVERIFY(bind(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
        qputenv("NOTIFY_SOCKET", path);
    }
    void cleanup()
    {
        for (const char *name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            qunsetenv(name);
        close(m_socket);
        unlink(m_folder.filePath(u"notify"_s).toLocal8Bit().constData());
    }

    void readyAndStopping()
    {
        notifyReady();
        QCOMPARE(heard(), "READY=1"_ba);
        notifyStopping();
        QCOMPARE(heard(), "STOPPING=1"_ba);
        QCOMPARE(heard(), QByteArray());
    }

    void reloading()
    {
        const qint64 before = monotonicUs();
        notifyReloading();
        const qint64 after = monotonicUs();
        const QList<QByteArray> lines = heard().split('\n');
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0], "RELOADING=1"_ba);
        QVERIFY(lines[1].startsWith("MONOTONIC_USEC="));
        const qint64 us = lines[1].sliced(15).toLongLong();
        QVERIFY(us >= before && us <= after);
    }

    void status()
    {
        notifyStatus(u"3 calls, %1"_s.arg(QChar(0x2713)));
        QCOMPARE(heard(), "STATUS=3 calls, \xe2\x9c\x93"_ba);
        notifyStatus(u"100 % busy\nSTOPPING=1"_s);
        QCOMPARE(heard(), "STATUS=100 % busy STOPPING=1"_ba);
    }

    void watchdog()
    {
        QCOMPARE(watchdogIntervalMs(), 0);
        qputenv("WATCHDOG_USEC", "10000000");
        QCOMPARE(watchdogIntervalMs(), 5000);
        qputenv("WATCHDOG_PID", QByteArray::number(qint64(getpid())));
        QCOMPARE(watchdogIntervalMs(), 5000);
        qputenv("WATCHDOG_PID", "1"); // meant for another
        QCOMPARE(watchdogIntervalMs(), 0);
        qunsetenv("WATCHDOG_PID");
        qputenv("WATCHDOG_USEC", "10");
        QCOMPARE(watchdogIntervalMs(), 1);
        qputenv("WATCHDOG_USEC", "soon");
        QCOMPARE(watchdogIntervalMs(), 0);
        pingWatchdog();
        QCOMPARE(heard(), "WATCHDOG=1"_ba);
    }

    void nobodyListens()
    {
        qunsetenv("NOTIFY_SOCKET");
        notifyReady();
        notifyReloading();
        notifyStatus(u"x"_s);
        pingWatchdog();
        notifyStopping();
        QCOMPARE(heard(), QByteArray());
        qputenv("NOTIFY_SOCKET", m_folder.filePath(u"gone"_s).toLocal8Bit());
        notifyReady(); // no manager behind the name: no matter
        QCOMPARE(heard(), QByteArray());
    }
};

QTEST_GUILESS_MAIN(TestServiceManager)
#include "tst_servicemanager.moc"
