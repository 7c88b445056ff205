// SPDX-License-Identifier: GPL-3.0-or-later
// What the agent has said, what of it is discarded, and what a barge-in truncates.
#include "calls/agentspeech.h"

#include <QTest>

using takt::calls::AgentSpeech;
using takt::media::ItemNumber;
using takt::media::ItemPlayback;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kSecond = 8000; // bytes

QString id(QLatin1StringView kind, int n)
{
    return kind + QString::number(n);
}

} // namespace

class TestAgentSpeech : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void itemsAreNumbered();
    void endsOfItems();
    void responseDoneEndsWhatIsLeft();
    void responseDoneOfTheActiveResponse();
    void heardItemsAreForgotten();
    void busy();
    void anItemWithoutAudioIsNotOwed();
    void lateDeltasAreDropped();
    void discardedIsBounded();
    void theActiveResponseStaysDiscarded();
    void resolve_data();
    void resolve();
    void resolveForgets();
    void twoBargeInsInARow();
    void interruptedResponse();
    void newSession();
};

void TestAgentSpeech::itemsAreNumbered()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    QCOMPARE(speech.activeResponse(), u"r1"_s);
    QCOMPARE(speech.onAudio(u"r1"_s, u"i1"_s, 100), std::optional<ItemNumber>(1)); // from 1
    QCOMPARE(speech.onAudio(u"r1"_s, u"i1"_s, 100), std::optional<ItemNumber>(1));
    QCOMPARE(speech.onAudio(u"r1"_s, u"i2"_s, 100), std::optional<ItemNumber>(2));
    QCOMPARE(speech.onAudio(u"r1"_s, u"i1"_s, 100), std::optional<ItemNumber>(1));
    const auto item = speech.onHeard(1);
    QVERIFY(item);
    QCOMPARE(item->itemId, u"i1"_s);
    QCOMPARE(item->responseId, u"r1"_s);
    QCOMPARE(item->bytes, 300);
    QCOMPARE(speech.onAudio(u"r2"_s, u"i3"_s, 100), std::optional<ItemNumber>(3)); // numbers are not used again
}

void TestAgentSpeech::endsOfItems()
{
    AgentSpeech speech;
    QVERIFY(!speech.onAudioDone(u"i1"_s)); // had no audio
    QCOMPARE(speech.onAudio(u"r1"_s, u"i1"_s, 100), std::optional<ItemNumber>(1));
    QCOMPARE(speech.onAudioDone(u"i1"_s), std::optional<ItemNumber>(1));
    QVERIFY(!speech.onAudioDone(u"i1"_s)); // once
    QCOMPARE(speech.onAudio(u"r1"_s, u"i2"_s, 100), std::optional<ItemNumber>(2));
    speech.interrupt(2);
    QVERIFY(!speech.onAudioDone(u"i2"_s)); // discarded
}

void TestAgentSpeech::responseDoneEndsWhatIsLeft()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, 100));
    QVERIFY(speech.onAudio(u"r1"_s, u"i2"_s, 100));
    QVERIFY(speech.onAudio(u"r1"_s, u"i3"_s, 100));
    QVERIFY(speech.onAudio(u"r0"_s, u"other"_s, 100));
    QVERIFY(speech.onAudioDone(u"i2"_s));
    QCOMPARE(speech.onResponseDone(u"r1"_s), (std::vector<ItemNumber>{1, 3}));
    QVERIFY(speech.activeResponse().isEmpty());
    QVERIFY(speech.onResponseDone(u"r1"_s).empty());
    QVERIFY(speech.onResponseDone(u"never seen"_s).empty());
    speech.onResponseCreated(u"r2"_s);
    QVERIFY(speech.onResponseDone(u"r1"_s).empty()); // late: another one is active
    QCOMPARE(speech.activeResponse(), u"r2"_s);
}

// As a call does it when the session is lost: the argument is a reference to the very member that is cleared.
void TestAgentSpeech::responseDoneOfTheActiveResponse()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, 100));
    QCOMPARE(speech.onResponseDone(speech.activeResponse()), std::vector<ItemNumber>{1});
    QVERIFY(speech.activeResponse().isEmpty());
}

void TestAgentSpeech::heardItemsAreForgotten()
{
    AgentSpeech speech;
    QVERIFY(!speech.onHeard(1));
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, 100));
    QVERIFY(!speech.onHeard(2));
    QVERIFY(speech.onHeard(1));
    QVERIFY(!speech.onHeard(1));
    speech.interrupt(2);
    QVERIFY(speech.resolve(2, {}).empty()); // nothing to truncate
}

void TestAgentSpeech::busy()
{
    AgentSpeech speech;
    QVERIFY(!speech.busy());
    speech.onResponseCreated(u"r1"_s);
    QVERIFY(speech.busy()); // it is about to speak
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, 100));
    QCOMPARE(speech.onResponseDone(u"r1"_s).size(), std::size_t(1));
    QVERIFY(speech.busy()); // and has not been heard
    QVERIFY(speech.onHeard(1));
    QVERIFY(!speech.busy());
    QVERIFY(speech.onAudio(u"r2"_s, u"i2"_s, 100));
    speech.interrupt(2);
    QVERIFY(!speech.busy()); // nobody will hear it
}

// No audio, no frame, no mark: nobody would ever say that it was heard.
void TestAgentSpeech::anItemWithoutAudioIsNotOwed()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    (void)speech.onAudio(u"r1"_s, u"i1"_s, 0); // an empty delta
    (void)speech.onAudioDone(u"i1"_s);
    (void)speech.onResponseDone(u"r1"_s);
    QVERIFY2(!speech.busy(), "busy for ever");
}

void TestAgentSpeech::lateDeltasAreDropped()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, 100));
    QVERIFY(speech.onAudio(u"r0"_s, u"i0"_s, 100)); // an earlier response, not yet heard to its end
    speech.interrupt(2);
    QVERIFY(!speech.onAudio(u"r1"_s, u"i1"_s, 100)); // the item that was cut
    QVERIFY(!speech.onAudio(u"r1"_s, u"i2"_s, 100)); // another item of the response
    QVERIFY(!speech.onAudio(u"r0"_s, u"i0"_s, 100));
    QVERIFY(speech.onResponseDone(u"r1"_s).empty());
    QVERIFY(!speech.onAudio(u"r1"_s, u"i1"_s, 100));                               // later still
    QCOMPARE(speech.onAudio(u"r2"_s, u"i3"_s, 100), std::optional<ItemNumber>(3)); // the next response is welcome
    QVERIFY(!speech.onAudioDone(u"i1"_s));
}

// A response that was cut before its first delta is discarded as well; and after thousands of barge-ins the newest are
// still known, while the oldest have been forgotten.
void TestAgentSpeech::discardedIsBounded()
{
    AgentSpeech speech;
    for (int i = 1; i <= 2000; ++i) {
        speech.onResponseCreated(id("r"_L1, i));
        speech.interrupt(quint32(i + 1));
        QVERIFY(!speech.onAudio(id("r"_L1, i), id("i"_L1, i), 100));
        if (i > 1)
            QVERIFY(!speech.onAudio(id("r"_L1, i - 1), id("i"_L1, i - 1), 100));
        QVERIFY(speech.resolve(quint32(i + 1), {}).empty());
        QVERIFY(speech.onResponseDone(id("r"_L1, i)).empty());
    }
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, 100)); // bounded: the first was forgotten long ago
}

// Many short responses wait to be heard when the caller speaks: the one that may still send audio is the active one.
void TestAgentSpeech::theActiveResponseStaysDiscarded()
{
    AgentSpeech speech;
    for (int i = 1; i <= 30; ++i) {
        QVERIFY(speech.onAudio(id("r"_L1, i), id("i"_L1, i), 100));
        QCOMPARE(speech.onResponseDone(id("r"_L1, i)).size(), std::size_t(1));
    }
    speech.onResponseCreated(u"active"_s);
    speech.interrupt(2);
    QVERIFY(!speech.onAudio(u"active"_s, u"i99"_s, 100));
}

void TestAgentSpeech::resolve_data()
{
    // One item of `bytes`; what the TX worker says of it (-1: does not know it).
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<bool>("done");
    QTest::addColumn<qint64>("playedMs");
    QTest::addColumn<qint64>("generatedMs");
    QTest::addColumn<qint64>("heardMs");
    QTest::addColumn<bool>("truncate");
    // happy
    QTest::newRow("partly heard") << 2 * kSecond << true << qint64(700) << qint64(2000) << qint64(700) << true;
    QTest::newRow("partly heard, more to come")
        << 2 * kSecond << false << qint64(700) << qint64(2000) << qint64(700) << true;
    QTest::newRow("not heard at all") << 2 * kSecond << true << qint64(0) << qint64(2000) << qint64(0) << true;
    QTest::newRow("heard to its end") << 2 * kSecond << true << qint64(2000) << qint64(2000) << qint64(2000) << false;
    QTest::newRow("heard to its end a moment ago: unknown")
        << 2 * kSecond << true << qint64(-1) << qint64(2000) << qint64(2000) << false;
    // rainy
    QTest::newRow("all that came was heard, more was coming")
        << 2 * kSecond << false << qint64(2000) << qint64(2000) << qint64(2000) << true;
    QTest::newRow("the padding was heard: never more than received")
        << 2 * kSecond - 81 << true << qint64(2000) << qint64(1989) << qint64(1989) << false;
    QTest::newRow("the padding, more was coming")
        << 2 * kSecond - 81 << false << qint64(2000) << qint64(1989) << qint64(1989) << true;
    QTest::newRow("less than a frame, unknown")
        << qint64(100) << false << qint64(-1) << qint64(12) << qint64(0) << true;
    QTest::newRow("rounded down to the millisecond")
        << qint64(15) << false << qint64(0) << qint64(1) << qint64(0) << true;
}

void TestAgentSpeech::resolve()
{
    QFETCH(qint64, bytes);
    QFETCH(bool, done);
    QFETCH(qint64, playedMs);
    QFETCH(qint64, generatedMs);
    QFETCH(qint64, heardMs);
    QFETCH(bool, truncate);
    AgentSpeech speech;
    speech.onResponseCreated(u"r"_s);
    QVERIFY(speech.onAudio(u"r"_s, u"i"_s, bytes - 1));
    QVERIFY(speech.onAudio(u"r"_s, u"i"_s, 1));
    if (done)
        QVERIFY(speech.onAudioDone(u"i"_s));
    speech.interrupt(2);
    std::vector<ItemPlayback> played{{77, 100, 100, 100, true}}; // another one, of no interest
    if (playedMs >= 0)
        played.push_back({1, generatedMs, playedMs, playedMs, done});
    const auto cuts = speech.resolve(2, played);
    QCOMPARE(cuts.size(), std::size_t(1));
    QCOMPARE(cuts[0].itemId, u"i"_s);
    QCOMPARE(cuts[0].generatedMs, generatedMs);
    QCOMPARE(cuts[0].heardMs, heardMs);
    QCOMPARE(cuts[0].truncate, truncate);
}

void TestAgentSpeech::resolveForgets()
{
    AgentSpeech speech;
    QVERIFY(speech.onAudio(u"r"_s, u"i"_s, kSecond));
    speech.interrupt(2);
    QVERIFY(speech.resolve(1, {}).empty()); // of another barge-in
    QVERIFY(speech.resolve(3, {}).empty());
    QCOMPARE(speech.resolve(2, {}).size(), std::size_t(1));
    QVERIFY(speech.resolve(2, {}).empty());
}

// The caller speaks again before the TX worker has answered the first time.
void TestAgentSpeech::twoBargeInsInARow()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, kSecond));
    speech.interrupt(2);
    QVERIFY(speech.onResponseDone(u"r1"_s).empty());
    speech.onResponseCreated(u"r2"_s);
    QVERIFY(speech.onAudio(u"r2"_s, u"i2"_s, 2 * kSecond));
    QVERIFY(speech.onAudio(u"r2"_s, u"i3"_s, kSecond));
    speech.interrupt(3);
    const auto first = speech.resolve(2, {{1, 1000, 600, 400, false}});
    QCOMPARE(first.size(), std::size_t(1));
    QCOMPARE(first[0].itemId, u"i1"_s);
    QCOMPARE(first[0].heardMs, 400);
    const auto second = speech.resolve(3, {{2, 2000, 500, 300, false}, {3, 1000, 0, 0, false}});
    QCOMPARE(second.size(), std::size_t(2));
    QCOMPARE(second[0].itemId, u"i2"_s);
    QCOMPARE(second[0].heardMs, 300);
    QCOMPARE(second[1].itemId, u"i3"_s);
    QCOMPARE(second[1].heardMs, 0);
    QVERIFY(second[0].truncate && second[1].truncate);
}

void TestAgentSpeech::interruptedResponse()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, kSecond));
    speech.interrupt(2);
    QCOMPARE(speech.interruptedResponse(), u"r1"_s); // there is something to cancel
    QVERIFY(speech.onResponseDone(u"r1"_s).empty());
    QVERIFY(speech.onAudio(u"r2"_s, u"i2"_s, kSecond));
    QCOMPARE(speech.onResponseDone(u"r2"_s).size(), std::size_t(1));
    speech.interrupt(3); // generated to its end, still being played: nothing to cancel, but to truncate
    QVERIFY(speech.interruptedResponse().isEmpty());
    QCOMPARE(speech.resolve(3, {{2, 1000, 500, 500, true}}).front().truncate, true);
}

void TestAgentSpeech::newSession()
{
    AgentSpeech speech;
    speech.onResponseCreated(u"r1"_s);
    QVERIFY(speech.onAudio(u"r1"_s, u"i1"_s, kSecond));
    speech.onNewSession();
    QVERIFY(speech.activeResponse().isEmpty()); // the old one will never end
    speech.onResponseCreated(u"r2"_s);
    QVERIFY(speech.onAudio(u"r2"_s, u"i2"_s, kSecond));
    speech.interrupt(2);
    const auto cuts = speech.resolve(2, {{1, 1000, 500, 500, false}, {2, 1000, 0, 0, false}});
    QCOMPARE(cuts.size(), std::size_t(2));
    QVERIFY(!cuts[0].truncate);     // the new session does not know that item
    QCOMPARE(cuts[0].heardMs, 500); // the transcript does
    QVERIFY(cuts[1].truncate);
}

QTEST_APPLESS_MAIN(TestAgentSpeech)
#include "tst_agentspeech.moc"
