// SPDX-License-Identifier: GPL-3.0-or-later
// What the carrier accepts from a gateway, and nothing more: media, mark and clear with exactly the documented keys.
// The rest is what its debugger reports as warning 31951. Pure; one per thread (it reuses one JSON parser).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace simdjson::dom {
class parser; // its header costs seconds of compile time
}

namespace takt::sim {

struct MediaMessage {
    std::string audio;
};
struct MarkMessage {
    std::string name;
};
struct ClearMessage {
};
struct StreamFault {
    int code = 31951;
    std::string text;
};
using GatewayMessage = std::variant<MediaMessage, MarkMessage, ClearMessage, StreamFault>;

class StrictReader
{
public:
    StrictReader();
    ~StrictReader();
    [[nodiscard]] GatewayMessage read(std::string_view json, std::string_view streamSid);

private:
    std::unique_ptr<simdjson::dom::parser> m_parser;
};

} // namespace takt::sim
