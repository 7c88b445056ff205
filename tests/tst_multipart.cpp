// SPDX-License-Identifier: GPL-3.0-or-later
// The form around a file, read by a parser that knows nothing of the writer: the simulator's.
#include "jobs/multipart.h"

#include "sim/ai/multipart.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::jobs;

class TestMultipart : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isReadBack()
    {
        QByteArray content("RIFF\r\n--not-a-boundary\r\n\0\xff", 26);
        const FormFields fields{
            {"model", "whisper-1"}, {"prompt", "שלום\r\nworld"}, {"a[]", "1"}, {"a[]", "2"}, {"empty", ""}};
        const Multipart form = multipart(fields, {"file", u"caller.wav"_s, "audio/wav"}, content);
        const QByteArray body = form.around(content);
        QCOMPARE(body.size(), form.head.size() + content.size() + form.tail.size());

        const auto read = takt::sim::Multipart::parse(form.contentType.toStdString(),
                                                      {body.constData(), size_t(body.size())});
        QVERIFY(read.has_value());
        QCOMPARE(read->parts.size(), size_t(6));
        QCOMPARE(read->value("model"), std::string("whisper-1"));
        QCOMPARE(read->value("prompt"), std::string("שלום\r\nworld"));
        QCOMPARE(read->values("a[]"), (std::vector<std::string>{"1", "2"}));
        QVERIFY(read->find("empty") != nullptr);
        const takt::sim::FormPart *file = read->find("file");
        QVERIFY(file != nullptr);
        QCOMPARE(file->filename, std::string("caller.wav"));
        QCOMPARE(file->contentType, std::string("audio/wav"));
        QCOMPARE(QByteArray(file->data.data(), qsizetype(file->data.size())), content);
        QCOMPARE(file, &read->parts.back()); // what the file is for stands before it
    }

    void bytesOnTheWire()
    {
        const Multipart form = multipart({{"model", "m"}}, {"file", u"a.wav"_s, "audio/wav"}, {}, [] { return "B"; });
        QCOMPARE(form.contentType, QByteArray("multipart/form-data; boundary=B"));
        QCOMPARE(form.head, QByteArray("--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
                                       "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
                                       "Content-Type: audio/wav\r\n\r\n"));
        QCOMPARE(form.tail, QByteArray("\r\n--B--\r\n"));
    }

    void theBoundaryIsNotInTheContent()
    {
        QList<QByteArray> boundaries{"in-file", "in-field", "free"};
        const Multipart form = multipart({{"x", "an in-field here"}}, {"file", u"a"_s, "audio/wav"}, "an in-file there",
                                         [&] { return boundaries.takeFirst(); });
        QCOMPARE(form.contentType, QByteArray("multipart/form-data; boundary=free"));
        QVERIFY(form.head.contains("--free\r\n"));
    }
    void boundariesAreRandom()
    {
        const QByteArray first = randomBoundary();
        QVERIFY(first.size() >= 32 && first.size() <= 70); // RFC 2046: at most 70
        QVERIFY(first != randomBoundary());
    }

    void namesCannotBreakOut_data()
    {
        QTest::addColumn<QString>("fileName");
        QTest::addColumn<QByteArray>("written");
        QTest::newRow("quote") << u"a\"; name=\"model"_s << QByteArray("filename=\"a%22; name=%22model\"");
        QTest::newRow("lines") << u"a\r\nX-Evil: 1"_s << QByteArray("filename=\"a%0D%0AX-Evil: 1\"");
        QTest::newRow("hebrew") << u"שיחה.wav"_s << QByteArray("filename=\"שיחה.wav\"");
        QTest::newRow("null") << u"a"_s + QChar(u'\0') + u"b"_s << QByteArray("filename=\"ab\"");
    }
    void namesCannotBreakOut()
    {
        QFETCH(QString, fileName);
        QFETCH(QByteArray, written);
        const Multipart form = multipart({}, {"file", fileName, "audio/wav\r\nX-Evil: 2"}, {});
        QVERIFY2(form.head.contains(QByteArray(written + "\r\n")), form.head.constData());
        QVERIFY(!form.head.contains("\r\nX-Evil"));
        QCOMPARE(form.head.count("\r\n"), 4);
    }
};

QTEST_APPLESS_MAIN(TestMultipart)
#include "tst_multipart.moc"
