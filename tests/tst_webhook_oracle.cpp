// SPDX-License-Identifier: GPL-3.0-or-later
// Our webhooks against the validator of the Standard Webhooks' own library: random messages from a fixed seed. Needs node
// and the package of tests/oracle, installed in $TAKT_ORACLE_DIR or in "oracle" beside this program; without them it is
// skipped.
#include "jobs/webhooksign.h"

#include <QDateTime>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::jobs;

namespace {

constexpr int kCases = 300;

QString randomSecret(QRandomGenerator &random)
{
    QByteArray key(random.bounded(24, 65), '\0');
    for (char &byte : key)
        byte = char(random.bounded(256));
    return u"whsec_"_s + QString::fromLatin1(key.toBase64());
}

// The library takes bodies as texts.
QString randomBody(QRandomGenerator &random)
{
    static const QStringList s_pieces{u"{"_s, u"\""_s, u"a"_s,  u"."_s, u" "_s, u"\n"_s, u"\\"_s,
                                      u"é"_s, u"ש"_s,  u"中"_s, u"😀"_s, u","_s, u"0"_s,  u"\r\n"_s};
    QString body;
    for (int n = random.bounded(1, 200); n > 0; --n)
        body += s_pieces.at(random.bounded(int(s_pieces.size())));
    return body;
}

QJsonObject question(const QString &secret, const QString &body, const QList<QPair<QByteArray, QByteArray>> &headers)
{
    QJsonObject object;
    for (const auto &[name, value] : headers)
        object[QString::fromLatin1(name)] = QString::fromLatin1(value);
    return {{u"secret"_s, secret}, {u"body"_s, body}, {u"headers"_s, object}};
}

} // namespace

class TestWebhookOracle : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void oursIsTakenByTheirs();
    void rotatedSecretsAreTaken();
    void mutatedIsRefused();

private:
    QList<QJsonObject> ask(const QList<QJsonObject> &questions);
    QString m_node;
    QString m_folder;
};

void TestWebhookOracle::initTestCase()
{
    m_node = QStandardPaths::findExecutable(u"node"_s);
    if (m_node.isEmpty())
        QSKIP("node is not installed");
    m_folder = qEnvironmentVariable("TAKT_ORACLE_DIR", QCoreApplication::applicationDirPath() + u"/oracle"_s);
    if (!QDir(m_folder + u"/node_modules/standardwebhooks"_s).exists())
        QSKIP(qPrintable(u"the standardwebhooks library is not installed in "_s + m_folder));
}

QList<QJsonObject> TestWebhookOracle::ask(const QList<QJsonObject> &questions)
{
    QByteArray input;
    for (const QJsonObject &one : questions)
        input += QJsonDocument(one).toJson(QJsonDocument::Compact) + '\n';
    QProcess node;
    node.start(m_node, {QStringLiteral(TAKT_TEST_DATA "/../oracle/webhooks.mjs"), m_folder});
    node.write(input);
    node.closeWriteChannel();
    QList<QJsonObject> answers;
    if (!node.waitForFinished(60'000) || node.exitCode() != 0) {
        qWarning("%s", node.readAllStandardError().constData());
        return answers;
    }
    for (const QByteArray &line : node.readAllStandardOutput().trimmed().split('\n'))
        answers.append(QJsonDocument::fromJson(line).object());
    return answers;
}

void TestWebhookOracle::oursIsTakenByTheirs()
{
    QRandomGenerator random(20260105);
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    QList<QJsonObject> questions;
    for (int i = 0; i < kCases; ++i) {
        const QString secret = randomSecret(random);
        const QString body = randomBody(random);
        questions.append(question(
            secret, body, webhookHeaders(parseWebhookKeys(secret).value(), newWebhookId(), now, body.toUtf8())));
    }
    const QList<QJsonObject> answers = ask(questions);
    QCOMPARE(answers.size(), questions.size());
    for (int i = 0; i < answers.size(); ++i) {
        const QByteArray shown = QJsonDocument(questions[i]).toJson() + QJsonDocument(answers[i]).toJson();
        QVERIFY2(answers[i].value("valid"_L1).toBool(), shown.constData());
        QVERIFY2(answers[i].value("expected"_L1)
                     == questions[i].value("headers"_L1).toObject().value("webhook-signature"_L1),
                 shown.constData());
    }
}

// Whichever of the two the receiver knows.
void TestWebhookOracle::rotatedSecretsAreTaken()
{
    QRandomGenerator random(3);
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    QList<QJsonObject> questions;
    for (int i = 0; i < 20; ++i) {
        const QString old = randomSecret(random);
        const QString fresh = randomSecret(random);
        const QString body = randomBody(random);
        const auto headers = webhookHeaders(parseWebhookKeys(fresh + u' ' + old).value(), newWebhookId(), now,
                                            body.toUtf8());
        questions << question(old, body, headers) << question(fresh, body, headers);
    }
    const QList<QJsonObject> answers = ask(questions);
    QCOMPARE(answers.size(), questions.size());
    for (const QJsonObject &answer : answers)
        QVERIFY2(answer.value("valid"_L1).toBool(), QJsonDocument(answer).toJson().constData());
}

void TestWebhookOracle::mutatedIsRefused()
{
    QRandomGenerator random(7);
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    QList<QJsonObject> questions;
    for (int i = 0; i < 40; ++i) {
        const QString secret = randomSecret(random);
        const QString body = randomBody(random);
        auto headers = webhookHeaders(parseWebhookKeys(secret).value(), newWebhookId(), now, body.toUtf8());
        if (i % 4 == 1)
            headers[0].second += 'x';
        else if (i % 4 == 2)
            headers[1].second = QByteArray::number(now - 1);
        questions.append(
            question(i % 4 == 3 ? randomSecret(random) : secret, i % 4 == 0 ? body + u' ' : body, headers));
    }
    const QList<QJsonObject> answers = ask(questions);
    QCOMPARE(answers.size(), questions.size());
    for (const QJsonObject &answer : answers)
        QVERIFY2(answer.contains("valid"_L1) && !answer.value("valid"_L1).toBool(true),
                 QJsonDocument(answer).toJson().constData());
}

QTEST_GUILESS_MAIN(TestWebhookOracle)
#include "tst_webhook_oracle.moc"
