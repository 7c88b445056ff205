// SPDX-License-Identifier: GPL-3.0-or-later
// Places where the crash tests kill the process, as a power failure would: TAKT_FAILPOINT=NAME, or NAME:N for the N-th
// time. Without that variable nothing ever happens. Any thread.
#pragma once

namespace takt::store {

// call-end           ended, jobs not yet released; not committed
// claimed            a job is ours, nothing done yet
// file-written       a file is complete under its temporary name
// file-settled       ... under its final name, the job not finished
// checkpoint         work is done and paid for, the job not finished
// finish             the job's end and all its effects are written, not committed
// finished           ... and committed, nobody told
// webhook-frozen     a message is in the outbox, nothing sent
// webhook-sent       the receiver has it, we have not written that down
void failpoint(const char *name);

} // namespace takt::store
