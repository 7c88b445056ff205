// SPDX-License-Identifier: GPL-3.0-or-later
// One-time tokens: once, within their time, for their call. The slot in the pass is a shared pointer here: who still holds
// it is who would keep a call's place.
#include "frontdoor/tokens.h"
#include "support/reception.h"
#include "telemetry/counters.h"

#include <QTest>

using namespace takt;
using namespace takt::frontdoor;
using namespace Qt::Literals::StringLiterals;
using carrier::Pass;
using telemetry::Counter;
using telemetry::counted;

namespace {

struct Call {
    explicit Call(int n)
    {
        pass.callSid = test::callSid(n);
        pass.from = u"+15550001"_s;
        pass.to = u"+15550002"_s;
        pass.direction = Direction::Outbound;
        pass.slot = slot;
    }
    // The slot is held by somebody besides the test.
    [[nodiscard]] bool held() const { return slot.use_count() > 1; }
    // What the gateway does: the only holder left is the table of tokens.
    Pass give() { return std::exchange(pass, {}); }
    std::shared_ptr<int> slot = std::make_shared<int>(0);
    Pass pass;
};

QString outcome(const std::variant<Pass, TokenRefusal> &redeemed)
{
    const auto *refusal = std::get_if<TokenRefusal>(&redeemed);
    return refusal == nullptr ? u"in"_s : QString(name(*refusal));
}

} // namespace

class TestTokens : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void once()
    {
        Tokens tokens;
        Call call(1);
        const qint64 minted = counted(Counter::TokensMinted);
        const qint64 redeemed = counted(Counter::TokensRedeemed);
        const QByteArray bearer = tokens.mint(call.give(), 1000);
        QCOMPARE(counted(Counter::TokensMinted) - minted, 1);
        QVERIFY(bearer.startsWith(QByteArray(test::callSid(1).toLatin1() + '.')));
        QVERIFY(bearer.size() >= 34 + 1 + 32); // 192 bits, in base64
        for (const char c : bearer)
            QVERIFY2(std::isalnum(c) || c == '.' || c == '-' || c == '_', bearer.constData()); // fit for a path
        QCOMPARE(tokens.waiting(), 1);
        QCOMPARE(tokens.waiting(test::callSid(1))->to, u"+15550002"_s);
        {
            auto first = tokens.redeem(bearer, 1001);
            QCOMPARE(outcome(first), u"in"_s);
            const Pass &pass = std::get<Pass>(first);
            QCOMPARE(pass.callSid, test::callSid(1));
            QCOMPARE(pass.token, QString::fromLatin1(bearer.sliced(35)));
            QCOMPARE(pass.from, u"+15550001"_s);
            QCOMPARE(pass.direction, Direction::Outbound);
            QCOMPARE(counted(Counter::TokensRedeemed) - redeemed, 1);
            QCOMPARE(tokens.waiting(), 0);
            QCOMPARE(tokens.waiting(test::callSid(1)), nullptr);
            QCOMPARE(call.slot.use_count(), 2); // ours and the stream's: the table lets go
        }
        QVERIFY(!call.held());
        QCOMPARE(outcome(tokens.redeem(bearer, 1002)), u"token used before"_s);
    }

    void refusals_data()
    {
        QTest::addColumn<QByteArray>("bearer"); // T: the token, S: its call's SID
        QTest::addColumn<qint64>("atMs");
        QTest::addColumn<QString>("why");
        const QString in = u"in"_s;
        const QString missing(name(TokenRefusal::Missing));
        const QString unknown(name(TokenRefusal::Unknown));
        const QString foreign(name(TokenRefusal::ForeignCall));
        QTest::newRow("good") << "S.T"_ba << qint64(0) << in;
        QTest::newRow("the last moment") << "S.T"_ba << qint64(59'999) << in;
        QTest::newRow("a moment later") << "S.T"_ba << qint64(60'000) << QString(name(TokenRefusal::Expired));
        QTest::newRow("a day later") << "S.T"_ba << qint64(86'400'000) << QString(name(TokenRefusal::Expired));
        QTest::newRow("nothing") << QByteArray() << qint64(0) << missing;
        QTest::newRow("a call only") << "S"_ba << qint64(0) << missing;
        QTest::newRow("a call and a dot") << "S."_ba << qint64(0) << missing;
        QTest::newRow("a dot") << "."_ba << qint64(0) << missing;
        QTest::newRow("no call") << ".T"_ba << qint64(0) << foreign;
        QTest::newRow("another call") << "CA9.T"_ba << qint64(0) << foreign;
        QTest::newRow("the call in lower case") << "s.T"_ba << qint64(0) << foreign;
        QTest::newRow("part of the token") << "S.t"_ba << qint64(0) << unknown;
        QTest::newRow("more than the token") << "S.Tx"_ba << qint64(0) << unknown;
        QTest::newRow("another token") << "S.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"_ba << qint64(0) << unknown;
        QTest::newRow("a NUL") << QByteArray("S.T\0", 4) << qint64(0) << unknown;
        QTest::newRow("a megabyte") << QByteArray(1 << 20, '.') << qint64(0) << unknown;
    }
    void refusals()
    {
        QFETCH(QByteArray, bearer);
        QFETCH(qint64, atMs);
        QFETCH(QString, why);
        Tokens tokens;
        Call call(1);
        const QByteArray good = tokens.mint(call.give(), 0);
        const QByteArray token = good.sliced(35);
        QByteArray given;
        for (const char c : bearer) {
            if (c == 'S' || c == 's')
                given += c == 's' ? good.first(34).toLower() : good.first(34);
            else if (c == 'T' || c == 't')
                given += c == 't' ? token.chopped(1) : token;
            else
                given += c;
        }
        const qint64 refused = counted(Counter::TokensRefused);
        QCOMPARE(outcome(tokens.redeem(given, atMs)), why);
        QCOMPARE(counted(Counter::TokensRefused) - refused, why == "in"_L1 ? 0 : 1);
        // Who guesses takes nothing from the call.
        if (why != "in"_L1 && atMs == 0)
            QCOMPARE(outcome(tokens.redeem(good, 1)), u"in"_s);
    }

    void aNewOneReplacesTheOlder()
    {
        Tokens tokens;
        Call call(1);
        const QByteArray older = tokens.mint(call.give(), 0);
        const QByteArray newer = tokens.mint(*tokens.waiting(test::callSid(1)), 10'000); // the very pass of the older
        QVERIFY(older != newer);
        QCOMPARE(tokens.waiting(), 1);
        QCOMPARE(call.slot.use_count(), 2);
        QCOMPARE(outcome(tokens.redeem(older, 10'001)), QString(name(TokenRefusal::Unknown)));
        QCOMPARE(outcome(tokens.redeem(newer, 69'999)), u"in"_s); // its own minute
        QVERIFY(!call.held());
    }

    // The stream that is on has used its token; one that is minted after does not bring it back.
    void aNewOneAfterTheOlderWasUsed()
    {
        Tokens tokens;
        Call first(1);
        const QByteArray older = tokens.mint(first.give(), 0);
        QCOMPARE(outcome(tokens.redeem(older, 1)), u"in"_s);
        Call second(1);
        const QByteArray newer = tokens.mint(second.give(), 2);
        QCOMPARE(outcome(tokens.redeem(older, 3)), QString(name(TokenRefusal::Used)));
        tokens.expire(60'001); // the used one goes; the other has its moment still
        QCOMPARE(tokens.waiting(), 1);
        QCOMPARE(outcome(tokens.redeem(newer, 60'001)), u"in"_s);
    }

    void drop()
    {
        Tokens tokens;
        Call call(1);
        Call other(2);
        const QByteArray bearer = tokens.mint(call.give(), 0);
        const QByteArray others = tokens.mint(other.give(), 0);
        tokens.drop(test::callSid(1));
        tokens.drop(test::callSid(1));
        tokens.drop(u"nobody's"_s);
        QVERIFY(!call.held());
        QVERIFY(other.held());
        QCOMPARE(tokens.waiting(), 1);
        QCOMPARE(outcome(tokens.redeem(bearer, 1)), QString(name(TokenRefusal::Unknown)));
        QCOMPARE(outcome(tokens.redeem(others, 1)), u"in"_s);
        tokens.drop(test::callSid(2)); // too late to take anything back
        QCOMPARE(outcome(tokens.redeem(others, 2)), QString(name(TokenRefusal::Used)));
    }

    void expire()
    {
        Tokens tokens;
        Call early(1);
        Call late(2);
        Call used(3);
        QCOMPARE(outcome(tokens.redeem(tokens.mint(used.give(), 0), 0)), u"in"_s);
        const QByteArray bearer = tokens.mint(early.give(), 0);
        const QByteArray second = tokens.mint(late.give(), 30'000);
        tokens.expire(59'999);
        QCOMPARE(tokens.waiting(), 2);
        tokens.expire(60'000);
        QCOMPARE(tokens.waiting(), 1);
        QVERIFY(!early.held());
        QVERIFY(late.held());
        QCOMPARE(tokens.waiting(test::callSid(1)), nullptr);
        QCOMPARE(outcome(tokens.redeem(bearer, 60'001)), QString(name(TokenRefusal::Unknown)));
        QCOMPARE(outcome(tokens.redeem(second, 60'001)), u"in"_s);
        tokens.expire(1'000'000);
        QCOMPARE(tokens.waiting(), 0);
    }

    // An expired one that nobody has forgotten yet keeps its call's slot no longer than the next expire().
    void anExpiredOneIsRefusedAndThenForgotten()
    {
        Tokens tokens;
        Call call(1);
        const QByteArray bearer = tokens.mint(call.give(), 0);
        QCOMPARE(outcome(tokens.redeem(bearer, 60'000)), QString(name(TokenRefusal::Expired)));
        QCOMPARE(tokens.waiting(), 1);
        tokens.expire(60'000);
        QCOMPARE(tokens.waiting(), 0);
        QVERIFY(!call.held());
    }

    void tokensAreAllDifferentAndGoWithTheTable()
    {
        QSet<QByteArray> all;
        Call call(1);
        {
            Tokens tokens;
            for (int i = 0; i < 10'000; ++i) {
                Pass pass = call.pass;
                pass.callSid = test::callSid(i);
                all << tokens.mint(pass, 0).sliced(35);
            }
            QCOMPARE(tokens.waiting(), 10'000);
        }
        QCOMPARE(all.size(), 10'000);
        call.give();
        QVERIFY(!call.held());
    }
};

QTEST_GUILESS_MAIN(TestTokens)
#include "tst_tokens.moc"
