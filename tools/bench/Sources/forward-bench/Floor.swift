// The floor: what no forwarder can leave out. Checksums by table, one look-up a byte, and one copy
// of the bytes. Written here on purpose, so that it does not change with the code it is held
// against.

/// CRC-8 0x07, 256 entries.
let crc8Table: [UInt8] = (0..<256).map { value in
  var crc = UInt8(value)
  for _ in 0..<8 { crc = crc & 0x80 != 0 ? crc << 1 ^ 0x07 : crc << 1 }
  return crc
}

/// FCS-16 0x8408, 256 entries.
let fcs16Table: [UInt16] = (0..<256).map { value in
  var fcs = UInt16(value)
  for _ in 0..<8 { fcs = fcs & 1 != 0 ? fcs >> 1 ^ 0x8408 : fcs >> 1 }
  return fcs
}

@inline(never)
func crc8(_ bytes: Span<UInt8>, _ table: Span<UInt8>) -> UInt8 {
  var crc: UInt8 = 0
  for index in bytes.indices { crc = table[unchecked: Int(crc ^ bytes[unchecked: index])] }
  return crc
}

@inline(never)
func fcs16(_ bytes: Span<UInt8>, _ table: Span<UInt16>) -> UInt16 {
  var fcs: UInt16 = 0xFFFF
  for index in bytes.indices {
    fcs = fcs >> 8 ^ table[unchecked: Int(UInt8(truncatingIfNeeded: fcs) ^ bytes[unchecked: index])]
  }
  return fcs
}
