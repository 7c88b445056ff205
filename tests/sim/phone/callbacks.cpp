// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/phone/callbacks.h"

#include <algorithm>

namespace takt::sim {

Callbacks::Callbacks(World world, PhoneRecord &record, std::uint64_t seed)
    : m_world(std::move(world))
    , m_record(record)
    , m_random(seed)
    , m_began(monotonicNs())
{
}

Callbacks::~Callbacks()
{
    *m_alive = false;
}

// What some callbacks of the real carrier were seen to lack.
void Callbacks::disturb(Params &params)
{
    if (m_sent++ > 0 && m_random.chance(m_world.disorder.emptyParties)) {
        for (auto &[name, value] : params) {
            if (name == "From" || name == "To" || name == "Caller" || name == "Called")
                value.clear();
        }
    }
    if (m_random.chance(m_world.disorder.withoutParent))
        std::erase_if(params, [](const auto &param) { return param.first == "ParentCallSid"; });
}

void Callbacks::send(const std::string &kind, const std::string &url, const std::string &method, Params params)
{
    if (url.empty())
        return;
    disturb(params);
    CallbackRecord record;
    record.kind = kind;
    record.url = url;
    record.params = std::move(params);
    record.idempotencyToken = m_random.hex(8) + "-" + m_random.hex(4) + "-" + m_random.hex(12);
    const bool twice = m_random.chance(m_world.disorder.duplicated);
    for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
        record.repeated = copy > 0;
        m_record.callbacks.push_back(record);
        const Waiting waiting{m_record.callbacks.size() - 1, method};
        Nanos delay = m_random.chance(m_world.disorder.shuffled) ? fromMs(m_random.real(100, 2000)) : 0;
        if (m_random.chance(m_world.disorder.late))
            delay += fromMs(1000 * m_world.disorder.lateSeconds);
        ++m_pending;
        if (delay > 0) {
            m_world.reactor.at(monotonicNs() + delay, [this, waiting, alive = m_alive] {
                if (*alive)
                    begin(waiting, false);
            });
        } else if (copy > 0) {
            begin(waiting, false); // beside its twin, so that they may meet in the gateway
        } else {
            m_queue.push_back(waiting);
            advance();
        }
    }
}

void Callbacks::advance()
{
    if (m_busy || m_queue.empty())
        return;
    m_busy = true;
    const Waiting next = m_queue.front();
    m_queue.pop_front();
    begin(next, true);
}

void Callbacks::begin(const Waiting &callback, bool inOrder)
{
    CallbackRecord &record = m_record.callbacks[callback.index];
    record.sentAtMs = toMs(monotonicNs() - m_began);
    WebhookRequest request;
    request.url = record.url;
    request.method = callback.method;
    request.params = record.params;
    request.idempotencyToken = record.idempotencyToken;
    m_world.webhooks.send(request, [this, index = callback.index, inOrder, alive = m_alive](const HttpResult &result) {
        if (!*alive)
            return;
        CallbackRecord &answered = m_record.callbacks[index];
        answered.status = result.status;
        answered.error = result.error;
        answered.ms = toMs(result.took);
        if (!result.success())
            m_record.notices.push_back({11200,
                                        "callback " + answered.kind + " to " + answered.url + ": "
                                            + (result.error.empty() ? std::to_string(result.status) : result.error),
                                        true, true});
        --m_pending;
        if (inOrder) {
            m_busy = false;
            advance();
        }
        m_world.changed();
    });
}

} // namespace takt::sim
