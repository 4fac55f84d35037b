#include "services/notifier/edge/mail_connection.h"

#include <sys/socket.h>

namespace platen::notifier::edge {

MailConnection::~MailConnection() {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_, CURLINFO_ACTIVESOCKET, &socket);
  // libcurl says QUIT, and would wait up to two minutes for the answer: so it reads the end.
  if (socket != CURL_SOCKET_BAD) shutdown(socket, SHUT_RD);
  curl_easy_cleanup(handle_);
}

}  // namespace platen::notifier::edge
