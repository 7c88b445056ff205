// SPDX-License-Identifier: GPL-3.0-or-later
// Every sentence of the console has its Hebrew, every plural its English; and what is replaced in one is in the other.
#include <QFile>
#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>

using namespace Qt::Literals::StringLiterals;

namespace {

struct Message {
    QString source;
    QStringList forms;
    bool unfinished = false;
    bool plural = false;
};

QList<Message> read(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QXmlStreamReader xml(&file);
    QList<Message> all;
    while (!xml.atEnd()) {
        xml.readNext();
        if (!xml.isStartElement())
            continue;
        if (xml.name() == "message"_L1)
            all.append({{}, {}, false, xml.attributes().value("numerus"_L1) == "yes"_L1});
        else if (xml.name() == "source"_L1)
            all.back().source = xml.readElementText();
        else if (xml.name() == "numerusform"_L1)
            all.back().forms << xml.readElementText();
        else if (xml.name() == "translation"_L1) {
            all.back().unfinished = xml.attributes().hasAttribute("type"_L1);
            if (!all.back().plural)
                all.back().forms << xml.readElementText();
        }
    }
    return xml.hasError() ? QList<Message>() : all;
}

QStringList placeholders(const QString &text)
{
    static const QRegularExpression s_place(u"%\\d"_s);
    QStringList found;
    for (auto it = s_place.globalMatch(text); it.hasNext();)
        found << it.next().captured();
    found.sort();
    return found;
}

} // namespace

class TestTranslations : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void complete_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("Hebrew") << u"takt_he.ts"_s;
        QTest::newRow("English plurals") << u"takt_en.ts"_s;
    }
    void complete()
    {
        QFETCH(QString, file);
        const QList<Message> messages = read(QStringLiteral(TAKT_TRANSLATIONS "/") + file);
        QVERIFY(messages.size() >= 10);
        for (const Message &message : messages) {
            QVERIFY2(!message.unfinished, qPrintable(message.source));
            QVERIFY2(!message.forms.isEmpty(), qPrintable(message.source));
            for (const QString &form : message.forms) {
                QVERIFY2(!form.isEmpty(), qPrintable(message.source));
                QCOMPARE(placeholders(form), placeholders(message.source));
            }
            if (message.plural)
                QVERIFY2(message.forms.back().contains("%n"_L1), qPrintable(message.source));
        }
    }
};

QTEST_GUILESS_MAIN(TestTranslations)
#include "tst_translations.moc"
