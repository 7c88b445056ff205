// SPDX-License-Identifier: GPL-3.0-or-later
// Who was at the other end of a call. Pure; any thread.
#pragma once

#include "store/dossier.h"

namespace takt::jobs {

// The other end's number: the caller's of an inbound call, the called one of an outbound one. E.164 or a sip: address;
// empty: withheld, or not a number.
[[nodiscard]] QString partyNumber(const store::Dossier &call);
// What the call's lead is found by: the number, or of a withheld one "withheld:" and the CallSid. Empty: neither is known.
[[nodiscard]] QString leadPhone(const store::Dossier &call);

// Did the carrier say that nobody, or a machine, answered? Who was heard speaking has answered.
[[nodiscard]] bool isUnanswered(const store::Dossier &call);

} // namespace takt::jobs
