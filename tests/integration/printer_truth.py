"""Compares a DeviceSnapshot (JSON, field names as in the .proto files) with what is true of a recording.

A truth file is computed from the recording alone; a field that it leaves null is one that the recording does not have
in the standard place. Where such a field is null, Platen may know it from another place (a profile's own object): that
is allowed for the fields of ALSO_ELSEWHERE and for no others.
"""

# Truth that is not what a snapshot should say, and why. Keys: (recording, field); the value is why.
TRUTH_IS_WRONG = {}

# Fields that may be known though the standard object is missing.
ALSO_ELSEWHERE = ("serial", "model")

LEVEL_STATES = {
    None: "STATE_NOT_REPORTED",
    "known": "STATE_EXACT",
    "some_remaining": "STATE_AT_LEAST_SOME",
    "unknown": "STATE_UNKNOWN",
    "unrestricted": "STATE_UNLIMITED",
}
BITS = (
    "LOW_PAPER NO_PAPER LOW_TONER NO_TONER DOOR_OPEN JAMMED OFFLINE SERVICE_REQUESTED INPUT_TRAY_MISSING "
    "OUTPUT_TRAY_MISSING MARKER_SUPPLY_MISSING OUTPUT_NEAR_FULL OUTPUT_FULL INPUT_TRAY_EMPTY OVERDUE_PREVENTIVE_MAINTENANCE"
).split()
SEVERITIES = {None: None, 1: "OTHER", 3: "CRITICAL", 4: "WARNING", 5: "WARNING_BINARY"}
TRAININGS = {
    None: None, 1: "OTHER", 2: "UNKNOWN", 3: "UNTRAINED", 4: "TRAINED", 5: "FIELD_SERVICE", 6: "MANAGEMENT",
    7: "NO_INTERVENTION",
}  # fmt: skip
METER_UNITS = {7: "METER_UNIT_IMPRESSIONS", 8: "METER_UNIT_SHEETS", None: "METER_UNIT_OTHER"}


def _text(value):
    return (value or "").strip()


class Comparison:
    """The differences between one snapshot and its truth; empty where they agree."""

    def __init__(self, snapshot, truth):
        self.snapshot = snapshot
        self.truth = truth
        self.differences = []
        self.compared = 0
        for part in (
            self._identity, self._status, self._supplies, self._inputs, self._markers, self._alerts, self._covers,
            self._console, self._private,
        ):  # fmt: skip
            part()

    def _same(self, field, got, expected):
        if (self.truth["recording"], field) in TRUTH_IS_WRONG:
            return
        self.compared += 1
        if got != expected:
            self.differences.append(f"{field}: printed {got!r}, true is {expected!r}")

    def _rows(self, name, key=lambda row: (row.get("device_index", 0), row.get("index", 0))):
        return {key(row): row for row in self.snapshot.get(name, [])}

    def _same_rows(self, name, truth_rows):
        rows = self._rows(name)
        self._same(f"{name}, which rows", sorted(rows), sorted((row["device"], row["index"]) for row in truth_rows))
        return [(f"{name}[{row['device']}.{row['index']}]", rows.get((row["device"], row["index"]), {}), row)
                for row in truth_rows]  # fmt: skip

    def _identity(self):
        identity = self.snapshot.get("identity", {})
        for field, ours in (("serial", "serial_number"), ("model", "model")):
            if self.truth[field] is not None or field not in ALSO_ELSEWHERE:
                self._same(field, identity.get(ours, ""), _text(self.truth[field]))
        for field, ours in (("sysDescr", "sys_descr"), ("sysName", "sys_name"), ("sysLocation", "sys_location"),
                            ("sysObjectID", "sys_object_id"), ("prtGeneralPrinterName", "printer_name")):  # fmt: skip
            self._same(field, identity.get(ours, ""), _text(self.truth[field]))
        self._same("macs", set(identity.get("mac_addresses", [])), {row["mac"] for row in self.truth["macs"]})
        self._same("printer_device_indexes", self.snapshot.get("printer_device_indexes", []),
                   self.truth["printer_device_indexes"])  # fmt: skip

    def _status(self):
        status = self.snapshot.get("status", {})
        uptime = status.get("uptime_ticks")
        self._same("sysUpTime", None if uptime is None else int(uptime), self.truth["sysUpTime"])
        for field, ours, prefix in (("hrDeviceStatus", "device_status", "DEVICE_STATUS_"),
                                    ("hrPrinterStatus", "printer_status", "PRINTER_STATUS_")):  # fmt: skip
            rows = self.truth[field]
            expected = prefix + rows[0]["name"].upper() if rows else None
            self._same(field, status.get(ours), expected)
        rows = self.truth["hrPrinterDetectedErrorState"]
        self._same("error bits", status.get("error_states", []),
                   ["ERROR_STATE_" + BITS[bit] for bit in rows[0]["bits"]] if rows else [])  # fmt: skip
        self._same("error state offered", "error_state_raw" in status, bool(rows))
        for field, ours in (("configChanges", "config_changes"), ("alertAllEvents", "alert_all_events"),
                            ("alertCriticalEvents", "alert_critical_events")):  # fmt: skip
            got = self.snapshot.get(ours)
            self._same(field, None if got is None else int(got), self.truth[field])

    def _level(self, field, level, truth):
        self._same(f"{field}.state", level.get("state"), LEVEL_STATES[truth["level_semantic"]])
        raw = level.get("raw")
        self._same(f"{field}.raw", None if raw is None else int(raw), truth["level"])
        raw_capacity = level.get("raw_capacity")
        self._same(f"{field}.raw_capacity", None if raw_capacity is None else int(raw_capacity), truth["max"])
        if "percent" in truth:
            self._same(f"{field}.percent", level.get("percent"), truth["percent"])

    def _supplies(self):
        for field, row, truth in self._same_rows("supplies", self.truth["supplies"]):
            self._same(f"{field}.description", row.get("description", ""), _text(truth["description"]))
            self._same(f"{field}.colorant", row.get("colorant", ""), truth["colorant"] or "")
            self._same(f"{field}.class", row.get("supply_class"),
                       {None: None, 1: "SUPPLY_CLASS_OTHER", 3: "SUPPLY_CLASS_CONTAINER", 4: "SUPPLY_CLASS_RECEPTACLE"}[
                           truth["class_code"]])  # fmt: skip
            name = truth["type"]
            kind = row.get("type", "").removeprefix("SUPPLY_TYPE_").replace("_", "").lower()
            self._same(f"{field}.type", kind, (name or "").lower())
            self._unit(field, row.get("level", {}), truth["unit"])
            self._level(f"{field}.level", row.get("level", {}), truth)

    def _unit(self, field, level, name):
        words = {"tenthsOfMilliliters": "TENTHS_OF_MILLILITRES"}.get(name, (name or "").upper())
        self._same(f"{field}.unit", level.get("unit", "LEVEL_UNIT_").removeprefix("LEVEL_UNIT_"), words)

    def _inputs(self):
        for field, row, truth in self._same_rows("inputs", self.truth["inputs"]):
            self._same(f"{field}.name", row.get("name", ""), _text(truth["name"] or truth["description"]))
            self._same(f"{field}.media", row.get("media_name", ""), _text(truth["mediaName"]))
            self._same(f"{field}.status", row.get("status"), truth["status"])
            self._same(f"{field}.type", row.get("type"), truth["type"])
            self._unit(field, row.get("level", {}), truth["capacityUnit"])
            self._level(f"{field}.level", row.get("level", {}), truth)

    def _markers(self):
        counts = [meter for meter in self.snapshot.get("meters", []) if meter["rule"] == "printer-mib/prtMarkerLifeCount"]
        self._same("life counts", [(int(meter.get("value", 0)), meter["kind"]["unit"]) for meter in counts],
                   [(row["lifeCount"], METER_UNITS[row["unit_code"]]) for row in self.truth["markers"]])  # fmt: skip

    def _alerts(self):
        key = lambda row: (row.get("device_index", 0), int(row["index"]))  # noqa: E731
        rows = self._rows("alerts", key)
        self._same("alerts, which rows", sorted(rows), sorted((row["device"], row["index"]) for row in self.truth["alerts"]))
        for truth in self.truth["alerts"]:
            row = rows.get((truth["device"], truth["index"]), {})
            field = f"alerts[{truth['device']}.{truth['index']}]"
            severity = SEVERITIES[truth["severity_code"]]
            training = TRAININGS[truth["training_code"]]
            self._same(f"{field}.severity", row.get("severity"), severity and "ALERT_SEVERITY_" + severity)
            self._same(f"{field}.training", row.get("training"), training and "ALERT_TRAINING_" + training)
            self._same(f"{field}.code", row.get("code", 0), truth["code"] or 0)
            self._same(f"{field}.group", row.get("group", 0), truth["group_code"] or 0)
            self._same(f"{field}.group_index", row.get("group_index", 0),
                       -1 if truth["groupIndex"] is None else truth["groupIndex"])  # fmt: skip
            self._same(f"{field}.location", row.get("location", 0),
                       -2 if truth["location"] is None else truth["location"])  # fmt: skip
            self._same(f"{field}.description", row.get("description", ""), _text(truth["description"]))
            ticks = row.get("time_ticks")
            self._same(f"{field}.time", None if ticks is None else int(ticks), truth["time"])

    def _covers(self):
        for field, row, truth in self._same_rows("covers", self.truth["covers"]):
            self._same(f"{field}.description", row.get("description", ""), _text(truth["description"]))

    def _console(self):
        if self.truth["console"]:
            self._same("console", self.snapshot.get("status", {}).get("console_lines", []),
                       [_text(row["text"]) for row in self.truth["console"]])  # fmt: skip

    def _private(self):
        """What the vendor's own objects say, where Platen has a profile for them."""
        private = self.truth["private"]
        identity = self.snapshot.get("identity", {})
        vendor = self.snapshot.get("profile", "").partition("@")[0]
        names = {"konica": "konica-minolta"}
        for key, value in private.items():
            maker, _, field = key.partition(".")
            if names.get(maker, maker) != vendor:
                continue
            if field == "serial" and self.truth["serial"] is None:
                self._same(key, identity.get("serial_number"), value)
            elif field == "model" and self.truth["model"] is None:
                self._same(key, identity.get("model"), value)
            elif field == "firmware":
                self._same(key, {row["component"]: row["version"] for row in identity.get("firmware", [])}.get("main"), value)
            elif field == "ieee1284":
                self._same(key, identity.get("ieee1284_id"), value)
            elif key == "brother.panel_text" and not self.truth["console"]:
                lines = [line.strip() for line in value.replace("\r", "\n").split("\n") if line.strip()]
                self._same(key, self.snapshot.get("status", {}).get("console_lines", []), lines)
            elif key == "brother.counters":
                self._vendor_meter(key, {"00": "counters.total", "01": "counters.monochrome", "02": "counters.colour"},
                                   dict(value))  # fmt: skip
            elif key in ("hp.total", "hp.mono", "hp.duplex", "hp.jams", "hp.scan_flatbed"):
                rule = {"total": "engine.total", "mono": "engine.monochrome", "duplex": "engine.duplex",
                        "jams": "engine.jams", "scan_flatbed": "scanner.flatbed"}[field]  # fmt: skip
                self._vendor_meter(key, {field: rule}, {field: value})
            elif key == "sharp.counters":
                self._sharp(value)

    def _vendor_meter(self, key, rules, values):
        meters = {meter["rule"].partition("/")[2]: int(meter.get("value", 0)) for meter in self.snapshot.get("meters", [])
                  if meter["source"] == "METER_SOURCE_VENDOR"}  # fmt: skip
        for name, rule in rules.items():
            if name in values:
                self._same(f"{key}.{name}", meters.get(rule), values[name])

    def _sharp(self, counters):
        meters = {meter["oid"]: int(meter.get("value", 0)) for meter in self.snapshot.get("meters", [])}
        for place, row in counters.items():
            oid = "1.3.6.1.4.1.2385.1.1.19.2.1.3." + place
            if oid in meters:
                self._same(f"sharp.counters.{place}", meters[oid], row["value"])
