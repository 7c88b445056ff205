// SPDX-License-Identifier: GPL-3.0-or-later
// Which lead status a call speaks for: by the summary's label, by what was said, by nobody's having answered.
#include "jobs/leadstatus.h"
#include "store/leadstore.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt::jobs;

namespace {

const QStringList kEnglish{u"New"_s,       u"Interested"_s, u"Appointment booked"_s,
                           u"Follow-up"_s, u"No answer"_s,  u"Not interested"_s,
                           u"Closed"_s};
const QStringList kHebrew{u"חדש"_s, u"ליד חם"_s, u"נקבעה פגישה"_s, u"לחזור אליו"_s, u"אין מענה"_s, u"לא רלוונטי"_s};

QJsonObject label(const QString &text, QJsonValue confidence = 0.9)
{
    return {{u"summary"_s, u"..."_s}, {u"status_label"_s, text}, {u"status_confidence"_s, confidence}};
}

Transcript said(const QString &text, const QString &speaker = u"caller"_s)
{
    Transcript transcript;
    transcript.segments = {{speaker, 0, 0, text}};
    return transcript;
}

} // namespace

class TestLeadStatus : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void labels_data();
    void labels();
    void labelConfidence();
    void labelBeforeWords();
    void keywords_data();
    void keywords();
    void hebrew_data();
    void hebrew();
    void speakers();
    void confidenceGrows();
    void repetitionIsNoEvidence();
    void severalSegments();
    void names_data();
    void names();
    void classWithoutStatus();
    void nobodyAnswered();
    void nothingToGoBy();
};

void TestLeadStatus::labels_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("status");
    QTest::addColumn<double>("confidence");

    QTest::newRow("exact") << u"Interested"_s << u"Interested"_s << 0.9;
    QTest::newRow("case") << u"INTERESTED"_s << u"Interested"_s << 0.9;
    QTest::newRow("spaces") << u"  no   ANSWER "_s << u"No answer"_s << 0.9;
    QTest::newRow("hyphen") << u"follow up"_s << u"Follow-up"_s << 0.9;
    QTest::newRow("no hyphen") << u"Followup"_s << u"Follow-up"_s << 0.9;
    QTest::newRow("quotes and a stop") << u"\"Closed\"."_s << u"Closed"_s << 0.9;
    QTest::newRow("a part of it") << u"booked"_s << u"Appointment booked"_s << 0.81;
    QTest::newRow("it is a part") << u"Very interested customer"_s << u"Interested"_s << 0.81;
    QTest::newRow("its opposite is none") << u"not interested at all"_s << u"Not interested"_s << 0.81;
    QTest::newRow("the middle of a word") << u"New York"_s << u"New"_s << 0.81;
    QTest::newRow("a part of a word") << u"Renewal"_s << QString() << 0.0;
    QTest::newRow("two at once") << u"new, closed"_s << QString() << 0.0;
    QTest::newRow("another") << u"Whatever"_s << QString() << 0.0;
    QTest::newRow("empty") << QString() << QString() << 0.0;
    QTest::newRow("punctuation") << u"---"_s << QString() << 0.0;
}

void TestLeadStatus::labels()
{
    QFETCH(QString, text);
    QFETCH(QString, status);
    QFETCH(double, confidence);
    const StatusSuggestion suggestion = suggest(kEnglish, label(text), {}, false);
    QCOMPARE(suggestion.status, status);
    QCOMPARE(suggestion.confidence, confidence);
    QCOMPARE(suggestion.source, status.isEmpty() ? QString() : u"label"_s);
}

void TestLeadStatus::labelConfidence()
{
    QCOMPARE(suggest(kEnglish, label(u"Closed"_s, 0.3), {}, false).confidence, 0.3);
    QCOMPARE(suggest(kEnglish, label(u"Closed"_s, 7), {}, false).confidence, 1.0);
    QCOMPARE(suggest(kEnglish, label(u"Closed"_s, -7), {}, false).confidence, 0.0);
    QCOMPARE(suggest(kEnglish, label(u"Closed"_s, QJsonValue()), {}, false).confidence, 0.8);
    QCOMPARE(suggest(kEnglish, {{u"status_label"_s, u"Closed"_s}}, {}, false).confidence, 0.8);
    QCOMPARE(suggest({u"Not interested"_s}, label(u"interested"_s), {}, false).status, QString());
    QCOMPARE(suggest({u"Interested"_s}, label(u"not interested"_s), {}, false).status, QString());
}

// A doubtful label is a doubt; words are no better.
void TestLeadStatus::labelBeforeWords()
{
    const Transcript transcript = said(u"I am interested, sounds good, how much is it?"_s);
    QCOMPARE(suggest(kEnglish, label(u"Closed"_s, 0.1), transcript, false).status, u"Closed"_s);
    QCOMPARE(suggest(kEnglish, label(u"Whatever"_s), transcript, false).status, u"Interested"_s);
    QCOMPARE(suggest(kEnglish, label(QString()), transcript, false).source, u"keywords"_s);
}

void TestLeadStatus::keywords_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("status");

    QTest::newRow("interested") << u"Yes, I'm interested."_s << u"Interested"_s;
    QTest::newRow("not interested") << u"Sorry, I am not interested."_s << u"Not interested"_s;
    QTest::newRow("not really interested") << u"I am not really interested"_s << u"Not interested"_s;
    QTest::newRow("no, but interested") << u"No, I am interested"_s << u"Interested"_s;
    QTest::newRow("a negation of another sentence") << u"I did not call you. Interested, yes."_s << u"Interested"_s;
    QTest::newRow("a negation too far away") << u"I do not know who you are but I am interested"_s << u"Interested"_s;
    QTest::newRow("uninterested") << u"I'm uninterested"_s << QString();
    QTest::newRow("disinterested word part") << u"disinterested"_s << QString();
    QTest::newRow("appointment") << u"Can I have an appointment on Monday?"_s << u"Appointment booked"_s;
    QTest::newRow("no appointment") << u"I don't want an appointment"_s << QString();
    QTest::newRow("an appointment cancelled") << u"I want to cancel my appointment"_s << QString();
    QTest::newRow("call me back") << u"Please call me back at five"_s << u"Follow-up"_s;
    QTest::newRow("not now") << u"Not now please"_s << u"Follow-up"_s;
    QTest::newRow("don't call") << u"Don't call me again!"_s << u"Not interested"_s;
    QTest::newRow("wrong number") << u"You have the wrong number"_s << u"Not interested"_s;
    QTest::newRow("voicemail") << u"Please leave a message after the tone"_s << u"No answer"_s;
    QTest::newRow("a curly apostrophe") << u"I don’t want an appointment"_s << QString();
    QTest::newRow("a tie goes to the first class")
        << u"I'm interested, give me an appointment"_s << u"Appointment booked"_s;
    QTest::newRow("a tie, the other order") << u"Call me back, I am interested"_s << u"Interested"_s;
    QTest::newRow("more hits win") << u"An appointment? How much, what price? Urgent!"_s << u"Interested"_s;
    QTest::newRow("nothing of it") << u"Hello, who is this?"_s << QString();
    QTest::newRow("nothing at all") << QString() << QString();
}

void TestLeadStatus::keywords()
{
    QFETCH(QString, text);
    QFETCH(QString, status);
    const StatusSuggestion suggestion = suggest(kEnglish, {}, said(text), false);
    QCOMPARE(suggestion.status, status);
    QCOMPARE(suggestion.source, status.isEmpty() ? QString() : u"keywords"_s);
}

void TestLeadStatus::hebrew_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("status");

    QTest::newRow("interested") << u"כן, אני מעוניין"_s << u"ליד חם"_s;
    QTest::newRow("and interested") << u"שמעתי ומעוניינת"_s << u"ליד חם"_s;
    QTest::newRow("not interested") << u"אני לא מעוניין"_s << u"לא רלוונטי"_s;
    QTest::newRow("not really interested") << u"אני לא ממש מעוניינת"_s << u"לא רלוונטי"_s;
    QTest::newRow("no, but interested") << u"לא, אני מעוניין"_s << u"ליד חם"_s;
    QTest::newRow("appointment") << u"אפשר לקבוע פגישה?"_s << u"נקבעה פגישה"_s;
    QTest::newRow("call back") << u"תחזרו אליי מחר"_s << u"לחזור אליו"_s;
    QTest::newRow("not now") << u"לא עכשיו"_s << u"לחזור אליו"_s;
    QTest::newRow("how much") << u"כמה זה עולה"_s << u"ליד חם"_s;
    QTest::newRow("voicemail") << u"השאירו הודעה לאחר הצליל"_s << u"אין מענה"_s;
    QTest::newRow("with points") << u"אֲנִי מְעוּנְיָן"_s << QString(); // spelled otherwise
    QTest::newRow("nothing") << u"שלום, מי זה?"_s << QString();
}

void TestLeadStatus::hebrew()
{
    QFETCH(QString, text);
    QFETCH(QString, status);
    QCOMPARE(suggest(kHebrew, {}, said(text), false).status, status);
}

// What an agent offers is not what the caller wants; what it has done counts.
void TestLeadStatus::speakers()
{
    const QString offer = u"Would you be interested in an appointment? How much would you pay?"_s;
    QCOMPARE(suggest(kEnglish, {}, said(offer, u"agent"_s), false).status, QString());
    QCOMPARE(suggest(kEnglish, {}, said(offer, u"mixed"_s), false).status, u"Interested"_s);
    const QString done = u"Very well, you are booked for Monday."_s;
    QCOMPARE(suggest(kEnglish, {}, said(done, u"agent"_s), false).status, u"Appointment booked"_s);
    QCOMPARE(suggest(kEnglish, {}, said(u"Sorry, nothing is booked yet"_s, u"agent"_s), false).status,
             u"Appointment booked"_s); // beyond us
    QCOMPARE(suggest(kEnglish, {}, said(u"You're not booked"_s, u"agent"_s), false).status, QString());
}

void TestLeadStatus::confidenceGrows()
{
    const auto confidence = [](const QString &text) { return suggest(kEnglish, {}, said(text), false).confidence; };
    QCOMPARE(confidence(u"interested"_s), 0.65);
    QVERIFY(confidence(u"interested"_s) >= takt::store::kStatusEnough);
    QCOMPARE(confidence(u"interested. price"_s), 0.75);
    QCOMPARE(confidence(u"interested. price. urgent"_s), 0.85);
    QCOMPARE(confidence(u"interested. price. urgent. quote"_s), 0.9);
    QCOMPARE(confidence(u"interested. price. urgent. quote. sounds good. how much"_s), 0.9);
}

void TestLeadStatus::repetitionIsNoEvidence()
{
    QCOMPARE(suggest(kEnglish, {}, said(u"interested. Interested! interested"_s), false).confidence, 0.65);
}

void TestLeadStatus::severalSegments()
{
    Transcript transcript = said(u"I am interested"_s);
    transcript.segments.append({u"agent"_s, 0, 0, u"Wrong number? Not interested?"_s});
    transcript.segments.append({u"caller"_s, 0, 0, u"What is the price"_s});
    QCOMPARE(suggest(kEnglish, {}, transcript, false).confidence, 0.75);
    // A negation stays in its own segment.
    transcript.segments.insert(0, {u"caller"_s, 0, 0, u"I do not"_s});
    QCOMPARE(suggest(kEnglish, {}, transcript, false).status, u"Interested"_s);
}

// Which of their statuses a class means, however the business names it.
void TestLeadStatus::names_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("statuses");
    QTest::addColumn<QString>("status");

    const QString hot = u"interested"_s;
    const QString no = u"not interested"_s;
    QTest::newRow("hot") << hot << QStringList{u"Cold"_s, u"HOT lead"_s} << u"HOT lead"_s;
    QTest::newRow("qualified") << hot << QStringList{u"Unqualified"_s, u"Qualified"_s} << u"Qualified"_s;
    QTest::newRow("not qualified is none") << hot << QStringList{u"Not qualified"_s} << QString();
    QTest::newRow("not hot is none") << hot << QStringList{u"Not hot"_s} << QString();
    QTest::newRow("the first of several") << hot << QStringList{u"Interested"_s, u"Hot"_s} << u"Interested"_s;
    QTest::newRow("a part of a word is none") << hot << QStringList{u"Hotel guest"_s} << QString();
    QTest::newRow("lost") << no << QStringList{u"Won"_s, u"Lost"_s} << u"Lost"_s;
    QTest::newRow("irrelevant") << no << QStringList{u"Irrelevant"_s} << u"Irrelevant"_s;
    QTest::newRow("interested is not the opposite") << no << QStringList{u"Interested"_s} << QString();
    QTest::newRow("callback") << u"call me back"_s << QStringList{u"Hot"_s, u"Callback"_s} << u"Callback"_s;
    QTest::newRow("meeting") << u"appointment"_s << QStringList{u"Hot"_s, u"Meeting set"_s} << u"Meeting set"_s;
    QTest::newRow("no statuses") << hot << QStringList() << QString();
}

void TestLeadStatus::names()
{
    QFETCH(QString, text);
    QFETCH(QStringList, statuses);
    QFETCH(QString, status);
    QCOMPARE(suggest(statuses, {}, said(text), false).status, status);
}

void TestLeadStatus::classWithoutStatus()
{
    // The strongest class has no status here: a weaker one's would be wrong...
    QCOMPARE(suggest({u"Follow-up"_s}, {}, said(u"Wrong number. Not interested. Call me back? No."_s), false).status,
             QString());
    // ... but who has an appointment is a good lead.
    QCOMPARE(suggest({u"New"_s, u"Hot"_s}, {}, said(u"an appointment please"_s), false).status, u"Hot"_s);
}

void TestLeadStatus::nobodyAnswered()
{
    const StatusSuggestion suggestion = suggest(kEnglish, label(u"Interested"_s), {}, true);
    QCOMPARE(suggestion.status, u"No answer"_s);
    QCOMPARE(suggestion.confidence, 0.9);
    QCOMPARE(suggestion.source, u"call"_s);
    QCOMPARE(suggest(kHebrew, {}, {}, true).status, u"אין מענה"_s);
    QCOMPARE(suggest({u"Missed call"_s}, {}, {}, true).status, u"Missed call"_s);
    QCOMPARE(suggest({u"New"_s, u"Hot"_s}, label(u"Hot"_s), {}, true).status, QString());
}

void TestLeadStatus::nothingToGoBy()
{
    const StatusSuggestion suggestion = suggest(kEnglish, {}, {}, false);
    QCOMPARE(suggestion.status, QString());
    QCOMPARE(suggestion.confidence, 0.0);
    QVERIFY(suggestion.source.isEmpty());
}

QTEST_GUILESS_MAIN(TestLeadStatus)
#include "tst_leadstatus.moc"
