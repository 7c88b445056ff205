// SPDX-License-Identifier: GPL-3.0-or-later
// A TOML table read against a table of keys; every problem is noted with its line. Only for this room's own files. Main
// thread.
#pragma once

#include "config/keys.h"

#include <toml++/toml.h>

namespace takt::config {

[[nodiscard]] QString toText(const toml::node &node);
[[nodiscard]] QString lineOf(const toml::node &node); // "line 12: "
[[nodiscard]] inline QString toText(const toml::key &key)
{
    return QString::fromUtf8(key.str().data(), qsizetype(key.str().size()));
}

template <typename T>
void readValue(const toml::node &node, const Key<T> &key, T &target, QStringList &problems)
{
    const auto set = [&](const toml::node &value) {
        if (!value.is_value())
            problems << lineOf(value) + key.path() + QStringLiteral(" must be a single value");
        else if (const QString wrong = key.set(target, toText(value)); !wrong.isEmpty())
            problems << lineOf(value) + key.path() + u' ' + wrong;
    };
    if (!key.clear)
        set(node);
    else if (const toml::array *array = node.as_array()) {
        key.clear(target);
        array->for_each([&](const auto &element) { set(element); });
    } else
        problems << lineOf(node) + key.path() + QStringLiteral(" must be a list: [\"...\", \"...\"]");
}

template <typename T>
void readEntry(const toml::key &tomlKey, const toml::node &node, const QString &section, const Keys<T> &keys, T &target,
               QStringList &problems)
{
    const QString name = toText(tomlKey);
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const Key<T> &k) { return k.section == section && k.name == name; });
    if (key != keys.end())
        readValue(node, *key, target, problems);
    else
        problems << lineOf(node) + QStringLiteral("unknown setting ")
                        + (section.isEmpty() ? name : section + u'.' + name);
}

template <typename T>
void readTable(const toml::table &table, const QString &section, const Keys<T> &keys, T &target, QStringList &problems)
{
    for (const auto &[key, node] : table)
        readEntry(key, node, section, keys, target, problems);
}

// A table names one fallback: which of two would count, nobody could tell. `prefix`: before "say", "dial" and "redirect".
void checkFallbacks(const toml::table &table, const QString &section, const QString &prefix, QStringList &problems);

struct Settings;
// Of the deferred work.
[[nodiscard]] Keys<Settings> jobsKeys();

// All [[business]] entries; each begins as a copy of `base`.
[[nodiscard]] QList<BusinessPtr> readBusinesses(const toml::node &node, const Business &base, QStringList &problems);

} // namespace takt::config
