// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/party.h"

#include "jobs/transcript.h"
#include "shared/phonenumber.h"

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

// What carriers say instead of a number: words, and the words dialled on a telephone's keys (Twilio's From of withheld
// numbers: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE).
bool isWithheld(const QString &number)
{
    static const QStringList s_words{u"anonymous"_s, u"restricted"_s, u"unavailable"_s, u"unknown"_s,
                                     u"blocked"_s,   u"private"_s,    u"withheld"_s,    u"266696687"_s,
                                     u"2562533"_s,   u"8656696"_s,    u"7378742833"_s,  u"86282452253"_s};
    QString user = number.trimmed().toLower();
    if (user.startsWith("sip"_L1))
        user = user.section(u':', 1).section(u'@', 0, 0);
    if (user.startsWith(u'+'))
        user.remove(0, 1);
    return s_words.contains(user);
}

} // namespace

QString partyNumber(const store::Dossier &call)
{
    const QString &number = call.direction == name(Direction::Outbound) ? call.to : call.from;
    return isWithheld(number) ? QString() : normalisedNumber(number.trimmed());
}

QString leadPhone(const store::Dossier &call)
{
    const QString number = partyNumber(call);
    if (!number.isEmpty() || call.callSid.isEmpty())
        return number;
    return u"withheld:"_s % call.callSid;
}

bool isUnanswered(const store::Dossier &call)
{
    static const QStringList s_failures{u"busy"_s, u"no-answer"_s, u"failed"_s, u"canceled"_s};
    if (hasSpeech(transcriptOf(call)))
        return false;
    return s_failures.contains(call.carrierStatus) || call.answeredBy.startsWith("machine"_L1)
           || call.answeredBy == "fax"_L1;
}

} // namespace takt::jobs
