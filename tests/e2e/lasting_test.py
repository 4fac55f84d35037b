"""What outlives a reading, through all real processes: supplies that are replaced, boards that are swapped, printers that
answer at another's address, printers that move. Each is done to a simulated printer, and seen with platenctl."""

import collections
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import SOURCE, World  # noqa: E402

BUILD = os.environ.get("PLATEN_BUILD_DIR", str(SOURCE / "build" / "dev"))


class LastingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(BUILD).__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.unused = collections.deque(cls.world.printers)

    def take(self, model):
        """A printer that no other test uses."""
        printer = next(each for each in self.unused if model in each.model)
        self.unused.remove(printer)
        return printer

    def tell(self, *words):
        self.world.fleet.tell(" ".join(map(str, words)))

    def device(self, printer):
        return self.world.devices_by_address()[printer.address]

    def history(self, device, kind):
        """What became of a device, newest first: the bodies of events of this kind."""
        records = self.world.control.objects("devices", "history", device["uid"])
        return [record["event"][kind] for record in records if kind in record["event"]]

    def change_target(self, *words):
        """Returns when the collector that polls it knows."""

        def read():
            return sum(self.world.metric(name, "platen_targets_read_total") for name in self.world.plan.collector_names)

        before = read()
        self.world.control.run("targets", *words)
        self.world.wait(lambda: read() > before, "the change to reach the collector")

    def total_after(self, printer, total):
        """Waits until the registry's page count is another than `total`, and returns it."""

        def changed():
            now = int(self.device(printer)["totalImpressions"])
            return now if now != total else None

        return self.world.wait(changed, "another page count")

    def test_a_replaced_supply_is_in_its_devices_history_with_its_yield(self):
        printer = self.take("kyocera")
        device = self.device(printer)
        index = next(each["index"] for each in device["supplies"] if each.get("colorant") == "black")

        def level():
            for each in self.device(printer)["supplies"]:
                if each["index"] == index:
                    return each["level"].get("percent", 0)
            return None

        for expected in (1, 2):
            self.tell("toner-low", printer.number, index)
            self.world.wait(lambda: level() < 5, "the low level to be stored")
            self.tell("print", printer.number, 300)
            self.tell("clear", printer.number)
            self.tell("replace", printer.number, index)
            self.world.wait(
                lambda count=expected: len(self.history(device, "supplyReplacement")) == count, "the replacement"
            )
        newest, oldest = self.history(device, "supplyReplacement")
        self.assertEqual(newest["evidence"], "level-jump")
        self.assertLess(newest["levelBefore"]["percent"], 5)
        self.assertNotIn("yield", oldest)  # Nobody saw when the recorded one was put in.
        self.assertLessEqual(int(newest["yield"]), 600)
        self.assertIn("with the one before", self.world.control.run("devices", "history", printer.serial, "--supplies"))

    def test_a_swapped_board_is_charged_again_once_a_person_has_confirmed_it(self):
        printer = self.take("canon")
        device = self.device(printer)
        total = int(device["totalImpressions"])
        with self.assertRaisesRegex(Exception, "nothing to confirm"):
            self.world.control.run("meters", "confirm", printer.serial, "--reason", "too early")

        self.tell("board", printer.number)
        self.tell("print", printer.number, 20)

        def proposed():
            meters = self.device(printer)["meters"]
            return any("READING_QUALITY_EPOCH_PROPOSED" in meter.get("quality", []) for meter in meters)

        self.world.wait(proposed, "the epoch to be proposed")
        self.assertEqual(int(self.device(printer)["totalImpressions"]), total)
        self.world.control.run("meters", "confirm", printer.serial, "--reason", "controller replaced")

        confirmed = self.world.wait(lambda: self.history(device, "epochConfirmation"), "the confirmation")[0]
        self.assertEqual(confirmed["reason"], "controller replaced")
        self.assertEqual(confirmed["author"], "platenctl")
        self.assertNotIn("refusal", confirmed)
        self.tell("print", printer.number, 5)
        self.assertLess(self.total_after(printer, total), total)

    def test_nothing_of_another_printer_at_the_address_is_booked(self):
        printer = self.take("ricoh")
        device = self.device(printer)
        total = int(device["totalImpressions"])
        self.change_target("change", printer.serial, "--fixed", "yes")

        self.tell("become", printer.number, 77)

        strangers = self.world.wait(lambda: self.history(device, "otherDevice"), "the other printer to be seen")
        self.assertNotEqual(strangers[0]["found"]["serialNumber"], printer.serial)

        def alarmed():
            return any(alert.get("level") == 3 for alert in self.world.alerts_about(printer, "ALARM").values())

        self.world.wait(alarmed, "the alarm of level 3")
        self.tell("print", printer.number, 50)
        self.tell("become", printer.number, printer.number)
        self.world.wait(lambda: self.device(printer)["state"] == "STATE_OK", "the right printer to be back")
        # What it printed meanwhile is its own: a simulated printer is one engine, whoever it says to be.
        self.assertEqual(self.total_after(printer, total), total + 50)
        self.assertEqual(self.device(printer)["identity"]["serialNumber"], printer.serial)

    def test_a_printer_that_answers_at_a_new_address_has_moved_with_its_history(self):
        moved, place = self.take("xerox"), self.take("xerox")
        device = self.device(moved)
        readings = len(self.world.control.objects("meters", moved.serial, "--all"))
        target = f"tenants/acme/sites/headquarters/targets/{self.device(place)['uid']}"
        self.change_target("remove", target.rpartition("/")[2])
        self.tell("become", place.number, moved.number)
        port = self.world.plan.ports["printers"]
        self.world.control.run("targets", "add", place.address, "--port", str(port), "--yes", "--no-probe")
        self.tell("silence", moved.number, "on")

        def at_new_address():
            # Looked up by its id: the printer that stood there before is remembered under the address too.
            devices = {each["uid"]: each for each in self.world.control.devices()}
            return devices[device["uid"]]["address"] == place.address

        self.world.wait(at_new_address, "the move")
        self.assertNotIn(moved.address, self.world.devices_by_address())
        kinds = {transfer["kind"] for transfer in self.history(device, "deviceTransfer")}
        self.assertEqual(kinds, {"KIND_READDRESSED", "KIND_MERGED"})
        self.world.wait(
            lambda: len(self.world.control.objects("meters", device["uid"], "--all")) > readings, "readings from there"
        )

    def totals(self, device):
        """Page counts of all readings of a device."""
        records = self.world.control.objects("meters", device["uid"], "--all")
        return [int(meter["value"]) for record in records for meter in record["reading"]["meters"][:1]]

    def transfers(self, device, kind):
        return [each for each in self.history(device, "deviceTransfer") if each["kind"] == f"KIND_{kind}"]

    def test_two_ids_of_one_printer_are_merged_and_split_again_by_a_person(self):
        stays, gone = self.take("lexmark"), self.take("sharp")
        kept, other = self.device(stays), self.device(gone)
        both = set(self.totals(kept)) | set(self.totals(other))
        self.assertIn(int(other["totalImpressions"]), both)
        self.assertNotIn(int(other["totalImpressions"]), self.totals(kept))

        said = self.world.control.run("devices", "merge", stays.serial, gone.serial, "--reason", "registered twice")

        self.assertIn(kept["uid"], said)
        self.assertNotIn(gone.address, self.world.devices_by_address())
        self.assertNotIn(gone.address, self.world.control.target_addresses())
        (merge,) = [each for each in self.transfers(kept, "MERGED") if each["author"] == "platenctl"][:1]
        self.assertEqual(merge["reason"], "registered twice")
        self.assertLessEqual(both, set(self.totals(kept)))
        self.assertIn("turned out to be one with", self.world.control.run("devices", "history", stays.serial))
        # It is polled on, at its own address.
        total = int(self.device(stays)["totalImpressions"])
        self.tell("print", stays.number, 7)
        self.assertEqual(self.total_after(stays, total), total + 7)

        said = self.world.control.run("devices", "split", other["name"], "--reason", "they are two")

        self.assertIn("targets add", said)
        self.assertEqual(len(self.transfers(kept, "SPLIT")), 1)
        self.assertEqual(len(self.transfers(other, "SPLIT")), 1)
        self.assertNotIn(int(other["totalImpressions"]), self.totals(kept))
        self.assertIn(int(other["totalImpressions"]), self.totals(other))
        # Registered again, what answers there is the device that it was, with its history.
        self.tell("print", gone.number, 3)
        port = self.world.plan.ports["printers"]
        self.world.control.run("targets", "add", gone.address, "--port", str(port), "--yes", "--no-probe")

        def is_back():
            found = self.world.devices_by_address().get(gone.address)
            return found and found["uid"] == other["uid"] and int(found.get("totalImpressions", 0))

        before = int(other["totalImpressions"])
        self.world.wait(lambda: is_back() == before + 3, "the device to be itself again")

    def test_a_printer_that_a_person_split_in_two_stays_two(self):
        printer = self.take("epson")
        old = self.device(printer)
        self.world.control.run("devices", "split", printer.serial, "--reason", "exchanged without a word")
        self.assertEqual(len(self.transfers(old, "SPLIT")), 1)

        def fresh():
            # The old one is remembered under the address, too.
            for each in self.world.control.devices():
                if each["address"] == printer.address and each["uid"] != old["uid"] and "totalImpressions" in each:
                    return each
            return None

        made = self.world.wait(fresh, "the new device to be read")
        self.assertEqual(made["identity"]["serialNumber"], printer.serial)
        total = int(made["totalImpressions"])
        self.tell("print", printer.number, 4)
        self.world.wait(lambda: int(fresh()["totalImpressions"]) == total + 4, "its page count")
        self.assertEqual(fresh()["uid"], made["uid"])
        self.assertEqual(self.transfers(old, "MERGED"), [])

    def test_a_reading_that_a_person_made_stands_beside_the_devices_own(self):
        printer = self.take("konica")
        total = int(self.device(printer)["totalImpressions"])
        with self.assertRaisesRegex(Exception, "counters do not go back"):
            self.world.control.run("meters", "enter", printer.serial, "total=1")
        self.world.control.run("meters", "enter", printer.serial, f"total={total + 9}", "--reason", "read on site")
        newest = self.world.control.objects("meters", printer.serial, "--all")
        sources = {meter["source"] for record in newest for meter in record["reading"]["meters"]}
        self.assertIn("METER_SOURCE_MANUAL", sources)
        self.assertEqual(int(self.device(printer)["totalImpressions"]), total)


if __name__ == "__main__":
    unittest.main(verbosity=2)
