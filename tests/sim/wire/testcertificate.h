// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate for 127.0.0.1 and localhost, signed by itself and good for a day, as two PEM files: for tests of TLS.
// Any thread.
#pragma once

#include <string>

namespace takt::sim {

struct TestCertificate {
    std::string certificateFile; // it is its own CA file
    std::string keyFile;
};
// In a folder that exists. Empty names if it can't be made. A further host name may be given.
[[nodiscard]] TestCertificate makeTestCertificate(const std::string &folder, const std::string &host = {});

} // namespace takt::sim
