// Which subnet an address lies in, as far as that can be guessed from it.
//
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace platen::base {

// Of an address as a target has it, with a port or without: "10.1.2.0/24", "2001:db8:0:1::/64".
// Nobody tells Platen where a network is cut, and printers share the smallest that is usual. Empty
// where it is no address.
std::string SubnetOf(std::string_view address);

}  // namespace platen::base
