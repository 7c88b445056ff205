// SPDX-License-Identifier: GPL-3.0-or-later
// Against Qt's own base64, which is slower and right: every length, every character in every place.
#include "media/base64.h"

#include <QRandomGenerator>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using takt::media::fromBase64;
using takt::media::toBase64;

class TestBase64 : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyLength()
    {
        QRandomGenerator random(1);
        for (int length = 0; length < 400; ++length) {
            QByteArray bytes;
            for (int i = 0; i < length; ++i)
                bytes += char(random.bounded(256));
            const QByteArray text = toBase64(bytes);
            QCOMPARE(text, bytes.toBase64());
            QCOMPARE(fromBase64(text), std::optional(bytes));
            const QByteArray unpadded = bytes.toBase64(QByteArray::OmitTrailingEquals);
            QCOMPARE(fromBase64(unpadded), std::optional(bytes));
        }
    }

    // One wrong character spoils it, in the middle and at both ends; where Qt reads it, so do we, and alike.
    void everyCharacterInEveryPlace()
    {
        const QByteArray good = "QUJDREVGR0hJSktM"; // without padding
        for (qsizetype place = 0; place < good.size(); ++place) {
            for (int c = 0; c < 256; ++c) {
                QByteArray text = good;
                text[place] = char(c);
                const auto expected = QByteArray::fromBase64Encoding(text, QByteArray::AbortOnBase64DecodingErrors);
                const auto got = fromBase64(text);
                QVERIFY2(got.has_value() == bool(expected), qPrintable(u"character %1 at %2"_s.arg(c).arg(place)));
                if (got)
                    QCOMPARE(*got, expected.decoded);
            }
        }
    }

    void oddEnds()
    {
        QCOMPARE(fromBase64(""), std::optional(QByteArray()));
        QVERIFY(!fromBase64("QUJDR"));  // a lone last character
        QVERIFY(!fromBase64("QUJD\n")); // OpenSSL alone would skip it
        QVERIFY(!fromBase64("QUJDREVG\n\n\n\n"));
        QVERIFY(!fromBase64(" QUJDRA=="));
        QVERIFY(!fromBase64("QQ==QQ==")); // OpenSSL alone would take the padding for zeros
        QVERIFY(!fromBase64("Q-JD"));     // of the other alphabet
    }
};

QTEST_APPLESS_MAIN(TestBase64)
#include "tst_base64.moc"
