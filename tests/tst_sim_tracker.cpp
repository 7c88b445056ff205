// SPDX-License-Identifier: GPL-3.0-or-later
// Finding generated audio in what a caller hears, and judging it.
#include "sim/carrier/judge.h"
#include "sim/wire/random.h"

#include <QTest>

using namespace takt::sim;
using namespace std::string_literals;

namespace {

constexpr Nanos kMs = kMillisecond;

ItemPtr makeItem(const std::string &id, std::size_t size, std::uint64_t seed, Nanos created = 0)
{
    Random random(seed);
    std::string audio;
    for (std::size_t i = 0; i < size; ++i)
        audio.push_back(static_cast<char>(0x60 + random.between(0, 31)));
    return std::make_shared<GeneratedItem>(id, "text of " + id, audio, created);
}

// A judge with a session of two items, all delivered at their creation.
struct Court : PlayoutBuffer::Listener {
    Ledger ledger;
    SessionPtr session = std::make_shared<SessionLog>("sess_1");
    ItemPtr one = makeItem("one", 1650, 1, 0);
    ItemPtr two = makeItem("two", 3200, 2, 10 * kSecond);
    Tracker tracker{ledger};
    Judge judge{tracker, 0};
    PlayoutBuffer buffer{*this};
    std::vector<Piece> pieces;

    Court()
    {
        ledger.add(session);
        for (const ItemPtr &item : {one, two}) {
            session->addItem(item);
            const auto size = std::int64_t(item->audio.size());
            item->deliver(item->createdAt, size, false);
            item->due = size;
        }
    }
    void heard(const Piece &piece, std::string_view, Nanos start) override { judge.heard(piece, start); }
    void frame(Nanos at, const std::string &bytes)
    {
        tracker.identify(bytes, pieces);
        judge.frameArrived({at, true}, bytes.size(), pieces);
        buffer.advance(at);
        judge.frameQueued(at, pieces, buffer.playing() ? std::nullopt : std::optional(buffer.dryAt()));
        QVERIFY(buffer.enqueue(at, bytes, pieces));
    }
    // Sends the item as a good gateway would; returns when the next frame would be due.
    Nanos play(const GeneratedItem &item, Nanos at, std::size_t from = 0, std::size_t to = ~std::size_t(0))
    {
        const std::size_t end = std::min(to, item.audio.size());
        for (std::size_t offset = from; offset < end; offset += 160, at += 20 * kMs) {
            std::string bytes = item.audio.substr(offset, 160);
            bytes.resize(160, static_cast<char>(0xFF));
            frame(at, bytes);
        }
        return at;
    }
    CallRecord &finish(Nanos at)
    {
        buffer.advance(at);
        judge.finish(at, buffer.playing() ? std::nullopt : std::optional(buffer.dryAt()), false);
        return judge.record();
    }
};

} // namespace

class TestSimTracker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void followsAndLinks();
    void toleratesPadding();
    void findsTheRightSession();
    void unknownAudio();
    void goodCall();
    void jitterIsMeasured();
    void stall();
    void silenceInside();
    void cutTail();
    void cutMiddle();
    void repeated();
    void interruption_data();
    void interruption();
};

void TestSimTracker::followsAndLinks()
{
    Court court;
    court.tracker.identify(court.one->audio.substr(0, 160), court.pieces);
    QCOMPARE(court.pieces.size(), std::size_t(1));
    QVERIFY(court.pieces[0].item == court.one.get());
    QVERIFY(court.session->linked);
    court.tracker.identify(court.one->audio.substr(160, 400), court.pieces);
    QCOMPARE(court.pieces[0].offset, 160);
    court.tracker.identify(court.one->audio.substr(1000, 160), court.pieces); // a jump
    QCOMPARE(court.pieces[0].offset, 1000);
    court.tracker.identify(court.one->audio.substr(1600) + court.two->audio.substr(0, 110), court.pieces); // a seam
    QCOMPARE(court.pieces.size(), std::size_t(2));
    QCOMPARE(court.pieces[0].length, 50);
    QVERIFY(court.pieces[1].item == court.two.get());
}

void TestSimTracker::toleratesPadding()
{
    Court court;
    const std::string pad(70, static_cast<char>(0xFF));
    court.tracker.identify(court.one->audio.substr(1560) + pad, court.pieces);
    QCOMPARE(court.pieces.size(), std::size_t(2));
    QCOMPARE(court.pieces[0].length, 90);
    QVERIFY(court.pieces[1].silence);
    court.tracker.identify(pad + court.two->audio.substr(0, 90), court.pieces);
    QVERIFY(court.pieces[0].silence);
    QVERIFY(court.pieces[1].item == court.two.get());
}

void TestSimTracker::findsTheRightSession()
{
    Ledger ledger;
    std::vector<ItemPtr> items;
    std::vector<std::unique_ptr<Tracker>> trackers;
    for (std::uint64_t i = 0; i < 50; ++i) {
        const auto session = std::make_shared<SessionLog>("sess_" + std::to_string(i));
        items.push_back(makeItem(std::to_string(i), 4000, 100 + i));
        session->addItem(items.back());
        ledger.add(session);
    }
    std::vector<Piece> pieces;
    for (std::size_t i = 50; i-- > 0;) { // in another order than they came
        trackers.push_back(std::make_unique<Tracker>(ledger));
        trackers.back()->identify(items[i]->audio.substr(320, 160), pieces); // and not from their beginning
        QVERIFY(pieces.front().item == items[i].get());
        QCOMPARE(trackers.back()->session()->id, "sess_" + std::to_string(i));
    }
    QVERIFY(ledger.unlinked().empty());
}

void TestSimTracker::unknownAudio()
{
    Court court;
    const ItemPtr foreign = makeItem("foreign", 1600, 77);
    court.play(*foreign, kSecond);
    const CallRecord &record = court.finish(5 * kSecond);
    QVERIFY(!record.linked);
    QCOMPARE(record.agentHeard, 200 * kMs);
    QCOMPARE(record.gapErrorUs.size(), std::size_t(9));
}

void TestSimTracker::goodCall()
{
    Court court;
    court.play(*court.one, kSecond);
    court.play(*court.two, 11 * kSecond);
    const CallRecord &record = court.finish(20 * kSecond);
    QCOMPARE(record.frames, 11 + 20);
    QCOMPARE(record.gapErrorUs.size(), std::size_t(10 + 19)); // not across the pause
    QCOMPARE(record.worstGap, 20 * kMs);
    QCOMPARE(record.bursts + record.stalls + record.wrongSize + record.missingTruncates, 0);
    QCOMPARE(record.silenceInSpeech, 0);
    QVERIFY(record.cutMs.empty());
    QCOMPARE(record.greetingMs, 1000.0);
}

void TestSimTracker::jitterIsMeasured()
{
    Court court;
    court.frame(kSecond, court.one->audio.substr(0, 160));
    court.frame(kSecond + 27 * kMs, court.one->audio.substr(160, 160));
    court.frame(kSecond + 36 * kMs, court.one->audio.substr(320, 160));
    const CallRecord &record = court.finish(kSecond + 50 * kMs);
    QCOMPARE(record.gapErrorUs, (std::vector<std::int32_t>{7000, 11000}));
    QCOMPARE(record.bursts, 1);
    QCOMPARE(record.silenceInSpeech, 7 * kMs);
}

void TestSimTracker::stall()
{
    Court court;
    court.play(*court.one, kSecond, 0, 320);
    court.play(*court.one, kSecond + 161 * kMs, 320); // 141 ms after the last
    const CallRecord &record = court.finish(5 * kSecond);
    QCOMPARE(record.stalls, 1);
    QCOMPARE(record.silenceInSpeech, 121 * kMs);
}

void TestSimTracker::silenceInside()
{
    Court court; // ... is not counted while the model itself had nothing to say
    const auto late = std::make_shared<GeneratedItem>("late", "late", makeItem("x", 640, 9)->audio, Nanos(0));
    late->deliver(kSecond, 320, false);
    late->deliver(2 * kSecond, 640, false);
    late->due = 640;
    court.session->addItem(late);
    court.play(*late, kSecond, 0, 320);
    court.play(*late, 2 * kSecond + 3 * kMs, 320);
    const CallRecord &record = court.finish(4 * kSecond);
    QCOMPARE(record.silenceInSpeech, 3 * kMs);
    QCOMPARE(record.stalls, 0);
}

void TestSimTracker::cutTail()
{
    Court court;
    court.play(*court.one, kSecond, 0, 800);
    court.play(*court.two, 11 * kSecond);
    const CallRecord &record = court.finish(20 * kSecond);
    QCOMPARE(record.cutMs.size(), std::size_t(1));
    QCOMPARE(record.cutMs.front(), 850 / 8.0);
}

void TestSimTracker::cutMiddle()
{
    Court court;
    court.play(*court.one, kSecond, 0, 320);
    court.play(*court.one, kSecond + 40 * kMs, 640);
    const CallRecord &record = court.finish(kSecond + 60 * kMs); // the end of the call says nothing about the tail
    QCOMPARE(record.cutMs, std::vector{40.0});
}

void TestSimTracker::repeated()
{
    Court court;
    court.play(*court.one, kSecond, 0, 320);
    court.play(*court.one, kSecond + 40 * kMs, 160);
    QCOMPARE(court.finish(20 * kSecond).repeated, 20 * kMs);
}

void TestSimTracker::interruption_data()
{
    QTest::addColumn<int>("clearAfterMs"); // speech_started
    QTest::addColumn<int>("toldMs");       // audio_end_ms; -1: no truncate
    QTest::addColumn<double>("error");
    QTest::newRow("right") << 5 << 105 << 0.0;
    QTest::newRow("told too much") << 5 << 150 << 45.0;
    QTest::newRow("late clear") << 60 << 105 << -55.0;
    QTest::newRow("never told") << 5 << -1 << 0.0;
}

void TestSimTracker::interruption()
{
    QFETCH(int, clearAfterMs);
    QFETCH(int, toldMs);
    QFETCH(double, error);
    Court court; // 100 ms of the second item are heard when the caller begins to speak
    court.play(*court.one, kSecond);
    const Nanos begin = 11 * kSecond;
    const Nanos speech = begin + 100 * kMs;
    const Nanos clear = speech + clearAfterMs * kMs;
    for (int i = 0; begin + i * 20 * kMs < clear; ++i)
        court.frame(begin + i * 20 * kMs, court.two->audio.substr(std::size_t(i) * 160, 160));
    court.session->addSpeechStarted(speech);
    court.judge.clearArrived();
    court.buffer.clear(clear);
    court.judge.cleared();
    court.two->truncatedMs = toldMs;
    const CallRecord &record = court.finish(20 * kSecond);
    QVERIFY(record.cutMs.empty());
    QCOMPARE(record.afterInterruptionMs, std::vector{double(clearAfterMs)});
    QCOMPARE(record.missingTruncates, toldMs < 0 ? 1 : 0);
    QCOMPARE(record.endErrorMs, toldMs < 0 ? std::vector<double>() : std::vector{error});
}

QTEST_GUILESS_MAIN(TestSimTracker)
#include "tst_sim_tracker.moc"
