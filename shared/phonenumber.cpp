// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/phonenumber.h"

#include <QRegularExpression>

namespace takt {

using namespace Qt::Literals::StringLiterals;

QString normalisedNumber(const QString &number)
{
    static const QRegularExpression s_filling(u"[\\s().-]"_s);
    static const QRegularExpression s_e164(u"^\\+[1-9][0-9]{6,14}$"_s);
    static const QRegularExpression s_sip(u"^sips?:[^\\s@<>\"]+@[^\\s@<>\"]+$"_s);
    if (number.startsWith("sip"_L1))
        return s_sip.match(number).hasMatch() ? number : QString();
    QString digits = number;
    digits.remove(s_filling);
    return s_e164.match(digits).hasMatch() ? digits : QString();
}

} // namespace takt
