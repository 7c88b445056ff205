// SPDX-License-Identifier: GPL-3.0-or-later
// tx.idle = silence together with a lead, on a simulated clock, with a carrier that plays what comes in real time: speech
// runs ahead, silence never does, so that no words wait behind it.
#include "media/pacer.h"

#include <QTest>

#include <functional>
#include <random>
#include <vector>

using takt::media::Pacer;

namespace {

constexpr qint64 kMs = 1'000'000;
constexpr qint64 kInterval = 20 * kMs;
constexpr qint64 kStart = 1'357'924'680;
const Pacer::Config kStrict;

// A lane that sends silence when it has no words, and the carrier that plays what it sends.
struct Talk final : Pacer::Sink {
    struct Frame {
        qint64 ns;      // when it came to the carrier
        qint64 aheadNs; // what that had left to play then; negative: for how long it had had nothing
        bool silence;
    };
    explicit Talk(Pacer &p)
        : pacer(p)
    {
        pacer.add(kStart);
    }

    Pacer::Outcome onSlot(int lane, qint64) override
    {
        ++slots;
        const bool silence = !hasWords();
        if (silence && pacer.isAhead(lane, nowNs))
            return {};
        frames.push_back({nowNs, playedUntilNs - nowNs, silence});
        playedUntilNs = std::max(playedUntilNs, nowNs) + kInterval;
        return {true, nowNs, silence};
    }
    void runUntil(qint64 untilNs)
    {
        while (pacer.nextDeadlineNs() <= untilNs) {
            nowNs = pacer.nextDeadlineNs();
            pacer.serve(nowNs, *this);
        }
        nowNs = untilNs;
    }
    void speakFor(qint64 ms) { run(ms, true); }
    void pauseFor(qint64 ms) { run(ms, false); }

    Pacer &pacer;
    std::function<bool()> hasWords = [] { return false; };
    std::vector<Frame> frames;
    qint64 nowNs = kStart;
    qint64 playedUntilNs = kStart;
    int slots = 0;

private:
    void run(qint64 ms, bool words)
    {
        hasWords = [words] { return words; };
        runUntil(nowNs + ms * kMs);
    }
};

Pacer::Config withLead(qint64 leadNs)
{
    Pacer::Config config;
    config.leadNs = leadNs;
    return config;
}

} // namespace

class TestPacerSilence : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void silenceKeepsRealTime_data() { leads(); }
    void silenceKeepsRealTime();
    void wordsAfterSilence_data() { leads(); }
    void wordsAfterSilence();
    void silenceWaitsForTheCushion_data() { leads(); }
    void silenceWaitsForTheCushion();
    void anUnderrunWithinTheCushionIsUnheard();
    void aLeadThatGoesLeavesNoSilenceBehind();
    void withoutALeadSilenceIsAFrameLikeAnother();
    void trouble_data() { leads(); }
    void trouble();

private:
    void leads();
};

void TestPacerSilence::leads()
{
    QTest::addColumn<qint64>("leadNs");
    for (const int ms : {0, 5, 20, 120, 200, 1000})
        QTest::addRow("%d ms", ms) << ms * kMs;
}

// Before any word: a frame every 20 ms, on the lane's phase, whatever the lead.
void TestPacerSilence::silenceKeepsRealTime()
{
    QFETCH(qint64, leadNs);
    Pacer pacer(withLead(leadNs));
    Talk talk(pacer);
    const qint64 first = pacer.nextDeadlineNs();
    talk.runUntil(first + 10'000 * kMs - 1);
    QCOMPARE(talk.frames.size(), std::size_t(500));
    for (std::size_t i = 0; i < talk.frames.size(); ++i)
        QCOMPARE(talk.frames[i].ns, first + qint64(i) * kInterval);
    QCOMPARE(talk.slots, 500);
    QCOMPARE(pacer.resyncs(), 0);
}

// The first word waits behind no silence; then the lead is built anew, as fast as the distance allows.
void TestPacerSilence::wordsAfterSilence()
{
    QFETCH(qint64, leadNs);
    Pacer pacer(withLead(leadNs));
    Talk talk(pacer);
    for (int spurt = 0; spurt < 3; ++spurt) {
        talk.pauseFor(3007);
        const std::size_t first = talk.frames.size();
        const qint64 wordNs = talk.nowNs; // the model has said it
        talk.speakFor(3000);
        QVERIFY(talk.frames[first].ns - wordNs <= kInterval);
        QVERIFY(talk.frames[first].aheadNs <= 0); // it is played at once
        qint64 ahead = 0;
        for (std::size_t i = first + 1; i < talk.frames.size(); ++i) {
            QVERIFY(!talk.frames[i].silence);
            const qint64 step = talk.frames[i].ns - talk.frames[i - 1].ns;
            ahead = qint64(i - first) * kInterval - (talk.frames[i].ns - talk.frames[first].ns);
            QVERIFY(step >= kStrict.minGapNs && step <= kInterval);
            QVERIFY(ahead <= leadNs);
            if (ahead < leadNs)
                QCOMPARE(step, kStrict.minGapNs);
        }
        QCOMPARE(ahead, leadNs);
    }
    QCOMPARE(pacer.resyncs(), 0);
}

// After the last word the carrier plays its cushion; the first silence comes when that is over, not before and not later.
void TestPacerSilence::silenceWaitsForTheCushion()
{
    QFETCH(qint64, leadNs);
    Pacer pacer(withLead(leadNs));
    Talk talk(pacer);
    talk.pauseFor(500);
    talk.speakFor(3000);
    const std::size_t first = talk.frames.size();
    talk.pauseFor(3000);
    QVERIFY(talk.frames.size() - first >= std::size_t((3000 * kMs - leadNs) / kInterval - 1));
    for (std::size_t i = first; i < talk.frames.size(); ++i) {
        QVERIFY(talk.frames[i].silence);
        QCOMPARE(talk.frames[i].aheadNs, 0);
    }
    QCOMPARE(pacer.resyncs(), 0);
}

void TestPacerSilence::anUnderrunWithinTheCushionIsUnheard()
{
    constexpr qint64 kLead = 120 * kMs;
    for (int missing = 1; missing <= 5; ++missing) { // slots without a word
        Pacer pacer(withLead(kLead));
        Talk talk(pacer);
        talk.speakFor(1000);
        int left = missing;
        talk.hasWords = [&left] { return left-- <= 0; };
        talk.runUntil(talk.nowNs + 1000 * kMs);
        for (std::size_t i = 1; i < talk.frames.size(); ++i) {
            QVERIFY(!talk.frames[i].silence);
            QVERIFY(talk.frames[i].aheadNs > 0); // the carrier never ran dry
            QVERIFY(talk.frames[i].ns - talk.frames[i - 1].ns >= kStrict.minGapNs);
        }
        QCOMPARE(talk.frames.back().aheadNs, kLead); // as before
    }
}

// auto: the lead melts while the carrier still has the old one to play.
void TestPacerSilence::aLeadThatGoesLeavesNoSilenceBehind()
{
    Pacer pacer(withLead(200 * kMs));
    Talk talk(pacer);
    talk.speakFor(1000);
    pacer.setLead(0);
    talk.pauseFor(1000);
    talk.speakFor(1000);
    std::size_t silent = 0;
    for (const Talk::Frame &frame : talk.frames) {
        silent += frame.silence ? 1 : 0;
        QVERIFY(!frame.silence || frame.aheadNs == 0);
    }
    QVERIFY(silent >= 38 && silent <= 41); // of a second, less the cushion
    QCOMPARE(talk.frames.back().aheadNs, 0);
}

// Two pacers under the same trouble; one is told which frames were silent, the other takes them for words.
void TestPacerSilence::withoutALeadSilenceIsAFrameLikeAnother()
{
    struct Coin final : Pacer::Sink {
        Pacer::Outcome onSlot(int, qint64) override { return {true, atNs, silence}; }
        qint64 atNs = 0;
        bool silence = false;
    } told, untold;
    Pacer knows;
    Pacer doesNot;
    knows.add(kStart);
    doesNot.add(kStart);
    std::mt19937_64 random{11};
    for (int slot = 0; slot < 20'000; ++slot) {
        const qint64 late = qint64(random() % (slot % 50 == 0 ? 300'000'000 : 15'000'000));
        const qint64 now = knows.nextDeadlineNs() + late;
        told.atNs = untold.atNs = now + qint64(random() % 12'000'000);
        told.silence = random() % 2 == 0;
        QVERIFY(!knows.isAhead(0, now));
        QVERIFY(knows.serve(now, told));
        QVERIFY(doesNot.serve(now, untold));
        QCOMPARE(knows.nextDeadlineNs(), doesNot.nextDeadlineNs());
    }
    QVERIFY(knows.resyncs() > 100);
    QCOMPARE(knows.resyncs(), doesNot.resyncs());
}

// Late slots, stalls, spurts and underruns of all lengths. What lies before a silent frame is at most what a late slot and
// the glide back to the phase may leave: an interval and a half.
void TestPacerSilence::trouble()
{
    QFETCH(qint64, leadNs);
    Pacer pacer(withLead(leadNs));
    Talk talk(pacer);
    std::mt19937_64 random{5};
    bool words = false;
    talk.hasWords = [&] { return words != (random() % 20 == 0); };
    for (int slot = 0; slot < 50'000; ++slot) {
        if (random() % 40 == 0)
            words = !words;
        const quint64 kind = random() % 100;
        talk.nowNs = pacer.nextDeadlineNs()
                     + qint64(kind < 2 ? random() % 1'000'000'000 : random() % (kind < 20 ? 30'000'000 : 500'000));
        QVERIFY(pacer.serve(talk.nowNs, talk));
        QVERIFY(pacer.nextDeadlineNs() > talk.nowNs);
    }
    std::size_t silent = 0;
    for (std::size_t i = 1; i < talk.frames.size(); ++i) {
        const Talk::Frame &frame = talk.frames[i];
        QVERIFY(frame.ns - talk.frames[i - 1].ns >= kStrict.minGapNs);
        QVERIFY(frame.aheadNs <= kInterval * 3 / 2 + (frame.silence ? 0 : leadNs));
        silent += frame.silence ? 1 : 0;
    }
    QVERIFY(silent > 10'000);
    QVERIFY(talk.frames.size() - silent > 10'000);
    QVERIFY(pacer.resyncs() > 100);
}

QTEST_APPLESS_MAIN(TestPacerSilence)
#include "tst_pacer_silence.moc"
