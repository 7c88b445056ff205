// SPDX-License-Identifier: GPL-3.0-or-later
#include "carrier/form.h"

#include <algorithm>

namespace takt::carrier {

namespace {

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::optional<QByteArray> decode(QByteArrayView text)
{
    QByteArray out;
    out.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return std::nullopt;
        out += char(high * 16 + low);
        i += 2;
    }
    if (!QByteArrayView(out).isValidUtf8())
        return std::nullopt;
    return out;
}

} // namespace

std::optional<Form> parseForm(QByteArrayView body)
{
    Form form;
    while (!body.isEmpty()) {
        const qsizetype end = body.indexOf('&');
        const QByteArrayView field = end < 0 ? body : body.first(end);
        body = end < 0 ? QByteArrayView() : body.sliced(end + 1);
        if (field.isEmpty())
            continue;
        const qsizetype equals = field.indexOf('=');
        const auto name = decode(equals < 0 ? field : field.first(equals));
        const auto text = decode(equals < 0 ? QByteArrayView() : field.sliced(equals + 1));
        if (!name || !text || form.size() == kMaxFormFields)
            return std::nullopt;
        form.append({*name, *text});
    }
    return form;
}

QByteArray encodeForm(const Form &form)
{
    QByteArray body;
    for (const FormField &field : form) {
        if (!body.isEmpty())
            body += '&';
        body += field.name.toPercentEncoding();
        body += '=';
        body += field.value.toPercentEncoding();
    }
    return body;
}

QString value(const Form &form, QByteArrayView name)
{
    const auto field = std::find_if(form.begin(), form.end(), [name](const FormField &f) { return f.name == name; });
    return field == form.end() ? QString() : QString::fromUtf8(field->value);
}

} // namespace takt::carrier
