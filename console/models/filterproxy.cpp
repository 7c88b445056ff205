// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/filterproxy.h"

#include "console/models/topicmodel.h"

namespace takt::console {

FilterProxy::FilterProxy(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(TopicModel::kSortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setSortLocaleAware(true);
}

FilterProxy *inOrder(QAbstractItemModel *model, QObject *parent)
{
    auto *proxy = new FilterProxy(parent);
    proxy->setSourceModel(model);
    proxy->sort(0);
    return proxy;
}

void FilterProxy::setText(const QString &text)
{
    m_words = text.split(u' ', Qt::SkipEmptyParts);
    invalidateFilter();
}

void FilterProxy::setWanted(int role, const QStringList &values)
{
    m_wanted[role] = values;
    invalidateFilter();
}

bool FilterProxy::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    for (auto it = m_wanted.cbegin(); it != m_wanted.cend(); ++it) {
        if (!it->isEmpty() && !it->contains(index.data(it.key()).toString()))
            return false;
    }
    if (m_words.isEmpty())
        return true;
    const QString text = index.data(TopicModel::kSearchRole).toString();
    return std::all_of(m_words.cbegin(), m_words.cend(),
                       [&](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

} // namespace takt::console
