// SPDX-License-Identifier: GPL-3.0-or-later
// Subscriptions over real bytes: snapshots, deltas, a pace, and readers who do not read.
#include "control/controlserver.h"
#include "shared/controlprotocol.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::control;

namespace {

// A client that reads when it is told to.
class Client
{
public:
    // `bufferBytes`: what more is not read stays with the gateway; 0: no such limit.
    explicit Client(const QString &path, qint64 bufferBytes = 0)
    {
        m_socket.setReadBufferSize(bufferBytes);
        m_socket.connectToServer(path);
    }
    void write(const QByteArray &line) { m_socket.write(line + '\n'); }
    void subscribe(const QString &topic)
    {
        write(QJsonDocument(QJsonObject{{"id"_L1, 1},
                                        {"method"_L1, "subscribe"_L1},
                                        {"params"_L1, QJsonObject{{"topics"_L1, QJsonArray{topic}}}}})
                  .toJson(QJsonDocument::Compact));
    }
    // What has come, applied.
    void read()
    {
        m_buffer += m_socket.readAll();
        for (qsizetype end = m_buffer.indexOf('\n'); end >= 0; end = m_buffer.indexOf('\n')) {
            const QJsonObject message = QJsonDocument::fromJson(m_buffer.first(end)).object();
            m_longest = std::max(m_longest, end);
            m_buffer.remove(0, end + 1);
            if (message.contains("topic"_L1)) {
                const TopicUpdate update = TopicUpdate::fromJson(message);
                snapshots += update.snapshot;
                deltas += !update.snapshot;
                apply(state, update);
            } else if (message.contains("id"_L1)) {
                answers << message;
            }
        }
    }
    [[nodiscard]] qsizetype longestLine() const { return m_longest; }
    [[nodiscard]] bool connected() const { return m_socket.state() == QLocalSocket::ConnectedState; }

    TopicState state;
    QList<QJsonObject> answers;
    int snapshots = 0;
    int deltas = 0;

private:
    QLocalSocket m_socket;
    QByteArray m_buffer;
    qsizetype m_longest = 0;
};

} // namespace

class TestSubscriptions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_path = m_dir->filePath(u"takt.sock"_s);
        m_state = {};
        m_asked = 0;
        m_about.clear();
        const auto source = [this](const QString &about, const Feed::Deliver &deliver) {
            ++m_asked;
            m_about = about;
            deliver([state = m_state] { return pictureOf(state); });
        };
        const auto silent = [](const QString &, const Feed::Deliver &) {};
        m_server = std::make_unique<ControlServer>(Methods(), QHash<QString, Publisher::Kind>{
                                                                  {u"calls"_s, {source, 100}},
                                                                  {u"call"_s, {source, 100, true}},
                                                                  {u"hasty"_s, {source, 1}},
                                                                  {u"silent"_s, {silent, 100}},
                                                              });
        QCOMPARE(m_server->listen(m_path), QString());
    }

    void aSnapshotThenWhatChanges()
    {
        m_state.rows[u"CA1"_s] = {{"n"_L1, 1}};
        Client client(m_path);
        client.subscribe(u"calls"_s);
        QTRY_VERIFY((client.read(), client.state == m_state));
        QCOMPARE(client.snapshots, 1);
        m_state.rows[u"CA2"_s] = {{"n"_L1, 2}};
        m_state.head["live"_L1] = 2;
        QTRY_VERIFY((client.read(), client.state == m_state));
        m_state.rows.remove(u"CA1"_s);
        QTRY_VERIFY((client.read(), client.state == m_state));
        QCOMPARE(client.snapshots, 1);
        QCOMPARE(client.deltas, 2);
        QCOMPARE(client.answers.size(), 1);
        QVERIFY(client.answers[0].contains("result"_L1));
    }

    void nothingNewIsNotSent()
    {
        Client client(m_path);
        client.subscribe(u"calls"_s);
        QTRY_VERIFY(m_asked > 5);
        client.read();
        QCOMPARE(client.snapshots, 1);
        QCOMPARE(client.deltas, 0);
    }

    void atMostTenASecond()
    {
        Client client(m_path);
        client.subscribe(u"hasty"_s);
        QElapsedTimer time;
        time.start();
        QTRY_VERIFY((m_state.head["n"_L1] = int(time.elapsed()), client.read(), client.deltas >= 5));
        QVERIFY2(time.elapsed() >= 400, qPrintable(QString::number(time.elapsed())));
    }

    void nobodyReadsNobodyAsks()
    {
        {
            Client client(m_path);
            client.subscribe(u"calls"_s);
            QTRY_VERIFY((client.read(), client.snapshots == 1));
            client.write(R"({"id":2,"method":"unsubscribe","params":{"topics":["calls"]}})");
            QTRY_VERIFY((client.read(), client.answers.size() == 2));
            const int asked = m_asked;
            QTest::qWait(250);
            QCOMPARE(m_asked, asked);
            client.subscribe(u"calls"_s);
            QTRY_VERIFY((client.read(), client.snapshots == 2));
        }
        QTest::qWait(150); // the client has gone without a word
        const int asked = m_asked;
        QTest::qWait(250);
        QCOMPARE(m_asked, asked);
    }

    void aTopicMayBeAboutOneCall()
    {
        Client client(m_path);
        client.subscribe(u"call/CA7"_s);
        QTRY_VERIFY((client.read(), client.snapshots == 1));
        QCOMPARE(m_about, u"CA7"_s);
    }

    void unknownTopicsAreAnError_data()
    {
        QTest::addColumn<QString>("topic");
        for (const QString &topic : {u"weather"_s, u""_s, u"call"_s, u"call/"_s, u"calls/CA1"_s, u"calls/"_s,
                                     QString(u"call/"_s + QString(1000, u'x'))})
            QTest::newRow(qPrintable(topic.left(20))) << topic;
    }
    void unknownTopicsAreAnError()
    {
        QFETCH(QString, topic);
        Client client(m_path);
        client.subscribe(topic);
        QTRY_VERIFY((client.read(), client.answers.size() == 1));
        QVERIFY(client.answers[0].contains("error"_L1));
        client.subscribe(u"calls"_s);
        QTRY_VERIFY((client.read(), client.snapshots == 1));
    }

    void topicsAreLimited()
    {
        Client client(m_path);
        for (int i = 0; i < 65; ++i)
            client.subscribe(u"call/CA%1"_s.arg(i));
        QTRY_VERIFY((client.read(), client.answers.size() == 65));
        QVERIFY(client.answers[63].contains("result"_L1));
        QVERIFY(client.answers[64].contains("error"_L1));
    }

    void aTopicThatNeverAnswersHoldsNobodyUp()
    {
        Client client(m_path);
        client.subscribe(u"silent"_s);
        client.subscribe(u"calls"_s);
        QTRY_VERIFY((client.read(), client.snapshots == 1));
    }

    // A reader who stops reading costs the gateway a bounded amount, and has the truth soon after he reads on.
    void whoDoesNotReadGetsAFreshSnapshot()
    {
        Client slow(m_path, 64 * 1024);
        slow.subscribe(u"calls"_s);
        QTRY_VERIFY((slow.read(), slow.snapshots == 1));
        Client quick(m_path);
        quick.subscribe(u"calls"_s);
        for (int i = 0; i < 20; ++i) { // 4 MB of changes
            for (int j = 0; j < 100; ++j)
                m_state.rows[QString::number(j)] = {{"text"_L1, QString(2000, QChar(u'a' + i))}};
            const int asked = m_asked;
            QTRY_VERIFY((quick.read(), m_asked > asked + 1));
        }
        QTRY_VERIFY((quick.read(), quick.state == m_state));
        QVERIFY(quick.deltas >= 18);
        QTRY_VERIFY((slow.read(), slow.state == m_state));
        QVERIFY(slow.connected());
        QVERIFY2(slow.snapshots >= 2, "what he missed came as a snapshot");
        QVERIFY2(slow.deltas < 10, qPrintable(QString::number(slow.deltas)));
        const int snapshots = slow.snapshots;
        m_state.head["n"_L1] = 1; // and from here on he hears of changes again
        QTRY_VERIFY((slow.read(), slow.state == m_state));
        QCOMPARE(slow.snapshots, snapshots);
    }

    void linesStayBelowTheCap()
    {
        for (int i = 0; i < 1500; ++i)
            m_state.rows[u"CA%1"_s.arg(i)] = {{"text"_L1, QString(1000, u'x')}};
        Client client(m_path);
        client.subscribe(u"calls"_s);
        QTRY_VERIFY((client.read(), client.state == m_state));
        QVERIFY(client.longestLine() < kMaxLineBytes);
    }

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_path;
    TopicState m_state;
    QString m_about;
    int m_asked = 0;
    std::unique_ptr<ControlServer> m_server;
};

QTEST_GUILESS_MAIN(TestSubscriptions)
#include "tst_subscriptions.moc"
