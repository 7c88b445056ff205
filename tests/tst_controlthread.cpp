// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's door has a thread of its own: what of it the main thread has to do, and what becomes of questions and
// answers when one side has gone meanwhile.
#include "control/controlserver.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QSemaphore>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::control;

namespace {

constexpr int kPatienceMs = 5000;

// A client who waits without letting the main thread do anything else, if he is told to.
class Client
{
public:
    explicit Client(const QString &path) { m_socket.connectToServer(path); }
    void ask(const QString &method, const QJsonObject &parameters = {})
    {
        const QJsonObject request{{"id"_L1, 1}, {"method"_L1, method}, {"params"_L1, parameters}};
        m_socket.write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
    }
    void subscribe(const QString &topic) { ask(u"subscribe"_s, {{"topics"_L1, QJsonArray{topic}}}); }
    void read()
    {
        while (m_socket.canReadLine())
            lines << QJsonDocument::fromJson(m_socket.readLine()).object();
    }
    // Until so many lines are there.
    [[nodiscard]] bool readBlocking(qsizetype count)
    {
        while (read(), lines.size() < count) {
            if (!m_socket.waitForReadyRead(kPatienceMs))
                return false;
        }
        return true;
    }
    [[nodiscard]] QJsonObject snapshot() const
    {
        for (const QJsonObject &line : lines) {
            if (line["type"_L1].toString() == "snapshot"_L1)
                return line;
        }
        return {};
    }
    [[nodiscard]] bool connected() const { return m_socket.state() == QLocalSocket::ConnectedState; }

    QList<QJsonObject> lines;

private:
    QLocalSocket m_socket;
};

Picture pictureNumber(int n)
{
    return pictureOf(TopicState{{{"n"_L1, n}}, {}});
}

} // namespace

class TestControlThread : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_path = m_dir->filePath(u"takt.sock"_s);
        m_replies.clear();
        m_delivers.clear();
        const Handler later = [this](const QJsonObject &, const Reply &reply) {
            m_handledIn = QThread::currentThread();
            m_replies << reply;
        };
        const auto asked = [this](const QString &, const Feed::Deliver &deliver) {
            m_askedIn = QThread::currentThread();
            m_delivers << deliver;
        };
        m_server = std::make_unique<ControlServer>(Methods{{u"later"_s, {Tier::View, later}}},
                                                   QHash<QString, Publisher::Kind>{{u"later"_s, {asked, 100}}});
        QCOMPARE(m_server->listen(m_path), QString());
    }

    // A lock that only the main thread opens: who makes answers in that thread stands before it until he gives up.
    void theMainThreadIsFreeWhileAnAnswerIsMade()
    {
        Client client(m_path);
        client.ask(u"later"_s);
        QTRY_COMPARE(m_replies.size(), 1);
        QCOMPARE(m_handledIn, thread());
        QSemaphore lock;
        m_replies[0]([&lock]() -> Result<QJsonObject> {
            return QJsonObject{{"opened"_L1, lock.tryAcquire(1, kPatienceMs)}};
        });
        lock.release();
        QTRY_VERIFY((client.read(), client.lines.size() == 2));
        QVERIFY(client.lines[1]["result"_L1]["opened"_L1].toBool());
    }

    void theMainThreadIsFreeWhileAPictureIsDrawn()
    {
        Client client(m_path);
        client.subscribe(u"later"_s);
        QTRY_COMPARE(m_delivers.size(), 1);
        QCOMPARE(m_askedIn, thread());
        QSemaphore lock;
        m_delivers[0]([&lock] { return pictureNumber(lock.tryAcquire(1, kPatienceMs)); });
        lock.release();
        QTRY_VERIFY((client.read(), !client.snapshot().isEmpty()));
        QCOMPARE(client.snapshot()["head"_L1]["n"_L1].toInt(), 1);
    }

    // The other way round: a main thread that is busy keeps nobody from what the door can answer by itself.
    void theDoorAnswersWhileTheMainThreadIsBusy()
    {
        Client client(m_path);
        client.ask(u"later"_s);
        client.ask(u"explode"_s);
        QVERIFY(client.readBlocking(2)); // hello, and why not
        QVERIFY(client.lines[1]["error"_L1].toString().contains("explode"_L1));
        QCOMPARE(m_replies.size(), 0);
        QTRY_COMPARE(m_replies.size(), 1);
    }

    void anAnswerForAClientThatHasGoneIsNotMade()
    {
        {
            Client client(m_path);
            client.ask(u"later"_s);
            QTRY_COMPARE(m_replies.size(), 1);
        }
        QTest::qWait(100); // until the door has heard of it
        std::atomic<int> made = 0;
        m_replies[0]([&made]() -> Result<QJsonObject> {
            ++made;
            return QJsonObject();
        });
        Client other(m_path);
        other.ask(u"explode"_s);
        QVERIFY(other.readBlocking(2)); // what was before it in the door's queue is done
        QCOMPARE(made, 0);
    }

    void anUpdateForAReaderWhoHasGoneIsNotDrawn()
    {
        {
            Client client(m_path);
            client.subscribe(u"later"_s);
            QTRY_COMPARE(m_delivers.size(), 1);
        }
        QTest::qWait(100);
        Client next(m_path);
        next.subscribe(u"later"_s);
        QTRY_COMPARE(m_delivers.size(), 2); // asked anew, for him
        std::atomic<int> drawn = 0;
        m_delivers[0]([&drawn] {
            ++drawn;
            return pictureNumber(1);
        });
        m_delivers[1]([] { return pictureNumber(2); });
        QTRY_VERIFY((next.read(), !next.snapshot().isEmpty()));
        QCOMPARE(next.snapshot()["head"_L1]["n"_L1].toInt(), 2);
        QCOMPARE(drawn, 0);
    }

    void answersAfterTheEndAreNobodys()
    {
        Client client(m_path);
        client.ask(u"later"_s);
        client.subscribe(u"later"_s);
        QTRY_VERIFY(m_replies.size() == 1 && m_delivers.size() == 1);
        m_server.reset();
        std::atomic<int> made = 0;
        m_replies[0]([&made]() -> Result<QJsonObject> {
            ++made;
            return QJsonObject();
        });
        m_delivers[0]([&made] {
            ++made;
            return pictureNumber(1);
        });
        QTRY_VERIFY(!client.connected());
        QCOMPARE(made, 0);
    }

    void questionsUnderWayAtTheEndAreNotAsked()
    {
        Client client(m_path);
        client.ask(u"later"_s);
        client.subscribe(u"later"_s);
        client.ask(u"explode"_s);
        QVERIFY(client.readBlocking(3)); // hello, subscribed, why not: both questions have been posted to us
        m_server.reset();
        QTRY_VERIFY(!client.connected());
        QCOMPARE(m_replies.size(), 0);
        QCOMPARE(m_delivers.size(), 0);
    }

    // In the middle of everything, at another moment each time; sanitizers look on.
    void itMayEndAtAnyMoment()
    {
        for (int i = 0; i < 20; ++i) {
            auto ended = std::make_shared<std::atomic<bool>>(false);
            auto late = std::make_shared<std::atomic<int>>(0);
            const auto source = [=](const QString &, const Feed::Deliver &deliver) {
                deliver([=] {
                    *late += *ended;
                    return pictureNumber(1);
                });
            };
            QHash<QString, Publisher::Kind> topics;
            for (int j = 0; j < 20; ++j)
                topics.insert(u"t%1"_s.arg(j), {source, 100});
            const QString path = m_dir->filePath(u"other.sock"_s);
            auto server = std::make_unique<ControlServer>(Methods(), topics);
            QCOMPARE(server->listen(path), QString());
            Client client(path);
            for (int j = 0; j < 20; ++j)
                client.subscribe(u"t%1"_s.arg(j));
            QTRY_VERIFY((client.read(), client.lines.size() > 2 * i)); // of 41
            server.reset();
            *ended = true;
            QTRY_VERIFY(!client.connected());
            QCOMPARE(*late, 0);
        }
    }

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_path;
    QList<Reply> m_replies;
    QList<Feed::Deliver> m_delivers;
    QThread *m_handledIn = nullptr;
    QThread *m_askedIn = nullptr;
    std::unique_ptr<ControlServer> m_server;
};

QTEST_GUILESS_MAIN(TestControlThread)
#include "tst_controlthread.moc"
