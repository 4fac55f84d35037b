// Names of enumerators as people read and write them: without the type's name, in lower case.
//
// Thread-safe.
#pragma once

#include <string>
#include <vector>

namespace google::protobuf {
class EnumDescriptor;
class EnumValueDescriptor;
}  // namespace google::protobuf

namespace platen::event {

// LOG_FORMAT_JSON of LogFormat: "json".
std::string ShortEnumName(const google::protobuf::EnumValueDescriptor& value);

// All short names but that of number 0, which means "unspecified".
std::vector<std::string> ShortEnumNames(const google::protobuf::EnumDescriptor& type);

}  // namespace platen::event
