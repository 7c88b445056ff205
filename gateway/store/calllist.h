// SPDX-License-Identifier: GPL-3.0-or-later
// Past calls as operators page through them: the latest first, as quick at the end of a million as at its beginning.
// Reads only; in the thread of the connection.
#pragma once

#include "shared/callrecord.h"
#include "shared/result.h"

#include <QList>

namespace takt::store {

class Database;

struct CallFilter {
    QString text;        // in a number, a business, a CallSid; empty: any
    qint64 beforeMs = 0; // what began before that call; 0: from the latest on
    QString beforeSid;
    int limit = 100;
};

[[nodiscard]] Result<QList<CallRecord>> listCalls(Database &database, const CallFilter &filter);

} // namespace takt::store
