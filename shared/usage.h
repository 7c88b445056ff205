// SPDX-License-Identifier: GPL-3.0-or-later
// What a call takes of paid services, by the classes in which they are priced, and what that costs. A price comes from
// the settings or is not known: the vendor's list of today would be wrong the day it changes. Plain values; any thread. The
// names are those of the control protocol and of the database: append-only.
#pragma once

#include <QJsonObject>
#include <QLatin1StringView>
#include <QString>

#include <array>
#include <optional>

namespace takt {

enum class UsageClass {
    InputText, // tokens that the model reads, those apart that it knows already
    InputAudio,
    CachedText,
    CachedAudio,
    OutputText,
    OutputAudio,
    TranscribedText, // tokens that the transcription of the caller reads
    TranscribedAudio,
    TranscribedOutput, // ... and writes
    TranscribedMs,     // of transcriptions that are paid by duration
    Unclassified,      // tokens of which the service does not say what they are: nobody can price them
    Count_
};
inline constexpr std::size_t kUsageClasses = std::size_t(UsageClass::Count_);
[[nodiscard]] QLatin1StringView name(UsageClass what);

struct Usage {
    std::array<qint64, kUsageClasses> amounts{};

    [[nodiscard]] qint64 &operator[](UsageClass what) { return amounts[std::size_t(what)]; }
    [[nodiscard]] qint64 operator[](UsageClass what) const { return amounts[std::size_t(what)]; }
    Usage &operator+=(const Usage &other);
    [[nodiscard]] qint64 tokens() const; // all of them

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Usage fromJson(const QJsonObject &json);
    friend bool operator==(const Usage &, const Usage &) = default;
};

// For a million tokens; for a minute of what is paid by duration.
struct Prices {
    static constexpr double kUnknown = -1;
    QString currency; // ISO 4217, like "USD"; empty: no price is known
    std::array<double, kUsageClasses> of = [] {
        std::array<double, kUsageClasses> none{};
        none.fill(kUnknown);
        return none;
    }();
};

// In millionths of a currency.
struct Cost {
    qint64 micros = 0;
    QString currency;
    friend bool operator==(const Cost &, const Cost &) = default;
};
// Nothing when anything of it has no price.
[[nodiscard]] std::optional<Cost> costOf(const Usage &usage, const Prices &prices);

// As they are told: -1 and empty when it is not known.
[[nodiscard]] qint64 microsOf(const std::optional<Cost> &cost);
[[nodiscard]] QString currencyOf(const std::optional<Cost> &cost);
void addCost(QJsonObject &json, const std::optional<Cost> &cost); // cost_micros, currency
[[nodiscard]] std::optional<Cost> costFrom(const QJsonObject &json);

} // namespace takt
