"""The two partitions that are added to the vendor's layout of the disk."""

import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as tree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "meta-prismatron/lib"))

from prismatron import layout  # noqa: E402

# The form of the vendor's layouts, with the partitions that count here. Theirs may not be copied.
LAYOUT = """<?xml version="1.0"?>
<partition_layout version="01.00.0000">
    <!-- kept -->
    <device type="spi" instance="0" sector_size="512" num_sectors="131072">
        <partition name="BCT" type="boot_config_table"><size> 1048576 </size></partition>
    </device>
    <device type="external" instance="0" sector_size="512" num_sectors="EXT_NUM_SECTORS">
        <partition name="primary_gpt" type="primary_gpt"><size> 19968 </size></partition>
        <partition name="A_kernel" id="3" type="kernel"><size> 134217728 </size></partition>
        <partition name="B_kernel" type="kernel"><size> 134217728 </size></partition>
        <partition name="APP" id="1" type="data"><size> APPSIZE </size><filename> APPFILE </filename></partition>
        <partition name="APP_b" id="2" type="data"><size> APPSIZE </size><filename> APPFILE_b </filename></partition>
        <partition name="secondary_gpt" type="secondary_gpt"><size> 0xFFFFFFFFFFFFFFFF </size></partition>
    </device>
</partition_layout>
"""


class Layout(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "flash.xml"

    def extended(self, text=LAYOUT):
        self.path.write_text(text, encoding="utf-8")
        layout.extend(str(self.path))
        return tree.parse(self.path).getroot()

    def test_both_come_last_before_the_second_table(self):
        names = [part.get("name") for part in self.extended()[1]]
        self.assertEqual(names[-5:], ["APP", "APP_b", "provision", "data", "secondary_gpt"])

    def test_all_else_stays_as_it_is(self):
        root = self.extended()
        before = tree.fromstring(LAYOUT)
        for part in (*root[1].findall("partition")[-3:-1],):
            root[1].remove(part)
        self.assertEqual(describe(root), describe(before))
        self.assertIn("<!-- kept -->", self.path.read_text(encoding="utf-8"))

    def test_numbers_are_nobody_elses(self):
        ids = [int(part.get("id")) for part in self.extended()[1] if part.get("id")]
        self.assertEqual(len(ids), len(set(ids)))
        # B_kernel has the number after A_kernel's, without saying so.
        self.assertGreater(min(ids[-2:]), 4)

    def test_data_goes_to_the_end_of_the_disk_and_is_found_by_its_type(self):
        data = next(part for part in self.extended().iter("partition") if part.get("name") == "data")
        self.assertEqual(data.find("allocation_attribute").text, " 0x808 ")
        repart = pathlib.Path(__file__).resolve().parents[2] / "app/dist/appliance/repart.d/50-prismatron-data.conf"
        kind = next(line for line in repart.read_text(encoding="utf-8").splitlines() if line.startswith("Type="))
        self.assertEqual(data.find("partition_type_guid").text.strip().lower(), kind.removeprefix("Type=").lower())

    def test_another_kind_of_layout_is_refused(self):
        for text in (
            LAYOUT.replace("APP_b", "other"),
            LAYOUT.replace('"B_kernel"', '"data"'),
            LAYOUT.replace('name="secondary_gpt"', 'name="end"'),
        ):
            with self.assertRaises(layout.LayoutError):
                self.extended(text)


def describe(root):
    """Elements with attributes and text, blanks between them apart."""
    return [(element.tag, element.attrib, (element.text or "").strip()) for element in root.iter() if element.tag is not tree.Comment]


if __name__ == "__main__":
    unittest.main()
