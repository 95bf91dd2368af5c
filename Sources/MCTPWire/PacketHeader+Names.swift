#if !hasFeature(Embedded)
  extension MessageTag: CustomStringConvertible {
    /// `tag 3 TO` when the source owns the tag, else `tag 3`.
    public var description: String { tagOwner ? "tag \(tag) TO" : "tag \(tag)" }
  }

  extension PacketHeader: CustomStringConvertible {
    /// `9 > 16 SOM EOM seq 2 tag 3 TO`; a version that is not ours comes first.
    public var description: String {
      var text = version == PacketHeader.supportedVersion ? "" : "version \(version) "
      text += "\(source) > \(destination) "
      if som { text += "SOM " }
      if eom { text += "EOM " }
      return text + "seq \(sequence) \(messageTag)"
    }
  }
#endif
