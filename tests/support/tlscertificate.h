// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate of our own making, for a listening end. Any thread.
#pragma once

#include "http/tls.h"
#include "support/certificates.h"

namespace takt::test {

// One a process.
inline QSslConfiguration makeTls()
{
    using namespace Qt::Literals::StringLiterals;
    static PemFiles s_files;
    static const QString s_file = [] {
        const KeyPtr key = makeKey(KeyKind::Ec);
        return s_files.write(u"pem"_s, makeCertificate(key) + pem(key));
    }();
    return *http::loadTls(s_file, s_file);
}

} // namespace takt::test
