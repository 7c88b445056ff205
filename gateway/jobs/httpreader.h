// SPDX-License-Identifier: GPL-3.0-or-later
// An HTTP/1.1 answer as it comes in, piece by piece: every byte is a stranger's, so the parser is Boost.Beast's. Knows
// whether the answer came to its end, by its length or by its last chunk; QNetworkAccessManager (6.4) takes a chunked one
// that was cut for a whole one. Lives in the job's thread, for one exchange.
#pragma once

#include "jobs/http.h"

#include <memory>

namespace takt::jobs {

class HttpReader
{
public:
    explicit HttpReader(bool bodyless); // the answer to HEAD has no body whatever it says
    ~HttpReader();
    Q_DISABLE_COPY_MOVE(HttpReader)

    // False: that is no HTTP.
    [[nodiscard]] bool feed(const QByteArray &bytes);
    // The connection has ended.
    void end();

    [[nodiscard]] bool hasHead() const; // of the final answer, not of a 1xx
    [[nodiscard]] bool isComplete() const;
    [[nodiscard]] int status() const;
    [[nodiscard]] HttpHeaders headers() const;
    [[nodiscard]] qint64 length() const; // of the body; -1: not said
    // What came of the body since the last time.
    [[nodiscard]] QByteArray takeBody();

private:
    void begin();

    struct Private;
    const bool m_bodyless;
    std::unique_ptr<Private> d;
};

} // namespace takt::jobs
