// SPDX-License-Identifier: GPL-3.0-or-later
// The event dispatcher of the media threads, driven as Qt drives it: timers, sockets, posted events, and the beat.
#include "media/beatthread.h"

#include <QSocketNotifier>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <sys/socket.h>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;
using namespace takt::media;

namespace {

struct CountingBeat final : BeatDispatcher::Beat {
    qint64 nextBeatNs() override { return next; }
    void onBeat(qint64 nowNs) override
    {
        early |= nowNs < next;
        ++beats;
        next = beats < limit ? next + 1'000'000 : BeatDispatcher::kNever;
    }
    void onRound() override { ++rounds; }
    qint64 next = BeatDispatcher::kNever;
    int limit = 0;
    std::atomic<int> beats{0};
    std::atomic<int> rounds{0};
    bool early = false;
};

} // namespace

class TestBeatDispatcher : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void postedCallsFromManyThreadsAllArrive()
    {
        BeatThread thread(u"t"_s);
        std::atomic<int> count{0};
        std::vector<std::unique_ptr<QThread>> posters;
        for (int i = 0; i < 4; ++i) {
            posters.emplace_back(QThread::create([&] {
                for (int k = 0; k < 5000; ++k)
                    thread.post([&] { ++count; });
            }));
            posters.back()->start();
        }
        for (const auto &poster : posters)
            poster->wait();
        QTRY_COMPARE(count.load(), 20000);
    }

    void timersFireInOrderAndRepeat()
    {
        BeatThread thread(u"t"_s);
        QList<int> order;
        std::atomic<int> repeats{0};
        std::unique_ptr<QTimer> repeating;
        thread.run([&] {
            for (const int ms : {60, 0, 30}) {
                QTimer::singleShot(ms, thread.dispatcher(), [&order, ms] { order << ms; });
            }
            repeating = std::make_unique<QTimer>();
            connect(repeating.get(), &QTimer::timeout, repeating.get(), [&] {
                if (++repeats == 5)
                    repeating->stop();
            });
            repeating->start(5);
            QVERIFY(repeating->remainingTime() >= 0 && repeating->remainingTime() <= 5);
        });
        QTRY_COMPARE(repeats.load(), 5);
        QTest::qWait(100);
        QCOMPARE(repeats.load(), 5); // stopped is stopped
        QList<int> seen;
        thread.run([&] {
            seen = order;
            repeating.reset();
        });
        QCOMPARE(seen, (QList<int>{0, 30, 60}));
    }

    void aClosedDescriptorsNumberCanBeUsedAgain()
    {
        BeatThread thread(u"t"_s);
        std::atomic<int> reads{0};
        for (int i = 0; i < 50; ++i) {
            thread.run([&] {
                int pair[2];
                QCOMPARE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
                auto *notifier = new QSocketNotifier(pair[0], QSocketNotifier::Read);
                QObject::connect(notifier, &QSocketNotifier::activated, notifier,
                                 [&reads, notifier, a = pair[0], b = pair[1]] {
                                     ++reads;
                                     delete notifier;
                                     ::close(a); // at once: the next pair gets the same numbers
                                     ::close(b);
                                 });
                QCOMPARE(write(pair[1], "x", 1), ssize_t(1));
            });
        }
        QTRY_COMPARE(reads.load(), 50);
    }

    void socketsCarryData()
    {
        BeatThread thread(u"t"_s);
        std::unique_ptr<QTcpServer> server;
        quint16 port = 0;
        thread.run([&] {
            server = std::make_unique<QTcpServer>();
            server->listen(QHostAddress::LocalHost);
            port = server->serverPort();
            connect(server.get(), &QTcpServer::newConnection, server.get(), [&] {
                QTcpSocket *socket = server->nextPendingConnection();
                connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
                connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            });
        });
        QTcpSocket client;
        client.connectToHost(QHostAddress::LocalHost, port);
        QVERIFY(QTest::qWaitFor([&] { return client.state() == QAbstractSocket::ConnectedState; }));
        const QByteArray big(4'000'000, 'q'); // more than the kernel takes at once: write notifiers must work
        client.write(big);
        QByteArray echoed;
        QVERIFY(QTest::qWaitFor(
            [&] {
                echoed += client.readAll();
                return echoed.size() == big.size();
            },
            20'000));
        thread.run([&] { server.reset(); });
    }

    void theBeatIsNeverEarlyAndRoundsFollowWakeUps()
    {
        BeatThread thread(u"t"_s);
        CountingBeat beat;
        beat.limit = 100;
        thread.run([&] {
            beat.next = BeatDispatcher::nowNs() + 1'000'000;
            thread.dispatcher()->setBeat(&beat);
        });
        QTRY_COMPARE(beat.beats.load(), 100);
        QVERIFY(!beat.early);
        QTest::qWait(20); // asleep by now
        const int rounds = beat.rounds.load();
        thread.dispatcher()->wakeUp();
        QTRY_VERIFY(beat.rounds.load() > rounds);
        thread.run([&] { thread.dispatcher()->setBeat(nullptr); });
    }

    void anIdleThreadSleeps()
    {
        BeatThread thread(u"t"_s);
        CountingBeat beat;
        thread.run([&] { thread.dispatcher()->setBeat(&beat); });
        QTest::qWait(20);
        const int rounds = beat.rounds.load();
        QTest::qWait(300);
        QVERIFY2(beat.rounds.load() - rounds <= 3, qPrintable(QString::number(beat.rounds.load() - rounds)));
        thread.run([&] { thread.dispatcher()->setBeat(nullptr); });
    }
};

QTEST_GUILESS_MAIN(TestBeatDispatcher)
#include "tst_beatdispatcher.moc"
