// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/model/schema.h"

#include <QJsonDocument>

#include <cmath>

namespace takt::sim::schema {
namespace {

QString shown(const QJsonValue &value)
{
    const QByteArray json = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(json.mid(1, json.size() - 2)).left(80);
}

ApiError wrongType(const QString &path, const QJsonValue &value, const QString &expected)
{
    return {QStringLiteral("invalid_type"),
            QStringLiteral("Invalid type for '%1': expected %2, but got %3 instead.").arg(path, expected, shown(value)),
            path};
}

} // namespace

ApiError missing(const QString &path)
{
    return {QStringLiteral("missing_required_parameter"), QStringLiteral("Missing required parameter: '%1'.").arg(path),
            path};
}

ApiError unknown(const QString &path)
{
    return {QStringLiteral("unknown_parameter"), QStringLiteral("Unknown parameter: '%1'.").arg(path), path};
}

ApiError invalid(const QString &path, const QString &what)
{
    return {QStringLiteral("invalid_value"), QStringLiteral("Invalid value for '%1': %2").arg(path, what), path};
}

Check anything()
{
    return [](const QJsonValue &, const QString &) { return std::nullopt; };
}

Check text()
{
    return [](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (value.isString())
            return std::nullopt;
        return wrongType(path, value, QStringLiteral("a string"));
    };
}

Check boolean()
{
    return [](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (value.isBool())
            return std::nullopt;
        return wrongType(path, value, QStringLiteral("a boolean"));
    };
}

Check number(double low, double high)
{
    return [=](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (!value.isDouble())
            return wrongType(path, value, QStringLiteral("a decimal"));
        if (value.toDouble() < low || value.toDouble() > high)
            return invalid(path, QStringLiteral("expected %1 to %2, but got %3.").arg(low).arg(high).arg(shown(value)));
        return std::nullopt;
    };
}

Check integer(qint64 low, qint64 high)
{
    return [=](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (!value.isDouble() || value.toDouble() != std::floor(value.toDouble()))
            return wrongType(path, value, QStringLiteral("an integer"));
        return number(double(low), double(high))(value, path);
    };
}

Check oneOf(const QStringList &values)
{
    return [=](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (value.isString() && values.contains(value.toString()))
            return std::nullopt;
        return ApiError{QStringLiteral("invalid_value"),
                        QStringLiteral("Invalid value: %1. Supported values are: '%2'.")
                            .arg(shown(value), values.join(QStringLiteral("', '"))),
                        path};
    };
}

Check nullOr(Check inner)
{
    return [=](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        return value.isNull() ? std::nullopt : inner(value, path);
    };
}

Check either(Check first, Check second)
{
    return [=](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        return first(value, path) ? second(value, path) : std::nullopt;
    };
}

Check listOf(Check inner)
{
    return [=](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (!value.isArray())
            return wrongType(path, value, QStringLiteral("an array"));
        const QJsonArray list = value.toArray();
        for (qsizetype i = 0; i < list.size(); ++i) {
            if (const auto wrong = inner(list.at(i), QStringLiteral("%1[%2]").arg(path).arg(i)))
                return wrong;
        }
        return std::nullopt;
    };
}

Check object(Fields fields, QStringList required)
{
    return [=](const QJsonValue &value, const QString &path) -> std::optional<ApiError> {
        if (!value.isObject())
            return wrongType(path, value, QStringLiteral("an object"));
        const QJsonObject object = value.toObject();
        for (const QString &name : required) {
            if (!object.contains(name))
                return missing(path + u'.' + name);
        }
        for (auto it = object.begin(); it != object.end(); ++it) {
            const auto field = fields.find(it.key());
            if (field == fields.end())
                return unknown(path + u'.' + it.key());
            if (const auto wrong = field->second(it.value(), path + u'.' + it.key()))
                return wrong;
        }
        return std::nullopt;
    };
}

} // namespace takt::sim::schema
