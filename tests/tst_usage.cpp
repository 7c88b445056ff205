// SPDX-License-Identifier: GPL-3.0-or-later
// What a call takes and what it costs: nothing is priced that has no price.
#include "shared/usage.h"

#include <QTest>

using namespace takt;
using namespace Qt::Literals::StringLiterals;

namespace {

Prices dollars()
{
    Prices prices;
    prices.currency = u"USD"_s;
    prices.of[std::size_t(UsageClass::InputText)] = 4;
    prices.of[std::size_t(UsageClass::OutputAudio)] = 64;
    prices.of[std::size_t(UsageClass::TranscribedMs)] = 0.006;
    return prices;
}

} // namespace

class TestUsage : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatItCosts()
    {
        Usage usage;
        usage[UsageClass::InputText] = 1000;
        usage[UsageClass::OutputAudio] = 500;
        usage[UsageClass::TranscribedMs] = 90'000;
        QCOMPARE(costOf(usage, dollars()), (Cost{4000 + 32'000 + 9000, u"USD"_s}));
        QCOMPARE(usage.tokens(), 1500);
        QCOMPARE(costOf({}, dollars()), (Cost{0, u"USD"_s}));
    }

    void whatHasNoPriceIsNotPriced_data()
    {
        QTest::addColumn<int>("what");
        for (int i = 0; i < int(kUsageClasses); ++i) {
            if (dollars().of[std::size_t(i)] < 0)
                QTest::addRow("%s", name(UsageClass(i)).data()) << i;
        }
    }
    void whatHasNoPriceIsNotPriced()
    {
        QFETCH(int, what);
        Usage usage;
        usage[UsageClass::InputText] = 1000;
        usage[UsageClass(what)] = 1;
        QCOMPARE(costOf(usage, dollars()), std::nullopt);
        Prices nothing = dollars();
        nothing.currency.clear();
        usage[UsageClass(what)] = 0;
        QVERIFY(costOf(usage, dollars()).has_value());
        QCOMPARE(costOf(usage, nothing), std::nullopt);
    }

    // A price of nothing is a price.
    void freeOfCharge()
    {
        Prices prices = dollars();
        prices.of[std::size_t(UsageClass::Unclassified)] = 0;
        Usage usage;
        usage[UsageClass::Unclassified] = 5;
        QCOMPARE(costOf(usage, prices), (Cost{0, u"USD"_s}));
    }

    void sumsAndJson()
    {
        Usage usage;
        for (std::size_t i = 0; i < kUsageClasses; ++i)
            usage.amounts[i] = qint64(i) + 1;
        Usage twice = usage;
        twice += usage;
        QCOMPARE(twice[UsageClass::Unclassified], 2 * qint64(kUsageClasses));
        QCOMPARE(usage.toJson().size(), int(kUsageClasses)); // no name twice
        QCOMPARE(Usage::fromJson(usage.toJson()), usage);
        QJsonObject json;
        addCost(json, std::nullopt);
        QCOMPARE(json["cost_micros"_L1].toInt(), -1);
        QCOMPARE(costFrom(json), std::nullopt);
        QCOMPARE(costFrom({}), std::nullopt);
        addCost(json, Cost{7, u"EUR"_s});
        QCOMPARE(costFrom(json), (Cost{7, u"EUR"_s}));
    }
};

QTEST_APPLESS_MAIN(TestUsage)
#include "tst_usage.moc"
