// SPDX-License-Identifier: GPL-3.0-or-later
// Which name of a list was meant. Hebrew is written as escapes only where a mark would not be seen.
#include "jobs/match.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::jobs;

namespace {

const QStringList kCities{u"Tel Aviv-Yafo"_s, u"Haifa"_s,         u"Be'er Sheva"_s, u"Kiryat Ata"_s,
                          u"Kiryat Gat"_s,    u"Herzliya"_s,      u"Lod"_s,         u"São Paulo"_s,
                          u"Łódź"_s,          u"Rishon LeZion"_s, u"Aviv"_s,        u"Petah Tikva"_s};
const QStringList kHebrew{u"תל אביב"_s, u"חיפה"_s,    u"באר שבע"_s, u"הרצליה"_s,
                          u"לוד"_s,     u"מודיעין"_s, u"ירושלים"_s, u"רמת גן"_s};
const QStringList kServices{u"Plumbing repair"_s, u"Drain cleaning"_s, u"Boiler installation"_s, u"AC"_s};

} // namespace

class TestMatch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void plainForm_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("plain");
        QTest::newRow("case") << u"HaIfA"_s << u"haifa"_s;
        QTest::newRow("diacritics") << u"São  Paulo"_s << u"sao paulo"_s;
        QTest::newRow("decomposed already") << u"Sa\u0303o"_s << u"sao"_s;
        QTest::newRow("apostrophes") << u"Be'er Sheva’s"_s << u"beer shevas"_s;
        QTest::newRow("hyphen") << u"Tel-Aviv"_s << u"tel aviv"_s;
        QTest::newRow("punctuation at the ends") << u" (Haifa)! "_s << u"haifa"_s;
        QTest::newRow("niqqud") << u"\u05D7\u05B5\u05D9\u05E4\u05B8\u05D4"_s << u"חיפה"_s;
        QTest::newRow("final letters") << u"ירושלים"_s << u"ירושלימ"_s;
        QTest::newRow("maqaf") << u"תל־אביב"_s << u"תל אביב"_s;
        QTest::newRow("gershayim") << u"ת״א"_s << u"תא"_s;
        QTest::newRow("full width") << u"Ｈａｉｆａ"_s << u"haifa"_s;
        QTest::newRow("direction marks") << u"\u200Fחיפה\u200E"_s << u"חיפה"_s;
        QTest::newRow("beyond the basic plane") << u"\U0001D573aifa"_s << u"haifa"_s;
        QTest::newRow("nothing but signs") << u"?!…"_s << u""_s;
    }
    void plainForm()
    {
        QFETCH(QString, text);
        QTEST(takt::jobs::plainForm(text), "plain");
    }

    void finds_data()
    {
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QString>("said");
        QTest::addColumn<QString>("meant");
        QTest::addColumn<double>("least");
        QTest::addColumn<double>("most");
        const auto row = [](const char *name, const QStringList &names, const QString &said, const QString &meant,
                            double least,
                            double most) { QTest::newRow(name) << names << said << meant << least << most; };
        row("the same", kCities, u"Haifa"_s, u"Haifa"_s, 1, 1);
        row("but for case and signs", kCities, u"tel aviv yafo"_s, u"Tel Aviv-Yafo"_s, 1, 1);
        row("without the apostrophe", kCities, u"Beer Sheva"_s, u"Be'er Sheva"_s, 1, 1);
        row("without diacritics", kCities, u"Sao Paulo"_s, u"São Paulo"_s, 1, 1);
        row("among other words", kCities, u"near Haifa, by the sea"_s, u"Haifa"_s, 0.9, 0.99);
        row("a part of one name", kCities, u"Tel Aviv"_s, u"Aviv"_s, 0.9, 0.99); // a name in it counts before
        row("a part of the name", kCities, u"Rishon"_s, u"Rishon LeZion"_s, 0.85, 0.95);
        row("the longer of two that hold each other", kCities, u"in Tel Aviv Yafo today"_s, u"Tel Aviv-Yafo"_s, 0.9,
            0.99);
        row("misspelt: a letter more", kCities, u"Herzeliya"_s, u"Herzliya"_s, 0.85, 0.99);
        row("misspelt: another letter", kCities, u"Hayfa"_s, u"Haifa"_s, 0.82, 0.95);
        row("misspelt: two swapped", kCities, u"Hezrliya"_s, u"Herzliya"_s, 0.85, 0.99);
        row("misspelt among other words", kCities, u"I live in Hertzliya"_s, u"Herzliya"_s, 0.82, 0.95);
        row("misspelt, two words", kCities, u"Petach Tikvah"_s, u"Petah Tikva"_s, 0.82, 0.95);
        row("short, exact", kCities, u"LOD"_s, u"Lod"_s, 1, 1);
        row("hebrew", kHebrew, u"חיפה"_s, u"חיפה"_s, 1, 1);
        row("hebrew, in", kHebrew, u"בחיפה"_s, u"חיפה"_s, 0.95, 0.99);
        row("hebrew, from", kHebrew, u"מירושלים"_s, u"ירושלים"_s, 0.95, 0.99);
        row("hebrew, to, two words", kHebrew, u"לתל אביב"_s, u"תל אביב"_s, 0.95, 0.99);
        row("hebrew, a name that begins like a preposition", kHebrew, u"מודיעין"_s, u"מודיעין"_s, 1, 1);
        row("hebrew, such a name with one", kHebrew, u"במודיעין"_s, u"מודיעין"_s, 0.95, 0.99);
        row("hebrew, short with one", kHebrew, u"בלוד"_s, u"לוד"_s, 0.95, 0.99);
        row("hebrew, in a sentence", kHebrew, u"אני גר ברמת גן"_s, u"רמת גן"_s, 0.9, 0.99);
        row("hebrew, niqqud", kHebrew, u"\u05D7\u05B5\u05D9\u05E4\u05B8\u05D4"_s, u"חיפה"_s, 1, 1);
        row("hebrew, not final", kHebrew, u"ירושלימ"_s, u"ירושלים"_s, 1, 1);
        row("hebrew, misspelt", kHebrew, u"הרצלייה"_s, u"הרצליה"_s, 0.85, 0.99);
        row("hebrew, misspelt with a preposition", kHebrew, u"בהרצלייה"_s, u"הרצליה"_s, 0.82, 0.99);
        row("a service in a sentence", kServices, u"the drain cleaning, please"_s, u"Drain cleaning"_s, 0.9, 0.99);
        row("a word of a service", kServices, u"boiler"_s, u"Boiler installation"_s, 0.85, 0.95);
        row("a short service", kServices, u"ac"_s, u"AC"_s, 1, 1);
        row("twice in the list", {u"Tel-Aviv"_s, u"tel aviv"_s}, u"Tel Aviv"_s, u"Tel-Aviv"_s, 1, 1);
        row("misspelt, twice in the list", {u"Tel-Avivit"_s, u"tel avivit"_s}, u"Tel Avivitt"_s, u"Tel-Avivit"_s, 0.85,
            1);
    }
    void finds()
    {
        QFETCH(QStringList, names);
        QFETCH(QString, said);
        QFETCH(double, least);
        QFETCH(double, most);
        const auto match = bestMatch(said, names);
        QVERIFY(match.has_value());
        QTEST(match->name, "meant");
        QVERIFY2(match->score >= least && match->score <= most, qPrintable(QString::number(match->score)));
    }

    void findsNone_data()
    {
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QString>("said");
        QTest::newRow("no list") << QStringList() << u"Haifa"_s;
        QTest::newRow("nothing said") << kCities << u""_s;
        QTest::newRow("nothing but signs") << kCities << u"..."_s;
        QTest::newRow("another place") << kCities << u"Copenhagen"_s;
        QTest::newRow("a part of two") << kCities << u"Kiryat"_s;
        QTest::newRow("between two") << kCities << u"Kiryat At"_s;
        QTest::newRow("two were said") << kCities << u"from Haifa to Herzliya"_s;
        QTest::newRow("short, misheard") << kCities << u"Lud"_s;
        QTest::newRow("short, inside of another word") << kCities << u"Lodge"_s;
        QTest::newRow("short, among others") << QStringList{u"Lod"_s} << u"the Lod airport"_s;
        QTest::newRow("a part of a word") << QStringList{u"Haifa"_s} << u"Haifaborough Mansions"_s;
        QTest::newRow("a few letters of a name") << QStringList{u"Tel Aviv"_s} << u"Tel"_s;
        QTest::newRow("hebrew, another place") << kHebrew << u"אשדוד"_s;
        QTest::newRow("hebrew, short, misheard") << kHebrew << u"לול"_s;
        QTest::newRow("empty names") << QStringList{u""_s, u"!"_s} << u"Haifa"_s;
        QTest::newRow("a very long text") << kCities << u"x"_s.repeated(100'000);
    }
    void findsNone()
    {
        QFETCH(QStringList, names);
        QFETCH(QString, said);
        const auto match = bestMatch(said, names);
        QVERIFY2(!match, match ? qPrintable(match->name) : "");
    }

    void similarity()
    {
        using takt::jobs::similarity;
        QCOMPARE(similarity(u"haifa", u"haifa"), 1.0);
        QCOMPARE(similarity(u"", u""), 1.0);
        QCOMPARE(similarity(u"", u"haifa"), 0.0);
        QCOMPARE(similarity(u"abc", u"xyz"), 0.0);
        // By hand: 1 edit of 6; Jaro 17/18, 3 letters ahead: Winkler 0.96111.
        QCOMPARE(similarity(u"martha", u"marhta"), (5.0 / 6 + 0.96111111111111111) / 2);
        QCOMPARE(similarity(u"haifa", u"hayfa"), similarity(u"hayfa", u"haifa"));
        QVERIFY(similarity(u"ca", u"ac") > similarity(u"ca", u"xy")); // a swap is one edit
    }
};

QTEST_APPLESS_MAIN(TestMatch)
#include "tst_match.moc"
