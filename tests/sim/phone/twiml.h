// SPDX-License-Identifier: GPL-3.0-or-later
// TwiML read as the carrier reads it: broken XML is an error, what its schema doesn't know is a warning and skipped.
// Pure.
#pragma once

#include "sim/verdict/phonerecord.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace takt::sim {

struct Verb {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::string text; // trimmed
    std::vector<Verb> children;

    [[nodiscard]] bool has(const std::string &attribute) const { return attributes.contains(attribute); }
    [[nodiscard]] std::string attribute(const std::string &attribute, const std::string &otherwise = {}) const
    {
        const auto found = attributes.find(attribute);
        return found == attributes.end() ? otherwise : found->second;
    }
    [[nodiscard]] const Verb *child(std::string_view name) const;
};

struct Twiml {
    std::vector<Verb> verbs;
    std::vector<CarrierNotice> notices;
    bool usable = false; // false: one of the notices is an error, and nothing can be executed

    static Twiml parse(std::string_view text);
    // ... of an HTTP answer, whose type must be XML.
    static Twiml parse(std::string_view text, const std::string &contentType);
};

} // namespace takt::sim
