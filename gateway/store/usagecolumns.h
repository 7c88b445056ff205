// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of what a call took and cost, as resources/sql/006_usage.sql has them. Any thread.
#pragma once

#include "shared/usage.h"

#include <QSqlQuery>
#include <QStringList>

namespace takt::store {

[[nodiscard]] inline QString usageColumn(UsageClass what)
{
    return QStringLiteral("usage_") + name(what);
}

// For a SELECT: one a class, then the cost.
[[nodiscard]] inline QString usageColumns()
{
    QStringList columns;
    for (std::size_t i = 0; i < kUsageClasses; ++i)
        columns << usageColumn(UsageClass(i));
    return columns.join(QStringLiteral(", ")) + QStringLiteral(", cost_micros, cost_currency");
}

// From the row's column `at` on.
[[nodiscard]] inline Usage readUsage(const QSqlQuery &row, int at)
{
    Usage usage;
    for (std::size_t i = 0; i < kUsageClasses; ++i)
        usage.amounts[i] = row.value(at + int(i)).toLongLong();
    return usage;
}

[[nodiscard]] inline std::optional<Cost> readCost(const QSqlQuery &row, int at)
{
    const int micros = at + int(kUsageClasses);
    const QString currency = row.value(micros + 1).toString();
    return currency.isEmpty() || row.isNull(micros) ? std::nullopt
                                                    : std::optional(Cost{row.value(micros).toLongLong(), currency});
}

} // namespace takt::store
