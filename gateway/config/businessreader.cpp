// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/tomltable.h"

#include <QFile>
#include <QSet>

namespace takt::config {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kMaxName = 100;

Key<Business> words(const QString &name, QStringList Business::*field)
{
    return {{},
            name,
            [=](Business &b, const QString &value) {
                if (value.trimmed().isEmpty())
                    return u"must not hold an empty entry"_s;
                (b.*field) << value.trimmed();
                return QString();
            },
            [=](Business &b) { (b.*field).clear(); }};
}

QString setName(Business &b, const QString &value)
{
    b.name = value.trimmed();
    return b.name.isEmpty() || b.name.size() > kMaxName ? u"must be 1 to %1 characters"_s.arg(kMaxName) : QString();
}

QString addNumber(Business &b, const QString &value)
{
    const QString number = normalisedNumber(value);
    if (number.isEmpty())
        return u"\"%1\" must be like +15551234567, or sip:..."_s.arg(value);
    b.numbers << number;
    return {};
}

QString setTransfer(Business &b, const QString &value)
{
    b.transferTo = normalisedNumber(value);
    return b.transferTo.isEmpty() ? u"must be a number like +15551234567, or sip:..."_s : QString();
}

QString readSecret(Business &b, const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return u"can't read %1: %2"_s.arg(path, file.errorString());
    b.webhookSecret = QString::fromUtf8(file.readAll()).trimmed();
    return b.webhookSecret.startsWith("whsec_"_L1) ? QString() : u"%1 must hold whsec_ and base64"_s.arg(path);
}

Fallback &fallbackOf(Business &b)
{
    return b.fallback;
}

Keys<Business> businessKeys()
{
    Keys<Business> keys = sessionKeys<Business>({}, [](Business &b) -> speech::SessionSettings & { return b.speech; });
    const Keys<Business> own{
        {{}, u"name"_s, setName},
        {{}, u"numbers"_s, addNumber, [](Business &b) { b.numbers.clear(); }},
        words(u"services"_s, &Business::services),
        words(u"cities"_s, &Business::cities),
        words(u"lead_statuses"_s, &Business::leadStatuses),
        {{}, u"transfer_to"_s, setTransfer},
        {{},
         u"webhook_url"_s,
         url<Business>([](Business &b) -> QUrl & { return b.webhookUrl; }, {u"https"_s, u"http"_s})},
        {{}, u"webhook_secret_file"_s, readSecret},
        {{}, u"max_calls"_s, number<Business, int>([](Business &b) -> int & { return b.limits.calls; }, 0, 100'000)},
        {{},
         u"max_outbound"_s,
         number<Business, int>([](Business &b) -> int & { return b.limits.outbound; }, 0, 100'000)},
        {{}, u"fallback_say"_s, fallback<Business>(fallbackOf, Fallback::Kind::Say)},
        {{}, u"fallback_dial"_s, fallback<Business>(fallbackOf, Fallback::Kind::Dial)},
        {{}, u"fallback_redirect"_s, fallback<Business>(fallbackOf, Fallback::Kind::Redirect)},
        {{}, u"fallback_language"_s, text<Business>([](Business &b) -> QString & { return b.fallback.language; })},
    };
    keys.insert(keys.end(), own.begin(), own.end());
    return keys;
}

} // namespace

QList<BusinessPtr> readBusinesses(const toml::node &node, const Business &base, QStringList &problems)
{
    const toml::array *entries = node.as_array();
    if (entries == nullptr || !entries->is_array_of_tables()) {
        problems << lineOf(node) + u"business must be written as [[business]]"_s;
        return {};
    }
    const Keys<Business> keys = businessKeys();
    QList<BusinessPtr> all;
    QSet<QString> names;
    QHash<QString, QString> owners; // of numbers
    for (const toml::node &entry : *entries) {
        auto business = std::make_shared<Business>(base);
        readTable(*entry.as_table(), {}, keys, *business, problems);
        checkFallbacks(*entry.as_table(), {}, u"fallback_"_s, problems);
        const QString line = lineOf(entry);
        if (business->name.isEmpty())
            problems << line + u"a [[business]] needs a name"_s;
        else if (names.contains(business->name))
            problems << line + u"a second business \"%1\""_s.arg(business->name);
        names.insert(business->name);
        if (business->speech.tools.contains(speech::kTransferCall) && business->transferTo.isEmpty())
            problems << line + u"business \"%1\" has the tool transfer_call, and no transfer_to"_s.arg(business->name);
        if (business->numbers.isEmpty())
            problems << line + u"business \"%1\" has no numbers"_s.arg(business->name);
        for (const QString &number : std::as_const(business->numbers)) {
            if (owners.contains(number))
                problems << line
                                + u"%1 belongs to \"%2\" already, and is claimed by \"%3\""_s.arg(
                                    number, owners.value(number), business->name);
            owners.insert(number, business->name);
        }
        all << std::move(business);
    }
    return all;
}

} // namespace takt::config
