"""Adds the appliance's two partitions to the vendor's layout of a Jetson's disk, and leaves all else as it is.

The layout is NVIDIA's flash XML: a <device> holds <partition> elements in the order they have on the disk, and
`secondary_gpt` comes last. Which device has the roots is seen by `APP_b`. Partitions without an id get the number of the
one before plus one, so both have ids of their own.
"""

import xml.etree.ElementTree as tree

# Microsoft basic data: every laptop shows it.
BASIC_DATA = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
# The same as in app/dist/appliance/repart.d, by which systemd-repart finds it and grows it.
DATA = "404B9C41-ADC2-4D68-97A9-A6E3D1031CD0"

MIB = 1024 * 1024


class LayoutError(Exception):
    """The layout is not of the kind this was written for."""


def extend(path):
    """Rewrites the layout at `path` with a provisioning and a data partition behind the roots."""
    document = tree.parse(path, tree.XMLParser(target=tree.TreeBuilder(insert_comments=True)))
    devices = [device for device in document.getroot().iter("device") if find(device, "APP_b") is not None]
    if len(devices) != 1:
        raise LayoutError(f"{path}: {len(devices)} devices have a second root (APP_b), not one")
    device = devices[0]
    for name in ("provision", "data"):
        if find(device, name) is not None:
            raise LayoutError(f"{path}: there is a partition {name} already")
    last = find(device, "secondary_gpt")
    if last is None:
        raise LayoutError(f"{path}: no secondary_gpt to put partitions before")
    index = list(device).index(last)
    number = 1 + max(len(list(device.iter("partition"))), *ids(device))
    device.insert(index, partition("provision", number, 64 * MIB, 0x8, BASIC_DATA, "provision.img"))
    # Bit 0x800: up to the end of the disk.
    device.insert(index + 1, partition("data", number + 1, 64 * MIB, 0x808, DATA, None))
    tree.indent(document, "    ")
    document.write(path, encoding="unicode", xml_declaration=True)


def find(device, name):
    """The partition of that name, or None."""
    return next((part for part in device.iter("partition") if part.get("name") == name), None)


def ids(device):
    """The numbers that the layout says itself."""
    return [int(part.get("id")) for part in device.iter("partition") if part.get("id")]


def partition(name, number, size, attribute, kind, filename):
    """One element, with its text between blanks as the vendor's tools want it."""
    element = tree.Element("partition", {"name": name, "id": str(number), "type": "data"})
    values = {
        "allocation_policy": "sequential",
        "filesystem_type": "basic",
        "size": str(size),
        "file_system_attribute": "0",
        "allocation_attribute": hex(attribute),
        "align_boundary": "16384",
        "percent_reserved": "0",
        "partition_type_guid": kind,
    }
    if filename:
        values["filename"] = filename
    for tag, text in values.items():
        tree.SubElement(element, tag).text = f" {text} "
    return element
