// SPDX-License-Identifier: GPL-3.0-or-later
// The connection to the speech model over real sockets: the gate, the attempts, the sorting of errors.
#include "speech/link.h"
#include "support/fakemodel.h"
#include "telemetry/counters.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QUrlQuery>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::speech;
using test::FakeModel;
using telemetry::Counter;
using telemetry::counted;

namespace {

struct Listener final : Link::Listener {
    void onSessionReady() override { ++ready; }
    void onServerEvent(const ServerEvent &event) override { events.push_back(event); }
    void onSessionLost(bool isFatal, const QString &text) override
    {
        ++lost;
        fatal = isFatal;
        why = text;
    }
    int ready = 0;
    int lost = 0;
    bool fatal = false;
    QString why;
    std::vector<ServerEvent> events;
};

// A server that answers the first `times` upgrades with an HTTP status, and then closes what comes.
struct HttpServer {
    explicit HttpServer(const QByteArray &line)
    {
        server.listen(QHostAddress::LocalHost);
        QObject::connect(&server, &QTcpServer::newConnection, &server, [this, line] {
            QTcpSocket *socket = server.nextPendingConnection();
            ++upgrades;
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, line] {
                socket->write("HTTP/1.1 " + line + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                socket->disconnectFromHost();
            });
        });
    }
    QTcpServer server;
    int upgrades = 0;
};

Link::Limits quick()
{
    Link::Limits limits;
    limits.attemptMs = 300;
    limits.totalMs = 1500;
    limits.firstBackoffMs = 10;
    return limits;
}

SessionSettings settingsFor(const QUrl &url)
{
    SessionSettings settings;
    settings.url = url;
    settings.model = u"gpt-realtime"_s;
    settings.apiKey = u"sk-test"_s;
    settings.instructions = u"Be brief."_s;
    return settings;
}

} // namespace

class TestLink : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sessionUpdateComesFirstAndTheKeyWithIt()
    {
        FakeModel model;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, nullptr);
        link.open();
        QTRY_COMPARE(listener.ready, 1);
        QCOMPARE(model.events.first()["type"_L1].toString(), u"session.update"_s);
        QCOMPARE(model.authorizations, QList<QByteArray>{"Bearer sk-test"});
        QVERIFY(!model.socket->request().hasRawHeader("OpenAI-Beta"));
        QCOMPARE(QUrlQuery(model.socket->requestUrl()).queryItemValue(u"model"_s), u"gpt-realtime"_s);
    }

    void audioAndResponseWaitForTheGate()
    {
        FakeModel model;
        model.session = FakeModel::Session::Never;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, nullptr);
        link.open();
        const QByteArray early = QByteArray(160, 'a') + QByteArray(160, 'b');
        link.appendAudio(early);
        link.createResponse(u"Say hello."_s);
        QTRY_COMPARE(model.events.size(), 1); // session.update, and nothing else however long we look
        QTest::qWait(100);
        QCOMPARE(model.types(), QStringList{u"session.update"_s});
        QVERIFY(model.audio().isEmpty());

        QJsonObject session = model.events.first()["session"_L1].toObject();
        model.send({{"type"_L1, "session.created"_L1}, {"session"_L1, session}}); // never counts
        QTest::qWait(50);
        QCOMPARE(listener.ready, 0);
        model.send({{"type"_L1, "session.updated"_L1}, {"session"_L1, session}});
        QTRY_COMPARE(model.audio(), early);
        QCOMPARE(model.types(), (QStringList{u"session.update"_s, u"response.create"_s}));
        QCOMPARE(listener.ready, 1);
        link.appendAudio(QByteArray(160, 'c'));
        QTRY_COMPARE(model.audio(), early + QByteArray(160, 'c'));
    }

    // append_ms = 40: frames go in pairs, and none is lost or out of order, whatever pieces they come in.
    void audioGoesInBatches()
    {
        FakeModel model;
        Listener listener;
        SessionSettings settings = settingsFor(model.url());
        settings.appendMs = 40;
        Link link(settings, m_codec, listener, nullptr);
        link.open();
        QTRY_COMPARE(listener.ready, 1);
        link.appendAudio(QByteArray(160, 'a'));
        QTest::qWait(50);
        QVERIFY(model.audio().isEmpty());
        link.appendAudio(QByteArray(160, 'b'));
        QTRY_COMPARE(model.audio(), QByteArray(160, 'a') + QByteArray(160, 'b'));
        link.appendAudio(QByteArray(160, 'c'));
        link.appendAudio(QByteArray(800, 'd'));
        link.appendAudio(QByteArray(480, 'e'));
        QTRY_COMPARE(model.audio().sliced(320),
                     QByteArray(160, 'c') + QByteArray(800, 'd') + QByteArray(480, 'e'));
        QCOMPARE(model.events.size() - model.types().size(), 3); // messages with audio
    }

    void heldAudioIsBoundedAndKeepsTheNewest()
    {
        FakeModel model;
        model.session = FakeModel::Session::Never;
        Listener listener;
        Link::Limits limits;
        limits.heldAudioMs = 100;
        Link link(settingsFor(model.url()), m_codec, listener, limits, nullptr);
        link.open();
        const qint64 before = counted(Counter::HeldAudioDropped);
        link.appendAudio(QByteArray(800, 'x'));
        link.appendAudio(QByteArray(400, 'y'));
        QCOMPARE(counted(Counter::HeldAudioDropped) - before, 400);
        QTRY_COMPARE(model.events.size(), 1);
        model.send({{"type"_L1, "session.updated"_L1}, {"session"_L1, model.events.first()["session"_L1]}});
        QTRY_COMPARE(model.audio(), QByteArray(400, 'x') + QByteArray(400, 'y'));
    }

    void unusableSessionIsFatal()
    {
        FakeModel model;
        model.session = FakeModel::Session::WrongFormat;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, nullptr);
        link.open();
        QTRY_COMPARE(listener.lost, 1);
        QVERIFY(listener.fatal);
        QVERIFY2(listener.why.contains("audio/pcm"_L1), qPrintable(listener.why));
        QCOMPARE(listener.ready, 0);
    }

    void upgradeRefused_data()
    {
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<bool>("fatal");
        QTest::addColumn<int>("upgrades");
        QTest::newRow("bad key: once is enough") << "401 Unauthorized"_ba << true << 1;
        QTest::newRow("no access") << "403 Forbidden"_ba << true << 1;
        QTest::newRow("no such path") << "404 Not Found"_ba << true << 1;
        QTest::newRow("too many: again") << "429 Too Many Requests"_ba << false << 3;
        QTest::newRow("their fault: again") << "500 Internal Server Error"_ba << false << 3;
        QTest::newRow("overloaded: again") << "503 Service Unavailable"_ba << false << 3;
    }
    void upgradeRefused()
    {
        QFETCH(QByteArray, status);
        QFETCH(bool, fatal);
        QFETCH(int, upgrades);
        HttpServer http(status);
        Listener listener;
        Link link(settingsFor(QUrl(u"ws://127.0.0.1:%1/"_s.arg(http.server.serverPort()))), m_codec, listener, quick(),
                  nullptr);
        link.open();
        QTRY_COMPARE(listener.lost, 1);
        QCOMPARE(listener.fatal, fatal);
        QCOMPARE(http.upgrades, upgrades);
    }

    void threeAttemptsWhenNobodyListens()
    {
        QTcpServer closed;
        closed.listen(QHostAddress::LocalHost);
        const quint16 port = closed.serverPort();
        closed.close();
        const qint64 before = counted(Counter::ModelConnects);
        Listener listener;
        Link link(settingsFor(QUrl(u"ws://127.0.0.1:%1/"_s.arg(port))), m_codec, listener, quick(), nullptr);
        link.open();
        QTRY_COMPARE(listener.lost, 1);
        QVERIFY(!listener.fatal);
        QCOMPARE(counted(Counter::ModelConnects) - before, 3);
    }

    void aServerThatNeverAnswersIsGivenUp()
    {
        FakeModel model;
        model.session = FakeModel::Session::Never;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, quick(), nullptr);
        link.open();
        QTRY_COMPARE(listener.lost, 1);
        QVERIFY(!listener.fatal);
        QCOMPARE(model.connections, 3);
    }

    void aRetryableErrorBeforeTheGateIsAnotherAttempt()
    {
        FakeModel model;
        model.session = FakeModel::Session::Never;
        Listener listener;
        Link::Limits limits;
        limits.firstBackoffMs = 10;
        Link link(settingsFor(model.url()), m_codec, listener, limits, nullptr);
        link.open();
        QTRY_COMPARE(model.events.size(), 1);
        model.session = FakeModel::Session::Echo;
        model.send({{"type"_L1, "error"_L1},
                    {"error"_L1, QJsonObject{{"type"_L1, "server_error"_L1}, {"code"_L1, "server_error"_L1}}}});
        QTRY_COMPARE(listener.ready, 1);
        QCOMPARE(model.connections, 2);
        QCOMPARE(listener.lost, 0);
    }

    void errorsOfALiveSession_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<bool>("lost");
        QTest::addColumn<bool>("fatal");
        QTest::newRow("race") << u"response_cancel_not_active"_s << false << false;
        QTest::newRow("race 2") << u"conversation_already_has_active_response"_s << false << false;
        QTest::newRow("rate limit") << u"rate_limit_exceeded"_s << false << false;
        QTest::newRow("expired") << u"session_expired"_s << true << false;
        QTest::newRow("no money") << u"insufficient_quota"_s << true << true;
        QTest::newRow("beta") << u"beta_api_shape_disabled"_s << true << true;
    }
    void errorsOfALiveSession()
    {
        QFETCH(QString, code);
        QFETCH(bool, lost);
        QFETCH(bool, fatal);
        FakeModel model;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, nullptr);
        link.open();
        QTRY_COMPARE(listener.ready, 1);
        model.send({{"type"_L1, "error"_L1},
                    {"error"_L1, QJsonObject{{"type"_L1, "invalid_request_error"_L1}, {"code"_L1, code}}}});
        model.sendSpeechStarted(u"item_1"_s);
        if (lost) {
            QTRY_COMPARE(listener.lost, 1);
            QCOMPARE(listener.fatal, fatal);
        } else {
            QTRY_COMPARE(listener.events.size(), 2U); // the error, and life goes on
            QVERIFY(std::holds_alternative<SpeechStarted>(listener.events.back()));
            QCOMPARE(listener.lost, 0);
        }
    }

    void garbageIsCountedAndSurvived()
    {
        FakeModel model;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, nullptr);
        link.open();
        QTRY_COMPARE(listener.ready, 1);
        const qint64 before = counted(Counter::ModelMalformed);
        model.socket->sendTextMessage(u"{not json"_s);
        model.socket->sendTextMessage(u"[]"_s);
        model.socket->sendTextMessage(uR"({"type":"response.output_audio.delta","delta":"%%%"})"_s);
        model.socket->sendTextMessage(uR"({"type":"ping","new":{"deep":[1,2]}})"_s);
        model.sendSpeechStarted(u"item_1"_s);
        QTRY_VERIFY(!listener.events.empty() && std::holds_alternative<SpeechStarted>(listener.events.back()));
        QCOMPARE(counted(Counter::ModelMalformed) - before, 3);
        QCOMPARE(listener.lost, 0);
    }

    void aDroppedSocketIsReportedOnceAndCanBeReopened()
    {
        FakeModel model;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, nullptr);
        link.open();
        QTRY_COMPARE(listener.ready, 1);
        model.socket->abort();
        QTRY_COMPARE(listener.lost, 1);
        QVERIFY(!listener.fatal);
        link.open();
        QTRY_COMPARE(listener.ready, 2);
        QCOMPARE(listener.lost, 1);
    }

    void anOversizeMessageEndsTheSession()
    {
        FakeModel model;
        Listener listener;
        Link link(settingsFor(model.url()), m_codec, listener, nullptr);
        link.open();
        QTRY_COMPARE(listener.ready, 1);
        model.socket->sendTextMessage(QString(9 * 1024 * 1024, u'x'));
        QTRY_COMPARE(listener.lost, 1);
    }

private:
    RealtimeCodec m_codec;
};

QTEST_GUILESS_MAIN(TestLink)
#include "tst_link.moc"
