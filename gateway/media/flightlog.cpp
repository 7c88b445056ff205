// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/flightlog.h"

namespace takt::media {

namespace {

// More calls than that are recorded as well, but not in a crash.
constexpr std::size_t kSlots = 4096;

struct Slot {
    std::atomic<FlightLog *> log{nullptr}; // once made it stays
    std::atomic<bool> taken{false};
};
std::array<Slot, kSlots> g_slots;

// A stranger's words become part of a file's name, and of JSON that nobody escapes.
char harmless(char c)
{
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return plain ? c : '_';
}

void keep(std::array<char, FlightLog::kNameBytes> &to, QByteArrayView name)
{
    to.fill(0);
    const qsizetype size = std::min<qsizetype>(name.size(), qsizetype(to.size()) - 1);
    std::transform(name.begin(), name.begin() + size, to.begin(), harmless);
}

void begin(FlightLog &log, QByteArrayView callSid, QByteArrayView streamSid, qint64 nowNs, qint64 nowMs)
{
    keep(log.callSid, callSid);
    keep(log.streamSid, streamSid);
    log.startNs = nowNs;
    log.startedMs = nowMs;
    log.tx.begin(nowNs);
    log.call.begin(nowNs);
}

} // namespace

FlightLogPtr takeFlightLog(QByteArrayView callSid, QByteArrayView streamSid, qint64 nowNs, qint64 nowMs)
{
    for (Slot &slot : g_slots) {
        if (slot.taken.load(std::memory_order_relaxed) || slot.taken.exchange(true, std::memory_order_acquire))
            continue;
        FlightLog *log = slot.log.load(std::memory_order_relaxed);
        if (log == nullptr)
            log = new FlightLog;
        begin(*log, callSid, streamSid, nowNs, nowMs);
        slot.log.store(log, std::memory_order_release);
        return {log, [&slot](FlightLog *) { slot.taken.store(false, std::memory_order_release); }};
    }
    auto log = std::make_shared<FlightLog>();
    begin(*log, callSid, streamSid, nowNs, nowMs);
    return log;
}

const FlightLog *nextLiveFlightLog(std::size_t &slot)
{
    while (slot < kSlots) {
        const Slot &at = g_slots[slot++];
        const FlightLog *log = at.log.load(std::memory_order_acquire);
        if (log != nullptr && at.taken.load(std::memory_order_acquire))
            return log;
    }
    return nullptr;
}

} // namespace takt::media
