"""A printer's way from "nobody knows it" to "polled", through all real processes: a collector's discovery finds it, a person
takes the lines to platenctl, and what was found is proposed no longer."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import DEVICES, SOURCE, World  # noqa: E402
from platen_local import configs  # noqa: E402

BUILD = os.environ.get("PLATEN_BUILD_DIR", str(SOURCE / "build" / "dev"))
COLLECTOR = "collector-1"


class DiscoveryTest(unittest.TestCase):
    def setUp(self):
        self.world = World(BUILD)
        self.enterContext(self.world)
        self.report_file = pathlib.Path(self.world.plan.path(COLLECTOR)) / "discovery.json"

    def discover_by_schedule(self):
        config = configs.collector(self.world.plan, COLLECTOR)
        config["discovery"] = {
            "ranges": ["127.16.0.0/24"],
            "interval": "1s",
            "requests_per_second": 2000,
            "port": self.world.plan.ports["printers"],
        }
        self.world.installation.configure(COLLECTOR, config)
        self.assertEqual(self.world.installation.stop(COLLECTOR), 0)
        self.world.restart(COLLECTOR)

    def proposed(self):
        """Addresses, as the last report has them."""
        return [row.split(",")[0] for row in self.lines().splitlines()[1:] if not row.startswith("#")]

    def lines(self):
        """What `platenctl targets import` is given."""
        done = subprocess.run(
            [self.world.plan.program("platen-collector"), "discover", "--show", self.report_file, "--format", "import"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    def test_what_is_found_is_proposed_until_it_is_registered(self):
        unknown = [printer.address for printer in self.world.printers[3:5]]
        for address in unknown:
            self.world.control.run("targets", "remove", address)
        self.world.wait(lambda: len(self.world.control.target_addresses()) == DEVICES - 2, "two printers to be nobody's")

        self.discover_by_schedule()

        self.world.wait(lambda: self.report_file.exists() and self.proposed() == unknown, "the two to be proposed")
        report = json.loads(self.report_file.read_text())
        self.assertEqual(len(report["printers"]), DEVICES)
        self.assertEqual(self.world.metric(COLLECTOR, "platen_discovery_unregistered_printers"), 2)
        self.assertEqual(len(self.world.control.target_addresses()), DEVICES - 2)

        self.world.control.import_targets(self.lines())

        self.world.wait(lambda: self.proposed() == [], "nobody to be proposed any more")
        self.assertTrue(set(unknown) <= self.world.control.target_addresses())


if __name__ == "__main__":
    unittest.main()
