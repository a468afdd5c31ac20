// The table's rules at run time: fill computed fields, and keep checksums right when a field changes.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

/// Fills the fields in each layer's `autos`: lengths and numbers first, then checksums from the inside out.
void fill_computed(MutableBytes packet, std::span<const Layer> layers);

/// After the bytes [offset, offset + before.size()) of `packet`, in the header of layer `i`, held `before`: updates the
/// checksums that cover them (RFC 1624). `field` is what was written; a checksum field itself changes nothing else.
void update_checksums(MutableBytes packet, std::span<const Layer> layers, std::size_t i, const Field& field, Bytes before);

}  // namespace rawket
