// SPDX-License-Identifier: GPL-3.0-or-later
// Leads: one row a telephone number within a business. Nothing good is overwritten by something empty or less sure, a
// status that a person has set is never changed by a call, and each call counts once. Lives in the thread of its database
// connection.
#pragma once

#include "shared/result.h"
#include "store/job.h"

#include <QSqlError>

namespace takt::store {

class Database;

// What a call says replaces what is known only when it is surer than that; and a status needs at least the other.
inline constexpr double kSureEnough = 0.8;
inline constexpr double kStatusEnough = 0.65;
// Of somebody new, where the business names no statuses.
inline constexpr QLatin1StringView kNewLead{"new"};

struct Lead {
    qint64 id = 0;
    QString business;
    QString phone;
    QString name;
    QString city;
    double cityConfidence = 0;
    QString service;
    double serviceConfidence = 0;
    QString status;
    QString statusSource; // label, keywords, manual; empty: the first one
    double statusConfidence = 0;
    QString firstDirection;
    int calls = 0;
    QString lastCallSid;
    qint64 createdAtMs = 0;
    qint64 updatedAtMs = 0;
};

struct LeadEvent {
    QString callSid; // empty: a person's edit
    QString effect;  // call, status
    QString from;
    QString to;
    QString detail;
    qint64 atMs = 0;
};

class LeadStore
{
public:
    explicit LeadStore(Database &database)
        : m_database(database)
    {
    }

    // Inside the caller's transaction.
    [[nodiscard]] QSqlError apply(const QString &callSid, const QString &business, const LeadChange &change);
    // The newest first.
    [[nodiscard]] Result<QList<Lead>> list(const QString &business, int limit);
    [[nodiscard]] Result<Lead> lead(qint64 id);
    [[nodiscard]] Result<std::optional<Lead>> byPhone(const QString &business, const QString &phone);
    [[nodiscard]] Result<QList<LeadEvent>> history(qint64 leadId);
    // A person's edit, in a transaction of its own. Empty on success.
    [[nodiscard]] QString setStatus(qint64 id, const QString &status);

private:
    Database &m_database;
};

} // namespace takt::store
