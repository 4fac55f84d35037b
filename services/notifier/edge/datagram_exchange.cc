// A Question under way: said, waited for, said again.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "services/notifier/edge/exchange.h"

namespace platen::notifier::edge {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

class DatagramExchange final : public Exchange<udp> {
 public:
  DatagramExchange(asio::io_context& context, Question question, Exchanges::Done done)
      : Exchange(context, question.peer, std::move(done)),
        question_(std::move(question)),
        socket_(context),
        patience_(context) {}

 private:
  std::shared_ptr<DatagramExchange> Self() {
    return std::static_pointer_cast<DatagramExchange>(shared_from_this());
  }

  // The first address only: who does not answer there may have heard it all the same.
  void OnAddresses(const std::vector<udp::endpoint>& endpoints) override {
    Error error;
    socket_.open(endpoints.front().protocol(), error);
    // From then on the kernel passes on only what comes from there, and tells if nobody listens.
    if (!error) socket_.connect(endpoints.front(), error);
    if (error) return Fail("it can't be reached: " + error.message());
    Listen();
    Say();
  }

  void Say() {
    if (said_ == question_.waits.size()) return Fail("nobody answers");
    socket_.async_send(asio::buffer(question_.bytes),
                       [self = Self()](const Error& error, std::size_t) {
                         if (error) self->Fail("it can't be reached: " + error.message());
                       });
    patience_.expires_after(question_.waits[said_++]);
    patience_.async_wait([self = Self()](const Error& error) {
      if (!error && !self->is_over()) self->Say();
    });
  }

  void Listen() {
    socket_.async_receive(asio::buffer(received_),
                          [self = Self()](const Error& error, std::size_t bytes) {
                            if (error) {
                              return self->Fail("it can't be reached: " + error.message());
                            }
                            self->OnReceived({self->received_.data(), bytes});
                          });
  }

  void OnReceived(std::string_view bytes) {
    if (is_over()) return;
    if (question_.is_answer(bytes)) return Complete(std::string(bytes));
    Listen();
  }

  void Close() override {
    Error ignored;
    patience_.cancel();
    socket_.close(ignored);
  }

  const Question question_;
  udp::socket socket_;
  asio::steady_timer patience_;
  std::size_t said_ = 0;
  std::array<char, 65536> received_;
};

}  // namespace

std::shared_ptr<AnyExchange> MakeDatagramExchange(asio::io_context& context,
                                                  Question question,
                                                  Exchanges::Done done) {
  return std::make_shared<DatagramExchange>(context, std::move(question), std::move(done));
}

}  // namespace platen::notifier::edge
