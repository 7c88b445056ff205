// SPDX-License-Identifier: GPL-3.0-or-later
// Voice activity in the time of appended audio.
#include "media/g711.h"
#include "sim/audio/resample.h"
#include "sim/model/vad.h"

#include <QTest>

#include <cmath>
#include <numbers>

using namespace takt::sim;

namespace {

std::vector<std::uint8_t> tone(int ms, double amplitude)
{
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < ms * 8; ++i)
        bytes.push_back(takt::media::encodeMuLaw(static_cast<std::int16_t>(amplitude * std::sin(i * 0.3))));
    return bytes;
}

} // namespace

class TestSimVad : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneTurn_data();
    void oneTurn();
    void clickIsNoSpeech();
    void thresholdMatters();
    void resampling();
};

void TestSimVad::oneTurn_data()
{
    QTest::addColumn<int>("chunk");
    for (const int chunk : {1, 160, 777, 100000}) // how the audio arrives makes no difference
        QTest::addRow("%d", chunk) << chunk;
}

void TestSimVad::oneTurn()
{
    QFETCH(int, chunk);
    Vad vad;
    vad.configure({0.5, 300, 500});
    std::vector<std::uint8_t> audio = tone(1000, 0);
    for (const auto &part :
         {tone(800, 8000), tone(300, 0), tone(400, 8000), tone(700, 20)}) // a pause within, noise after
        audio.insert(audio.end(), part.begin(), part.end());
    std::vector<Vad::Event> events;
    const auto step = std::size_t(chunk);
    for (std::size_t at = 0; at < audio.size(); at += step)
        vad.append(std::span(audio).subspan(at, std::min(step, audio.size() - at)), events);
    QCOMPARE(events.size(), std::size_t(2));
    QVERIFY(events[0].started);
    QCOMPARE(events[0].ms, 700); // padded
    QVERIFY(!events[1].started);
    QCOMPARE(events[1].ms, 3000); // the end of speech and the silence that proves it
    QCOMPARE(vad.appendedMs(), 3200);
}

void TestSimVad::clickIsNoSpeech()
{
    Vad vad;
    vad.configure({0.5, 0, 200});
    std::vector<Vad::Event> events;
    for (int i = 0; i < 10; ++i) {
        vad.append(tone(40, 20000), events);
        vad.append(tone(100, 0), events);
    }
    QVERIFY(events.empty());
}

void TestSimVad::thresholdMatters()
{
    for (const auto &[threshold, heard] : {std::pair(0.0, true), std::pair(0.5, true), std::pair(1.0, false)}) {
        Vad vad;
        vad.configure({threshold, 0, 200});
        std::vector<Vad::Event> events;
        vad.append(tone(500, 700), events); // -36 dBFS
        QCOMPARE(!events.empty(), heard);
    }
}

void TestSimVad::resampling()
{
    const auto level = [](double hertz) {
        std::vector<std::int16_t> wave;
        for (int i = 0; i < 48000; ++i)
            wave.push_back(static_cast<std::int16_t>(10000 * std::sin(2 * std::numbers::pi * hertz * i / 48000)));
        const auto out = toPhoneRate(wave, 48000);
        double energy = 0;
        for (std::size_t i = 1000; i < 7000; ++i)
            energy += double(out[i]) * out[i];
        return 20 * std::log10(std::sqrt(energy / 6000) / (10000 / std::numbers::sqrt2) + 1e-9);
    };
    QVERIFY(std::abs(level(1000)) < 0.2);
    QVERIFY(level(3000) > -1);
    QVERIFY2(level(5000) < -50, "it would fold back to 3 kHz");
    QVERIFY(level(9000) < -50);
}

QTEST_GUILESS_MAIN(TestSimVad)
#include "tst_sim_vad.moc"
