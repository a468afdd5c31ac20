// Everything a packet says, in order: the fields of each layer, its options, and what its hooks tell.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

/// What `walk` calls. `offset` and `length` are bytes of the packet.
class Visitor {
 public:
  virtual void layer(const Layer& layer, std::size_t index) = 0;
  /// A field of the table; `header` are the bytes it is read from.
  virtual void field(const Field& field, const u8* header, u32 offset, u32 length) = 0;
  virtual void number(const Field& field, u64 value, u32 offset, u32 length) = 0;
  virtual void octets(const Field& field, Bytes value, u32 offset, u32 length) = 0;
  virtual void option(const Protocol* option, u64 kind, u32 offset, u32 length) = 0;

 protected:
  ~Visitor() = default;
};

void walk(const Dissection& d, Visitor& visitor);
/// One layer's part of it, without the call to `layer`; `fixed_fields` false leaves out the table's own fields.
void walk_layer(const Dissection& d, std::size_t index, Visitor& visitor, bool fixed_fields = true);

}  // namespace rawket
