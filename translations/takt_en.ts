<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Judge</name>
    <message numerus="yes">
        <source>%n frame(s) were dropped within the last minute.</source>
        <translation>
            <numerusform>One frame was dropped within the last minute.</numerusform>
            <numerusform>%n frames were dropped within the last minute.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Callers waited for words that were ready, %n time(s) within the last minute.</source>
        <translation>
            <numerusform>A caller waited for words that were ready, once within the last minute.</numerusform>
            <numerusform>Callers waited for words that were ready, %n times within the last minute.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n slot(s) came too late within the last ten seconds.</source>
        <translation>
            <numerusform>One slot came too late within the last ten seconds.</numerusform>
            <numerusform>%n slots came too late within the last ten seconds.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>No new calls; %n call(s) go on.</source>
        <translation>
            <numerusform>No new calls; one call goes on.</numerusform>
            <numerusform>No new calls; %n calls go on.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n call(s); no frame of the last minute was later than %1.</source>
        <translation>
            <numerusform>One call; no frame of the last minute was later than %1.</numerusform>
            <numerusform>%n calls; no frame of the last minute was later than %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message numerus="yes">
        <source>The caller presses %n key(s)</source>
        <translation>
            <numerusform>The caller presses a key</numerusform>
            <numerusform>The caller presses %n keys</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::CallOrders</name>
    <message numerus="yes">
        <source>Too long by %n character(s).</source>
        <translation>
            <numerusform>Too long by one character.</numerusform>
            <numerusform>Too long by %n characters.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::Desk</name>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>1 failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The gateway does not answer; the next try is in %n second(s).</source>
        <translation>
            <numerusform>The gateway does not answer; the next try is in a second.</numerusform>
            <numerusform>The gateway does not answer; the next try is in %n seconds.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::HistoryPage</name>
    <message numerus="yes">
        <source>%n call(s)</source>
        <translation>
            <numerusform>1 call</numerusform>
            <numerusform>%n calls</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the latest %n call(s)</source>
        <translation>
            <numerusform>the latest call</numerusform>
            <numerusform>the latest %n calls</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::LiveCallsPage</name>
    <message numerus="yes">
        <source>%n call(s)</source>
        <translation>
            <numerusform>1 call</numerusform>
            <numerusform>%n calls</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n call(s)</source>
        <translation>
            <numerusform>%1 of 1 call</numerusform>
            <numerusform>%1 of %n calls</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::MainWindow</name>
    <message numerus="yes">
        <source>Callers waited for words that were ready, %n time(s).</source>
        <translation>
            <numerusform>A caller waited for words that were ready.</numerusform>
            <numerusform>Callers waited for words that were ready, %n times.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) used up all attempts.</source>
        <translation>
            <numerusform>%n job used up all attempts.</numerusform>
            <numerusform>%n jobs used up all attempts.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>takt::console::TxPage</name>
    <message numerus="yes">
        <source>Work after calls may run: %n job(s) now</source>
        <translation>
            <numerusform>Work after calls may run: one job now</numerusform>
            <numerusform>Work after calls may run: %n jobs now</numerusform>
        </translation>
    </message>
</context>
</TS>
