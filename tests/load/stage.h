// SPDX-License-Identifier: GPL-3.0-or-later
// The program under test between a carrier and a model: started, called, ended in good order. Belongs to the thread that
// made it, which also started the program: it dies with that thread.
#pragma once

#include "load/carrier.h"
#include "load/child.h"
#include "load/model.h"
#include "sim/wire/testcertificate.h"

#include <QTemporaryDir>

#include <unistd.h>

namespace takt::load {

struct StageOptions {
    int calls = 0;
    double barge = 5; // mean seconds between two barge-ins of a caller; 0: none
    bool aligned = false;
    bool traces = false;    // the carrier keeps all arrivals
    bool tls = false;       // the carrier comes by wss, and the model is reached by it
    std::vector<int> cores; // that the program may use; none: all that we may
};

class Stage
{
public:
    // Every wait ends as soon as `interrupted` is set.
    Stage(const StageOptions &options, const std::atomic<bool> &interrupted);
    ~Stage() { finish(); }
    Stage(const Stage &) = delete;
    Stage &operator=(const Stage &) = delete;

    // The model listens (0: on any free port), and the program's port is chosen. Each of these tells what went wrong, or
    // nothing.
    [[nodiscard]] QString prepare(int modelPort = 0);
    // Once the program listens, it rests for a moment.
    [[nodiscard]] QString launch(const std::vector<std::string> &command, const Child::Environment &environment);
    // Calls that come and go before the others, numbered from `first` on: what is left is the work after them.
    [[nodiscard]] QString passBy(int calls, int first);
    // Returns when the calls are open and have settled.
    [[nodiscard]] QString openCalls();
    // Whatever became of it: the calls, then the program, then the model.
    void finish();

    // For a gateway to find all this: a folder of its own, the model, its port. It takes anyone, or who signs.
    [[nodiscard]] Child::Environment gatewayEnvironment() const;
    [[nodiscard]] QString databaseUrl() const { return QStringLiteral("sqlite:") + folder(QStringLiteral("takt.db")); }
    [[nodiscard]] QString folder(const QString &name) const { return m_dir.filePath(name); }
    // The end of what the program printed, to be appended to an error.
    [[nodiscard]] QString lastWords() const;

    template <typename Condition>
    [[nodiscard]] bool waitFor(sim::Nanos patience, Condition reached)
    {
        constexpr useconds_t kLookEveryUs = 5'000;
        const sim::Nanos deadline = sim::monotonicNs() + patience;
        while (!m_interrupted) {
            if (reached())
                return true;
            if (sim::monotonicNs() > deadline || (m_launched && !m_child.running()))
                return false;
            usleep(kLookEveryUs);
        }
        return false;
    }

    [[nodiscard]] Board &board() { return m_board; }
    [[nodiscard]] const Board &board() const { return m_board; }
    [[nodiscard]] Door &door() { return m_door; }
    [[nodiscard]] int modelPort() const { return m_modelPort; }
    [[nodiscard]] Child &child() { return m_child; }
    [[nodiscard]] const Child &child() const { return m_child; }
    // After finish(), and only if calls were to be opened.
    [[nodiscard]] const CarrierFigures &carrier() const { return m_carrier->figures(); }
    [[nodiscard]] const std::vector<Trace> &traces() const { return m_carrier->traces(); }
    [[nodiscard]] const ModelFigures &model() const { return m_model->figures(); }
    [[nodiscard]] bool endedCleanly() const { return m_cleanEnd; }

private:
    const StageOptions m_options;
    const std::atomic<bool> &m_interrupted;
    Board m_board;
    std::unique_ptr<Model> m_model;
    std::unique_ptr<Carrier> m_carrier;
    QTemporaryDir m_dir;
    Child m_child;
    Door m_door;
    sim::TestCertificate m_certificate; // with TLS
    int m_modelPort = 0;
    bool m_launched = false;
    bool m_cleanEnd = false;
    bool m_finished = false;
};

} // namespace takt::load
