// SPDX-License-Identifier: GPL-3.0-or-later
// TLS for the public port out of PEM files. Main thread.
#pragma once

#include "shared/result.h"

#include <QSslConfiguration>

namespace takt::http {

// The certificate file holds ours first, then the intermediate ones. The key: RSA or elliptic curve, without a password.
// An error says which file, and what is wrong with it; a key that is not the certificate's is one.
[[nodiscard]] Result<QSslConfiguration> loadTls(const QString &certificateFile, const QString &keyFile);

} // namespace takt::http
