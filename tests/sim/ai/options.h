// SPDX-License-Identifier: GPL-3.0-or-later
// How the AI HTTP API of a run shall be. Values, fixed before the start.
#pragma once

#include "sim/office/faultboard.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt::sim {

enum class AiFlavour { OpenAi, WhisperCpp, LlamaCpp, Ollama };

struct AiOptions {
    bool enabled = false;
    std::uint16_t port = 0; // 0: any
    AiFlavour flavour = AiFlavour::OpenAi;
    std::string key;                 // the only bearer key accepted; empty: any that is not empty
    std::vector<std::string> models; // known beside the usual ones
    // What a reader of transcripts takes for a city or a service.
    std::vector<std::string> cities{"Tel Aviv", "Jerusalem", "Haifa", "Beersheba", "Berlin", "London", "New York"};
    std::vector<std::string> services{"appointment", "bicycle", "invoice", "order",    "plumbing",
                                      "cleaning",    "haircut", "repair",  "delivery", "insurance"};
    FaultBoard::Values faults; // by their names on the board, without "ai."
};

[[nodiscard]] inline std::optional<AiFlavour> aiFlavourNamed(std::string_view name)
{
    if (name == "openai")
        return AiFlavour::OpenAi;
    if (name == "whisper.cpp")
        return AiFlavour::WhisperCpp;
    if (name == "llama.cpp")
        return AiFlavour::LlamaCpp;
    if (name == "ollama")
        return AiFlavour::Ollama;
    return std::nullopt;
}

} // namespace takt::sim
