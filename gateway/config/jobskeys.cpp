// SPDX-License-Identifier: GPL-3.0-or-later
// The keys of the deferred work.
#include "config/settings.h"
#include "config/tomltable.h"

namespace takt::config {

using namespace Qt::Literals::StringLiterals;

namespace {

QString setGate(Settings &s, const QString &value)
{
    if (value == "own-call"_L1)
        s.jobs.gate = GateMode::OwnCall;
    else if (value == "quiet"_L1)
        s.jobs.gate = GateMode::Quiet;
    else if (value == "off-host"_L1)
        s.jobs.gate = GateMode::OffHost;
    else
        return u"must be \"own-call\", \"quiet\" or \"off-host\""_s;
    return {};
}

QString addNetwork(Settings &s, const QString &value)
{
    const auto network = QHostAddress::parseSubnet(value);
    if (network.first.isNull() || network.second < 0)
        return u"\"%1\" must be a network like 10.0.0.0/8"_s.arg(value);
    s.webhook.allowNetworks << network;
    return {};
}

Key<Settings> whole(const char16_t *name, int JobsSettings::*field, int from, int to)
{
    return {u"jobs"_s, QString::fromUtf16(name),
            number<Settings, int>([=](Settings &s) -> int & { return s.jobs.*field; }, from, to)};
}

Key<Settings> string(const char16_t *name, QString OpenAiSettings::*field)
{
    return {u"openai"_s, QString::fromUtf16(name),
            text<Settings>([=](Settings &s) -> QString & { return s.openai.*field; })};
}

} // namespace

Keys<Settings> jobsKeys()
{
    const QStringList web{u"https"_s, u"http"_s};
    return {
        {u"jobs"_s, u"gate"_s, setGate},
        {u"jobs"_s, u"ffmpeg"_s, text<Settings>([](Settings &s) -> QString & { return s.jobs.ffmpeg; })},
        whole(u"workers", &JobsSettings::workers, 1, 64),
        whole(u"freeze_late_ms", &JobsSettings::freezeLateMs, 0, 10'000),
        whole(u"freeze_burst_calls", &JobsSettings::freezeBurstCalls, 0, 10'000),
        whole(u"recording_wait_minutes", &JobsSettings::recordingWaitMinutes, 0, 24 * 60),
        whole(u"keep_days", &JobsSettings::keepDays, 1, 3650),
        {u"openai"_s, u"base_url"_s, url<Settings>([](Settings &s) -> QUrl & { return s.openai.baseUrl; }, web)},
        {u"openai"_s, u"transcription_url"_s,
         url<Settings>([](Settings &s) -> QUrl & { return s.openai.transcriptionUrl; }, web)},
        string(u"transcription_model", &OpenAiSettings::transcriptionModel),
        string(u"text_model", &OpenAiSettings::textModel),
        {u"webhook"_s, u"url"_s, url<Settings>([](Settings &s) -> QUrl & { return s.webhook.url; }, web)},
        {u"webhook"_s, u"allow_networks"_s, addNetwork, [](Settings &s) { s.webhook.allowNetworks.clear(); }},
    };
}

} // namespace takt::config
