// SPDX-License-Identifier: GPL-3.0-or-later
// A small seeded generator (splitmix64): the same seed gives the same run on every standard library, which the
// distributions of <random> do not promise. One per owner; not shared between threads.
#pragma once

#include <cstdint>
#include <string>

namespace takt::sim {

class Random
{
public:
    explicit Random(std::uint64_t seed)
        : m_state(seed)
    {
    }

    std::uint64_t next()
    {
        m_state += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    // A value of [low, high], both included.
    std::int64_t between(std::int64_t low, std::int64_t high)
    {
        if (high <= low)
            return low;
        return low + std::int64_t(next() % std::uint64_t(high - low + 1));
    }
    double real() { return double(next() >> 11) * 0x1.0p-53; }
    double real(double low, double high) { return low + (high - low) * real(); }
    bool chance(double probability) { return real() < probability; }

    std::string text(std::size_t length, const char *alphabet, std::size_t letters)
    {
        std::string out(length, ' ');
        for (char &c : out)
            c = alphabet[next() % letters];
        return out;
    }
    std::string hex(std::size_t length) { return text(length, "0123456789abcdef", 16); }
    std::string name(std::size_t length)
    {
        return text(length, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 62);
    }

private:
    std::uint64_t m_state;
};

} // namespace takt::sim
