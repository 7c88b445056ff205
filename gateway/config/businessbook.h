// SPDX-License-Identifier: GPL-3.0-or-later
// All businesses of the settings, found by the number that was called. A plain value; any thread.
#pragma once

#include "config/business.h"

#include <QHash>
#include <QList>

namespace takt::config {

class BusinessBook
{
public:
    BusinessBook() = default;
    // Without any business of its own a gateway has one, `everybody`, that takes every number.
    BusinessBook(QList<BusinessPtr> businesses, BusinessPtr everybody);

    // Null: a number that is nobody's. Such a call gets the fallback, never another business's agent.
    [[nodiscard]] BusinessPtr byNumber(const QString &called) const;
    // Null: no such name. The empty name is that of `everybody`, where it takes calls.
    [[nodiscard]] BusinessPtr byName(const QString &name) const;
    // For calls that come without any number (--insecure): the only business there is, if there is only one.
    [[nodiscard]] BusinessPtr only() const;
    [[nodiscard]] const QList<BusinessPtr> &all() const { return m_all; }

private:
    QList<BusinessPtr> m_all;
    QHash<QString, BusinessPtr> m_byNumber;
    BusinessPtr m_everybody; // null where there are businesses
};

} // namespace takt::config
