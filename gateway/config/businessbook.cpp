// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/businessbook.h"

#include "shared/phonenumber.h"

namespace takt::config {

BusinessBook::BusinessBook(QList<BusinessPtr> businesses, BusinessPtr everybody)
    : m_all(std::move(businesses))
{
    if (m_all.isEmpty()) {
        m_everybody = std::move(everybody);
        m_all.append(m_everybody);
    }
    for (const BusinessPtr &business : std::as_const(m_all)) {
        for (const QString &number : business->numbers)
            m_byNumber.insert(number, business);
    }
}

BusinessPtr BusinessBook::byNumber(const QString &called) const
{
    return m_everybody != nullptr ? m_everybody : m_byNumber.value(normalisedNumber(called));
}

BusinessPtr BusinessBook::byName(const QString &name) const
{
    for (const BusinessPtr &business : m_all) {
        if (business->name == name)
            return business;
    }
    return nullptr;
}

BusinessPtr BusinessBook::only() const
{
    return m_all.size() == 1 ? m_all.front() : nullptr;
}

} // namespace takt::config
