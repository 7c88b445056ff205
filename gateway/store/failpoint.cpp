// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/failpoint.h"

#include <QByteArray>
#include <QList>
#include <QtGlobal>

#include <atomic>
#include <csignal>

namespace takt::store {

void failpoint(const char *name)
{
    static const QByteArray s_spec = qgetenv("TAKT_FAILPOINT");
    static std::atomic<int> s_left{qMax(1, s_spec.mid(s_spec.indexOf(':') + 1).toInt())};
    if (!s_spec.isEmpty() && s_spec.split(':').front() == name && --s_left == 0)
        std::raise(SIGKILL);
}

} // namespace takt::store
