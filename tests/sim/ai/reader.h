// SPDX-License-Identifier: GPL-3.0-or-later
// A deterministic "language model": reads a transcript and fills any JSON schema with what it finds there. Fields are
// known by their names; of others only the type matters. Pure.
#pragma once

#include "sim/ai/options.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace takt::sim {

class Reader
{
public:
    // `text`: everything that the user's messages say. Lines such as "Caller: ..." and "[00:12] agent: ..." are
    // recognized, with "user" and "assistant" too.
    Reader(const AiOptions &options, const QString &text);

    [[nodiscard]] QString summary() const;
    [[nodiscard]] QJsonValue fill(const QJsonObject &schema);

private:
    [[nodiscard]] QJsonValue value(const QString &name, const QJsonObject &schema, const QJsonObject &siblings);
    [[nodiscard]] QJsonObject object(const QJsonObject &schema);
    [[nodiscard]] QJsonValue known(const QString &name, bool nullable, bool &isKnown) const;
    [[nodiscard]] QJsonValue oneOf(const QJsonArray &choices, const QString &name, bool nullable) const;
    [[nodiscard]] static double confidence(const QString &name, const QJsonObject &siblings);
    [[nodiscard]] QJsonObject resolved(QJsonObject schema, bool &nullable) const;
    [[nodiscard]] QString wordOf(const std::vector<std::string> &list) const; // the first of them that is said
    [[nodiscard]] bool says(const QString &words) const;
    [[nodiscard]] QString callerName() const;
    [[nodiscard]] QString time() const;

    const AiOptions &m_options;
    QString m_text;
    QString m_lower; // lower case, other than letters and digits replaced by blanks
    QStringList m_caller;
    QStringList m_agent;
    QJsonObject m_root; // for $ref
};

// What strict mode has against a schema, or nothing: every property required, no additional ones, at every level.
[[nodiscard]] QString strictSchemaError(const QJsonObject &schema, const QString &path = QStringLiteral("()"));

} // namespace takt::sim
