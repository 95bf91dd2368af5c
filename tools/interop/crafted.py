"""What pymctp crafts: every command that it knows, with varied values, and the answers of its own
endpoint to the requests of interop.hex. The text of Tests/TestVectors/pymctp.hex.
"""

import contextlib
import io
from importlib.metadata import version
from uuid import UUID

from pymctp.layers.mctp import EndpointContext, TransportHdr, TransportHdrPacket
from pymctp.layers.mctp import VendorCapabilitySet, VendorIdFormat
from pymctp.layers.mctp import control as c
from pymctp.layers.mctp.control.get_routing_table_entries import GetRoutingTableEntriesResponse
from pymctp.layers.mctp.types import RoutingTableEntry

from fields import NAMES, fields_of, kind

UUIDS = [
    UUID("21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"),
    UUID("00000000-0000-0000-0000-000000000000"),
    UUID("ffeeddcc-bbaa-9988-7766-554433221100"),
]


def entry(count, first, kind_of_entry, static, port, binding, medium, octets):
    return c.RoutingTableEntryPacket(
        eid_range=count, starting_eid=first, entry_type=kind_of_entry, static_eid=static,
        port_number=port, phys_transport_binding_id=binding, phy_media_type_id=medium,
        phy_address=octets,
    )


def route(kind_of_entry, count, first, octet):
    return c.RoutingInfoUpdateEntry1BAddressPacket(
        entry_type=kind_of_entry, entry_count=count, starting_eid=first, phy_address=octet
    )


def requests():
    """Command code and layer; None where a command has no data."""
    for op in c.SetEndpointIDOperation:
        for eid in (8, 0xFE):
            yield 0x01, c.SetEndpointID(op=op, eid=eid)
    yield 0x02, c.GetEndpointID()
    yield 0x03, c.GetEndpointUUID()
    for number in (0x00, 0x05, 0x7E, 0xFF):
        yield 0x04, c.GetMctpVersionSupport(msg_type_number=number)
    yield 0x05, c.GetMessageTypeSupport()
    for selector in (0, 1, 0xFE):
        yield 0x06, c.GetVendorDefinedMessageSupport(set_selector=selector)
    for eid in (8, 0x80, 0xFE):
        yield 0x07, c.ResolveEndpointID(target_eid=eid)
    for op in c.AllocateEIDOperation:
        for size, first in ((0, 0), (1, 8), (246, 9)):
            yield 0x08, c.AllocateEndpointIDs(op=op, allocated_pool_size=size, starting_eid=first)
    routes = [route(n, 1 + 2 * n, 10 + 20 * n, 0x60 + 2 * n) for n in range(4)]
    for entries in ([], routes[:1], routes, [route(1, 255, 8, 0xFE)] * 15):
        yield 0x09, c.RoutingInfoUpdateRequestPacket(entries=entries)
    for handle in (0, 1, 0xFE):
        yield 0x0A, c.GetRoutingTableEntries(entry_handle=handle)
    yield 0x0B, c.PrepareForEndpointDiscovery()
    yield 0x0C, c.EndpointDiscovery()
    yield 0x0D, c.DiscoveryNotify()
    yield 0x0E, c.GetNetworkID()
    for eid, number in ((8, 0), (0xFE, 0x7F), (0, 0xFF)):
        yield 0x0F, c.QueryHop(target_eid=eid, mctp_ctrl_msg_type=number)
    for uuid in UUIDS:
        yield 0x10, c.ResolveUUID(target_uuid=uuid)
    yield 0x11, c.QueryRateLimit()
    yield 0x12, c.RequestTXRateLimit()
    yield 0x13, c.UpdateRateLimit()
    yield 0x14, c.QuerySupportedInterfaces()


def responses():
    for accepted in c.SetEndpointIDAssignmentStatus:
        for pool in c.SetEndpointIDAllocationStatus:
            yield 0x01, c.SetEndpointIDResponse(
                eid_assignment_status=accepted, eid_allocation_status=pool,
                eid_setting=9 + pool, eid_pool_size=pool * 100,
            )
    for endpoint in c.EndpointType:
        for eid_type in c.EndpointIDType:
            yield 0x02, c.GetEndpointIDResponse(
                eid=0 if eid_type == 0 else 0xFE - eid_type, endpoint_type=endpoint,
                endpoint_id_type=eid_type, medium_specific=endpoint * 255,
            )
    for uuid in UUIDS:
        yield 0x03, c.GetEndpointUUIDResponse(uuid=uuid)
    numbers = [0xF1F0FF00, 0xF1F1FF00, 0xF1F2FF00, 0xF1F3F300, 0x10F1F261, 0x01020304]
    for count in (0, 1, 4, 6):
        yield 0x04, c.GetMctpVersionSupportResponse(version_number_list=numbers[:count])
    for types in ([], [0], [0, 1, 4, 5, 6], [0x7E, 0x7F], list(range(59))):
        yield 0x05, c.GetMessageTypeSupportResponse(msg_types=types)
    for following, form, number, kind_of_set in (
        (0xFF, VendorIdFormat.PCI_VENDOR_ID, 0xABCD, 1),
        (1, VendorIdFormat.PCI_VENDOR_ID, 0x0001, 0xFFFF),
        (0xFF, VendorIdFormat.IANA_ENT_NUMBER, 0x1234ABCD, 0x5678),
        (254, VendorIdFormat.IANA_ENT_NUMBER, 0xFFFFFFFE, 0),
    ):
        yield 0x06, c.GetVendorDefinedMessageSupportResponse(
            set_selector=following, vendor_id_fmt=form, vendor_id=number,
            command_set_type=kind_of_set,
        )
    for octets in ([0x66], [], [0x02, 0xAE, 0, 0, 0, 1]):
        yield 0x07, c.ResolveEndpointIDResponse(bridge_eid=14, phys_address=octets)
    for status in c.AllocateEIDAllocationStatus:
        for size, first in ((0, 0), (4, 31), (246, 9)):
            yield 0x08, c.AllocateEndpointIDsResponse(
                status=status, eid_pool_size=size, first_eid=first
            )
    # pymctp has no layer for it: its endpoint answers with the header alone.
    yield 0x09, None
    table = [
        entry(1, 8, 0, 0, 0, 1, 4, [0x60]),
        entry(3, 14, 1, 1, 31, 6, 0x30, [0x02, 0xAE, 0, 0, 0, 1]),
        entry(1, 17, 2, 0, 16, 2, 0x0C, [0x12, 0x34]),
        entry(200, 20, 3, 1, 1, 5, 0x24, []),
    ]
    for following, entries in ((0xFF, []), (0xFF, table[:1]), (5, table), (0xFE, table[:1] * 8)):
        yield 0x0A, GetRoutingTableEntriesResponse(next_entry_handle=following, entries=entries)
    yield 0x0B, c.PrepareForEndpointDiscoveryResponse()
    yield 0x0C, c.EndpointDiscoveryResponse()
    yield 0x0D, c.DiscoveryNotifyResponse()
    for uuid in UUIDS:
        yield 0x0E, c.GetNetworkIDResponse(network_id=uuid)
    for eid, number, size in ((16, 0xFF, 64), (0, 0, 0)):
        yield 0x0F, c.QueryHopResponse(
            next_bridge_eid=eid, mctp_ctrl_msg_type=number, max_incoming_unit_size=size
        )
    for eid, bridge in ((9, 11), (9, 0)):
        yield 0x10, c.ResolveUUIDResponse(eid=eid, bridge_eid=bridge)
    yield 0x11, c.QueryRateLimitResponse()
    yield 0x12, c.RequestTXRateLimitResponse()
    yield 0x13, c.UpdateRateLimitResponse()
    yield 0x14, c.QuerySupportedInterfacesResponse()


def whole(number, code, layer, is_request, completion_code=0, d=False):
    """A packet with headers that differ from one to the next."""
    packet = TransportHdr(
        dst=8 + number % 240, src=0 if number % 9 == 0 else 254 - number % 240, to=is_request,
        tag=number % 8, pkt_seq=number % 4,
    ) / c.ControlHdr(
        rq=is_request, d=d, instance_id=(number * 3) % 32, cmd_code=code,
        completion_code=completion_code,
    )
    return packet if layer is None else packet / layer


def endpoint():
    """A bridge in pymctp's model, with something to say to each request."""
    return EndpointContext(
        static_eid=0x1E, assigned_eid=0x1D, is_bus_owner=True, discovered=True, pool_size=4,
        endpoint_uuid=UUIDS[0], routing_table_ready=True,
        supported_vdm_msg_types=[
            VendorCapabilitySet(0xABCD, VendorIdFormat.PCI_VENDOR_ID, 1),
            VendorCapabilitySet(0x1234ABCD, VendorIdFormat.IANA_ENT_NUMBER, 2),
        ],
        routing_table=[RoutingTableEntry(starting_eid=8, port_number=3, phy_address=[0x60])],
    )


def answer(request):
    """pymctp's answer to the bytes of a request, or None: it then has said why, to nobody."""
    packet = TransportHdrPacket(request)
    packet.dst = 0  # whoever is there
    with contextlib.redirect_stdout(io.StringIO()):
        replies = packet.make_reply(endpoint())
    return replies[0] if replies else None


def all_crafted(ours):
    """Name and packet. `ours` are the vectors of interop.hex."""
    counts = {}

    def named(packet):
        command = NAMES[packet[c.ControlHdrPacket].cmd_code]
        name = f"{command}.{kind(packet)}"
        counts[name] = counts.get(name, 0) + 1
        return f"{name}.{counts[name]}", packet

    number = 0
    for is_request, messages in ((True, requests()), (False, responses())):
        for code, layer in messages:
            number += 1
            yield named(whole(number, code, layer, is_request))
    yield named(whole(1, 0x0C, None, True, d=True))
    for code, completion_code in ((0x02, 1), (0x06, 2), (0x01, 3), (0x0A, 4), (0x14, 5), (4, 0x80)):
        number += 1
        yield named(whole(number, code, None, False, completion_code=completion_code))
    for vector in ours:
        # Not those that it reads otherwise: it may end in an exception there.
        if vector.expectation == "packet request":
            reply = answer(vector.octets)
            if reply is None:
                raise ValueError(f"pymctp does not answer {vector.name} of interop.hex")
            yield f"answer-to.{vector.name}", reply


def whole_body(packet):
    return bytes(packet[c.ControlHdrPacket].payload)


# Where pymctp's bytes are not those of DSP0236 1.3.3 §12: what our decoders make of them.
def misread(packet):
    octets = whole_body(packet)
    code = packet[c.ControlHdrPacket].cmd_code
    if kind(packet) == "response":
        match code:
            case 0x0E | 0x10 if not octets:
                return "we refuse it: tooShort"
            case 0x04 if octets[0] > 0:
                return "versions last byte first"
            case 0x07:
                # A count where the standard has none: it reads as the address's first byte.
                return f"we read bridge={octets[0]} address={octets[1:].hex()}"
            case 0x0F | 0x11 | 0x12 | 0x14:
                return "we refuse it: tooShort"
            case 0x10 if octets[1] == 0:
                return f"we read next={octets[0]} entries=none"
            case 0x10:
                return "we refuse it: tooShort"
    elif kind(packet) == "request" and code in (0x10, 0x12, 0x13):
        return "we refuse it: tooShort"
    return ""


HEAD = """\
# MCTP control messages that pymctp {version} crafted, an implementation that is not ours. Written
# by `tools/interop/run --write`; `tools/interop/run` proves that pymctp still makes these bytes.
#
# The third column has the field values that pymctp was given, in the words of interop.hex.
# `answer-to.X` is what its endpoint model answers to the vector X of interop.hex.
#
# Expectation: `packet`, then request, datagram, response or refusal, then, where the bytes are not
# those of DSP0236 1.3.3 §12:
# `versions last byte first`: a known difference, the values are right when they are turned round;
# `we read FIELDS`: a form that cannot be told from a legal one;
# `we refuse it: ERROR`.
# What pymctp does there: Resolve Endpoint ID's response has a count before the address; Query Hop's
# response ends before the outgoing size; Resolve UUID has no handle and no entries; the rate limit
# commands and Query Supported Interfaces have no data at all; its endpoint answers Get Network ID
# with SUCCESS and no ID, and Query Hop with a size in bytes.
"""


def text(ours):
    """The whole of pymctp.hex."""
    release = version("pymctp")
    parts = [HEAD.format(version=release)]
    for name, packet in all_crafted(ours):
        expectation = ", ".join(filter(None, [f"packet {kind(packet)}", misread(packet)]))
        parts.append(f"# {name} | pymctp {release} | {fields_of(packet)} | {expectation}\n")
        digits = bytes(packet).hex(" ").upper()
        lines = (digits[at : at + 96].rstrip() for at in range(0, len(digits), 96))
        parts[-1] += "".join(line + "\n" for line in lines)
    return "\n".join(parts)
