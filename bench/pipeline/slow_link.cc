#include "bench/pipeline/slow_link.h"

#include <algorithm>
#include <array>
#include <deque>
#include <tuple>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "libs/base/status.h"

namespace platen::bench {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kPacketBytes = 1448;
// What waits in the kernel waits outside of the line's queues: little.
constexpr int kReceiveBufferBytes = 16 * 1024;

}  // namespace

// One direction of one connection. An empty packet is its end.
struct SlowLink::Flow {
  std::shared_ptr<tcp::socket> from;
  std::shared_ptr<tcp::socket> to;
  std::array<char, kPacketBytes> buffer;
  std::deque<std::string> waiting;  // For the line.
  std::size_t waiting_bytes = 0;
  bool held_back = false;         // Not read because too much waits.
  std::deque<std::string> there;  // Arrived; the first is being written.
};

SlowLink::SlowLink(const SlowLinkOptions& options)
    : options_(options), work_(context_.get_executor()) {
  thread_ = std::thread([this] { context_.run(); });
}

SlowLink::~SlowLink() {
  context_.stop();
  thread_.join();
}

std::string SlowLink::Open(const std::string& target) {
  const int port = std::stoi(target.substr(target.rfind(':') + 1));
  const auto loopback = boost::asio::ip::address_v4::loopback();
  Door& door = doors_.emplace_back(
      Door{tcp::acceptor(context_, {loopback, 0}), {loopback, static_cast<std::uint16_t>(port)}});
  // Accepted connections inherit it.
  door.acceptor.set_option(boost::asio::socket_base::receive_buffer_size(kReceiveBufferBytes));
  boost::asio::post(context_, [this, &door] { Accept(door); });
  return base::StrCat("localhost:", door.acceptor.local_endpoint().port());
}

void SlowLink::Accept(Door& door) {
  door.acceptor.async_accept([this, &door](const error_code& error, tcp::socket socket) {
    if (error) return;
    const auto near = std::make_shared<tcp::socket>(std::move(socket));
    const auto far = std::make_shared<tcp::socket>(context_);
    error_code unreachable;
    far->connect(door.target, unreachable);
    if (!unreachable) {
      for (const auto& each : {near, far}) each->set_option(tcp::no_delay(true));
      for (const auto& [way, from, to] : {std::tie(out_, near, far), std::tie(back_, far, near)}) {
        const auto flow = std::make_shared<Flow>();
        flow->from = from;
        flow->to = to;
        way.flows.push_back(flow);
        Read(way, flow);
      }
    }
    Accept(door);
  });
}

void SlowLink::Read(Way& way, const FlowPtr& flow) {
  flow->from->async_read_some(boost::asio::buffer(flow->buffer),
                              [this, &way, flow](const error_code& error, std::size_t size) {
                                flow->waiting.emplace_back(flow->buffer.data(), error ? 0 : size);
                                flow->waiting_bytes += flow->waiting.back().size();
                                flow->held_back = flow->waiting_bytes >= options_.queue_bytes;
                                if (!error && !flow->held_back) Read(way, flow);
                                Pump(way);
                              });
}

void SlowLink::Pump(Way& way) {
  if (way.busy) return;
  const auto next =
      std::ranges::find_if(way.flows, [](const FlowPtr& flow) { return !flow->waiting.empty(); });
  if (next == way.flows.end()) return;
  const FlowPtr flow = *next;
  way.flows.splice(way.flows.end(), way.flows, next);
  std::string packet = std::move(flow->waiting.front());
  flow->waiting.pop_front();
  flow->waiting_bytes -= packet.size();
  if (std::exchange(flow->held_back, flow->waiting_bytes >= options_.queue_bytes) &&
      !flow->held_back) {
    Read(way, flow);
  }
  if (packet.empty()) way.flows.remove(flow);
  way.bytes += packet.size();
  way.busy = true;
  const std::chrono::duration<double> takes(static_cast<double>(packet.size()) /
                                            options_.bytes_per_second);
  way.line.expires_after(std::chrono::duration_cast<base::Duration>(takes));
  way.line.async_wait([this, &way, flow, packet = std::move(packet)](const error_code&) mutable {
    Carry(flow, std::move(packet));
    way.busy = false;
    Pump(way);
  });
}

void SlowLink::Carry(const FlowPtr& flow, std::string packet) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(context_, options_.delay);
  timer->async_wait([this, timer, flow, packet = std::move(packet)](const error_code&) mutable {
    flow->there.push_back(std::move(packet));
    if (flow->there.size() == 1) Write(flow);
  });
}

void SlowLink::Write(const FlowPtr& flow) {
  if (flow->there.front().empty()) {
    error_code ignored;  // The far end may have gone meanwhile.
    flow->to->shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  boost::asio::async_write(*flow->to,
                           boost::asio::buffer(flow->there.front()),
                           [this, flow](const error_code& error, std::size_t /*size*/) {
                             flow->there.pop_front();
                             if (!error && !flow->there.empty()) Write(flow);
                           });
}

}  // namespace platen::bench
