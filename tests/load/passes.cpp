// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/passes.h"

#include "load/exchange.h"
#include "load/wiretext.h"

namespace takt::load {

std::optional<std::vector<Pass>> fetchPasses(const Door &door, int calls)
{
    std::vector<Pass> passes;
    for (int call = 0; call < calls; ++call) {
        const std::string answer = ask(door.port, voiceRequest(door, paddedSid("CA", call + 1)));
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

} // namespace takt::load
