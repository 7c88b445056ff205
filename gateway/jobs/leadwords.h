// SPDX-License-Identifier: GPL-3.0-or-later
// The words by which leadstatus.cpp knows how a call went, in English and Hebrew. Only for that file.
#pragma once

#include <QLatin1StringView>
#include <QString>

#include <array>
#include <vector>

namespace takt::jobs {

// The first wins a tie.
enum class LeadClass { Appointment, Hot, FollowUp, NotRelevant, NoAnswer };
inline constexpr std::array kLeadClasses{LeadClass::Appointment, LeadClass::Hot, LeadClass::FollowUp,
                                         LeadClass::NotRelevant, LeadClass::NoAnswer};

struct LeadWords {
    LeadClass kind;
    std::vector<const char16_t *> phrases;
};

// What callers say.
inline const std::vector<LeadWords> kSaidByCallers{
    {LeadClass::Appointment,
     {u"appointment", u"booking", u"book", u"booked", u"schedule", u"scheduled", u"meeting", u"see you on",
      u"see you at", u"see you tomorrow", u"פגישה", u"תור", u"לקבוע", u"נקבע", u"קבענו", u"נתראה"}},
    {LeadClass::Hot, {u"interested",  u"how much",
                      u"price",       u"quote",
                      u"urgent",      u"as soon as possible",
                      u"sounds good", u"lets do it",
                      u"sign me up",  u"when can you come",
                      u"מעוניין",     u"מעוניינת",
                      u"מעוניינים",   u"מתעניין",
                      u"מתעניינת",    u"כמה זה עולה",
                      u"כמה עולה",    u"מחיר",
                      u"דחוף",        u"נשמע טוב",
                      u"בואו נתקדם",  u"מתי אפשר להגיע"}},
    {LeadClass::FollowUp,
     {u"call me back",
      u"call back",
      u"callback",
      u"call me later",
      u"call me tomorrow",
      u"call me next week",
      u"call again",
      u"call me again",
      u"get back to you",
      u"get back to me",
      u"think about it",
      u"another time",
      u"next week",
      u"not now",
      u"not a good time",
      u"bad time",
      u"busy right now",
      u"send me more information",
      u"תחזרו אליי",
      u"תחזור אליי",
      u"תחזרי אליי",
      u"תתקשרו",
      u"תתקשר",
      u"אחשוב על זה",
      u"לחשוב על זה",
      u"בשבוע הבא",
      u"לא עכשיו",
      u"אחר כך",
      u"מאוחר יותר",
      u"אחזור אליכם",
      u"פעם אחרת"}},
    {LeadClass::NotRelevant, {u"not interested", u"no interest", u"not relevant",     u"irrelevant",   u"wrong number",
                              u"remove me",      u"dont call",   u"do not call",      u"stop calling", u"no thanks",
                              u"no thank you",   u"not for me",  u"already have one", u"לא מעוניין",   u"לא מעוניינת",
                              u"לא רלוונטי",     u"לא רלוונטית", u"טעות במספר",       u"אל תתקשרו",    u"אל תתקשר",
                              u"תסירו אותי",     u"לא תודה",     u"לא צריך",          u"לא צריכה",     u"לא מתאים"}},
    {LeadClass::NoAnswer,
     {u"leave a message", u"leave your message", u"after the tone", u"after the beep", u"voicemail", u"voice mail",
      u"mailbox", u"cant take your call", u"cannot take your call", u"unable to take your call", u"השאירו הודעה",
      u"להשאיר הודעה", u"לאחר הצליל", u"לאחר הישמע", u"תא קולי", u"אינו זמין"}},
};

// What an agent says only once it is done; what it merely offers is no sign of anything.
inline const std::vector<LeadWords> kSaidByAgents{
    {LeadClass::Appointment,
     {u"you are booked", u"youre booked", u"is booked", u"have booked", u"ive booked", u"is scheduled",
      u"have scheduled", u"ive scheduled", u"is confirmed", u"see you on", u"see you tomorrow", u"נקבעה לך", u"נקבע לך",
      u"קבעתי לך", u"הפגישה נקבעה", u"התור נקבע", u"נתראה ב"}},
};

// How businesses name their statuses; what means the opposite of another's words comes first.
inline const std::vector<LeadWords> kStatusNames{
    {LeadClass::NotRelevant, {u"not relevant", u"irrelevant",    u"not interested", u"uninterested", u"lost",
                              u"unqualified",  u"not qualified", u"disqualified",   u"rejected",     u"do not call",
                              u"wrong number", u"spam",          u"לא רלוונטי",     u"לא רלוונטית",  u"לא מעוניין",
                              u"לא מעוניינת",  u"לא מעוניינים",  u"אבוד",           u"לא מתאים",     u"טעות במספר"}},
    {LeadClass::NoAnswer,
     {u"no answer", u"not answered", u"did not answer", u"didnt answer", u"unanswered", u"unreachable", u"not reached",
      u"missed", u"missed call", u"no response", u"voicemail", u"אין מענה", u"ללא מענה", u"לא ענה", u"לא ענתה",
      u"לא נענה", u"לא עונה", u"תא קולי"}},
    {LeadClass::Appointment,
     {u"appointment", u"appointments", u"booked", u"scheduled", u"meeting", u"meeting set", u"פגישה", u"נקבעה פגישה",
      u"נקבע תור", u"תור", u"נקבע", u"נקבעה"}},
    {LeadClass::Hot,
     {u"hot", u"interested", u"qualified", u"very interested", u"hot lead", u"חם", u"חמה", u"ליד חם", u"מעוניין",
      u"מעוניינת", u"מעוניינים", u"מתעניין", u"מתעניינת"}},
    {LeadClass::FollowUp,
     {u"follow up", u"followup", u"callback", u"call back", u"call again", u"call later", u"contact later", u"לחזור",
      u"לחזור אליו", u"חזרה", u"מעקב", u"פולואפ", u"פולו אפ", u"שיחה חוזרת"}},
};

// Turn what follows into its opposite: anywhere among the three words before it...
inline const std::vector<const char16_t *> kNegations{
    u"not",  u"never",  u"dont", u"doesnt",  u"didnt",   u"isnt",   u"arent",     u"wasnt",
    u"cant", u"cannot", u"wont", u"wouldnt", u"without", u"cancel", u"cancelled", u"canceled",
    u"לא",   u"אין",    u"בלי",  u"לבטל",    u"ביטול",   u"אל"};
// ... or only right before it: "no, yes, I am interested".
inline const std::vector<const char16_t *> kNegationsBeside{u"no", u"non", u"un", u"ללא"};

} // namespace takt::jobs
