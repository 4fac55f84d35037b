#include "services/notifier/edge/exchanges.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "services/notifier/edge/exchange.h"

namespace platen::notifier::edge {

namespace asio = boost::asio;

class Exchanges::Impl {
 public:
  Impl() : work_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}

  ~Impl() {
    asio::post(context_, [this] {
      for (const auto& weak : running_) {
        if (const auto exchange = weak.lock()) exchange->Abandon("the notifier is stopping");
      }
      // What hangs in a look-up is not waited for.
      context_.stop();
    });
    thread_.join();
  }

  // `make` gives the exchange; it is called on the thread.
  template <class Make>
  void Start(Make make) {
    asio::post(context_, [this, make = std::move(make)]() mutable {
      std::shared_ptr<AnyExchange> exchange = make(context_);
      std::erase_if(running_, [](const auto& weak) { return weak.expired(); });
      running_.push_back(exchange);
      exchange->Begin();
    });
  }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  // Of the thread only.
  std::vector<std::weak_ptr<AnyExchange>> running_;
  std::thread thread_;
};

Exchanges::Exchanges() : impl_(std::make_unique<Impl>()) {}

Exchanges::~Exchanges() = default;

void Exchanges::Send(TlsMessage message, Done done) {
  impl_->Start(
      [message = std::move(message), done = std::move(done)](asio::io_context& context) mutable {
        return MakeTlsExchange(context, std::move(message), std::move(done));
      });
}

void Exchanges::Ask(Question question, Done done) {
  impl_->Start(
      [question = std::move(question), done = std::move(done)](asio::io_context& context) mutable {
        return MakeDatagramExchange(context, std::move(question), std::move(done));
      });
}

}  // namespace platen::notifier::edge
