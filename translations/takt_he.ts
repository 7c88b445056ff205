<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="he" sourcelanguage="en">
<context>
    <name>Csv</name>
    <message>
        <source>Export</source>
        <translation>ייצוא</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>טבלאות (*.csv)</translation>
    </message>
    <message>
        <source>The file was not written: %1</source>
        <translation>הקובץ לא נכתב: %1</translation>
    </message>
</context>
<context>
    <name>Judge</name>
    <message>
        <source>Words are lost</source>
        <translation>מילים אובדות</translation>
    </message>
    <message numerus="yes">
        <source>%n frame(s) were dropped within the last minute.</source>
        <translation>
            <numerusform>מסגרת שמע אחת נזרקה בדקה האחרונה.</numerusform>
            <numerusform>%n מסגרות שמע נזרקו בדקה האחרונה.</numerusform>
        </translation>
    </message>
    <message>
        <source>The beat stalls</source>
        <translation>הקצב נעצר</translation>
    </message>
    <message numerus="yes">
        <source>Callers waited for words that were ready, %n time(s) within the last minute.</source>
        <translation>
            <numerusform>מתקשרים חיכו למילים שכבר היו מוכנות, פעם אחת בדקה האחרונה.</numerusform>
            <numerusform>מתקשרים חיכו למילים שכבר היו מוכנות, %n פעמים בדקה האחרונה.</numerusform>
        </translation>
    </message>
    <message>
        <source>The beat is late</source>
        <translation>הקצב מאחר</translation>
    </message>
    <message>
        <source>One frame in a hundred is late by %1 or more.</source>
        <translation>מסגרת אחת מכל מאה מאחרת ב־%1 או יותר.</translation>
    </message>
    <message>
        <source>The beat stumbles</source>
        <translation>הקצב מועד</translation>
    </message>
    <message numerus="yes">
        <source>%n slot(s) came too late within the last ten seconds.</source>
        <translation>
            <numerusform>משבצת אחת הגיעה מאוחר מדי בעשר השניות האחרונות.</numerusform>
            <numerusform>%n משבצות הגיעו מאוחר מדי בעשר השניות האחרונות.</numerusform>
        </translation>
    </message>
    <message>
        <source>The beat is uneven</source>
        <translation>הקצב אינו אחיד</translation>
    </message>
    <message>
        <source>One frame in a hundred is late by %1 or more; nobody hears that yet.</source>
        <translation>מסגרת אחת מכל מאה מאחרת ב־%1 או יותר; עדיין לא שומעים זאת.</translation>
    </message>
    <message>
        <source>On the beat</source>
        <translation>בקצב</translation>
    </message>
    <message>
        <source>Calls are ended in %1.</source>
        <translation>השיחות ינותקו בעוד %1.</translation>
    </message>
    <message>
        <source>Draining</source>
        <translation>מתרוקן</translation>
    </message>
    <message numerus="yes">
        <source>No new calls; %n call(s) go on.</source>
        <translation>
            <numerusform>אין שיחות חדשות; שיחה אחת נמשכת.</numerusform>
            <numerusform>אין שיחות חדשות; %n שיחות נמשכות.</numerusform>
        </translation>
    </message>
    <message>
        <source>No new calls</source>
        <translation>אין שיחות חדשות</translation>
    </message>
    <message>
        <source>No calls now.</source>
        <translation>אין שיחות כעת.</translation>
    </message>
    <message numerus="yes">
        <source>%n call(s); no frame of the last minute was later than %1.</source>
        <translation>
            <numerusform>שיחה אחת; אף מסגרת בדקה האחרונה לא איחרה ביותר מ־%1.</numerusform>
            <numerusform>%n שיחות; אף מסגרת בדקה האחרונה לא איחרה ביותר מ־%1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>Connected</source>
        <comment>state of a call: the carrier is there, its audio not yet</comment>
        <translation>מחוברת</translation>
    </message>
    <message>
        <source>Waiting</source>
        <comment>state of a call: the model is not there yet</comment>
        <translation>ממתינה</translation>
    </message>
    <message>
        <source>Greeting</source>
        <comment>state of a call</comment>
        <translation>ברכה</translation>
    </message>
    <message>
        <source>Talking</source>
        <comment>state of a call</comment>
        <translation>בשיחה</translation>
    </message>
    <message>
        <source>Listening</source>
        <comment>state of a call: the caller has interrupted the agent</comment>
        <translation>מקשיבה</translation>
    </message>
    <message>
        <source>Ending</source>
        <comment>state of a call: what the agent had said is played to its end</comment>
        <translation>מסתיימת</translation>
    </message>
    <message>
        <source>Ended</source>
        <comment>state of a call</comment>
        <translation>הסתיימה</translation>
    </message>
    <message>
        <source>In</source>
        <comment>direction of a call: somebody called us</comment>
        <translation>נכנסת</translation>
    </message>
    <message>
        <source>Out</source>
        <comment>direction of a call: we called somebody</comment>
        <translation>יוצאת</translation>
    </message>
    <message>
        <source>Caller</source>
        <translation>מתקשר</translation>
    </message>
    <message>
        <source>Agent</source>
        <translation>נציג</translation>
    </message>
    <message>
        <source>The caller hung up</source>
        <translation>המתקשר ניתק</translation>
    </message>
    <message>
        <source>The carrier&apos;s stream broke off</source>
        <translation>הזרם של ספק הטלפון נקטע</translation>
    </message>
    <message>
        <source>The carrier stopped listening</source>
        <translation>ספק הטלפון הפסיק להקשיב</translation>
    </message>
    <message>
        <source>The carrier broke the protocol</source>
        <translation>ספק הטלפון הפר את הפרוטוקול</translation>
    </message>
    <message>
        <source>The carrier reported the end</source>
        <translation>ספק הטלפון דיווח על הסיום</translation>
    </message>
    <message>
        <source>A newer stream took over</source>
        <translation>זרם חדש יותר תפס את מקומו</translation>
    </message>
    <message>
        <source>The model could not be reached</source>
        <translation>לא ניתן היה להגיע למודל</translation>
    </message>
    <message>
        <source>The model failed</source>
        <translation>המודל נכשל</translation>
    </message>
    <message>
        <source>The agent said goodbye</source>
        <translation>הנציג נפרד לשלום</translation>
    </message>
    <message>
        <source>Passed on to a person</source>
        <translation>הועברה לאדם</translation>
    </message>
    <message>
        <source>An operator hung up</source>
        <translation>מפעיל ניתק</translation>
    </message>
    <message>
        <source>The gateway was stopped</source>
        <translation>השער הופסק</translation>
    </message>
    <message>
        <source>The gateway died</source>
        <translation>השער קרס</translation>
    </message>
    <message>
        <source>The carrier fell silent</source>
        <translation>ספק הטלפון השתתק</translation>
    </message>
    <message>
        <source>The call begins</source>
        <translation>השיחה מתחילה</translation>
    </message>
    <message>
        <source>The model is ready</source>
        <translation>המודל מוכן</translation>
    </message>
    <message>
        <source>The agent speaks</source>
        <translation>הנציג מדבר</translation>
    </message>
    <message>
        <source>The agent answers after %1</source>
        <comment>%1 is a time, such as 450 ms</comment>
        <translation>הנציג עונה אחרי %1</translation>
    </message>
    <message>
        <source>The caller speaks</source>
        <translation>המתקשר מדבר</translation>
    </message>
    <message>
        <source>The caller interrupts</source>
        <translation>המתקשר קוטע</translation>
    </message>
    <message>
        <source>The beat stalls</source>
        <translation>הקצב נעצר</translation>
    </message>
    <message>
        <source>The agent uses %1</source>
        <comment>%1 is the name of a tool</comment>
        <translation>הנציג משתמש ב־%1</translation>
    </message>
    <message numerus="yes">
        <source>The caller presses %n key(s)</source>
        <translation>
            <numerusform>המתקשר לוחץ על מקש אחד</numerusform>
            <numerusform>המתקשר לוחץ על %n מקשים</numerusform>
        </translation>
    </message>
    <message>
        <source>The model is lost</source>
        <translation>המודל אבד</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>הקלטה</translation>
    </message>
    <message>
        <source>Conversion</source>
        <translation>המרה</translation>
    </message>
    <message>
        <source>Transcript</source>
        <translation>תמלול</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>סיכום</translation>
    </message>
    <message>
        <source>Facts</source>
        <translation>עובדות</translation>
    </message>
    <message>
        <source>Lead</source>
        <translation>ליד</translation>
    </message>
    <message>
        <source>Delivery</source>
        <translation>מסירה</translation>
    </message>
    <message>
        <source>Pending</source>
        <translation>תלויה</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>מוכנה</translation>
    </message>
    <message>
        <source>Scheduled</source>
        <translation>מתוזמנת</translation>
    </message>
    <message>
        <source>Will retry</source>
        <translation>תנסה שוב</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>פועלת</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>הושלמה</translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation>דולגה</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>נכשלה</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>בוטלה</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>בעיצומה</translation>
    </message>
    <message>
        <source>Failed, to be tried again</source>
        <translation>נכשלה, יהיה ניסיון נוסף</translation>
    </message>
    <message>
        <source>Not ready yet</source>
        <translation>עדיין לא מוכן</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>הופסקה</translation>
    </message>
    <message>
        <source>Its worker died</source>
        <translation>העובד שלה קרס</translation>
    </message>
    <message>
        <source>the call is not over</source>
        <translation>השיחה טרם הסתיימה</translation>
    </message>
    <message>
        <source>the beat is late</source>
        <translation>הקצב מאחר</translation>
    </message>
    <message>
        <source>calls are starting</source>
        <translation>שיחות מתחילות</translation>
    </message>
    <message>
        <source>quiet mode: calls go on</source>
        <translation>מצב שקט: שיחות נמשכות</translation>
    </message>
    <message>
        <source>other machines do the work</source>
        <translation>מכונות אחרות עושות את העבודה</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>מושהית</translation>
    </message>
    <message>
        <source>the gateway is ending</source>
        <translation>השער נסגר</translation>
    </message>
    <message>
        <source>waits for: %1</source>
        <comment>%1 is a stage of the work, such as Transcript</comment>
        <translation>מחכה ל: %1</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <comment>milliseconds</comment>
        <translation>%1 מ״ש</translation>
    </message>
    <message>
        <source>%1 s</source>
        <comment>seconds</comment>
        <translation>%1 שנ׳</translation>
    </message>
    <message>
        <source>%1 min</source>
        <comment>minutes</comment>
        <translation>%1 דק׳</translation>
    </message>
    <message>
        <source>%1 h</source>
        <comment>hours</comment>
        <translation>%1 שע׳</translation>
    </message>
    <message>
        <source>%1 d</source>
        <comment>days</comment>
        <translation>%1 ימים</translation>
    </message>
    <message>
        <source>Number withheld</source>
        <translation>מספר חסוי</translation>
    </message>
    <message>
        <source>The host was late</source>
        <translation>המחשב איחר</translation>
    </message>
    <message>
        <source>The carrier took nothing</source>
        <translation>הספק לא קלט דבר</translation>
    </message>
    <message>
        <source>The model sent too little</source>
        <translation>המודל שלח מעט מדי</translation>
    </message>
    <message>
        <source>Stall</source>
        <translation>עצירה</translation>
    </message>
    <message>
        <source>Asked for</source>
        <comment>reason of a flight record: an operator wanted it</comment>
        <translation>לפי בקשה</translation>
    </message>
    <message>
        <source>The gateway crashed</source>
        <translation>השער קרס</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>מסגרת</translation>
    </message>
    <message>
        <source>Frame of silence</source>
        <translation>מסגרת שקט</translation>
    </message>
    <message>
        <source>Nothing to send</source>
        <translation>אין מה לשלוח</translation>
    </message>
    <message>
        <source>Socket full</source>
        <translation>השקע מלא</translation>
    </message>
    <message>
        <source>Sentence sent</source>
        <translation>המשפט נשלח</translation>
    </message>
    <message>
        <source>Cleared</source>
        <translation>נוקה</translation>
    </message>
    <message>
        <source>Frames dropped</source>
        <translation>מסגרות שנזרקו</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>סימן</translation>
    </message>
    <message>
        <source>Mark heard</source>
        <translation>הסימן הושמע</translation>
    </message>
    <message>
        <source>Caller&apos;s audio</source>
        <translation>שמע מהמתקשר</translation>
    </message>
    <message>
        <source>Caller&apos;s audio, late</source>
        <translation>שמע מהמתקשר, באיחור</translation>
    </message>
    <message>
        <source>Stream closed</source>
        <translation>הזרם נסגר</translation>
    </message>
    <message>
        <source>Model ready</source>
        <translation>המודל מוכן</translation>
    </message>
    <message>
        <source>Model lost</source>
        <translation>המודל אבד</translation>
    </message>
    <message>
        <source>Answer begins</source>
        <translation>התשובה מתחילה</translation>
    </message>
    <message>
        <source>Answer done</source>
        <translation>התשובה הסתיימה</translation>
    </message>
    <message>
        <source>Model&apos;s audio</source>
        <translation>שמע מהמודל</translation>
    </message>
    <message>
        <source>Model&apos;s audio, too late</source>
        <translation>שמע מהמודל, מאוחר מדי</translation>
    </message>
    <message>
        <source>Model done</source>
        <translation>המודל סיים</translation>
    </message>
    <message>
        <source>Caller speaks</source>
        <translation>המתקשר מדבר</translation>
    </message>
    <message>
        <source>Caller stops</source>
        <translation>המתקשר הפסיק</translation>
    </message>
    <message>
        <source>Interruption</source>
        <translation>קטיעה</translation>
    </message>
    <message>
        <source>Key pressed</source>
        <translation>נלחץ מקש</translation>
    </message>
    <message>
        <source>Tool</source>
        <translation>כלי</translation>
    </message>
    <message>
        <source>Stall over</source>
        <translation>העצירה נגמרה</translation>
    </message>
    <message>
        <source>A second</source>
        <translation>שנייה</translation>
    </message>
    <message>
        <source>An operator has the agent say: %1</source>
        <comment>%1 is a sentence</comment>
        <translation>מפעיל מבקש מהנציג לומר: %1</translation>
    </message>
    <message>
        <source>The agent could not say: %1</source>
        <comment>%1 is a sentence</comment>
        <translation>הנציג לא הצליח לומר: %1</translation>
    </message>
    <message>
        <source>An operator mutes the agent</source>
        <translation>מפעיל משתיק את הנציג</translation>
    </message>
    <message>
        <source>An operator lets the agent speak again</source>
        <translation>מפעיל מחזיר לנציג את רשות הדיבור</translation>
    </message>
    <message>
        <source>An operator transfers the call to %1</source>
        <comment>%1 is a telephone number</comment>
        <translation>מפעיל מעביר את השיחה אל %1</translation>
    </message>
    <message>
        <source>The transfer failed: %1</source>
        <comment>%1 is the reason, in English</comment>
        <translation>ההעברה נכשלה: %1</translation>
    </message>
    <message>
        <source>%1 tok.</source>
        <comment>tokens, units in which the model&apos;s work is counted</comment>
        <translation>%1 אס׳</translation>
    </message>
</context>
<context>
    <name>takt::console::CallOrders</name>
    <message>
        <source>Transfer…</source>
        <translation>העברה…</translation>
    </message>
    <message>
        <source>Say…</source>
        <comment>an order to the agent: to speak a sentence</comment>
        <translation>לומר…</translation>
    </message>
    <message>
        <source>Takes the caller from the agent and connects them with somebody else</source>
        <translation>לוקח את המתקשר מהנציג ומחבר אותו למישהו אחר</translation>
    </message>
    <message>
        <source>The agent says a sentence of yours now</source>
        <translation>הנציג אומר עכשיו משפט שלכם</translation>
    </message>
    <message>
        <source>The agent may speak again.</source>
        <translation>הנציג רשאי לדבר שוב.</translation>
    </message>
    <message>
        <source>The agent is muted, and goes on listening.</source>
        <translation>הנציג מושתק וממשיך להקשיב.</translation>
    </message>
    <message>
        <source>Unmute</source>
        <comment>an order: the caller hears the agent again</comment>
        <translation>ביטול השתקה</translation>
    </message>
    <message>
        <source>Mute</source>
        <comment>an order: the caller hears nothing of the agent</comment>
        <translation>השתקה</translation>
    </message>
    <message>
        <source>The caller hears the agent again</source>
        <translation>המתקשר שוב שומע את הנציג</translation>
    </message>
    <message>
        <source>The caller hears nothing of the agent, which goes on listening</source>
        <translation>המתקשר אינו שומע את הנציג, שממשיך להקשיב</translation>
    </message>
    <message>
        <source>Transfer the call</source>
        <translation>העברת השיחה</translation>
    </message>
    <message>
        <source>The caller leaves the agent for good. If nobody answers there, they hear what the business says when no agent is free.</source>
        <translation>המתקשר עוזב את הנציג לתמיד. אם איש לא יענה שם, הוא ישמע את מה שהעסק משמיע כשאין נציג פנוי.</translation>
    </message>
    <message>
        <source>Number or SIP address</source>
        <comment>where a call is transferred to</comment>
        <translation>מספר או כתובת SIP</translation>
    </message>
    <message>
        <source>Transfer</source>
        <comment>button: does it</comment>
        <translation>העברה</translation>
    </message>
    <message>
        <source>A number begins with + and the country: %1. Or an address: %2.</source>
        <translation>מספר מתחיל ב־+ ובקידומת המדינה: %1. או כתובת: %2.</translation>
    </message>
    <message>
        <source>Transferring…</source>
        <translation>מעביר…</translation>
    </message>
    <message>
        <source>The carrier is calling %1.</source>
        <comment>%1 is a telephone number</comment>
        <translation>ספק הטלפון מתקשר אל %1.</translation>
    </message>
    <message>
        <source>Have the agent say something</source>
        <translation>לבקש מהנציג לומר משהו</translation>
    </message>
    <message>
        <source>The agent says it as soon as the caller lets it, in the place of its own words.</source>
        <translation>הנציג יאמר זאת ברגע שהמתקשר יאפשר לו, במקום דבריו שלו.</translation>
    </message>
    <message>
        <source>What the agent shall say</source>
        <translation>מה הנציג יאמר</translation>
    </message>
    <message>
        <source>Say it</source>
        <comment>button: the agent speaks the sentence</comment>
        <translation>לומר</translation>
    </message>
    <message numerus="yes">
        <source>Too long by %n character(s).</source>
        <translation>
            <numerusform>ארוך מדי בתו אחד.</numerusform>
            <numerusform>ארוך מדי ב־%n תווים.</numerusform>
        </translation>
    </message>
    <message>
        <source>The agent says: %1</source>
        <comment>%1 is a sentence</comment>
        <translation>הנציג אומר: %1</translation>
    </message>
</context>
<context>
    <name>takt::console::CallPane</name>
    <message>
        <source>Hang up</source>
        <translation>ניתוק</translation>
    </message>
    <message>
        <source>Hang up now?</source>
        <translation>לנתק עכשיו?</translation>
    </message>
    <message>
        <source>Copy IDs</source>
        <translation>העתקת מזהים</translation>
    </message>
    <message>
        <source>Copies the call&apos;s and the stream&apos;s names, as the carrier knows them</source>
        <translation>מעתיק את שמות השיחה והזרם כפי שספק הטלפון מכיר אותם</translation>
    </message>
    <message>
        <source>Time</source>
        <comment>tile: duration of the call</comment>
        <translation>זמן</translation>
    </message>
    <message>
        <source>Last answer</source>
        <comment>tile: latency of the model</comment>
        <translation>תשובה אחרונה</translation>
    </message>
    <message>
        <source>Interruptions</source>
        <translation>קטיעות</translation>
    </message>
    <message>
        <source>Backlog</source>
        <translation>ממתין לשידור</translation>
    </message>
    <message>
        <source>Worst lateness</source>
        <translation>האיחור הגדול ביותר</translation>
    </message>
    <message>
        <source>Stalls</source>
        <translation>עצירות</translation>
    </message>
    <message>
        <source>%1/s</source>
        <comment>frames a second</comment>
        <translation>%1 לשנ׳</translation>
    </message>
    <message>
        <source>Frames sent to the caller each second: fifty while the agent speaks, none while it listens</source>
        <translation>מסגרות שנשלחו למתקשר בכל שנייה: חמישים כשהנציג מדבר, אפס כשהוא מקשיב</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>שיחה</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>ציר זמן</translation>
    </message>
    <message>
        <source>Nobody has spoken yet</source>
        <translation>עדיין איש לא דיבר</translation>
    </message>
    <message>
        <source>Words appear here as they are said.</source>
        <translation>המילים מופיעות כאן בזמן שהן נאמרות.</translation>
    </message>
    <message>
        <source>90 s ago</source>
        <translation>לפני 90 שנ׳</translation>
    </message>
    <message>
        <source>now</source>
        <translation>עכשיו</translation>
    </message>
    <message>
        <source>This call is over.</source>
        <translation>השיחה הזו הסתיימה.</translation>
    </message>
    <message>
        <source>we called</source>
        <translation>אנחנו התקשרנו</translation>
    </message>
    <message>
        <source>called us</source>
        <translation>התקשרו אלינו</translation>
    </message>
    <message>
        <source>Hanging up…</source>
        <translation>מנתק…</translation>
    </message>
    <message>
        <source>Choose a call to follow it: its conversation, what happens in it, and how its audio goes out.</source>
        <translation>בחרו שיחה כדי לעקוב אחריה בעין: מה נאמר, מה קורה, ואיך השמע שלה יוצא.</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>עלות</translation>
    </message>
    <message>
        <source>Underruns</source>
        <translation>חסר שמע</translation>
    </message>
    <message>
        <source>Bursts</source>
        <translation>צרורות</translation>
    </message>
</context>
<context>
    <name>takt::console::ConnectionPage</name>
    <message>
        <source>Connect</source>
        <translation>התחברות</translation>
    </message>
    <message>
        <source>The gateway opens this socket when it starts, for its own user alone. To see it at work with simulated calls, start ./run.sh; a gateway of your own starts with takt-gateway --config FILE.</source>
        <translation>השער פותח את השקע הזה כשהוא עולה, למשתמש שלו בלבד. כדי לראות אותו בפעולה עם שיחות מדומות הפעילו ‎./run.sh‎; שער משלכם עולה עם ‎takt-gateway --config FILE‎.</translation>
    </message>
    <message>
        <source>It is version %1, with protocol %2, which this console does not know. Use a console and a gateway of the same version.</source>
        <translation>זו גרסה %1, עם פרוטוקול %2 שהמסוף הזה אינו מכיר. השתמשו במסוף ובשער מאותה גרסה.</translation>
    </message>
    <message>
        <source>Looking for a gateway</source>
        <translation>מחפש שער</translation>
    </message>
    <message>
        <source>Nobody answers at this socket yet: %1. The console goes on trying.</source>
        <translation>איש עדיין לא עונה בשקע הזה: %1. המסוף ממשיך לנסות.</translation>
    </message>
    <message>
        <source>Trying this socket…</source>
        <translation>מנסה את השקע הזה…</translation>
    </message>
    <message>
        <source>This gateway is of another version</source>
        <translation>לשער הזה גרסה אחרת</translation>
    </message>
    <message>
        <source>as you like, or nothing</source>
        <comment>placeholder: the name of a gateway</comment>
        <translation>כרצונך, או ריק</translation>
    </message>
    <message>
        <source>Socket</source>
        <translation>שקע</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>שם</translation>
    </message>
</context>
<context>
    <name>takt::console::Desk</name>
    <message>
        <source>Live calls</source>
        <translation>שיחות פעילות</translation>
    </message>
    <message>
        <source>TX health</source>
        <translation>תקינות השידור</translation>
    </message>
    <message>
        <source>Deferred jobs</source>
        <translation>משימות דחויות</translation>
    </message>
    <message>
        <source>History</source>
        <translation>היסטוריה</translation>
    </message>
    <message>
        <source>Leads</source>
        <translation>לידים</translation>
    </message>
    <message>
        <source>gateway %1</source>
        <translation>שער %1</translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>אחת נכשלה</numerusform>
            <numerusform>%n נכשלו</numerusform>
        </translation>
    </message>
    <message>
        <source>Reconnecting</source>
        <translation>מתחבר שוב</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>מתחבר</translation>
    </message>
    <message>
        <source>Not there</source>
        <translation>לא נמצא</translation>
    </message>
    <message numerus="yes">
        <source>The gateway does not answer; the next try is in %n second(s).</source>
        <translation>
            <numerusform>השער אינו עונה; הניסיון הבא בעוד שנייה.</numerusform>
            <numerusform>השער אינו עונה; הניסיון הבא בעוד %n שניות.</numerusform>
        </translation>
    </message>
    <message>
        <source>Other version</source>
        <translation>גרסה אחרת</translation>
    </message>
</context>
<context>
    <name>takt::console::FlightDialog</name>
    <message>
        <source>Fetching the record…</source>
        <translation>הרישום בדרך…</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>שמירה…</translation>
    </message>
    <message>
        <source>Flight record</source>
        <translation>רישום הקופסה השחורה</translation>
    </message>
    <message>
        <source>Writes the record into a file, for jq or for takt-sim replay</source>
        <translation>כותב את הרישום לקובץ, עבור jq או takt-sim replay</translation>
    </message>
    <message>
        <source>Stall of %1</source>
        <comment>%1 is a time, such as 340 ms</comment>
        <translation>עצירה של %1</translation>
    </message>
    <message>
        <source>Save the record</source>
        <translation>שמירת הרישום</translation>
    </message>
    <message>
        <source>The file was not written: %1</source>
        <translation>הקובץ לא נכתב: %1</translation>
    </message>
</context>
<context>
    <name>takt::console::FlightView</name>
    <message>
        <source>Flight record</source>
        <translation>רישום הקופסה השחורה</translation>
    </message>
    <message>
        <source>Frames to the caller; higher is later</source>
        <translation>מסגרות אל המתקשר; גבוה יותר — מאוחר יותר</translation>
    </message>
    <message>
        <source>Waiting to be sent</source>
        <translation>ממתין לשליחה</translation>
    </message>
    <message>
        <source>From the model</source>
        <translation>מהמודל</translation>
    </message>
    <message>
        <source>From the caller</source>
        <translation>מהמתקשר</translation>
    </message>
    <message>
        <source>-%1 s</source>
        <comment>so many seconds before the record was written</comment>
        <translation>-%1 ש׳</translation>
    </message>
    <message>
        <source>late %1</source>
        <comment>%1 is a time, such as 0.4 ms</comment>
        <translation>איחור %1</translation>
    </message>
    <message>
        <source>%1 waiting</source>
        <comment>%1 is a time of audio, such as 340 ms</comment>
        <translation>%1 ממתינים</translation>
    </message>
    <message>
        <source>%1 of audio</source>
        <comment>%1 is a time, such as 20 ms</comment>
        <translation>%1 של שמע</translation>
    </message>
</context>
<context>
    <name>takt::console::FlightsModel</name>
    <message>
        <source>Time</source>
        <translation>שעה</translation>
    </message>
    <message>
        <source>Call</source>
        <translation>שיחה</translation>
    </message>
    <message>
        <source>Cause</source>
        <comment>of a stall</comment>
        <translation>סיבה</translation>
    </message>
    <message>
        <source>Length</source>
        <comment>of a stall</comment>
        <translation>משך</translation>
    </message>
    <message>
        <source>Flight record</source>
        <translation>רישום הקופסה השחורה</translation>
    </message>
    <message>
        <source>none: another one was just written</source>
        <translation>אין: זה עתה נכתב אחר</translation>
    </message>
    <message>
        <source>Enter opens it</source>
        <translation>Enter פותח אותו</translation>
    </message>
</context>
<context>
    <name>takt::console::GatewayClient</name>
    <message>
        <source>it does not introduce itself</source>
        <translation>הוא אינו מציג את עצמו</translation>
    </message>
    <message>
        <source>the connection has ended</source>
        <translation>החיבור הסתיים</translation>
    </message>
    <message>
        <source>what answers is no gateway</source>
        <translation>מי שעונה אינו שער</translation>
    </message>
    <message>
        <source>The connection to the gateway was lost.</source>
        <translation>החיבור אל השער אבד.</translation>
    </message>
    <message>
        <source>There is no connection to a gateway.</source>
        <translation>אין חיבור לשער.</translation>
    </message>
</context>
<context>
    <name>takt::console::GatewayDialog</name>
    <message>
        <source>Its control socket on this machine. One on another machine comes here through ssh -L SOCKET-HERE:SOCKET-THERE HOST.</source>
        <translation>שקע הבקרה שלו במחשב הזה. שער שבמחשב אחר מגיע לכאן דרך ssh -L SOCKET-HERE:SOCKET-THERE HOST.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>שם</translation>
    </message>
    <message>
        <source>Socket</source>
        <translation>שקע</translation>
    </message>
</context>
<context>
    <name>takt::console::HistoryModel</name>
    <message>
        <source>Began</source>
        <comment>column: when a call began</comment>
        <translation>התחילה</translation>
    </message>
    <message>
        <source>Caller</source>
        <translation>מתקשר</translation>
    </message>
    <message>
        <source>Way</source>
        <comment>column: did they call us, or we them</comment>
        <translation>כיוון</translation>
    </message>
    <message>
        <source>Business</source>
        <translation>עסק</translation>
    </message>
    <message>
        <source>Time</source>
        <comment>column: duration of a call</comment>
        <translation>זמן</translation>
    </message>
    <message>
        <source>How it ended</source>
        <translation>איך הסתיימה</translation>
    </message>
    <message>
        <source>Cuts</source>
        <comment>column: interruptions</comment>
        <translation>קטיעות</translation>
    </message>
    <message>
        <source>Worst</source>
        <comment>column: worst lateness</comment>
        <translation>איחור</translation>
    </message>
    <message>
        <source>goes on</source>
        <comment>of a call that is not over</comment>
        <translation>נמשכת</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>עלות</translation>
    </message>
</context>
<context>
    <name>takt::console::HistoryPage</name>
    <message>
        <source>Search: number, business, call</source>
        <translation>חיפוש: מספר, עסק, שיחה</translation>
    </message>
    <message>
        <source>Past calls</source>
        <translation>שיחות קודמות</translation>
    </message>
    <message>
        <source>No calls found</source>
        <translation>לא נמצאו שיחות</translation>
    </message>
    <message>
        <source>Every call is kept here from its first second, with what was said.</source>
        <translation>כל שיחה נשמרת כאן מהשנייה הראשונה שלה, עם מה שנאמר.</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>ייצוא…</translation>
    </message>
    <message>
        <source>Writes the calls that are listed into a CSV file</source>
        <translation>כותב את השיחות הרשומות לקובץ CSV</translation>
    </message>
    <message>
        <source>calls.csv</source>
        <comment>name of a file</comment>
        <translation>calls.csv</translation>
    </message>
    <message numerus="yes">
        <source>%n call(s)</source>
        <translation>
            <numerusform>שיחה אחת</numerusform>
            <numerusform>%n שיחות</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the latest %n call(s)</source>
        <translation>
            <numerusform>השיחה האחרונה</numerusform>
            <numerusform>%n השיחות האחרונות</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::JobPane</name>
    <message>
        <source>Choose a job to see its attempts, what it waits for, and what became of its call.</source>
        <translation>בחרו משימה כדי לראות את הניסיונות שלה, למה היא מחכה ומה עלה בגורל השיחה.</translation>
    </message>
    <message>
        <source>Play the recording</source>
        <translation>השמעת ההקלטה</translation>
    </message>
    <message>
        <source>Show its files</source>
        <translation>הצגת הקבצים</translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation>ניסיונות</translation>
    </message>
    <message>
        <source>None yet.</source>
        <translation>עדיין אין.</translation>
    </message>
</context>
<context>
    <name>takt::console::JobsModel</name>
    <message>
        <source>State</source>
        <translation>מצב</translation>
    </message>
    <message>
        <source>Work</source>
        <comment>column: stage of the work after a call</comment>
        <translation>עבודה</translation>
    </message>
    <message>
        <source>Call</source>
        <translation>שיחה</translation>
    </message>
    <message>
        <source>Business</source>
        <translation>עסק</translation>
    </message>
    <message>
        <source>Attempt</source>
        <translation>ניסיון</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>התקדמות</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>גיל</translation>
    </message>
    <message>
        <source>Next try</source>
        <translation>ניסיון הבא</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>עובד</translation>
    </message>
    <message>
        <source>Why</source>
        <comment>column: reason of a job&apos;s state</comment>
        <translation>סיבה</translation>
    </message>
    <message>
        <source>%1%</source>
        <comment>percent</comment>
        <translation>%1%</translation>
    </message>
</context>
<context>
    <name>takt::console::JobsPage</name>
    <message>
        <source>Jobs</source>
        <translation>משימות</translation>
    </message>
    <message>
        <source>Jobs by state</source>
        <translation>משימות לפי מצב</translation>
    </message>
    <message>
        <source>Filter: call, business, worker, reason</source>
        <translation>סינון: שיחה, עסק, עובד, סיבה</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>עבודה</translation>
    </message>
    <message>
        <source>All work</source>
        <translation>כל העבודה</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>ניסיון חוזר</translation>
    </message>
    <message>
        <source>Runs what is finished again, with all that comes behind it; what waits, now</source>
        <translation>מריץ שוב את מה שהסתיים עם כל מה שאחריו; ואת מה שמחכה, עכשיו</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>ביטול</translation>
    </message>
    <message>
        <source>Give it up?</source>
        <translation>לוותר?</translation>
    </message>
    <message>
        <source>Gives jobs up; what comes behind them goes on with what there is</source>
        <translation>מוותר על משימות; מה שאחריהן ממשיך עם מה שיש</translation>
    </message>
    <message>
        <source>Pause…</source>
        <translation>השהיה…</translation>
    </message>
    <message>
        <source>Nothing to do</source>
        <translation>אין מה לעשות</translation>
    </message>
    <message>
        <source>Each call leaves seven jobs behind: its recording, conversion, transcript, summary, facts, lead and delivery.</source>
        <translation>כל שיחה משאירה אחריה שבע משימות: הקלטה, המרה, תמלול, סיכום, עובדות, ליד ומסירה.</translation>
    </message>
    <message>
        <source>Nothing has failed</source>
        <translation>דבר לא נכשל</translation>
    </message>
    <message>
        <source>A job is here once it has used up its attempts.</source>
        <translation>משימה מגיעה לכאן כשנגמרו ניסיונותיה.</translation>
    </message>
    <message>
        <source>Nothing is pending</source>
        <translation>אין משימות תלויות</translation>
    </message>
    <message>
        <source>Here is what waits for the end of its call, or for another job.</source>
        <translation>כאן נמצא מה שמחכה לסוף השיחה או למשימה אחרת.</translation>
    </message>
    <message>
        <source>No such jobs</source>
        <translation>אין משימות כאלה</translation>
    </message>
    <message>
        <source>Other states are in the tabs above.</source>
        <translation>מצבים אחרים נמצאים בלשוניות למעלה.</translation>
    </message>
    <message>
        <source>All</source>
        <translation>הכול</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>פועלות</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>מוכנות</translation>
    </message>
    <message>
        <source>Pending</source>
        <translation>תלויות</translation>
    </message>
    <message>
        <source>Waiting</source>
        <comment>tab: jobs that are tried later</comment>
        <translation>ממתינות</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>נכשלו</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>הושלמו</translation>
    </message>
    <message>
        <source>Given up</source>
        <comment>tab: jobs that were skipped or cancelled</comment>
        <translation>נזנחו</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>name of a tab, and how many</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>The gateway can&apos;t read its jobs: %1</source>
        <translation>השער אינו יכול לקרוא את משימותיו: %1</translation>
    </message>
    <message>
        <source>All work is paused. Pause… resumes it.</source>
        <translation>כל העבודה מושהית. ״השהיה…״ מחדשת אותה.</translation>
    </message>
    <message>
        <source>Paused: %1</source>
        <translation>מושהה: %1</translation>
    </message>
    <message>
        <source>No job starts now: %1</source>
        <translation>אף משימה לא מתחילה כעת: %1</translation>
    </message>
    <message>
        <source>Cancel…</source>
        <translation>ביטול…</translation>
    </message>
</context>
<context>
    <name>takt::console::LeadPane</name>
    <message>
        <source>Choose a person to see what is known, and to set the status by hand.</source>
        <translation>בחרו אדם כדי לראות מה ידוע עליו ולקבוע את הסטטוס ביד.</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>סטטוס</translation>
    </message>
    <message>
        <source>History</source>
        <translation>היסטוריה</translation>
    </message>
    <message>
        <source>Set status</source>
        <translation>קביעת סטטוס</translation>
    </message>
    <message>
        <source>What a person sets here, no call changes</source>
        <translation>מה שאדם קובע כאן, אף שיחה לא משנה</translation>
    </message>
    <message>
        <source>%1   a call</source>
        <comment>%1 is a time</comment>
        <translation>%1   שיחה</translation>
    </message>
    <message>
        <source>%1   status: %2</source>
        <comment>%1 is a time</comment>
        <translation>%1   סטטוס: %2</translation>
    </message>
    <message>
        <source>%1   status: %3, before: %2</source>
        <comment>%1 is a time</comment>
        <translation>%1   סטטוס: %3, לפני כן: %2</translation>
    </message>
    <message>
        <source>The status is set.</source>
        <translation>הסטטוס נקבע.</translation>
    </message>
</context>
<context>
    <name>takt::console::LeadsModel</name>
    <message>
        <source>Name</source>
        <comment>column: of a person</comment>
        <translation>שם</translation>
    </message>
    <message>
        <source>Number</source>
        <comment>column: of a telephone</comment>
        <translation>מספר</translation>
    </message>
    <message>
        <source>Business</source>
        <translation>עסק</translation>
    </message>
    <message>
        <source>Status</source>
        <comment>column: of a lead</comment>
        <translation>סטטוס</translation>
    </message>
    <message>
        <source>City</source>
        <translation>עיר</translation>
    </message>
    <message>
        <source>Service</source>
        <comment>column: what a lead wants</comment>
        <translation>שירות</translation>
    </message>
    <message>
        <source>Calls</source>
        <comment>column: how many</comment>
        <translation>שיחות</translation>
    </message>
    <message>
        <source>Latest news</source>
        <comment>column: when a lead has changed</comment>
        <translation>עדכון אחרון</translation>
    </message>
</context>
<context>
    <name>takt::console::LeadsPage</name>
    <message>
        <source>Filter: name, number, status, city</source>
        <translation>סינון: שם, מספר, סטטוס, עיר</translation>
    </message>
    <message>
        <source>Leads</source>
        <translation>לידים</translation>
    </message>
    <message>
        <source>No leads yet</source>
        <translation>עדיין אין לידים</translation>
    </message>
    <message>
        <source>A person appears here once the work after the first call is done: name, city, and what is wanted.</source>
        <translation>אדם מופיע כאן כשהעבודה שאחרי השיחה הראשונה הסתיימה: שם, עיר ומה מבוקש.</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>ייצוא…</translation>
    </message>
    <message>
        <source>Writes the people who are listed into a CSV file</source>
        <translation>כותב את האנשים הרשומים לקובץ CSV</translation>
    </message>
    <message>
        <source>leads.csv</source>
        <comment>name of a file</comment>
        <translation>leads.csv</translation>
    </message>
</context>
<context>
    <name>takt::console::LiveCallsModel</name>
    <message>
        <source>What the call is doing</source>
        <translation>מה השיחה עושה</translation>
    </message>
    <message>
        <source>State</source>
        <translation>מצב</translation>
    </message>
    <message>
        <source>Who called whom</source>
        <translation>מי התקשר למי</translation>
    </message>
    <message>
        <source>Way</source>
        <comment>column: did they call us, or we them</comment>
        <translation>כיוון</translation>
    </message>
    <message>
        <source>The other side&apos;s number</source>
        <translation>המספר של הצד השני</translation>
    </message>
    <message>
        <source>Caller</source>
        <translation>מתקשר</translation>
    </message>
    <message>
        <source>Whose agent answers</source>
        <translation>הנציג של מי עונה</translation>
    </message>
    <message>
        <source>Business</source>
        <translation>עסק</translation>
    </message>
    <message>
        <source>Since the stream began</source>
        <translation>מאז שהזרם התחיל</translation>
    </message>
    <message>
        <source>Time</source>
        <comment>column: duration of a call</comment>
        <translation>זמן</translation>
    </message>
    <message>
        <source>Who is heard now</source>
        <translation>את מי שומעים עכשיו</translation>
    </message>
    <message>
        <source>Speaks</source>
        <comment>column: who is speaking</comment>
        <translation>מדבר</translation>
    </message>
    <message>
        <source>Audio that waits to be sent</source>
        <translation>שמע שמחכה להישלח</translation>
    </message>
    <message>
        <source>Backlog</source>
        <translation>ממתין לשידור</translation>
    </message>
    <message>
        <source>The latest frame of the call</source>
        <translation>המסגרת המאחרת ביותר בשיחה</translation>
    </message>
    <message>
        <source>Worst</source>
        <comment>column: worst lateness</comment>
        <translation>איחור</translation>
    </message>
    <message>
        <source>How often the caller interrupted the agent</source>
        <translation>כמה פעמים קטע המתקשר את הנציג</translation>
    </message>
    <message>
        <source>Cuts</source>
        <comment>column: interruptions</comment>
        <translation>קטיעות</translation>
    </message>
    <message>
        <source>From the caller&apos;s last word to the agent&apos;s first, the last time</source>
        <translation>ממילתו האחרונה של המתקשר עד הראשונה של הנציג, בפעם האחרונה</translation>
    </message>
    <message>
        <source>Answer</source>
        <comment>column: latency</comment>
        <translation>תשובה</translation>
    </message>
    <message>
        <source>Muted</source>
        <comment>state of a call: the caller hears nothing of the agent</comment>
        <translation>מושתק</translation>
    </message>
    <message>
        <source>What the models cost so far; tokens where the settings name no price</source>
        <translation>עלות המודלים עד כה; אסימונים כשאין מחיר בהגדרות</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>עלות</translation>
    </message>
</context>
<context>
    <name>takt::console::LiveCallsPage</name>
    <message>
        <source>Filter: number, business, state, words</source>
        <translation>סינון: מספר, עסק, מצב, מילים</translation>
    </message>
    <message>
        <source>Live calls</source>
        <translation>שיחות פעילות</translation>
    </message>
    <message>
        <source>Listening</source>
        <comment>state of a call: the caller has interrupted the agent</comment>
        <translation>מקשיבה</translation>
    </message>
    <message>
        <source>No live calls</source>
        <translation>אין שיחות פעילות</translation>
    </message>
    <message>
        <source>Calls appear here the moment they are answered. To try it, point a number at the gateway, or let simulated people call: ./run.sh</source>
        <translation>שיחות מופיעות כאן ברגע שהן נענות. כדי לנסות, הפנו מספר אל השער, או תנו לאנשים מדומים להתקשר: ‎./run.sh‎</translation>
    </message>
    <message>
        <source>Copy IDs</source>
        <translation>העתקת מזהים</translation>
    </message>
    <message>
        <source>Hang up…</source>
        <translation>ניתוק…</translation>
    </message>
    <message numerus="yes">
        <source>%n call(s)</source>
        <translation>
            <numerusform>שיחה אחת</numerusform>
            <numerusform>%n שיחות</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n call(s)</source>
        <translation>
            <numerusform>%1 מתוך שיחה אחת</numerusform>
            <numerusform>%1 מתוך %n שיחות</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::MainWindow</name>
    <message>
        <source>Takt console</source>
        <translation>המסוף של Takt</translation>
    </message>
    <message>
        <source>&amp;Gateway</source>
        <translation>ה&amp;שער</translation>
    </message>
    <message>
        <source>&amp;Drain: no new calls</source>
        <translation>&amp;ריקון: בלי שיחות חדשות</translation>
    </message>
    <message>
        <source>Drain the gateway?</source>
        <translation>לרוקן את השער?</translation>
    </message>
    <message>
        <source>It takes no new calls, and ends once the live ones are over. Callers hear the fallback.</source>
        <translation>הוא לא יקבל שיחות חדשות, וייסגר כשהפעילות יסתיימו. מתקשרים ישמעו את הודעת הגיבוי.</translation>
    </message>
    <message>
        <source>&amp;Take calls again</source>
        <translation>&amp;קבלת שיחות מחדש</translation>
    </message>
    <message>
        <source>&amp;Reconnect now</source>
        <translation>&amp;חיבור מחדש עכשיו</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;יציאה</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;תצוגה</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>&amp;סינון</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;עזרה</translation>
    </message>
    <message>
        <source>&amp;Keyboard</source>
        <translation>&amp;מקלדת</translation>
    </message>
    <message>
        <source>The gateway says no</source>
        <translation>השער מסרב</translation>
    </message>
    <message>
        <source>&amp;Copy IDs</source>
        <translation>ה&amp;עתקת מזהים</translation>
    </message>
    <message>
        <source>&amp;Add a gateway…</source>
        <translation>&amp;הוספת שער…</translation>
    </message>
    <message>
        <source>&amp;Name and socket…</source>
        <translation>&amp;שם ושקע…</translation>
    </message>
    <message>
        <source>&amp;Forget this gateway…</source>
        <translation>ה&amp;סרת השער הזה מהרשימה…</translation>
    </message>
    <message>
        <source>&amp;Gateways</source>
        <translation>ש&amp;ערים</translation>
    </message>
    <message>
        <source>Add a gateway</source>
        <translation>הוספת שער</translation>
    </message>
    <message>
        <source>Name and socket</source>
        <translation>שם ושקע</translation>
    </message>
    <message>
        <source>Forget this gateway</source>
        <translation>הסרת השער מהרשימה</translation>
    </message>
    <message>
        <source>It is the only one that is known.</source>
        <translation>זה השער היחיד ברשימה.</translation>
    </message>
    <message>
        <source>Forget this gateway?</source>
        <translation>להסיר את השער מהרשימה?</translation>
    </message>
    <message>
        <source>%1 goes on as before; it is only not shown here any more.</source>
        <translation>%1 ממשיך לפעול כרגיל; הוא רק לא יוצג כאן יותר.</translation>
    </message>
    <message>
        <source>&amp;Notify of stalls and failed jobs</source>
        <translation>ה&amp;תראות על עצירות ועל משימות שנכשלו</translation>
    </message>
    <message>
        <source>&amp;Sound for them</source>
        <translation>&amp;צליל להתראות</translation>
    </message>
    <message>
        <source>%1: the beat stalls</source>
        <comment>%1 is a gateway</comment>
        <translation>%1: הקצב נעצר</translation>
    </message>
    <message numerus="yes">
        <source>Callers waited for words that were ready, %n time(s).</source>
        <translation>
            <numerusform>מתקשרים חיכו למילים שכבר היו מוכנות, פעם אחת.</numerusform>
            <numerusform>מתקשרים חיכו למילים שכבר היו מוכנות, %n פעמים.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: work has failed</source>
        <comment>%1 is a gateway</comment>
        <translation>%1: עבודה נכשלה</translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) used up all attempts.</source>
        <translation>
            <numerusform>משימה אחת מיצתה את כל הניסיונות.</numerusform>
            <numerusform>%n משימות מיצו את כל הניסיונות.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::OrderDialog</name>
    <message>
        <source>Cancel</source>
        <translation>ביטול</translation>
    </message>
</context>
<context>
    <name>takt::console::PipelineView</name>
    <message>
        <source>Work after this call</source>
        <translation>העבודה שאחרי השיחה</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>a state, and why</comment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>takt::console::RecordPane</name>
    <message>
        <source>Play the recording</source>
        <translation>השמעת ההקלטה</translation>
    </message>
    <message>
        <source>Choose a call to read what was said, and what came of it.</source>
        <translation>בחרו שיחה כדי לקרוא מה נאמר בה ומה יצא ממנה.</translation>
    </message>
</context>
<context>
    <name>takt::console::ShortcutsDialog</name>
    <message>
        <source>Keyboard</source>
        <translation>מקלדת</translation>
    </message>
    <message>
        <source>In tables: arrows move, Enter opens, letters search the first column.</source>
        <translation>בטבלאות: החיצים מזיזים, Enter פותח, אותיות מחפשות בעמודה הראשונה.</translation>
    </message>
</context>
<context>
    <name>takt::console::Switcher</name>
    <message>
        <source>Gateways</source>
        <translation>שערים</translation>
    </message>
</context>
<context>
    <name>takt::console::Transcripts</name>
    <message>
        <source>From the recording</source>
        <comment>a transcript</comment>
        <translation>מההקלטה</translation>
    </message>
    <message>
        <source>As heard live</source>
        <comment>a transcript</comment>
        <translation>כפי שנשמע</translation>
    </message>
    <message>
        <source>Both</source>
        <comment>both transcripts, side by side</comment>
        <translation>שניהם</translation>
    </message>
    <message>
        <source>No words on record</source>
        <translation>אין מילים רשומות</translation>
    </message>
    <message>
        <source>Nobody spoke, or the transcript is still to come.</source>
        <translation>איש לא דיבר, או שהתמלול עוד לא הגיע.</translation>
    </message>
    <message>
        <source>Transcript, from the recording</source>
        <translation>תמלול, מתוך ההקלטה</translation>
    </message>
    <message>
        <source>Transcript, as it was heard live</source>
        <translation>תמלול, כפי שנשמע בזמן אמת</translation>
    </message>
</context>
<context>
    <name>takt::console::TxModel</name>
    <message>
        <source>Median</source>
        <translation>חציון</translation>
    </message>
    <message>
        <source>p99</source>
        <comment>99th percentile</comment>
        <translation>p99</translation>
    </message>
    <message>
        <source>p99.9</source>
        <comment>99.9th percentile</comment>
        <translation>p99.9</translation>
    </message>
    <message>
        <source>Latest</source>
        <comment>maximum of lateness</comment>
        <translation>המאחרת ביותר</translation>
    </message>
    <message>
        <source>Slots</source>
        <comment>frames&apos; places in time that were served within a second</comment>
        <translation>משבצות</translation>
    </message>
    <message>
        <source>Thread or call</source>
        <translation>תהליכון או שיחה</translation>
    </message>
    <message>
        <source>Stalls</source>
        <translation>עצירות</translation>
    </message>
    <message>
        <source>Underruns</source>
        <translation>חסר שמע</translation>
    </message>
    <message>
        <source>Bursts</source>
        <translation>צרורות</translation>
    </message>
    <message>
        <source>Socket full</source>
        <translation>שקע מלא</translation>
    </message>
    <message>
        <source>Dropped</source>
        <translation>נזרקו</translation>
    </message>
    <message>
        <source>Lead</source>
        <comment>how far audio may run ahead of real time</comment>
        <translation>הקדמה</translation>
    </message>
    <message>
        <source>Ready audio that did not leave for more than 120 ms</source>
        <translation>שמע מוכן שלא יצא במשך יותר מ־120 אלפיות שנייה</translation>
    </message>
    <message>
        <source>The model&apos;s audio ran out in the middle of what it said</source>
        <translation>השמע של המודל אזל באמצע דבריו</translation>
    </message>
    <message>
        <source>Frames that left within 9 ms of the one before</source>
        <translation>מסגרות שיצאו בתוך 9 אלפיות שנייה מקודמתן</translation>
    </message>
    <message>
        <source>The carrier&apos;s socket had not taken what was sent before</source>
        <translation>השקע של ספק הטלפון לא קלט את מה שנשלח קודם</translation>
    </message>
    <message>
        <source>Frames that the backlog had no room for</source>
        <translation>מסגרות שלא היה להן מקום בתור</translation>
    </message>
    <message>
        <source>How far speech may run ahead of real time now</source>
        <translation>כמה רשאי הדיבור להקדים כעת את הזמן האמיתי</translation>
    </message>
</context>
<context>
    <name>takt::console::TxPage</name>
    <message>
        <source>Minute</source>
        <translation>דקה</translation>
    </message>
    <message>
        <source>Hour</source>
        <translation>שעה</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>יממה</translation>
    </message>
    <message>
        <source>Frames a second</source>
        <translation>מסגרות בשנייה</translation>
    </message>
    <message>
        <source>Median lateness</source>
        <translation>איחור חציוני</translation>
    </message>
    <message>
        <source>p99</source>
        <comment>99th percentile</comment>
        <translation>p99</translation>
    </message>
    <message>
        <source>p99.9</source>
        <comment>99.9th percentile</comment>
        <translation>p99.9</translation>
    </message>
    <message>
        <source>Latest</source>
        <comment>maximum of lateness</comment>
        <translation>המאחרת ביותר</translation>
    </message>
    <message>
        <source>Stalls</source>
        <translation>עצירות</translation>
    </message>
    <message>
        <source>Frames dropped</source>
        <translation>מסגרות שנזרקו</translation>
    </message>
    <message>
        <source>Lateness</source>
        <translation>איחור</translation>
    </message>
    <message>
        <source>Faults</source>
        <translation>תקלות</translation>
    </message>
    <message>
        <source>Missed slots</source>
        <translation>משבצות שהוחמצו</translation>
    </message>
    <message>
        <source>now</source>
        <translation>עכשיו</translation>
    </message>
    <message>
        <source>Granted by the kernel: %1</source>
        <translation>מה שהליבה העניקה: %1</translation>
    </message>
    <message>
        <source>Something waited for the processor in %1% of the last ten seconds</source>
        <translation>משהו חיכה למעבד ב־%1% מעשר השניות האחרונות</translation>
    </message>
    <message numerus="yes">
        <source>Work after calls may run: %n job(s) now</source>
        <translation>
            <numerusform>העבודה שאחרי השיחות רשאית לפעול: משימה אחת כעת</numerusform>
            <numerusform>העבודה שאחרי השיחות רשאית לפעול: %n משימות כעת</numerusform>
        </translation>
    </message>
    <message>
        <source>Work after calls stands still: %1</source>
        <translation>העבודה שאחרי השיחות עומדת: %1</translation>
    </message>
    <message>
        <source>Stalls and flight records</source>
        <translation>עצירות ורישומי קופסה שחורה</translation>
    </message>
    <message>
        <source>No stalls</source>
        <translation>אין עצירות</translation>
    </message>
    <message>
        <source>What a call did in its last seconds is written down when its beat stalls.</source>
        <translation>כשהקצב של שיחה נעצר, נרשם מה קרה בה בשניות האחרונות.</translation>
    </message>
    <message>
        <source>TX threads</source>
        <translation>תהליכוני שידור</translation>
    </message>
    <message>
        <source>Calls with most faults</source>
        <comment>of the live calls</comment>
        <translation>השיחות עם רוב התקלות</translation>
    </message>
    <message>
        <source>The beat of each TX thread, or of each call</source>
        <translation>הקצב של כל תהליכון שידור, או של כל שיחה</translation>
    </message>
    <message>
        <source>Nothing to show</source>
        <translation>אין מה להציג</translation>
    </message>
    <message>
        <source>No call is live, or this gateway only works after calls.</source>
        <translation>אין שיחה פעילה, או שהשער הזה עובד רק אחרי שיחות.</translation>
    </message>
</context>
</TS>
