// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/passes.h"

#include "bench/exchange.h"
#include "bench/wiretext.h"

namespace takt::bench {

namespace {

constexpr sim::Nanos kPatience = 5 * sim::kSecond;

std::string request(const Door &door, const std::string &text)
{
    sim::Reactor reactor;
    std::string answer;
    Exchange exchange(reactor, Abuse{text, {}, 0}, [&](Exchange &e) {
        answer = e.answer();
        reactor.quit();
    });
    if (!exchange.dial(door.port, 0))
        return {};
    reactor.at(sim::monotonicNs() + kPatience, [&] { reactor.quit(); });
    reactor.run();
    return answer;
}

} // namespace

std::optional<std::vector<Pass>> fetchPasses(const Door &door, int calls)
{
    std::vector<Pass> passes;
    for (int call = 0; call < calls; ++call) {
        const std::string answer = request(door, voiceRequest(door, paddedSid("CA", call + 1)));
        const std::size_t at = answer.find("/media/");
        const std::size_t end = at == std::string::npos ? at : answer.find('"', at);
        if (end == std::string::npos)
            return std::nullopt;
        Pass pass;
        pass.target = answer.substr(at, end - at);
        pass.token = pass.target.substr(pass.target.find('.') + 1);
        passes.push_back(pass);
    }
    return passes;
}

} // namespace takt::bench
