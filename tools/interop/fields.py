"""The fields of a control message in the words of interop.hex and pymctp.hex, taken from pymctp's
layers: those that it crafted, before they are bytes, and those that it made of bytes.

Tests/MCTPWireTests/InteropFields.swift says the same words from our values; the two share nothing
but the text. Numbers are decimal; versions, vendor IDs, UUIDs and addresses are hex digits; lists
are separated by commas, what belongs to one entry by colons; an empty list or address is `none`.
"""

from pymctp.layers.mctp import TransportHdrPacket
from pymctp.layers.mctp import control as c
from scapy.packet import NoPayload, Raw

NAMES = {
    0x01: "SetEndpointID",
    0x02: "GetEndpointID",
    0x03: "GetEndpointUUID",
    0x04: "GetVersionSupport",
    0x05: "GetMessageTypeSupport",
    0x06: "GetVendorDefinedMessageSupport",
    0x07: "ResolveEndpointID",
    0x08: "AllocateEndpointIDs",
    0x09: "RoutingInformationUpdate",
    0x0A: "GetRoutingTableEntries",
    0x0B: "PrepareForEndpointDiscovery",
    0x0C: "EndpointDiscovery",
    0x0D: "DiscoveryNotify",
    0x0E: "GetNetworkID",
    0x0F: "QueryHop",
    0x10: "ResolveUUID",
    0x11: "QueryRateLimit",
    0x12: "RequestTXRateLimit",
    0x13: "UpdateRateLimit",
    0x14: "QuerySupportedInterfaces",
}


def listed(texts):
    return ",".join(texts) or "none"


def address(octets):
    return bytes(octets).hex() or "none"


def vendor(layer):
    if layer.vendor_id_format == c.VendorIdFormat.IANA_ENT_NUMBER:
        return f"iana:{layer.vendor_id:08x}"
    return f"pci:{layer.vendor_id:04x}"


def route(entry):
    if isinstance(entry, Raw):  # the rest of a list that does not come out even
        return entry.load.hex()
    return (
        f"{entry.entry_type}:{entry.entry_count}:{entry.starting_eid}:"
        f"{address([entry.phy_address])}"
    )


def table_entry(entry):
    return (
        f"{entry.eid_range}:{entry.starting_eid}:{entry.entry_type}:{entry.static_eid:d}:"
        f"{entry.port_number}:{entry.phys_transport_binding_id}:{entry.phy_media_type_id}:"
        f"{address(entry.phy_address)}"
    )


# What each layer holds. A layer without fields, or without an entry here, holds none.
FIELDS = {
    c.SetEndpointIDRequestPacket: lambda p: f"op={p.op} eid={p.eid}",
    c.SetEndpointIDResponsePacket: lambda p: (
        f"assignment={p.eid_assignment_status} allocation={p.eid_allocation_status} "
        f"eid={p.eid_setting} pool={p.eid_pool_size}"
    ),
    c.GetEndpointIDResponsePacket: lambda p: (
        f"eid={p.eid} endpoint={p.endpoint_type} eidType={p.endpoint_id_type} "
        f"medium={p.medium_specific}"
    ),
    c.GetEndpointUUIDResponsePacket: lambda p: f"uuid={p.uuid}",
    c.GetMctpVersionSupportRequestPacket: lambda p: f"type={p.msg_type_number}",
    c.GetMctpVersionSupportResponsePacket: lambda p: (
        "versions=" + listed(f"{number:08x}" for number in p.version_number_list)
    ),
    c.GetMessageTypeSupportResponsePacket: lambda p: (
        "types=" + listed(f"{int(number)}" for number in p.msg_type_list)
    ),
    c.GetVendorDefinedMessageSupportRequestPacket: lambda p: f"selector={p.vendor_id_set_selector}",
    c.GetVendorDefinedMessageSupportResponsePacket: lambda p: (
        f"next={p.next_vendor_id_set_selector} vendor={vendor(p)} set={p.command_set_type}"
    ),
    c.ResolveEndpointIDRequestPacket: lambda p: f"eid={p.target_eid}",
    c.ResolveEndpointIDResponsePacket: lambda p: (
        f"bridge={p.bridge_eid} address={address(p.phys_address)}"
    ),
    c.AllocateEndpointIDsRequestPacket: lambda p: (
        f"op={p.op} count={p.allocated_pool_size} first={p.starting_eid}"
    ),
    c.AllocateEndpointIDsResponsePacket: lambda p: (
        f"status={p.status} pool={p.eid_pool_size} first={p.first_eid}"
    ),
    c.RoutingInfoUpdateRequestPacket: lambda p: "entries=" + listed(map(route, p.entries)),
    c.GetRoutingTableEntriesRequestPacket: lambda p: f"handle={p.entry_handle}",
    c.GetRoutingTableEntriesResponsePacket: lambda p: (
        f"next={p.next_entry_handle} entries=" + listed(map(table_entry, p.entries))
    ),
    c.GetNetworkIDResponsePacket: lambda p: f"network={p.network_id}",
    c.QueryHopRequestPacket: lambda p: f"target={p.target_eid} type={p.mctp_ctrl_msg_type}",
    c.QueryHopResponsePacket: lambda p: (
        f"next={p.next_bridge_eid} type={p.mctp_ctrl_msg_type} in={p.max_incoming_unit_size}"
    ),
    c.ResolveUUIDRequestPacket: lambda p: f"uuid={p.uuid}",
    c.ResolveUUIDResponsePacket: lambda p: f"eid={p.eid} bridge={p.bridge_eid}",
}


def kind(packet):
    """request, datagram, response or refusal."""
    control = packet[c.ControlHdrPacket]
    if control.rq:
        return "datagram" if control.d else "request"
    return "refusal" if control.completion_code else "response"


def data_fields(packet):
    """What follows command or completion code; empty where pymctp knows nothing of it."""
    layer = packet[c.ControlHdrPacket].payload
    # Of a refusal's missing data pymctp makes a layer of zeros.
    if kind(packet) == "refusal" or type(layer) not in FIELDS:
        return ""
    return FIELDS[type(layer)](layer)


def fields_of(packet):
    """All fields, those of both headers in front."""
    control = packet[c.ControlHdrPacket]
    texts = [
        NAMES.get(control.cmd_code, f"{control.cmd_code:02x}"),
        f"dst={packet.dst} src={packet.src}",
        # pymctp's answers count on from 3 to 4; two bits of it leave.
        f"seq={packet.pkt_seq % 4} to={packet.to} tag={packet.tag}",
        f"d={control.d} iid={control.instance_id}",
    ]
    if not control.rq:
        texts.append(f"cc={control.completion_code}")
    return " ".join(texts + list(filter(None, [data_fields(packet)])))


def dissect(octets):
    """What pymctp makes of a packet: its layers, the fields, and the bytes that it left over.

    Raises ValueError where a field that has only one legal value has another.
    """
    packet = TransportHdrPacket(octets)
    fixed = {"rsvd": 0, "version": 1, "som": 1, "eom": 1, "ic": 0, "msg_type": 0}
    for name, value in fixed.items():
        if getattr(packet, name) != value:
            raise ValueError(f"pymctp reads {name}={getattr(packet, name)}, not {value}")
    if not isinstance(packet.payload, c.ControlHdrPacket):
        raise ValueError("pymctp does not see a control message")
    layer = packet.payload.payload
    if not isinstance(layer, (Raw, NoPayload)):
        layer = layer.payload
    left = layer.load if isinstance(layer, Raw) else bytes(layer)
    return packet, fields_of(packet), bytes(left)


def rebuilt(packet):
    """The bytes that pymctp sends for the fields that it read."""
    copy = packet.copy()
    copy.clear_cache()
    return bytes(copy)
