// SPDX-License-Identifier: GPL-3.0-or-later
// What a busy gateway publishes, for tests and for pictures.
#pragma once

#include "shared/callsnapshot.h"
#include "shared/topic.h"

class FakeGateway;

namespace samples {

[[nodiscard]] takt::CallSnapshot call(int i, qint64 nowMs);
[[nodiscard]] takt::TopicState calls(int count, qint64 nowMs);
[[nodiscard]] takt::TopicState conversation(qint64 nowMs, bool hebrew);
[[nodiscard]] takt::TopicState beat(qint64 nowMs, int stalls);
// Stalls and flight records, and one of these: its model sends too little in the seventh second.
[[nodiscard]] takt::TopicState flights(qint64 nowMs);
[[nodiscard]] QByteArray flight(qint64 nowMs);
[[nodiscard]] takt::TopicState jobs(qint64 nowMs);
[[nodiscard]] takt::TopicState gateway(int calls);
// All of it, and answers to what the pages ask.
void publishAll(FakeGateway &gateway, qint64 nowMs, bool hebrew);

} // namespace samples
