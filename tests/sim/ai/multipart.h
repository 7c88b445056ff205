// SPDX-License-Identifier: GPL-3.0-or-later
// multipart/form-data (RFC 7578) as a server reads it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt::sim {

struct FormPart {
    std::string name;
    std::string filename;
    std::string contentType;
    std::string_view data; // in the body
};

struct Multipart {
    std::vector<FormPart> parts;

    // Nothing if the body is not what its content type says. The body must outlive it.
    [[nodiscard]] static std::optional<Multipart> parse(const std::string &contentType, std::string_view body);
    [[nodiscard]] const FormPart *find(std::string_view name) const;
    [[nodiscard]] std::string value(std::string_view name) const; // empty if there is none
    [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
};

} // namespace takt::sim
