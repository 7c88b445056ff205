// SPDX-License-Identifier: GPL-3.0-or-later
// What a scraper reads, with a strict reader of our own. `tst_metrics --print` prints such a text, for promtool to judge
// (tests/check_promtool.sh).
#include "admin/counterhelp.h"
#include "admin/metrics.h"

#include <QCoreApplication>
#include <QHash>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include <cstdio>
#include <fcntl.h>
#include <stdexcept>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using admin::Metrics;
using admin::prometheusText;
using media::LatenessHistogram;
using telemetry::Counter;

namespace {

constexpr qint64 kUs = 1000;

using Labels = QMap<QString, QString>;

struct Family {
    QString type;
    QList<std::pair<Labels, double>> samples; // of a histogram: its buckets
    QList<std::pair<Labels, double>> sums;
    QList<std::pair<Labels, double>> counts;
};

// Takes a whole text or throws why not. Stricter than the format: families in one piece, HELP and TYPE before them.
class Reader
{
public:
    explicit Reader(const QByteArray &bytes)
    {
        const QString text = QString::fromUtf8(bytes);
        require(text.endsWith(u'\n'), u"no line break at the end"_s);
        for (const QString &line : text.chopped(1).split(u'\n')) {
            if (line.startsWith("# HELP "_L1))
                onHelp(line.sliced(7));
            else if (line.startsWith("# TYPE "_L1))
                onType(line.sliced(7));
            else
                onSample(line);
        }
        for (auto it = families.cbegin(); it != families.cend(); ++it)
            require(!it->samples.isEmpty(), it.key() + u" has no samples"_s);
    }

    [[nodiscard]] double value(const QString &name, const Labels &labels = {}) const
    {
        for (const auto &[have, number] : families.value(name).samples) {
            if (have == labels)
                return number;
        }
        throw std::runtime_error("no " + name.toStdString());
    }

    QHash<QString, Family> families;

private:
    static void require(bool good, const QString &fault)
    {
        if (!good)
            throw std::runtime_error(fault.toStdString());
    }
    void onHelp(const QString &rest)
    {
        const qsizetype space = rest.indexOf(u' ');
        require(space > 0 && space < rest.size() - 1, u"HELP without words: "_s + rest);
        m_now = rest.first(space);
        require(!families.contains(m_now), u"twice: "_s + m_now);
        static const QRegularExpression name(u"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"_s);
        require(name.match(m_now).hasMatch(), u"bad name: "_s + m_now);
    }
    void onType(const QString &rest)
    {
        const QStringList words = rest.split(u' ');
        require(words.size() == 2 && words[0] == m_now && !families.contains(m_now), u"stray TYPE: "_s + rest);
        require(QStringList({u"counter"_s, u"gauge"_s, u"histogram"_s}).contains(words[1]), u"bad type: "_s + rest);
        require((words[1] == "counter"_L1) == m_now.endsWith("_total"_L1), u"name and type: "_s + rest);
        families[m_now].type = words[1];
    }
    void onSample(const QString &line)
    {
        static const QRegularExpression form(uR"(^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$)"_s);
        const auto match = form.match(line);
        require(match.hasMatch(), u"no sample: "_s + line);
        require(families.contains(m_now), u"without a TYPE: "_s + line);
        require(!m_lines.contains(match.captured(1) + match.captured(2)), u"a sample twice: "_s + line);
        m_lines.insert(match.captured(1) + match.captured(2));
        bool ok = false;
        const std::pair sample{labels(match.captured(2)), match.captured(3).toDouble(&ok)};
        require(ok && (sample.second >= 0), u"bad value: "_s + line);
        Family &family = families[m_now];
        const QString suffix = match.captured(1).sliced(m_now.size());
        require(match.captured(1).startsWith(m_now), u"outside its family: "_s + line);
        if (family.type != "histogram"_L1)
            require(suffix.isEmpty(), u"outside its family: "_s + line);
        else
            require(suffix == "_bucket"_L1 || suffix == "_sum"_L1 || suffix == "_count"_L1, u"no part: "_s + line);
        (suffix == "_sum"_L1 ? family.sums : suffix == "_count"_L1 ? family.counts : family.samples).append(sample);
    }
    static Labels labels(const QString &text)
    {
        static const QRegularExpression form(uR"re(([a-z_]+)="((?:[^"\\]|\\["\\n])*)"(,|$))re"_s);
        Labels all;
        qsizetype at = 0;
        while (at < text.size()) {
            const auto match = form.match(text, at, QRegularExpression::NormalMatch,
                                          QRegularExpression::AnchorAtOffsetMatchOption);
            require(match.hasMatch() && !all.contains(match.captured(1)), u"bad labels: "_s + text);
            all[match.captured(1)] = match.captured(2);
            at = match.capturedEnd();
        }
        return all;
    }

    QString m_now; // the family whose lines follow
    QSet<QString> m_lines;
};

Metrics example()
{
    Metrics metrics;
    metrics.version = u"0.1.0"_s;
    metrics.startedAtMs = 1'700'000'000'250;
    metrics.callsLive = 3;
    metrics.slotsHeld = 4;
    metrics.tokensWaiting = 1;
    metrics.refusingLate = true;
    metrics.modelSessions = 2;
    metrics.callsByState = {{u"listening"_s, 2}, {u"speaking"_s, 1}};
    for (const qint64 unitNs : {1 * kUs, 70 * kUs}) {
        LatenessHistogram histogram;
        for (qint64 i = 0; i < 1000; ++i)
            histogram.record(i * unitNs);
        histogram.record(5'000'000 * kUs);
        metrics.workers.push_back(histogram.snapshot());
    }
    return metrics;
}

QString fault(const QByteArray &text)
{
    try {
        const Reader reader(text);
        return {};
    } catch (const std::runtime_error &error) {
        return QString::fromUtf8(error.what());
    }
}

} // namespace

class TestMetrics : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theReaderIsStrict_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray head = "# HELP a words\n# TYPE a gauge\n";
        QTest::newRow("no end") << head + "a 1";
        QTest::newRow("no type") << "# HELP a words\na 1\n"_ba;
        QTest::newRow("no help") << "# TYPE a gauge\na 1\n"_ba;
        QTest::newRow("no sample") << head;
        QTest::newRow("no value") << head + "a x\n";
        QTest::newRow("twice") << head + "a 1\na 1\n";
        QTest::newRow("family twice") << head + "a 1\n" + head + "a{x=\"y\"} 1\n";
        QTest::newRow("foreign") << head + "b 1\n";
        QTest::newRow("label") << head + "a{x=\"y} 1\n";
        QTest::newRow("empty line") << head + "a 1\n\n";
    }
    void theReaderIsStrict()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!fault(text).isEmpty());
    }

    void nothingAtAll() { QCOMPARE(fault(prometheusText(Metrics())), QString()); }

    void gauges()
    {
        const QByteArray text = prometheusText(example());
        QCOMPARE(fault(text), QString());
        const Reader reader(text);
        QCOMPARE(reader.value(u"takt_build_info"_s, {{u"version"_s, u"0.1.0"_s}}), 1);
        QCOMPARE(reader.value(u"takt_calls_live"_s), 3);
        QCOMPARE(reader.value(u"takt_slots_held"_s), 4);
        QCOMPARE(reader.value(u"takt_tokens_waiting"_s), 1);
        QCOMPARE(reader.value(u"takt_draining"_s), 0);
        QCOMPARE(reader.value(u"takt_refusing_late"_s), 1);
        QCOMPARE(reader.value(u"takt_model_sessions"_s), 2);
        QCOMPARE(reader.value(u"takt_calls"_s, {{u"state"_s, u"listening"_s}}), 2);
        QCOMPARE(reader.value(u"process_start_time_seconds"_s), 1'700'000'000.25);
    }

    void theProcess()
    {
        const Reader reader(prometheusText({}));
        QVERIFY(reader.value(u"process_cpu_seconds_total"_s) > 0);
        QVERIFY(reader.value(u"process_resident_memory_bytes"_s) > 1e6);
        int open = 0;
        for (int fd = 0; fd < 1024; ++fd)
            open += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
        QCOMPARE(reader.value(u"process_open_fds"_s), double(open));
    }

    void everyCounterIsThere()
    {
        for (int i = 0; i < int(Counter::Count_); ++i)
            telemetry::count(Counter(i), 1000 + i);
        const Reader reader(prometheusText({}));
        for (int i = 0; i < int(Counter::Count_); ++i) {
            const QString name = telemetry::name(Counter(i));
            const auto value = double(telemetry::counted(Counter(i)));
            QVERIFY2(!admin::helpOf(Counter(i)).isEmpty(), qPrintable(name));
            if (name.startsWith("calls_refused_"_L1))
                QCOMPARE(reader.value(u"takt_calls_refused_total"_s, {{u"reason"_s, name.sliced(14)}}), value);
            else if (name.endsWith("_ms"_L1))
                QCOMPARE(reader.value(u"takt_"_s + name.chopped(3) + u"_seconds_total"_s), value / 1000);
            else
                QCOMPARE(reader.value(u"takt_"_s + name + u"_total"_s), value);
        }
        QCOMPARE(reader.families[u"takt_calls_refused_total"_s].samples.size(), 4);
        QVERIFY(reader.families.contains(u"takt_carrier_padded_seconds_total"_s));
        QCOMPARE(admin::helpOf(Counter::LogDropped), "Log lines dropped: they came too fast, or could not be written."_L1);
    }

    void lateness()
    {
        const Metrics metrics = example();
        const Reader reader(prometheusText(metrics));
        const Family &family = reader.families[u"takt_tx_lateness_seconds"_s];
        QCOMPARE(family.type, u"histogram"_s);
        QCOMPARE(family.samples.size(), 2 * (LatenessHistogram::kOctaves + 2));
        for (int worker = 0; worker < 2; ++worker) {
            const QString number = QString::number(worker);
            double bound = 0;
            double below = 0;
            for (const auto &[labels, count] : family.samples) {
                if (labels[u"worker"_s] != number)
                    continue;
                const QString le = labels[u"le"_s];
                const double next = le == "+Inf"_L1 ? qInf() : le.toDouble();
                QVERIFY(next > bound && count >= below);
                bound = next;
                below = count;
            }
            QVERIFY(qIsInf(bound));
            QCOMPARE(below, 1001);
            QCOMPARE(family.counts[worker].second, 1001);
            QCOMPARE(family.sums[worker].second, double(metrics.workers[std::size_t(worker)].sumNs) / 1e9);
        }
        const auto bucket = [&](const QString &le) {
            return reader.value(u"takt_tx_lateness_seconds"_s, {{u"worker"_s, u"0"_s}, {u"le"_s, le}});
        };
        QCOMPARE(bucket(u"1.6e-05"_s), 17);
        QCOMPARE(bucket(u"0.000128"_s), 129);
        QCOMPARE(bucket(u"4.194304"_s), 1000);
    }

    void statesInAnyWords()
    {
        Metrics metrics;
        metrics.version = u"a \"b\" \\ c\nd"_s;
        metrics.callsByState = {{u"x"_s, 1}, {u"y"_s, 2}, {u"x"_s, 3}};
        const QByteArray text = prometheusText(metrics);
        QVERIFY(text.contains("takt_build_info{version=\"a \\\"b\\\" \\\\ c\\nd\"} 1\n"));
        QCOMPARE(fault(text), QString());
        QCOMPARE(Reader(text).value(u"takt_calls"_s, {{u"state"_s, u"x"_s}}), 4);
    }
};

int main(int argc, char **argv)
{
    if (argc > 1 && qstrcmp(argv[1], "--print") == 0) {
        std::fputs(prometheusText(example()).constData(), stdout);
        return 0;
    }
    QCoreApplication app(argc, argv);
    TestMetrics test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_metrics.moc"
