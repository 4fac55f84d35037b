"""An alarm's way from a printer to people, hop by hop, with the times that each hop noted itself."""

import datetime
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Hop:
    """One place of the way, and when the alarm was there (seconds since the epoch, UTC)."""

    name: str
    time: float
    note: str


def parse_time(text):
    """Seconds since the epoch of an RFC 3339 time; fractions may have any number of digits."""
    whole, _, rest = text.partition(".")
    digits = ""
    while rest[:1].isdigit():
        digits, rest = digits + rest[0], rest[1:]
    zone = rest if digits else whole[19:]
    offset = "+00:00" if zone in ("Z", "") else zone
    moment = datetime.datetime.fromisoformat(whole[:19] + offset)
    return moment.timestamp() + (float(f"0.{digits}") if digits else 0.0)


def is_about(record, serial, transition):
    """Whether a record of the alerts topic tells that an alert of this printer was RAISED or ENDED."""
    alert = record.get("value", {}).get("alert", {})
    told = alert.get("transition") == f"ALERT_TRANSITION_{transition}"
    return told and alert.get("device", {}).get("serialNumber") == serial


def collector_hops(record):
    """The collector's sight and Kafka's append, of a record of the alerts topic."""
    event = record["value"]
    return [
        Hop("detected", parse_time(event["observationTime"]), f"by {event['source']['instance']}, at its next look"),
        Hop("Kafka", parse_time(record["append_time"]), f"{record['topic']}, partition {record['partition']}"),
    ]


def find_mail(mails, serial, since, is_clear):
    """The first mail about this printer since then: the raise, or the answer in its thread."""
    for mail in mails:
        if parse_time(mail["time"]) < since or serial not in (mail.get("text") or ""):
            continue
        if ("In-Reply-To" in mail["headers"]) == is_clear:
            return mail
    return None


def find_webhook(webhooks, serial, since, is_clear):
    """The first webhook about this printer since then."""
    for hook in webhooks:
        data = json.loads(hook["body"]).get("data", {})
        if parse_time(hook["time"]) < since or data.get("device", {}).get("serial_number") != serial:
            continue
        if (data.get("transition") == "cleared") == is_clear:
            return hook
    return None


def mail_hop(mail):
    """The mail server took it."""
    return Hop("e-mail", parse_time(mail["time"]), f"to {', '.join(mail['to'])}")


def webhook_hop(hook):
    """The other system took it."""
    return Hop("webhook", parse_time(hook["time"]), f"{hook['method']} {hook['path']}, signature {hook['signature']}")


def line(hop, start, before):
    """One hop as a line: milliseconds since the device, and since the hop before."""
    since = (hop.time - start) * 1000
    step = (hop.time - before) * 1000
    return f"{since:8.0f} ms  {f'({step:+.0f})':>8}  {hop.name:<9} {hop.note}"
