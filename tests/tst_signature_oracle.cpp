// SPDX-License-Identifier: GPL-3.0-or-later
// Our signatures against the validator of the carrier's own helper library, in both directions: random webhooks from a
// fixed seed. Needs node and the package of tests/oracle, installed in $TAKT_ORACLE_DIR or in "oracle" beside this
// program; without them it is skipped. What the library takes beyond what the carrier documents (URLs that it has
// re-encoded) is not for us to take, so "refused" is compared only where the carrier's rules decide.
#include "carrier/signature.h"

#include <QCryptographicHash>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::carrier;

namespace {

constexpr int kCases = 300;

struct Webhook {
    QByteArray token;
    QByteArray publicUrl; // scheme, host and what port is configured
    QByteArray target;
    Form params;
    QByteArray body; // JSON; empty: a form
    [[nodiscard]] QByteArray url() const { return publicUrl + target; }
};

QJsonObject question(const Webhook &webhook, const QByteArray &url, const QByteArray &signature)
{
    QJsonObject object{{u"token"_s, QString::fromUtf8(webhook.token)},
                       {u"url"_s, QString::fromUtf8(url)},
                       {u"signature"_s, QString::fromLatin1(signature)}};
    if (!webhook.body.isEmpty()) {
        object[u"body"_s] = QString::fromUtf8(webhook.body);
        return object;
    }
    QJsonArray params;
    for (const FormField &field : webhook.params)
        params.append(QJsonArray{QString::fromUtf8(field.name), QString::fromUtf8(field.value)});
    object[u"params"_s] = params;
    return object;
}

class Random
{
public:
    explicit Random(quint32 seed)
        : m_random(seed)
    {
    }
    int below(int n) { return m_random.bounded(n); }
    bool oneIn(int n) { return below(n) == 0; }

    QByteArray of(const QList<QByteArray> &items, int atMost)
    {
        QByteArray text;
        for (int n = below(atMost + 1); n > 0; --n)
            text += items[below(int(items.size()))];
        return text;
    }

    // The library sorts names and repeated values as UTF-16, the carrier documents bytes: they differ only when characters
    // beyond the basic plane meet those of its last rows, so there are none of the latter.
    QByteArray text()
    {
        return of({"a",  "Z", "0",  " ",  "+", "%", "%2B", "&", "=", "/", "\"", "'",
                   "\\", "<", "\n", "\t", "é", "ß", "中",  "😀", "é", "~", "*",  "!"},
                  12);
    }

    QByteArray name()
    {
        static const QList<QByteArray> known{"CallSid", "From", "To", "Caller", "callsid", "Digits",
                                             "1",       "10",   "2",  "é",      "😀",       "SipHeader_X-a",
                                             "a b",     "a",    "A",  "AddOns", "Zip",     "__x"};
        return oneIn(3) ? "N" + text() : known[below(int(known.size()))];
    }

    QByteArray target()
    {
        static const QList<QByteArray> paths{"/",      "/twilio/voice", "/a//b/", "/a%20b",
                                             "/a%2fb", "/a'b(c)*!~",    "/é",     "/..;x=1"};
        QByteArray target = paths[below(int(paths.size()))];
        if (oneIn(3))
            return target;
        target += '?';
        for (int n = below(4); n > 0; --n) {
            target += of({"a", "foo", "b%20", "c+", "d'", "%zz", "e", "[]", "é", ";", ":", "@", "?"}, 2);
            target += oneIn(4) ? "" : "=";
            target += of({"1", "%2B", "+", "%20", "x y", "'", "\"", "é", "%c3%a9", "/", "=", "?", "😀"}, 3);
            target += n > 1 || oneIn(5) ? "&" : "";
        }
        return target;
    }

    Webhook webhook()
    {
        Webhook webhook;
        webhook.token = oneIn(4) ? "tökén 1" : QByteArray::number(m_random.generate64(), 16);
        webhook.publicUrl = oneIn(3) ? "http://" : "https://";
        webhook.publicUrl += oneIn(3) ? "sub.gw-1.example" : "gw.example";
        static const QList<QByteArray> ports{"", "", ":443", ":80", ":8443", ":1"};
        webhook.publicUrl += ports[below(int(ports.size()))];
        webhook.target = target();
        if (oneIn(5)) {
            webhook.body = QJsonDocument(QJsonObject{{u"v"_s, QString::fromUtf8(text())}})
                               .toJson(QJsonDocument::Compact);
            const QByteArray hash = QCryptographicHash::hash(webhook.body, QCryptographicHash::Sha256).toHex();
            webhook.target += (webhook.target.contains('?') ? "&bodySHA256=" : "?bodySHA256=") + hash;
            return webhook;
        }
        for (int n = below(30); n > 0; --n)
            webhook.params.append({name(), oneIn(6) ? QByteArray() : text()});
        return webhook;
    }

    // The same webhook, but for one byte of what is signed.
    Webhook mutated(Webhook webhook)
    {
        if (!webhook.body.isEmpty()) {
            webhook.body += ' ';
        } else if (webhook.params.isEmpty() || oneIn(4)) {
            webhook.target.insert(1, 'm');
        } else if (oneIn(2)) {
            webhook.params[below(int(webhook.params.size()))].value += 'm';
        } else {
            webhook.params.emplaceBack("New", "1");
        }
        return webhook;
    }

private:
    QRandomGenerator m_random;
};

} // namespace

class TestSignatureOracle : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void oursIsTakenByTheirs();
    void theirsIsTakenByOurs();
    void mutatedIsRefusedByBoth();
    void portsAreTheirs();

private:
    QList<QJsonObject> ask(const QList<QJsonObject> &questions);
    QString m_node;
    QString m_folder;
    QList<Webhook> m_webhooks;
};

void TestSignatureOracle::initTestCase()
{
    m_node = QStandardPaths::findExecutable(u"node"_s);
    if (m_node.isEmpty())
        QSKIP("node is not installed");
    m_folder = qEnvironmentVariable("TAKT_ORACLE_DIR", QCoreApplication::applicationDirPath() + u"/oracle"_s);
    if (!QDir(m_folder + u"/node_modules/twilio"_s).exists())
        QSKIP(qPrintable(u"the carrier's helper library is not installed in "_s + m_folder));
    Random random(20260105);
    for (int i = 0; i < kCases; ++i)
        m_webhooks.append(random.webhook());
}

QList<QJsonObject> TestSignatureOracle::ask(const QList<QJsonObject> &questions)
{
    QByteArray input;
    for (const QJsonObject &one : questions)
        input += QJsonDocument(one).toJson(QJsonDocument::Compact) + '\n';
    QProcess node;
    node.start(m_node, {QStringLiteral(TAKT_TEST_DATA "/../oracle/validate.mjs"), m_folder});
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

void TestSignatureOracle::oursIsTakenByTheirs()
{
    QList<QJsonObject> questions;
    for (const Webhook &w : m_webhooks) {
        const QByteArray bare = w.publicUrl.left(w.publicUrl.indexOf(':', 6)) + w.target;
        questions.append(question(w, w.url(), sign(w.token, w.url(), w.params)));
        // The carrier leaves a port out.
        const QByteArray spelled = w.publicUrl.count(':') == 2 ? bare : w.url();
        questions.append(question(w, w.url(), sign(w.token, spelled, w.params)));
    }
    const QList<QJsonObject> answers = ask(questions);
    QCOMPARE(answers.size(), questions.size());
    for (int i = 0; i < answers.size(); ++i) {
        const QByteArray shown = QJsonDocument(questions[i]).toJson() + QJsonDocument(answers[i]).toJson();
        QVERIFY2(answers[i].value("valid"_L1).toBool(), shown.constData());
        if (i % 2 == 0)
            QVERIFY2(answers[i].value("expected"_L1) == questions[i].value("signature"_L1), shown.constData());
    }
}

void TestSignatureOracle::theirsIsTakenByOurs()
{
    QList<QJsonObject> questions;
    for (const Webhook &w : m_webhooks)
        questions.append(question(w, w.url(), "x"));
    const QList<QJsonObject> answers = ask(questions);
    QCOMPARE(answers.size(), questions.size());
    for (int i = 0; i < answers.size(); ++i) {
        const Webhook &w = m_webhooks[i];
        const QByteArray theirs = answers[i].value("expected"_L1).toString().toLatin1();
        const SignatureCheck check(QUrl(QString::fromUtf8(w.publicUrl)), {"another", w.token});
        QVERIFY2(check.webhook(w.target, theirs, w.params, w.body), QJsonDocument(questions[i]).toJson().constData());
        const SignatureCheck other(QUrl(QString::fromUtf8(w.publicUrl)), {"another"});
        QVERIFY(!other.webhook(w.target, theirs, w.params, w.body));
    }
}

void TestSignatureOracle::mutatedIsRefusedByBoth()
{
    Random random(7);
    QList<Webhook> wrong;
    QList<QJsonObject> questions;
    for (const Webhook &w : m_webhooks) {
        wrong.append(random.mutated(w));
        questions.append(question(wrong.back(), wrong.back().url(), sign(w.token, w.url(), w.params)));
    }
    const QList<QJsonObject> answers = ask(questions);
    QCOMPARE(answers.size(), questions.size());
    for (int i = 0; i < answers.size(); ++i) {
        const QByteArray shown = QJsonDocument(questions[i]).toJson() + QJsonDocument(answers[i]).toJson();
        QVERIFY2(answers[i].contains("valid"_L1) && !answers[i].value("valid"_L1).toBool(), shown.constData());
        const Webhook &w = wrong[i];
        const QByteArray signature = questions[i].value("signature"_L1).toString().toLatin1();
        const SignatureCheck check(QUrl(QString::fromUtf8(w.publicUrl)), {w.token});
        QVERIFY2(!check.webhook(w.target, signature, w.params, w.body), shown.constData());
    }
}

// Every spelling of the port that their validator takes for a URL ours takes too; for webhooks and, with
// the port 80 that they give to wss, for streams.
void TestSignatureOracle::portsAreTheirs()
{
    const QList<QByteArray> ports{"", ":443", ":80", ":8443", ":8080"};
    QList<QJsonObject> questions;
    QList<std::pair<QByteArray, QByteArray>> pairs; // public URL, signature
    for (const QByteArray scheme : {"https://gw.example", "http://gw.example", "wss://gw.example"}) {
        for (const QByteArray &configured : ports) {
            for (const QByteArray &spelled : ports) {
                Webhook webhook{"12345", scheme + configured, "/media/x", {}, {}};
                const QByteArray signature = sign(webhook.token, scheme + spelled + webhook.target, {});
                questions.append(question(webhook, webhook.url(), signature));
                pairs.append({webhook.publicUrl, signature});
            }
        }
    }
    const QList<QJsonObject> answers = ask(questions);
    QCOMPARE(answers.size(), questions.size());
    int taken = 0;
    for (int i = 0; i < answers.size(); ++i) {
        const auto &[publicUrl, signature] = pairs[i];
        const bool theirs = answers[i].value("valid"_L1).toBool();
        taken += theirs ? 1 : 0;
        const bool stream = publicUrl.startsWith("wss");
        const SignatureCheck check(QUrl(QString::fromLatin1(publicUrl)), {"12345"});
        const bool ours = stream ? check.upgrade("/media/x", signature) : check.webhook("/media/x", signature, {});
        if (theirs)
            QVERIFY2(ours, QJsonDocument(questions[i]).toJson().constData());
    }
    QVERIFY2(taken >= 25, QByteArray::number(taken).constData());
}

QTEST_GUILESS_MAIN(TestSignatureOracle)
#include "tst_signature_oracle.moc"
