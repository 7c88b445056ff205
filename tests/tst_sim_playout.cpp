// SPDX-License-Identifier: GPL-3.0-or-later
// The playout buffer: what is heard when, where marks fall, what a clear does.
#include "sim/carrier/playout.h"

#include <QTest>

#include <cstring>

using namespace takt::sim;
using namespace std::string_literals;

namespace {

constexpr Nanos kMs = kMillisecond;

struct Ear : PlayoutBuffer::Listener {
    struct Sound {
        Nanos start;
        std::string bytes;
        std::int64_t offset;
    };
    std::vector<Sound> sounds;
    void heard(const Piece &piece, std::string_view bytes, Nanos start) override
    {
        sounds.push_back({start, std::string(bytes), piece.offset});
    }
    [[nodiscard]] std::string all() const
    {
        std::string out;
        for (const Sound &sound : sounds)
            out += sound.bytes;
        return out;
    }
};

std::string frame(char letter)
{
    return std::string(160, letter);
}

std::vector<Piece> piece(std::int64_t offset = 0, std::int64_t length = 160)
{
    return {{nullptr, offset, length, false}};
}

} // namespace

class TestSimPlayout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void playsAtWallClock();
    void runsDryAndResumes();
    void splitsPieces();
    void marks();
    void markOnEmptyIsImmediate();
    void clearEmptiesAndEchoes();
    void overflow();
};

void TestSimPlayout::playsAtWallClock()
{
    Ear ear;
    PlayoutBuffer buffer(ear);
    QVERIFY(buffer.enqueue(100 * kMs, frame('a'), piece()));
    QVERIFY(buffer.enqueue(101 * kMs, frame('b'), piece(160)));
    QCOMPARE(buffer.playedBytes(), 8); // one millisecond
    buffer.advance(110 * kMs);
    QCOMPARE(ear.all(), std::string(80, 'a'));
    QVERIFY(buffer.playing());
    QCOMPARE(buffer.dryAt(), 140 * kMs);
    buffer.advance(139 * kMs);
    QCOMPARE(buffer.queuedBytes(), 8);
    buffer.advance(500 * kMs);
    QCOMPARE(ear.all(), frame('a') + frame('b'));
    QVERIFY(!buffer.playing());
    QCOMPARE(ear.sounds.back().start + Nanos(ear.sounds.back().bytes.size()) * kNanosPerByte, 140 * kMs);
}

void TestSimPlayout::runsDryAndResumes()
{
    Ear ear;
    PlayoutBuffer buffer(ear);
    QVERIFY(buffer.enqueue(0, frame('a'), piece()));
    QVERIFY(buffer.enqueue(25 * kMs, frame('b'), piece())); // 5 ms too late
    buffer.advance(100 * kMs);
    QCOMPARE(ear.sounds.back().start, 25 * kMs);
    QCOMPARE(buffer.dryAt(), 45 * kMs);
}

void TestSimPlayout::splitsPieces()
{
    Ear ear;
    PlayoutBuffer buffer(ear);
    QVERIFY(buffer.enqueue(0, frame('a'), {{nullptr, 1000, 100, false}, {nullptr, 0, 60, false}}));
    buffer.advance(5 * kMs);
    buffer.advance(20 * kMs);
    QCOMPARE(ear.sounds.size(), std::size_t(3));
    QCOMPARE(ear.sounds[0].offset, 1000);
    QCOMPARE(ear.sounds[1].offset, 1040); // the rest of the first piece
    QCOMPARE(ear.sounds[2].offset, 0);
    QCOMPARE(ear.sounds[2].start, 100 * kNanosPerByte);
}

void TestSimPlayout::marks()
{
    Ear ear;
    PlayoutBuffer buffer(ear);
    QVERIFY(buffer.enqueue(0, frame('a'), piece()));
    buffer.mark(0, "one");
    QVERIFY(buffer.enqueue(0, frame('b'), piece()));
    buffer.mark(0, "two");
    QCOMPARE(buffer.nextMarkAt().value_or(-1), 20 * kMs);
    buffer.advance(19 * kMs);
    QVERIFY(buffer.takeDueMarks().empty());
    buffer.advance(20 * kMs);
    QCOMPARE(buffer.takeDueMarks(), std::vector{"one"s});
    QVERIFY(buffer.takeDueMarks().empty());
    buffer.advance(40 * kMs);
    QCOMPARE(buffer.takeDueMarks(), std::vector{"two"s});
    QVERIFY(!buffer.nextMarkAt());
}

void TestSimPlayout::markOnEmptyIsImmediate()
{
    Ear ear;
    PlayoutBuffer buffer(ear);
    buffer.mark(0, "first");
    QCOMPARE(buffer.takeDueMarks(), std::vector{"first"s});
    QVERIFY(buffer.enqueue(0, frame('a'), piece()));
    buffer.mark(30 * kMs, "after");
    QCOMPARE(buffer.takeDueMarks(), std::vector{"after"s});
}

void TestSimPlayout::clearEmptiesAndEchoes()
{
    Ear ear;
    PlayoutBuffer buffer(ear);
    for (int i = 0; i < 10; ++i)
        QVERIFY(buffer.enqueue(0, frame('a'), piece()));
    buffer.mark(0, "one");
    buffer.mark(0, "two");
    buffer.clear(30 * kMs);
    QCOMPARE(buffer.takeDueMarks(), (std::vector{"one"s, "two"s}));
    QCOMPARE(ear.all().size(), std::size_t(240)); // exactly what was heard by then
    buffer.advance(kSecond);
    QCOMPARE(ear.all().size(), std::size_t(240));
    QVERIFY(buffer.enqueue(2 * kSecond, frame('b'), piece()));
    buffer.advance(3 * kSecond);
    QCOMPARE(ear.sounds.back().start, 2 * kSecond);
    QCOMPARE(ear.sounds.back().bytes, frame('b'));
}

void TestSimPlayout::overflow()
{
    Ear ear;
    PlayoutBuffer buffer(ear);
    const std::string minute(60 * 8000, 'x');
    for (int i = 0; i < 10; ++i)
        QVERIFY(buffer.enqueue(0, minute, piece(0, 60 * 8000)));
    QVERIFY(!buffer.enqueue(0, frame('y'), piece()));
    QVERIFY(buffer.enqueue(20 * kMs, frame('z'), piece())); // one frame's room again
}

QTEST_GUILESS_MAIN(TestSimPlayout)
#include "tst_sim_playout.moc"
