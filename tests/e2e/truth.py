"""What a device says, read from its recording with the Printer MIB in hand and nothing of Platen's own code: the truth that
the values at the gateway are compared with."""

_SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"  # prtGeneralSerialNumber
_DESCRIPTION = "1.3.6.1.2.1.25.3.2.1.3.1"  # hrDeviceDescr
_LIFE_COUNT = "1.3.6.1.2.1.43.10.2.1.4.1.1"  # prtMarkerLifeCount
_LEVEL = "1.3.6.1.2.1.43.11.1.1.9.1."  # prtMarkerSuppliesLevel
_CAPACITY = "1.3.6.1.2.1.43.11.1.1.8.1."  # prtMarkerSuppliesMaxCapacity
_MAC = "1.3.6.1.2.1.2.2.1.6."  # ifPhysAddress


def _octets(entry):
    kind, value = entry
    return bytes.fromhex(value) if kind.endswith("x") else value.encode()


def _text(entry):
    return _octets(entry).decode(errors="replace").strip()


def serial(dump):
    """The serial number that the device tells, or None."""
    return _text(dump[_SERIAL]) if _SERIAL in dump else None


def description(dump):
    """The device's own words for its model."""
    return _text(dump[_DESCRIPTION])


def life_count(dump):
    """Impressions since manufacture."""
    return int(dump[_LIFE_COUNT][1])


def levels(dump):
    """{supply index: (level, capacity)} as sent."""
    found = {}
    for name, (_, value) in dump.items():
        if name.startswith(_LEVEL):
            index = name[len(_LEVEL) :]
            found[int(index)] = (int(value), int(dump[_CAPACITY + index][1]))
    return found


def macs(dump):
    """Hardware addresses, as twelve hexadecimal digits."""
    entries = [_octets(entry) for name, entry in dump.items() if name.startswith(_MAC)]
    return {octets.hex() for octets in entries if len(octets) == 6 and any(octets)}
