public import AdminProtocol
internal import MCTPWire

extension EndpointsResult: Rendered {
  public func text(_ style: TextStyle) -> String {
    var table = TextTable(
      columns: [
        .right("NET"), .right("EID"), .left("PORT"), .left("ADDRESS"), .left("SOURCE"),
        .optional("NAME"), .left("MESSAGE TYPES"), .optional("UUID"),
      ], emptyText: "No endpoints are known.")
    table.rows = endpoints.map { row in
      let types = row.messageTypes.map { MessageType(rawValue: $0).name }
      return [
        "\(row.network)", "\(row.eid)", row.port, row.address, row.source, row.name,
        types.isEmpty ? nil : types.joined(separator: " "), row.uuid,
      ]
    }
    return table.text(isBold: style.isBold)
  }
}
