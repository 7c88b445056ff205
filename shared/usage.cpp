// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/usage.h"

#include <cmath>

namespace takt {

using namespace Qt::Literals::StringLiterals;

QLatin1StringView name(UsageClass what)
{
    switch (what) {
    case UsageClass::InputText: return "input_text"_L1;
    case UsageClass::InputAudio: return "input_audio"_L1;
    case UsageClass::CachedText: return "cached_text"_L1;
    case UsageClass::CachedAudio: return "cached_audio"_L1;
    case UsageClass::OutputText: return "output_text"_L1;
    case UsageClass::OutputAudio: return "output_audio"_L1;
    case UsageClass::TranscribedText: return "transcribed_text"_L1;
    case UsageClass::TranscribedAudio: return "transcribed_audio"_L1;
    case UsageClass::TranscribedOutput: return "transcribed_output"_L1;
    case UsageClass::TranscribedMs: return "transcribed_ms"_L1;
    case UsageClass::Unclassified: return "unclassified"_L1;
    case UsageClass::Count_: break;
    }
    return "unknown"_L1;
}

Usage &Usage::operator+=(const Usage &other)
{
    for (std::size_t i = 0; i < kUsageClasses; ++i)
        amounts[i] += other.amounts[i];
    return *this;
}

qint64 Usage::tokens() const
{
    qint64 all = 0;
    for (std::size_t i = 0; i < kUsageClasses; ++i)
        all += UsageClass(i) == UsageClass::TranscribedMs ? 0 : amounts[i];
    return all;
}

QJsonObject Usage::toJson() const
{
    QJsonObject json;
    for (std::size_t i = 0; i < kUsageClasses; ++i)
        json.insert(name(UsageClass(i)), amounts[i]);
    return json;
}

Usage Usage::fromJson(const QJsonObject &json)
{
    Usage usage;
    for (std::size_t i = 0; i < kUsageClasses; ++i)
        usage.amounts[i] = json[name(UsageClass(i))].toInteger();
    return usage;
}

std::optional<Cost> costOf(const Usage &usage, const Prices &prices)
{
    if (prices.currency.isEmpty())
        return std::nullopt;
    double micros = 0; // a price for a million is a millionth of it for one
    for (std::size_t i = 0; i < kUsageClasses; ++i) {
        if (usage.amounts[i] == 0)
            continue;
        if (prices.of[i] < 0)
            return std::nullopt;
        const bool byTime = UsageClass(i) == UsageClass::TranscribedMs;
        micros += double(usage.amounts[i]) * prices.of[i] * (byTime ? 1e6 / 60'000 : 1);
    }
    return Cost{std::llround(micros), prices.currency};
}

qint64 microsOf(const std::optional<Cost> &cost)
{
    return cost ? cost->micros : -1;
}

QString currencyOf(const std::optional<Cost> &cost)
{
    return cost ? cost->currency : QString();
}

void addCost(QJsonObject &json, const std::optional<Cost> &cost)
{
    json.insert("cost_micros"_L1, microsOf(cost));
    json.insert("currency"_L1, currencyOf(cost));
}

std::optional<Cost> costFrom(const QJsonObject &json)
{
    const qint64 micros = json["cost_micros"_L1].toInteger(-1);
    return micros < 0 ? std::nullopt : std::optional(Cost{micros, json["currency"_L1].toString()});
}

} // namespace takt
