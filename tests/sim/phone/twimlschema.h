// SPDX-License-Identifier: GPL-3.0-or-later
// Which verbs, nouns and attributes TwiML has (npm twilio 6.2.0, lib/twiml/VoiceResponse.d.ts). Pure.
#pragma once

#include "sim/phone/twiml.h"

namespace takt::sim {

struct VerbRule {
    const char *name;
    const char *parents;    // separated by blanks
    const char *attributes; // separated by blanks
    bool text = false;      // may contain words of its own
    bool speech = false;    // ... with elements of SSML
};

[[nodiscard]] const VerbRule *ruleOf(std::string_view verb);
[[nodiscard]] bool allowedIn(const VerbRule &rule, std::string_view parent);
// What is wrong, in words, or nothing.
[[nodiscard]] std::string wrongAttribute(const VerbRule &rule, std::string_view name, const std::string &value);
[[nodiscard]] std::string wrongVerb(const Verb &verb);
// Whether a list separated by blanks has the word.
[[nodiscard]] bool hasWord(std::string_view list, std::string_view word);
[[nodiscard]] std::vector<std::string> wordsOf(std::string_view list);

} // namespace takt::sim
