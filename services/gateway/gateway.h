// The wiring: reads from top to bottom as the way of an event. Relays → ingest → core → store →
// partner API and live page.
#pragma once

namespace platen::gateway {

// `platen-gateway --config FILE …`. Returns the exit code.
// REQUIRES: tls::InstallOpenSslPolicy() was called.
int RunGateway(int argc, const char* const* argv);

}  // namespace platen::gateway
