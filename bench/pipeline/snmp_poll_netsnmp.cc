// The well-kept library: net-snmp's single-session API, asynchronous, a session a device, readiness
// by epoll.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

// Its headers depend on this order.
// clang-format off
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/snmp_transport.h>
#include <net-snmp/library/large_fd_set.h>
// clang-format on
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "bench/pipeline/snmp_poll.h"

namespace platen::bench {
namespace {

struct NetSnmpRun {
  std::vector<std::vector<oid>> names;
  std::vector<void*> sessions;
  std::uint64_t polls = 0;
  std::uint64_t sent = 0;
  std::uint64_t done = 0;
  std::uint64_t answered = 0;
};

int OnAnswer(int operation, netsnmp_session*, int, netsnmp_pdu* pdu, void* magic);

struct Slot {
  NetSnmpRun* run;
  std::size_t session;
};

void SendOne(Slot* slot) {
  NetSnmpRun& run = *slot->run;
  if (run.sent >= run.polls) return;
  netsnmp_pdu* pdu = snmp_pdu_create(SNMP_MSG_GET);
  for (const auto& name : run.names) snmp_add_null_var(pdu, name.data(), name.size());
  ++run.sent;
  if (snmp_sess_async_send(run.sessions[slot->session], pdu, OnAnswer, slot) == 0) std::abort();
}

int OnAnswer(int operation, netsnmp_session*, int, netsnmp_pdu* pdu, void* magic) {
  auto* slot = static_cast<Slot*>(magic);
  ++slot->run->done;
  if (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu->variables != nullptr)
    ++slot->run->answered;
  SendOne(slot);
  return 1;
}

void Drive(NetSnmpRun& run, int epoll) {
  std::array<epoll_event, 64> events;
  while (run.done < run.polls) {
    const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 200);
    for (int i = 0; i < ready; ++i) {
      void* session = run.sessions[events[static_cast<std::size_t>(i)].data.u64];
      // Its own set type, as a session's descriptor may be above select's limit.
      netsnmp_large_fd_set set;
      netsnmp_large_fd_set_init(&set, FD_SETSIZE * 2);
      netsnmp_large_fd_setfd(snmp_sess_transport(session)->sock, &set);
      snmp_sess_read2(session, &set);
      netsnmp_large_fd_set_cleanup(&set);
    }
    if (ready > 0) continue;
    for (void* session : run.sessions) snmp_sess_timeout(session);
  }
}

// Without its configuration files and MIBs. It insists on making a directory, which is removed
// again.
void InitialiseOnce() {
  static bool initialised = false;
  if (std::exchange(initialised, true)) return;
  std::string directory = std::filesystem::temp_directory_path() / "platen-bench-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) std::abort();
  setenv("SNMP_PERSISTENT_DIR", directory.c_str(), 1);
  setenv("MIBS", "", 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
  init_snmp("bench");
  std::filesystem::remove_all(directory);
}

}  // namespace

double PollNetSnmp(const snmp::Endpoint& agent, std::uint64_t polls) {
  InitialiseOnce();
  NetSnmpRun run;
  run.polls = polls;
  for (const snmp::Oid& name : PollNames()) {
    const auto arcs = name.view().ToArcs();
    run.names.emplace_back(arcs.begin(), arcs.end());
  }
  std::string peer = agent.ToString();
  netsnmp_session session{};
  snmp_sess_init(&session);
  session.version = SNMP_VERSION_2c;
  session.peername = peer.data();
  std::string community = kCommunity;
  session.community = reinterpret_cast<u_char*>(community.data());
  session.community_len = community.size();
  session.timeout = 2'000'000;
  session.retries = 2;

  const int epoll = epoll_create1(0);
  std::vector<Slot> slots(kInFlight);
  for (std::size_t i = 0; i < kInFlight; ++i) {
    slots[i] = {&run, i};
    run.sessions.push_back(snmp_sess_open(&session));
    if (run.sessions.back() == nullptr) std::abort();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(epoll, EPOLL_CTL_ADD, snmp_sess_transport(run.sessions.back())->sock, &event);
  }
  const double start = ThreadCpuSeconds();
  for (Slot& slot : slots) SendOne(&slot);
  Drive(run, epoll);
  const double cpu = ThreadCpuSeconds() - start;
  for (void* each : run.sessions) snmp_sess_close(each);
  close(epoll);
  if (run.answered * 100 < polls * 99) {
    std::fprintf(stderr,
                 "net-snmp: only %llu of %llu polls were answered\n",
                 static_cast<unsigned long long>(run.answered),
                 static_cast<unsigned long long>(polls));
    std::exit(2);
  }
  return cpu * 1e6 / static_cast<double>(run.answered);
}

}  // namespace platen::bench
