"""Speaks to the gateway as an operator does: by running platenctl."""

import csv
import io
import json
import os
import shlex
import subprocess

from .journey import Hop, parse_time
from .processes import ProcessError

SITE = "tenants/acme/sites/headquarters"
_TIMEOUT_S = 60
_ROOMS = ("Reception", "Room 101", "Room 214", "Copy shop", "Warehouse", "Accounting", "Canteen", "Corridor, floor 3")


class Platenctl:
    """Calls with the installation's context; errors are ProcessErrors in platenctl's own words."""

    def __init__(self, plan):
        self._plan = plan
        # A large fleet takes its time to be registered and listed.
        self._timeout_s = _TIMEOUT_S + plan.devices // 100

    def lines_to_type(self):
        """(setting, program): what a person types from the source tree, the first once in each terminal."""
        program = os.path.relpath(self._plan.program("platenctl"), self._plan.root)
        return f"export PLATENCTL_CONFIG={shlex.quote(self._plan.path('platenctl.yaml'))}", program

    def run(self, *arguments, given=None, fails_with=0):
        """Standard output of one call; it may end with `fails_with` as well as with 0."""
        command = [str(self._plan.program("platenctl")), "--context", self._plan.path("platenctl.yaml"), *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=self._timeout_s, check=False)
        if done.returncode not in (0, fails_with):
            raise ProcessError(f"platenctl {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def objects(self, *arguments):
        """What a command says as JSON lines."""
        return [json.loads(line) for line in self.run(*arguments, "--output", "json").splitlines() if line]

    def lost(self):
        """platen.fleet.v1.GapRecord: what is known to be lost."""
        said = self.run("audit", "gaps", "--output", "json", fails_with=1)
        gaps = [json.loads(line) for line in said.splitlines() if line]
        return [gap for gap in gaps if gap["gap"]["reason"] != "REASON_SOURCE_ENDED"]

    def devices(self):
        """platen.fleet.v1.Device, all of them."""
        return self.objects("devices", "list")

    def device_rows(self):
        """What `devices list` shows of each, as text by column."""
        return list(csv.DictReader(io.StringIO(self.run("devices", "list", "--output", "csv"))))

    def target_addresses(self):
        """Addresses that are registered."""
        return {target["address"] for target in self.objects("targets", "list")}

    def import_targets(self, text):
        """Registers what fleet_targets() writes."""
        self.run("targets", "import", "-", given=text)

    def stored_hop(self, record, is_clear):
        """When the gateway had stored what this record of the alerts topic tells; None as long as it has not."""
        event = record["value"]
        name = f"/devices/{record['device_id']}/alerts/"
        for alert in self.objects("alerts"):
            same = name in alert["name"] and alert["alert"]["alertId"] == event["alert"]["alertId"]
            if same and alert.get("open", False) != is_clear:
                return Hop("gateway", parse_time(alert["updateTime"]), "stored, durable")
        return None

    def devices_by_state(self):
        """How many are "ok", "pending", …"""
        (status,) = self.objects("status")
        return _states(status)

    def status_line(self):
        """The pipeline in one line."""
        (status,) = self.objects("status")
        rate = sum(hop.get("eventsPerSecond", 0) for hop in status.get("hops", []) if hop["role"] == "gateway")
        devices = ", ".join(f"{count} {name}" for name, count in sorted(_states(status).items()))
        return f"printers: {devices}  ·  {rate:.0f} events/s  ·  open alerts: {status.get('openAlerts', 0)}"


def _states(status):
    return {name.removeprefix("STATE_").lower(): count for name, count in status.get("devicesByState", {}).items()}


def is_read(row):
    """Whether one of device_rows() has what a full reading brings: serial number, model, page count."""
    return bool(row["serial"] and row["model"] and row["pages"])


def fleet_targets(printers, port, secured_every=0):
    """What `platenctl targets import` takes, for simulated printers; each so many-th is asked by SNMPv3."""
    rows = []
    for printer in printers:
        is_secured = secured_every > 0 and printer.number % secured_every == 0
        target = {
            "address": printer.address,
            "snmp": {"port": port, **({"version": "VERSION_V3"} if is_secured else {})},
            "displayName": f"printer-{printer.number:03}",
            "customer": "Acme Printing",
            "siteName": "Headquarters",
            "location": _ROOMS[printer.number % len(_ROOMS)],
        }
        rows.append(json.dumps({"parent": SITE, "target": target}))
    return "\n".join(rows) + "\n"
