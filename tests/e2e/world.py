"""One installation under test: everything is started once, devices are registered through the front door, and what went
where can be asked of each hop."""

import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "deploy" / "local"))
from platen_local import platenctl, plan, ports  # noqa: E402
from platen_local.installation import Installation  # noqa: E402
from platen_local.processes import wait_until  # noqa: E402

DEVICES = 40
DEADLINE_S = 60  # Against a hang; everything here takes seconds.


class World:
    """Use as a context manager."""

    def __init__(self, build, rules_file=""):
        self._folder = tempfile.TemporaryDirectory(prefix="platen-e2e-")
        folder = pathlib.Path(self._folder.name)
        names = plan.listeners(2)
        self.plan = plan.Plan(
            state=folder / "state",
            build=pathlib.Path(build),
            ports=dict(zip(names, ports.free_ports(len(names)))),
            devices=DEVICES,
            schedule={
                "status_interval": "1s",
                "asleep_interval": "2s",
                "meters_interval": "5s",
                "supplies_interval": "5s",
            },
            recordings=_recordings(folder / "recordings"),
            rules_file=rules_file,
        )
        self.installation = Installation(self.plan, short_lived=True)
        self.control = platenctl.Platenctl(self.plan)
        self.fleet = self.installation.fleet

    def __enter__(self):
        try:
            self.installation.prepare()
            self.installation.start_all()
            self.printers = self.fleet.printers()
            self.control.import_targets(platenctl.fleet_targets(self.printers, self.plan.ports["printers"]))
            self.wait(lambda: sum(map(platenctl.is_read, self.control.device_rows())) == DEVICES, "all devices to be read")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.installation.stop_all()
        self._folder.cleanup()

    def restart(self, name):
        """Starts a part again and returns when it serves."""
        self.installation.start(name)
        self.installation.wait_ready(name)

    def wait(self, condition, what):
        """Polls until it holds; the deadline is generous. A process that ends by itself meanwhile ends the wait."""

        def holds():
            self.installation.check_running()
            return condition()

        return wait_until(holds, what, DEADLINE_S, interval_s=0.1)

    def page(self, name, path):
        """A page of a service's administrator's port."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.plan.ports[name]}{path}", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name, metric, label=""):
        """Sum over all labels, or over those that contain `label`."""
        found = re.findall(rf"^{metric}({{[^}}]*}})? (\S+)$", self.page(name, "/metrics"), re.MULTILINE)
        return sum(float(value) for labels, value in found if label in labels)

    def devices_by_address(self):
        """What platenctl lists."""
        return {device["address"]: device for device in self.control.devices()}

    # --- what each hop has --------------------------------------------------------------------------------------------

    def records(self, topic):
        """All records of a topic, as platen-topics prints them."""
        command = [self.plan.program("platen-topics"), "tail", f"--topic={topic}", "--from-beginning", "--until-end"]
        said = subprocess.run(
            [*command, f"--bootstrap-servers={self.installation.bootstrap}"],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=True,
        ).stdout
        return [record for record in map(json.loads, said.splitlines()) if "topic" in record]

    def stored(self):
        """Ids of the gateway's events, one for each row; without what its own audit tells of."""
        return [row[0] for row in self.query("SELECT lower(hex(id)) FROM events WHERE instr(payload, CAST('audit/' AS BLOB)) = 0")]

    def query(self, statement, *values):
        """Rows of a question to the gateway's store."""
        with _database(self.plan, "ro") as database:
            return database.execute(statement, values).fetchall()

    def change_store(self, *statements):
        """Changes the gateway's store behind its back. REQUIRES: it does not run."""
        with _database(self.plan, "rw") as database:
            for statement, *values in statements:
                database.execute(statement, values)

    def mails_about(self, printer):
        """The mails about a printer: (raises, clears)."""
        mails = [mail for mail in self.installation.mails() if printer.serial in (mail["text"] or "")]
        return _split(mails, lambda mail: "In-Reply-To" in mail["headers"])

    def webhooks_about(self, printer):
        """The webhooks about a printer: (raises, clears); each with its body decoded as `data`."""
        hooks = [dict(hook, data=json.loads(hook["body"])["data"]) for hook in self.installation.webhooks()]
        hooks = [hook for hook in hooks if hook["data"]["device"].get("serial_number") == printer.serial]
        return _split(hooks, lambda hook: hook["data"]["transition"] == "cleared")

    def alerts_about(self, printer, category="JAM"):
        """Alert events of one category in Kafka, without repetitions: {event id: alert}."""
        return {
            record["event_id"]: record["value"]["alert"]
            for record in self.records("alerts")
            if record["value"].get("alert", {}).get("device", {}).get("serialNumber") == printer.serial
            and record["value"]["alert"].get("category") == f"ALERT_CATEGORY_{category}"
        }


def _split(items, is_clear):
    return [item for item in items if not is_clear(item)], [item for item in items if is_clear(item)]


def _database(chosen, mode):
    database = sqlite3.connect(f"file:{chosen.path('gateway', 'gateway.sqlite')}?mode={mode}", uri=True, timeout=30)
    return _Closing(database)


class _Closing:
    """Commits and closes; sqlite3's own context manager only commits."""

    def __init__(self, database):
        self._database = database

    def __enter__(self):
        return self._database

    def __exit__(self, kind, *_):
        if kind is None:
            self._database.commit()
        self._database.close()


def _recordings(folder):
    """The tree's recordings, and two devices whose clocks (hrSystemDate) are far off."""
    shutil.copytree(SOURCE / "tests" / "testdata" / "printers", folder)
    for year, model in ((2099, "brother-mfc-l8900cdw"), (1970, "ricoh-im-c3000")):
        clock = f"1.3.6.1.2.1.25.1.2.0|4x|{year:04x}0101000000002b0000\n"
        lines = (folder / f"{model}.snmprec").read_text().splitlines(keepends=True)
        uptime = next(number for number, line in enumerate(lines) if line.startswith("1.3.6.1.2.1.25.1.1.0|"))
        lines[uptime + 1 : uptime + 1] = [clock]
        (folder / f"clock-{year}.snmprec").write_text("".join(lines))
    return folder
