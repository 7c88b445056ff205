// SPDX-License-Identifier: GPL-3.0-or-later
// application/x-www-form-urlencoded, which the carrier's webhooks and its REST API speak. Names and values are decoded
// UTF-8; their order and repetitions are kept, because the signature covers all of them. Pure; any thread.
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QString>

#include <optional>

namespace takt::carrier {

inline constexpr int kMaxFormFields = 200; // an incoming call has about thirty

struct FormField {
    QByteArray name;
    QByteArray value;
    friend bool operator==(const FormField &, const FormField &) = default;
};
using Form = QList<FormField>;

// nullopt: a broken escape, text that is not UTF-8, or more fields than kMaxFormFields.
[[nodiscard]] std::optional<Form> parseForm(QByteArrayView body);
[[nodiscard]] QByteArray encodeForm(const Form &form);

// The first field of that name; empty when there is none.
[[nodiscard]] QString value(const Form &form, QByteArrayView name);

} // namespace takt::carrier
