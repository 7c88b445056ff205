// SPDX-License-Identifier: GPL-3.0-or-later
// How a channel is cut into pieces, and what of the servers' answers is believed.
#include "jobs/heard.h"

#include "support/airig.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::jobs;
using namespace takt::test;

namespace {

constexpr float kLoud = 3000;

// Tenths of a second of a level each.
Loudness levels(const QList<std::pair<int, float>> &runs)
{
    std::vector<float> windows;
    for (const auto &[count, level] : runs)
        windows.insert(windows.end(), size_t(count), level);
    return Loudness(std::move(windows));
}

QString shown(const QList<Piece> &pieces)
{
    QStringList all;
    for (const Piece &p : pieces)
        all << u"%1-%2"_s.arg(p.startMs).arg(p.endMs);
    return all.join(u' ');
}

QString shown(const QList<Segment> &segments)
{
    QStringList all;
    for (const Segment &s : segments)
        all << u"%1-%2 %3"_s.arg(s.startMs).arg(s.endMs).arg(s.text);
    return all.join(u" | "_s);
}

QJsonObject part(double start, double end, const QString &text, const QJsonObject &more = {})
{
    QJsonObject object = more;
    object[u"start"_s] = start;
    object[u"end"_s] = end;
    object[u"text"_s] = text;
    return object;
}

QJsonObject verbose(const QJsonArray &segments)
{
    return {
        {u"task"_s, u"transcribe"_s}, {u"language"_s, u"english"_s}, {u"text"_s, u"all"_s}, {u"segments"_s, segments}};
}

} // namespace

class TestHeard : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void wavFiles()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"a.wav"_s);
        const auto write = [&](const QByteArray &bytes) {
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        };
        const QByteArray sounds = wavOf({{1000, 0}, {500, 4000}, {250, 1000}});
        write(sounds);
        const auto wav = WavFile::open(path);
        QVERIFY(wav.ok());
        QCOMPARE(wav->rate(), 16'000);
        QCOMPARE(wav->durationMs(), 1750);
        const auto loudness = wav->loudness([] { return true; });
        QVERIFY(loudness.ok());
        QCOMPARE(loudness->windows(), 18);
        QCOMPARE(loudness->at(9), 0.F);
        QCOMPARE(loudness->at(10), 4000.F);
        QCOMPARE(loudness->at(17), 1000.F); // half a window
        const auto cut = wav->cut(1000, 1500);
        QVERIFY(cut.ok());
        QCOMPARE(*cut, wavOf({{500, 4000}}));
        QCOMPARE(*wav->cut(0, 999'999), sounds);
        // A chunk before the samples, one behind them, and a length that the writer did not know.
        QByteArray odd = sounds;
        odd.insert(36, QByteArray("LIST\x03\0\0\0abc\0", 12));
        write(odd + "trailer?");
        QCOMPARE(WavFile::open(path)->durationMs(), 1750);
        QByteArray stream = sounds;
        stream.replace(40, 4, "\xff\xff\xff\xff");
        write(stream);
        QCOMPARE(WavFile::open(path)->durationMs(), 1750);
        for (const QByteArray &bad : {QByteArray(), QByteArray("RIFF"), QByteArray("ID3 an mp3"), sounds.first(30),
                                      QByteArray(sounds).replace(22, 1, "\2")}) {
            write(bad);
            QVERIFY(!WavFile::open(path).ok());
        }
        QVERIFY(!WavFile::open(folder.filePath(u"none.wav"_s)).ok());
    }
    void loudness()
    {
        const Loudness l = levels({{10, 5}, {5, kLoud}, {10, 20}, {5, 200}});
        QCOMPARE(l.durationMs(), 3000);
        QCOMPARE(l.loudMs(kSilence), 1000);
        QCOMPARE(l.loudMs(kSilence, 1200, 1400), 200);
        QCOMPARE(l.loudMs(kSilence, 9000, 9999), 0);
        QCOMPARE(l.quietestMs(1000, 2500), 2400); // the last of several
        QCOMPARE(l.trimmed(kSilence, 0, 2000).startMs, 1000);
        QCOMPARE(l.trimmed(kSilence, 0, 2000).endMs, 1500);
        QCOMPARE(l.trimmed(kSilence, 1550, 2000).startMs, l.trimmed(kSilence, 1550, 2000).endMs);
        QCOMPARE(l.noise(), 5.F);
        QCOMPARE(Loudness().noise(), 0.F);
    }

    void longPieces_data()
    {
        QTest::addColumn<Loudness>("channel");
        QTest::addColumn<QString>("pieces");
        QTest::newRow("nothing") << Loudness() << u""_s;
        QTest::newRow("short") << levels({{50, kLoud}}) << u"0-5000"_s;
        QTest::newRow("silent") << levels({{50, 10}}) << u""_s;
        QTest::newRow("as long as may be") << levels({{600, kLoud}}) << u"0-60000"_s;
        QTest::newRow("cut where it is quiet")
            << levels({{500, kLoud}, {3, 400}, {500, kLoud}}) << u"0-50200 50200-100300"_s;
        QTest::newRow("not at what is quiet too early")
            << levels({{300, kLoud}, {3, 1}, {150, kLoud}, {1, 500}, {500, kLoud}}) << u"0-45300 45300-95400"_s;
        QTest::newRow("a silent one is left out")
            << levels({{100, kLoud}, {1500, 3}, {100, kLoud}}) << u"0-59900 119800-170000"_s;
    }
    void longPieces()
    {
        QFETCH(Loudness, channel);
        QTEST(shown(takt::jobs::longPieces(channel, 60'000)), "pieces");
    }

    void turnPieces_data()
    {
        QTest::addColumn<Loudness>("channel");
        QTest::addColumn<Loudness>("other");
        QTest::addColumn<QString>("pieces");
        const Loudness nobody = levels({{2000, 0}});
        QTest::newRow("silent") << nobody << nobody << u""_s;
        QTest::newRow("one, with room around it")
            << levels({{20, 0}, {10, kLoud}, {20, 0}}) << nobody << u"1800-3200"_s;
        QTest::newRow("no room at the ends") << levels({{10, kLoud}}) << nobody << u"0-1000"_s;
        QTest::newRow("a short pause") << levels({{10, kLoud}, {6, 0}, {10, kLoud}}) << levels({{30, kLoud}})
                                       << u"0-2600"_s;
        QTest::newRow("a pause") << levels({{10, kLoud}, {30, 0}, {10, kLoud}}) << nobody << u"0-5000"_s;
        QTest::newRow("a pause in which the other speaks")
            << levels({{10, kLoud}, {30, 0}, {10, kLoud}}) << levels({{15, 0}, {10, kLoud}, {25, 0}})
            << u"0-1200 3800-5000"_s;
        QTest::newRow("together no more than 30 s")
            << levels({{200, kLoud}, {10, 0}, {200, kLoud}}) << nobody << u"0-20200 20800-41000"_s;
        QTest::newRow("a click") << levels({{10, 0}, {1, kLoud}, {20, 0}}) << nobody << u""_s;
        QTest::newRow("without a breath")
            << levels({{250, kLoud}, {1, 1000}, {250, kLoud}}) << nobody << u"0-25200 24800-50100"_s;
        QTest::newRow("on a noisy line") << levels({{20, 200}, {10, kLoud}, {20, 200}}) << nobody << u"1800-3200"_s;
    }
    void turnPieces()
    {
        QFETCH(Loudness, channel);
        QFETCH(Loudness, other);
        QTEST(shown(takt::jobs::turnPieces(channel, &other)), "pieces");
    }
    void turnPiecesOfOneChannel()
    {
        QCOMPARE(shown(takt::jobs::turnPieces(levels({{10, kLoud}, {30, 0}, {10, kLoud}}), nullptr)), u"0-5000"_s);
    }

    void answers_data()
    {
        QTest::addColumn<QJsonObject>("answer");
        QTest::addColumn<QString>("segments");
        QTest::addColumn<bool>("timed");
        const auto row = [](const char *name, const QJsonObject &answer, const QString &segments, bool timed) {
            QTest::newRow(name) << answer << segments << timed;
        };
        row("OpenAI verbose_json",
            verbose({part(0, 1.5, u" Hello. "_s, {{u"no_speech_prob"_s, 0.01}, {u"avg_logprob"_s, -0.2}})}),
            u"10000-11500 Hello."_s, true);
        row("whisper.cpp: words inside, no ratio",
            verbose({part(0.25, 1, u" Hi"_s, {{u"words"_s, QJsonArray{QJsonObject{{u"word"_s, u"Hi"_s}}}}})}),
            u"10250-11000 Hi"_s, true);
        row("text only", {{u"text"_s, u" Hello there "_s}}, u"10000-20000 Hello there"_s, false);
        row("no text at all was heard", {{u"text"_s, u""_s}}, u""_s, true);
        row("segments without times", verbose({QJsonObject{{u"text"_s, u"Hello"_s}}}), u"10000-20000 all"_s, false);
        row("segments alone, without times",
            {{u"segments"_s, QJsonArray{QJsonObject{{u"text"_s, u"a"_s}}, QJsonObject{{u"text"_s, u"b"_s}}}}},
            u"10000-20000 a b"_s, false);
        row("none",
            verbose({}).isEmpty() ? QJsonObject() : QJsonObject{{u"text"_s, u""_s}, {u"segments"_s, QJsonArray()}},
            u""_s, true);
        row("surely no speech", verbose({part(0, 1, u"Thank you."_s, {{u"no_speech_prob"_s, 0.95}})}), u""_s, true);
        row("perhaps no speech, and unlikely",
            verbose({part(0, 1, u"Thank you."_s, {{u"no_speech_prob"_s, 0.7}, {u"avg_logprob"_s, -1.1}})}), u""_s,
            true);
        row("perhaps no speech, but likely",
            verbose({part(0, 1, u"Yes."_s, {{u"no_speech_prob"_s, 0.7}, {u"avg_logprob"_s, -0.5}})}),
            u"10000-11000 Yes."_s, true);
        row("speech, but unlikely",
            verbose({part(0, 1, u"Yes."_s, {{u"no_speech_prob"_s, 0.1}, {u"avg_logprob"_s, -1.5}})}),
            u"10000-11000 Yes."_s, true);
        row("nulls",
            verbose({part(0, 1, u"Yes."_s, {{u"no_speech_prob"_s, QJsonValue()}, {u"avg_logprob"_s, u"?"_s}})}),
            u"10000-11000 Yes."_s, true);
        row("remarks",
            verbose({part(0, 1, u"[BLANK_AUDIO]"_s), part(1, 2, u"(music)"_s), part(2, 3, u"♪♪"_s),
                     part(3, 4, u"*coughs*"_s), part(4, 5, u"(well) I think (so)"_s)}),
            u"14000-15000 (well) I think (so)"_s, true);
        row("beyond the piece", verbose({part(-1, 2, u"a"_s), part(9, 99, u"b"_s)}), u"10000-12000 a | 19000-20000 b"_s,
            true);
        row("no end", verbose({QJsonObject{{u"start"_s, 2}, {u"text"_s, u"a"_s}}}), u"12000-12000 a"_s, true);
        row("rubbish in the list", verbose({7, u"x"_s, QJsonValue(), part(1, 2, u"a"_s)}), u"11000-12000 a"_s, true);
    }
    void answers()
    {
        QFETCH(QJsonObject, answer);
        const Heard heard = readHeard(answer, {10'000, 20'000}, kCaller);
        QTEST(shown(heard.segments), "segments");
        QTEST(heard.timed, "timed");
        QCOMPARE(heard.error, u""_s);
        // What is kept of an answer says the same.
        QCOMPARE(shown(readHeard(condensed(answer), {10'000, 20'000}, kCaller).segments), shown(heard.segments));
    }
    void answersThatAreNone()
    {
        QCOMPARE(readHeard({{u"error"_s, u"failed to process audio"_s}}, {0, 1000}, kCaller).error,
                 u"failed to process audio"_s);
        QCOMPARE(readHeard({{u"error"_s, QJsonObject{{u"message"_s, u"no"_s}}}}, {0, 1000}, kCaller).error, u"no"_s);
        QVERIFY(!readHeard({}, {0, 1000}, kCaller).error.isEmpty());
        QVERIFY(!readHeard({{u"text"_s, 5}}, {0, 1000}, kCaller).error.isEmpty());
    }
    void keepsNoTokens()
    {
        const QJsonObject kept = condensed(
            verbose({part(0, 1, u"a"_s, {{u"tokens"_s, QJsonArray{1, 2}}, {u"words"_s, QJsonArray{1}}})}));
        QCOMPARE(kept.value("segments"_L1).toArray().first().toObject(), part(0, 1, u"a"_s));
        QVERIFY(!condensed({{u"text"_s, u"a"_s}}).contains("segments"_L1));
    }

    void believes_data()
    {
        QTest::addColumn<QList<Segment>>("segments");
        QTest::addColumn<QString>("believed");
        const auto at = [](qint64 start, qint64 end, const QString &text) {
            return Segment{kCaller, start, end, text};
        };
        // The channel: 5 s of silence, 5 s of speech, 10 s of silence.
        QTest::newRow("speech") << QList{at(5500, 7000, u"a"_s)} << u"5500-7000 a"_s;
        QTest::newRow("where there is nothing") << QList{at(12'000, 14'000, u"Thanks for watching!"_s)} << u""_s;
        QTest::newRow("begins too early") << QList{at(0, 7000, u"a"_s)} << u"5000-7000 a"_s;
        QTest::newRow("ends too late") << QList{at(6000, 19'000, u"a"_s)} << u"6000-10000 a"_s;
        QTest::newRow("off by a word") << QList{at(10'100, 10'400, u"a"_s)} << u"10100-10100 a"_s;
        QTest::newRow("three times") << QList{at(5000, 6000, u"Yes."_s), at(6000, 7000, u"Yes."_s),
                                              at(7000, 8000, u"yes."_s)}
                                     << u"5000-6000 Yes. | 6000-7000 Yes. | 7000-8000 yes."_s;
        QTest::newRow("a loop") << QList{at(5000, 6000, u"Yes."_s), at(6000, 7000, u"Yes."_s),
                                         at(7000, 8000, u"yes."_s), at(8000, 9000, u"Yes."_s), at(9000, 9500, u"b"_s)}
                                << u"5000-6000 Yes. | 9000-9500 b"_s;
        QTest::newRow("again and again, with time between")
            << QList{at(5000, 5200, u"Yes."_s), at(6500, 6700, u"Yes."_s), at(8000, 8200, u"Yes."_s),
                     at(9500, 9700, u"Yes."_s)}
            << u"5000-5200 Yes. | 6500-6700 Yes. | 8000-8200 Yes. | 9500-9700 Yes."_s;
    }
    void believes()
    {
        QFETCH(QList<Segment>, segments);
        QTEST(shown(credible(segments, levels({{50, 5}, {50, kLoud}, {100, 5}}))), "believed");
    }

    void languages()
    {
        for (const auto &hebrew : {u"he"_s, u"HE"_s, u"he-IL"_s, u"heb"_s, u"hebrew"_s, u" Hebrew "_s, u"iw"_s})
            QVERIFY2(languageCode(hebrew) == u"he"_s, qPrintable(hebrew));
        QCOMPARE(languageCode(u"english"_s), u"en"_s);
        QCOMPARE(languageCode(u"en_US"_s), u"en"_s);
        for (const auto &none : {u""_s, u"?"_s, u"klingonian"_s, u"xx"_s, u"auto"_s, u"c"_s})
            QVERIFY2(languageCode(none).isEmpty(), qPrintable(none + languageCode(none)));
        QCOMPARE(languageName(u"he"_s), u"Hebrew"_s);
        QCOMPARE(languageName(u"en-GB"_s), u"English"_s);
        QCOMPARE(languageName(u""_s), u""_s);
    }
};

QTEST_GUILESS_MAIN(TestHeard)
#include "tst_heard.moc"
