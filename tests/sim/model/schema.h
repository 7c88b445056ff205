// SPDX-License-Identifier: GPL-3.0-or-later
// A small table-driven checker of JSON objects that answers with the service's own error codes. Pure.
#pragma once

#include "sim/model/sessionconfig.h"

#include <QJsonArray>
#include <QJsonValue>

#include <functional>
#include <map>

namespace takt::sim::schema {

using Check = std::function<std::optional<ApiError>(const QJsonValue &value, const QString &path)>;
using Fields = std::map<QString, Check>;

[[nodiscard]] Check anything();
[[nodiscard]] Check text();
[[nodiscard]] Check boolean();
[[nodiscard]] Check number(double low, double high);
[[nodiscard]] Check integer(qint64 low, qint64 high);
[[nodiscard]] Check oneOf(const QStringList &values);
[[nodiscard]] Check nullOr(Check inner);
[[nodiscard]] Check either(Check first, Check second); // the error is the second's
[[nodiscard]] Check listOf(Check inner);
[[nodiscard]] Check object(Fields fields, QStringList required = {});

[[nodiscard]] ApiError missing(const QString &path);
[[nodiscard]] ApiError unknown(const QString &path);
[[nodiscard]] ApiError invalid(const QString &path, const QString &what);

} // namespace takt::sim::schema
