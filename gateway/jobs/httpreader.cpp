// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/httpreader.h"

#if defined(__GNUC__) && !defined(__clang__)
// With sanitizers GCC 12 thinks that an empty boost::optional is read.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/http.hpp>

#include <limits>
#include <optional>
#include <utility>

namespace takt::jobs {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

namespace {

constexpr std::uint32_t kMaxHeadBytes = 64 * 1024;

// Keeps what came since it was last emptied. Beast's own bodies reserve what the other side announces.
struct PassingBody {
    using value_type = QByteArray;
    class reader
    {
    public:
        template <bool isRequest, class Fields>
        reader(bhttp::header<isRequest, Fields> &, value_type &body)
            : m_body(body)
        {
        }
        void init(const boost::optional<std::uint64_t> &, beast::error_code &error) { error = {}; }
        template <class Buffers>
        std::size_t put(const Buffers &buffers, beast::error_code &error)
        {
            error = {};
            std::size_t bytes = 0;
            for (const boost::asio::const_buffer buffer : beast::buffers_range_ref(buffers)) {
                m_body.append(static_cast<const char *>(buffer.data()), qsizetype(buffer.size()));
                bytes += buffer.size();
            }
            return bytes;
        }
        void finish(beast::error_code &error) { error = {}; }

    private:
        value_type &m_body;
    };
};

QByteArray bytesOf(beast::string_view text)
{
    return {text.data(), qsizetype(text.size())};
}

} // namespace

struct HttpReader::Private {
    std::optional<bhttp::response_parser<PassingBody>> parser;
    QByteArray rest; // that the parser wants to see again, with more
};

HttpReader::HttpReader(bool bodyless)
    : m_bodyless(bodyless)
    , d(std::make_unique<Private>())
{
    begin();
}

HttpReader::~HttpReader() = default;

void HttpReader::begin()
{
    d->parser.emplace();
    d->parser->header_limit(kMaxHeadBytes);
    // The exchange has one of its own. Not boost::none: Boost 1.74 takes that for less than any length.
    d->parser->body_limit(std::numeric_limits<std::uint64_t>::max());
    d->parser->eager(true);
    d->parser->skip(m_bodyless);
}

bool HttpReader::feed(const QByteArray &bytes)
{
    d->rest += bytes;
    while (!d->rest.isEmpty() && !d->parser->is_done()) {
        beast::error_code error;
        const std::size_t used = d->parser->put(
            boost::asio::const_buffer(d->rest.constData(), std::size_t(d->rest.size())), error);
        d->rest.remove(0, qsizetype(used));
        if (error && error != bhttp::error::need_more)
            return false;
        if (d->parser->is_done() && d->parser->get().result_int() / 100 == 1)
            begin(); // "Continue", "Early hints": the answer is still to come
        else if (error == bhttp::error::need_more && used == 0)
            break;
    }
    return true;
}

void HttpReader::end()
{
    beast::error_code error; // is_done() says it
    if (!d->parser->is_done() && d->parser->is_header_done())
        d->parser->put_eof(error);
}

bool HttpReader::hasHead() const
{
    return d->parser->is_header_done();
}

bool HttpReader::isComplete() const
{
    return d->parser->is_done();
}

int HttpReader::status() const
{
    return hasHead() ? int(d->parser->get().result_int()) : 0;
}

HttpHeaders HttpReader::headers() const
{
    HttpHeaders all;
    if (hasHead()) {
        for (const auto &field : d->parser->get())
            all.emplaceBack(bytesOf(field.name_string()), bytesOf(field.value()));
    }
    return all;
}

qint64 HttpReader::length() const
{
    const auto length = hasHead() ? d->parser->content_length() : boost::none;
    return length ? qint64(*length) : -1;
}

QByteArray HttpReader::takeBody()
{
    return std::exchange(d->parser->get().body(), QByteArray());
}

} // namespace takt::jobs
