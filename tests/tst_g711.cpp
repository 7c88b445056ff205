// SPDX-License-Identifier: GPL-3.0-or-later
// G.711 µ-law against values of ITU-T G.711 and against its own rules.
#include "media/g711.h"

#include <QTest>

#include <array>
#include <cstdlib>
#include <limits>

using namespace takt::media;

namespace {

constexpr int kLowest = std::numeric_limits<std::int16_t>::min();
constexpr int kHighest = std::numeric_limits<std::int16_t>::max();

int roundTrip(int sample)
{
    return decodeMuLaw(encodeMuLaw(static_cast<std::int16_t>(sample)));
}

// Half a step of the segment that a magnitude falls into: 4, 8, ... 512.
int halfStep(int magnitude)
{
    int segment = 0;
    for (int top = magnitude + 132; top >= 256; top >>= 1)
        ++segment;
    return 4 << segment;
}

} // namespace

class TestG711 : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyCodeSurvivesARoundTrip();
    void knownValues_data();
    void knownValues();
    void encodes_data();
    void encodes();
    void isMonotonic();
    void isSymmetric();
    void errorStaysWithinHalfAStep_data();
    void errorStaysWithinHalfAStep();
    void spans();
    void emptySpans();
};

void TestG711::everyCodeSurvivesARoundTrip()
{
    for (int code = 0; code < 256; ++code) {
        const auto byte = static_cast<std::uint8_t>(code);
        // Both 0x7F and 0xFF are zero, which is encoded as 0xFF: the one exception.
        const std::uint8_t expected = code == 0x7F ? 0xFF : byte;
        QCOMPARE(encodeMuLaw(decodeMuLaw(byte)), expected);
    }
}

void TestG711::knownValues_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("sample");
    QTest::newRow("silence, positive zero") << 0xFF << 0;
    QTest::newRow("negative zero") << 0x7F << 0;
    QTest::newRow("lowest") << 0x00 << -32124;
    QTest::newRow("highest") << 0x80 << 32124;
    QTest::newRow("one below the highest") << 0x81 << 31100;
    QTest::newRow("smallest positive step") << 0xFE << 8;
    QTest::newRow("smallest negative step") << 0x7E << -8;
    QTest::newRow("end of the first segment") << 0xF0 << 120;
    QTest::newRow("start of the second segment") << 0xEF << 132;
    QTest::newRow("start of the third segment") << 0xDF << 396;
    QTest::newRow("start of the fourth segment") << 0xCF << 924;
    QTest::newRow("start of the fifth segment") << 0xBF << 1980;
    QTest::newRow("start of the sixth segment") << 0xAF << 4092;
    QTest::newRow("start of the seventh segment") << 0x9F << 8316;
    QTest::newRow("start of the eighth segment") << 0x8F << 16764;
    QTest::newRow("start of the eighth segment, negative") << 0x0F << -16764;
}

void TestG711::knownValues()
{
    QFETCH(int, code);
    QFETCH(int, sample);
    QCOMPARE(int(decodeMuLaw(static_cast<std::uint8_t>(code))), sample);
}

void TestG711::encodes_data()
{
    QTest::addColumn<int>("sample");
    QTest::addColumn<int>("code");
    // happy
    QTest::newRow("zero") << 0 << 0xFF;
    QTest::newRow("below half a step") << 3 << 0xFF;
    QTest::newRow("half a step") << 4 << 0xFE;
    QTest::newRow("minus one: negative zero") << -1 << 0x7F;
    QTest::newRow("minus half a step") << -4 << 0x7E;
    QTest::newRow("1000") << 1000 << 0xCE;
    QTest::newRow("-1000") << -1000 << 0x4E;
    QTest::newRow("below the last code") << 31611 << 0x81;
    QTest::newRow("the last code") << 31612 << 0x80;
    // rainy: beyond what µ-law can say
    QTest::newRow("clip - 1") << 32634 << 0x80;
    QTest::newRow("clip") << 32635 << 0x80;
    QTest::newRow("clip + 1") << 32636 << 0x80;
    QTest::newRow("highest") << kHighest << 0x80;
    QTest::newRow("-clip") << -32635 << 0x00;
    QTest::newRow("-clip - 1") << -32636 << 0x00;
    QTest::newRow("-32767") << -32767 << 0x00;
    QTest::newRow("lowest: has no positive twin") << kLowest << 0x00;
}

void TestG711::encodes()
{
    QFETCH(int, sample);
    QFETCH(int, code);
    QCOMPARE(int(encodeMuLaw(static_cast<std::int16_t>(sample))), code);
}

void TestG711::isMonotonic()
{
    int last = roundTrip(kLowest);
    int levels = 1;
    for (int sample = kLowest + 1; sample <= kHighest; ++sample) {
        const int now = roundTrip(sample);
        if (now < last)
            QFAIL(qPrintable(
                QStringLiteral("%1 decodes to %2, below its predecessor's %3").arg(sample).arg(now).arg(last)));
        levels += now != last ? 1 : 0;
        last = now;
    }
    QCOMPARE(levels, 255); // 256 codes, two of them zero
}

void TestG711::isSymmetric()
{
    for (int sample = 1; sample <= kHighest; ++sample) {
        if (roundTrip(-sample) != -roundTrip(sample))
            QFAIL(qPrintable(QStringLiteral("%1 and its negative differ").arg(sample)));
    }
}

void TestG711::errorStaysWithinHalfAStep_data()
{
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("to");
    QTest::addColumn<int>("worst");
    int from = 0;
    for (int segment = 0; segment < 8; ++segment) {
        const int to = segment == 7 ? 32635 : (256 << segment) - 132 - 1;
        QTest::addRow("segment %d", segment) << from << to << (4 << segment);
        from = to + 1;
    }
}

void TestG711::errorStaysWithinHalfAStep()
{
    QFETCH(int, from);
    QFETCH(int, to);
    QFETCH(int, worst);
    int seen = 0;
    for (int sample = from; sample <= to; ++sample) {
        QCOMPARE(halfStep(sample), worst); // the rows cover the segments and nothing else
        for (const int signedSample : {sample, -sample})
            seen = std::max(seen, std::abs(roundTrip(signedSample) - signedSample));
    }
    QCOMPARE(seen, worst); // no more, and no less: a finer codec would be another codec
}

void TestG711::spans()
{
    std::array<std::int16_t, 256> samples{};
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = decodeMuLaw(static_cast<std::uint8_t>(i));
    const QByteArray codes = encodeMuLaw(std::span<const std::int16_t>(samples));
    QCOMPARE(codes.size(), 256);
    for (int i = 0; i < 256; ++i)
        QCOMPARE(static_cast<std::uint8_t>(codes[i]), static_cast<std::uint8_t>(i == 0x7F ? 0xFF : i));
    const std::vector<std::int16_t> back = decodeMuLaw(QByteArrayView(codes));
    QCOMPARE(back.size(), samples.size());
    QVERIFY(std::equal(back.begin(), back.end(), samples.begin()));
}

void TestG711::emptySpans()
{
    const QByteArray codes = encodeMuLaw(std::span<const std::int16_t>());
    QVERIFY(codes.isEmpty());
    QVERIFY(!codes.isNull()); // empty audio, not no audio
    QVERIFY(decodeMuLaw(QByteArrayView()).empty());
}

QTEST_APPLESS_MAIN(TestG711)
#include "tst_g711.moc"
