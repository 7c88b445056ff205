// SPDX-License-Identifier: GPL-3.0-or-later
// Settings as tables of keys: each knows its name and how a value given as text becomes a field, or what is wrong with it.
// Only for this room's own files. Main thread.
#pragma once

#include "config/business.h"
#include "shared/phonenumber.h"

#include <QHostAddress>
#include <QRegularExpression>
#include <QString>
#include <QStringList>

#include <functional>
#include <type_traits>
#include <vector>

namespace takt::config {

// Takes a value as text; returns what is wrong with it, or nothing.
template <typename T>
using Set = std::function<QString(T &, const QString &)>;

template <typename T>
struct Key {
    QString section; // empty: top level
    QString name;
    Set<T> set;
    std::function<void(T &)> clear{}; // only of a list: makes it empty, then set() adds each value

    [[nodiscard]] QString path() const { return section.isEmpty() ? name : section + u'.' + name; }
    [[nodiscard]] QString variable() const
    {
        return (QStringLiteral("TAKT_") + (section.isEmpty() ? QString() : section + u'_') + name).toUpper();
    }
};
template <typename T>
using Keys = std::vector<Key<T>>;

template <typename T>
Set<T> text(std::function<QString &(T &)> field)
{
    return [=](T &t, const QString &value) {
        field(t) = value;
        return QString();
    };
}

template <typename T, typename N>
Set<T> number(std::function<N &(T &)> field, N from, N to)
{
    return [=](T &t, const QString &value) {
        bool ok = false;
        const double d = value.toDouble(&ok);
        if (!ok || !(d >= double(from) && d <= double(to)) || // so, and not the other way round: NaN is neither
            (std::is_integral_v<N> && d != double(qint64(d))))
            return QStringLiteral("must be a%1number from %2 to %3")
                .arg(std::is_integral_v<N> ? QStringLiteral(" whole ") : QStringLiteral(" "))
                .arg(from)
                .arg(to);
        field(t) = N(d);
        return QString();
    };
}

// One of two words.
template <typename T>
Set<T> choice(std::function<bool &(T &)> field, const QString &no, const QString &yes)
{
    return [=](T &t, const QString &value) {
        if (value != no && value != yes)
            return QStringLiteral("must be \"%1\" or \"%2\"").arg(no, yes);
        field(t) = value == yes;
        return QString();
    };
}

template <typename T>
Set<T> url(std::function<QUrl &(T &)> field, const QStringList &schemes)
{
    return [=](T &t, const QString &value) {
        const QUrl parsed(value, QUrl::StrictMode);
        if (!parsed.isValid() || parsed.host().isEmpty() || !schemes.contains(parsed.scheme()))
            return QStringLiteral("must be a %1:// URL").arg(schemes.join(QStringLiteral(":// or ")));
        field(t) = parsed;
        return QString();
    };
}

template <typename T>
Set<T> fallback(std::function<Fallback &(T &)> field, Fallback::Kind kind)
{
    return [=](T &t, const QString &value) {
        QString target = value.trimmed();
        if (kind == Fallback::Kind::Dial)
            target = normalisedNumber(target);
        const QUrl address(target, QUrl::StrictMode);
        const bool web = address.scheme() == u"https" || address.scheme() == u"http";
        if (kind == Fallback::Kind::Redirect && (address.host().isEmpty() || !web))
            target.clear();
        if (target.isEmpty())
            return kind == Fallback::Kind::Dial       ? QStringLiteral("must be a number like +15551234567, or sip:...")
                   : kind == Fallback::Kind::Redirect ? QStringLiteral("must be an https:// URL")
                                                      : QStringLiteral("must be a sentence");
        field(t).kind = kind;
        field(t).value = target;
        return QString();
    };
}

// price_currency, and a price for each class of what is paid: price_input_text...
template <typename T>
Keys<T> priceKeys(const QString &section, speech::SessionSettings &(*session)(T &))
{
    Keys<T> keys{{section, QStringLiteral("price_currency"), [=](T &t, const QString &value) {
                      static const QRegularExpression s_currency(QStringLiteral("^[A-Z]{3}$"));
                      session(t).prices.currency = value;
                      return value.isEmpty() || s_currency.match(value).hasMatch()
                                 ? QString()
                                 : QStringLiteral("must be three letters like USD");
                  }}};
    for (std::size_t i = 0; i < kUsageClasses; ++i) {
        const auto what = UsageClass(i);
        if (what == UsageClass::Unclassified)
            continue; // nobody can say
        const QString key = what == UsageClass::TranscribedMs ? QStringLiteral("transcribed_minute")
                                                              : QString(name(what));
        keys.push_back({section, QStringLiteral("price_") + key,
                        number<T, double>([=](T &t) -> double & { return session(t).prices.of[i]; }, 0, 100'000)});
    }
    return keys;
}

// What a whole gateway and each business may say of the model's session.
template <typename T>
Keys<T> sessionKeys(const QString &section, speech::SessionSettings &(*session)(T &))
{
    const auto string = [&](const char16_t *name, QString speech::SessionSettings::*field) {
        return Key<T>{section, QString::fromUtf16(name), text<T>([=](T &t) -> QString & { return session(t).*field; })};
    };
    const auto whole = [&](const char16_t *name, int speech::TurnDetection::*field, int from, int to) {
        return Key<T>{section, QString::fromUtf16(name),
                      number<T, int>([=](T &t) -> int & { return session(t).turnDetection.*field; }, from, to)};
    };
    Keys<T> keys{
        string(u"instructions", &speech::SessionSettings::instructions),
        string(u"greeting", &speech::SessionSettings::greeting),
        string(u"voice", &speech::SessionSettings::voice),
        string(u"language", &speech::SessionSettings::language),
        string(u"transcription_model", &speech::SessionSettings::transcriptionModel),
        {section, QStringLiteral("vad_threshold"),
         number<T, double>([=](T &t) -> double & { return session(t).turnDetection.threshold; }, 0, 1)},
        {section, QStringLiteral("tools"),
         [=](T &t, const QString &value) {
             if (!speech::knownTools().contains(value))
                 return QStringLiteral("\"%1\" is no tool: %2").arg(value, speech::knownTools().join(u", "));
             session(t).tools << value;
             return QString();
         },
         [=](T &t) { session(t).tools.clear(); }},
        {section, QStringLiteral("append_ms"),
         number<T, int>([=](T &t) -> int & { return session(t).appendMs; }, 20, 40)},
        whole(u"vad_prefix_ms", &speech::TurnDetection::prefixPaddingMs, 0, 5000),
        whole(u"vad_silence_ms", &speech::TurnDetection::silenceDurationMs, 50, 10'000),
        {section, QStringLiteral("interrupt"),
         choice<T>([=](T &t) -> bool & { return session(t).turnDetection.interruptResponse; },
                   QStringLiteral("gateway"), QStringLiteral("server"))},
    };
    const Keys<T> prices = priceKeys<T>(section, session);
    keys.insert(keys.end(), prices.begin(), prices.end());
    return keys;
}

} // namespace takt::config
