// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that the services around the calls have seen, in order. Written by their threads, read by any; a lock
// guards it all.
#pragma once

#include "sim/verdict/workrecord.h"

#include <QJsonObject>

#include <mutex>

namespace takt::sim {

class WorkLog
{
public:
    void recordingEnded(bool absent);
    void add(MediaRequest request);
    void add(AiRequest request);
    // Decides whether it is a duplicate.
    void add(CrmReceipt receipt);
    void redirectFollowed();

    [[nodiscard]] std::vector<MediaRequest> media() const;
    [[nodiscard]] std::vector<AiRequest> ai() const;
    [[nodiscard]] std::vector<CrmReceipt> crm() const;
    [[nodiscard]] WorkRecord sums() const;
    // {"media":[...],"ai":[...],"crm":{"receipts":[...],"ids":{...}},"sums":{...}}
    [[nodiscard]] QJsonObject json() const;

private:
    mutable std::mutex m_mutex;
    std::vector<MediaRequest> m_media;
    std::vector<AiRequest> m_ai;
    std::vector<CrmReceipt> m_crm;
    std::map<std::string, std::string> m_bodies; // first ones, by webhook-id
    WorkRecord m_sums;
};

// Seconds since 1970, for the log.
[[nodiscard]] double wallSeconds();
[[nodiscard]] QJsonObject workObject(const WorkRecord &sums);

} // namespace takt::sim
