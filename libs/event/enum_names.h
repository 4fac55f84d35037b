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

// The same of the value `number` of `type`; empty for 0, which means "unspecified", and for a
// number without a name, which a newer version may have sent.
std::string ShortEnumName(const google::protobuf::EnumDescriptor& type, int number);

// All short names but that of number 0, which means "unspecified".
std::vector<std::string> ShortEnumNames(const google::protobuf::EnumDescriptor& type);

}  // namespace platen::event
