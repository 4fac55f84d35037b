// A line between loopback and loopback with a rate and a delay, shared fairly by its connections,
// as routers with a queue for each flow share it (RFC 8290, without dropping: a full queue holds
// its sender back). For benchmarks: the kernel's own means for it need rights that they do not
// have.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "libs/base/time.h"

namespace platen::bench {

struct SlowLinkOptions {
  double bytes_per_second = 0;          // Each way.
  base::Duration delay{0};              // Each way.
  std::size_t queue_bytes = 64 * 1024;  // Of each connection, each way.
};

// Thread-safe; a thread of its own moves everything. Its connections end with it.
class SlowLink {
 public:
  explicit SlowLink(const SlowLinkOptions& options);
  ~SlowLink();

  // A way to "localhost:port" over this line: "localhost:port" of its near end. REQUIRES: nothing
  // runs over the line yet.
  std::string Open(const std::string& target);

  // Bytes of TCP payload that have gone to the far ends, and back.
  std::uint64_t bytes_out() const { return out_.bytes; }

  std::uint64_t bytes_back() const { return back_.bytes; }

 private:
  struct Flow;
  using FlowPtr = std::shared_ptr<Flow>;

  // One direction of all connections.
  struct Way {
    explicit Way(boost::asio::io_context& context) : line(context) {}

    std::list<FlowPtr> flows;  // The first one's turn is next.
    boost::asio::steady_timer line;
    bool busy = false;
    std::atomic<std::uint64_t> bytes = 0;
  };

  struct Door {
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::ip::tcp::endpoint target;
  };

  void Accept(Door& door);
  void Read(Way& way, const FlowPtr& flow);
  // Puts the next packet on the line, if that is free.
  void Pump(Way& way);
  void Carry(const FlowPtr& flow, std::string packet);
  void Write(const FlowPtr& flow);

  const SlowLinkOptions options_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::list<Door> doors_;
  Way out_{context_};
  Way back_{context_};
  std::thread thread_;
};

}  // namespace platen::bench
