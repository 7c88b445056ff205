// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/cause.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace takt::capacity {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double kThreadFull = 0.85;   // of its time a thread had the processor: what is left is no reserve for a beat
constexpr double kCoresFull = 0.92;    // of the time, all cores together
constexpr double kOthersMatter = 0.25; // of each core; the kernel's own share of our traffic is less
constexpr double kStealMatters = 0.05;
constexpr double kWaitMatters = 0.10; // of the time a thread wanted to run and could not
constexpr double kPressureMatters = 0.25;
constexpr double kUnmeasurable = 0.02; // of the gaps
constexpr double kCallerLateMs = 5;
constexpr double kMemoryLeft = 0.03;
constexpr double kDescriptorsUsed = 0.98;

QString percent(double share)
{
    return QString::number(100 * share, 'f', 0) + u" %"_s;
}
QString cores(double value)
{
    return QString::number(value, 'f', 2);
}
QString named(const ThreadUse &thread)
{
    return QString::fromStdString(thread.name);
}

const ThreadUse *busiest(const std::vector<ThreadUse> &threads)
{
    const auto found = std::max_element(threads.begin(), threads.end(),
                                        [](const ThreadUse &a, const ThreadUse &b) { return a.busy < b.busy; });
    return found == threads.end() ? nullptr : &*found;
}
const ThreadUse *longestWaiting(const std::vector<ThreadUse> &threads)
{
    const auto found = std::max_element(threads.begin(), threads.end(),
                                        [](const ThreadUse &a, const ThreadUse &b) { return a.waiting < b.waiting; });
    return found == threads.end() ? nullptr : &*found;
}

bool isFull(const std::vector<ThreadUse> &threads)
{
    const ThreadUse *thread = busiest(threads);
    return thread != nullptr && thread->busy >= kThreadFull;
}

using Finding = std::optional<Cause>;

Finding processEnded(const Evidence &e)
{
    if (!e.gatewayEnded)
        return {};
    if (e.gatewayKilled)
        return Cause{Resource::Memory, u"the gateway was killed, as the kernel does when memory is out"_s, {}};
    return Cause{Resource::GatewayEnded, u"the gateway ended while it was measured"_s, {}};
}

Finding descriptors(const Evidence &e)
{
    const auto exhausted = [](int used, int limit) { return limit > 0 && used >= kDescriptorsUsed * limit; };
    if (exhausted(e.ownDescriptors, e.ownDescriptorLimit))
        return Cause{Resource::LoadGenerator,
                     u"this program has %1 of its %2 descriptors open (ulimit -n)"_s.arg(e.ownDescriptors)
                         .arg(e.ownDescriptorLimit),
                     {}};
    if (exhausted(e.descriptors.value_or(0), e.descriptorLimit.value_or(0)))
        return Cause{Resource::Descriptors,
                     u"the gateway has %1 of its %2 descriptors open (ulimit -n, or LimitNOFILE of its unit)"_s
                         .arg(*e.descriptors)
                         .arg(*e.descriptorLimit),
                     {}};
    return {};
}

Finding memory(const Evidence &e)
{
    if (e.totalMb <= 0 || e.availableMb > kMemoryLeft * e.totalMb)
        return {};
    return Cause{Resource::Memory,
                 u"%1 of %2 MB are left on the machine"_s.arg(e.availableMb, 0, 'f', 0).arg(e.totalMb, 0, 'f', 0),
                 {}};
}

Finding backlog(const Evidence &e)
{
    if (e.listenOverflows <= 0)
        return {};
    return Cause{Resource::Backlog,
                 u"%1 connections found no room in a listening socket's backlog"_s.arg(e.listenOverflows),
                 {}};
}

// A search on a machine that does something else finds what is left of it.
Finding others(const Evidence &e)
{
    if (e.coresBusy < kCoresFull || e.withWork || e.gateway.empty())
        return {};
    const double ours = e.gatewayBusy() + (e.sharedCores ? e.generatorBusy() : 0);
    const double strange = (e.coresBusy - e.stolen) * e.cores - ours;
    if (strange < kOthersMatter * e.cores)
        return {};
    return Cause{Resource::Others,
                 u"of the gateway's %1 cores, other programs took %2, the gateway %3"_s.arg(e.cores).arg(
                     cores(strange), cores(e.gatewayBusy())),
                 {}};
}

// This program's own threads, or its own lateness while the gateway has time to spare.
Finding generator(const Evidence &e)
{
    if (isFull(e.generator) && !isFull(e.gateway))
        return Cause{Resource::LoadGenerator,
                     u"this program's thread \"%1\" was busy %2 of the time, the gateway's busiest %3"_s.arg(
                         named(*busiest(e.generator)), percent(busiest(e.generator)->busy),
                         e.gateway.empty() ? u"is unknown"_s : percent(busiest(e.gateway)->busy)),
                     {}};
    const bool isFullMachine = e.coresBusy >= kCoresFull;
    if (e.sharedCores && isFullMachine && e.generatorBusy() >= e.gatewayBusy())
        return Cause{
            Resource::LoadGenerator,
            u"the %1 cores are full, and of %2 processors in use this program takes %3, the gateway %4: on cores "
            "of its own the gateway would hold more"_s.arg(e.cores)
                .arg(cores(e.generatorBusy() + e.gatewayBusy()), cores(e.generatorBusy()), cores(e.gatewayBusy())),
            {}};
    const bool isLate = e.notMeasurable > kUnmeasurable || e.callerLateP99Ms > kCallerLateMs;
    if (isLate && !isFullMachine && !isFull(e.gateway) && e.stolen < kStealMatters)
        return Cause{
            Resource::LoadGenerator,
            u"this program was late itself: %1 of the gaps can't be measured, callers' frames are up to %2 ms late "
            "(p99)"_s.arg(percent(e.notMeasurable))
                .arg(e.callerLateP99Ms, 0, 'f', 1),
            {}};
    return {};
}

Finding thread(const Evidence &e)
{
    if (!isFull(e.gateway))
        return {};
    const ThreadUse &full = *busiest(e.gateway);
    return Cause{Resource::Thread,
                 u"the gateway's thread \"%1\" was busy %2 of the time"_s.arg(named(full), percent(full.busy)),
                 {}};
}

Finding gatewayCores(const Evidence &e)
{
    if (e.coresBusy < kCoresFull)
        return {};
    return Cause{
        Resource::Cores,
        u"the gateway's %1 cores were busy %2 of the time: %3 processors in use by the gateway, %4 by this program"_s
            .arg(e.cores)
            .arg(percent(e.coresBusy), cores(e.gatewayBusy()), cores(e.generatorBusy())),
        {}};
}

Finding steal(const Evidence &e)
{
    if (e.stolen < kStealMatters)
        return {};
    return Cause{Resource::Steal, u"the host took %1 of the processors' time for others"_s.arg(percent(e.stolen)), {}};
}

Finding scheduling(const Evidence &e)
{
    const ThreadUse *waiting = longestWaiting(e.gateway);
    if (waiting != nullptr && waiting->waiting >= kWaitMatters)
        return Cause{Resource::Scheduling,
                     u"the gateway's thread \"%1\" waited for a processor %2 of the time"_s.arg(
                         named(*waiting), percent(waiting->waiting)),
                     {}};
    if (e.pressure.value_or(0) < kPressureMatters)
        return {};
    return Cause{Resource::Scheduling,
                 u"somebody on the machine waited for a processor %1 of the time"_s.arg(percent(*e.pressure)),
                 {}};
}

Finding gate(const Evidence &e)
{
    if (e.refused == 0)
        return {};
    return Cause{Resource::Gate, u"the gateway refused %1 calls"_s.arg(e.refused), {}};
}

// What is certain comes first; then whose time is out, from the narrowest to the widest; then what only hints.
constexpr Finding (*kFindings[])(const Evidence &) = {
    processEnded, descriptors, memory, backlog, thread, others, generator, steal, gatewayCores, scheduling, gate};

} // namespace

QString name(Resource resource)
{
    switch (resource) {
    case Resource::LoadGenerator: return u"the load generator, not the gateway"_s;
    case Resource::GatewayEnded: return u"the gateway itself: it ended"_s;
    case Resource::Memory: return u"memory"_s;
    case Resource::Descriptors: return u"file descriptors"_s;
    case Resource::Backlog: return u"the socket backlog"_s;
    case Resource::Others: return u"other programs on this machine"_s;
    case Resource::Steal: return u"the host (stolen time)"_s;
    case Resource::Thread: return u"one thread of the gateway"_s;
    case Resource::Cores: return u"processor cores"_s;
    case Resource::Scheduling: return u"scheduling"_s;
    case Resource::Gate: return u"the gateway's gate"_s;
    case Resource::Unknown: break;
    }
    return u"unknown"_s;
}

Cause causeOf(const Evidence &evidence)
{
    std::vector<Cause> found;
    for (const auto find : kFindings) {
        if (Finding finding = find(evidence))
            found.push_back(std::move(*finding));
    }
    if (found.empty())
        return {Resource::Unknown, u"no resource was short as far as can be seen from here"_s, {}};
    Cause cause = std::move(found.front());
    for (auto more = std::next(found.begin()); more != found.end(); ++more)
        cause.beside << more->why;
    return cause;
}

} // namespace takt::capacity
