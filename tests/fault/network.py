"""Faults of the network inside the laboratory's namespace, by nftables: on ports, in one direction or both."""

import json
import subprocess

_TABLE = "inet platen_fault"
# What a server is sent is known by its port as destination, what it says by its port as source.
_DIRECTIONS = {"to": ("dport",), "from": ("sport",), "both": ("dport", "sport")}


class Network:
    """The rules in force. Everything runs on loopback, where each packet comes in once."""

    def __init__(self):
        self.heal()

    def cut(self, ports, direction="both"):
        """Nothing passes: a partition; one-way with "to" or "from" (what the servers on these ports say)."""
        self._add(ports, direction, "", "drop")

    def lose(self, ports, percent, direction="both"):
        """Each packet is lost with this chance."""
        self._add(ports, direction, _chance(percent), "drop")

    def reset(self, ports, percent=100):
        """Connections break: each packet to the servers is answered with RST with this chance."""
        self._add(ports, "to", _chance(percent), "reject with tcp reset")

    def limit(self, ports, kilobytes_per_second, direction="both"):
        """What is more than this is dropped: a line that is too small, with little memory."""
        self._add(ports, direction, f"limit rate over {kilobytes_per_second} kbytes/second burst 16 kbytes", "drop")

    def hits(self):
        """Packets that the rules in force took so far."""
        listed = json.loads(self._run("-j", "list", "table", *_TABLE.split()))
        rules = [item["rule"]["expr"] for item in listed["nftables"] if "rule" in item]
        return sum(part["counter"]["packets"] for rule in rules for part in rule if "counter" in part)

    def heal(self):
        """Takes all rules away."""
        self._run("-f", "-", given=f"table {_TABLE}\ndelete table {_TABLE}\ntable {_TABLE} {{\n"
                  "  chain faults { type filter hook input priority 0; }\n}\n")  # fmt: skip

    def _add(self, ports, direction, chance, verdict):
        among = "{ " + ", ".join(str(port) for port in ports) + " }"
        for side in _DIRECTIONS[direction]:
            # Datagrams have no RST.
            for protocol in ("tcp",) if "tcp" in verdict else ("tcp", "udp"):
                words = f"{protocol} {side} {among} {chance} counter {verdict}"
                self._run("-f", "-", given=f"add rule {_TABLE} faults {words}\n")

    def _run(self, *words, given=None):
        done = subprocess.run(["nft", *words], input=given, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"nft {' '.join(words)}: {done.stderr.strip()}\n{given or ''}")
        return done.stdout


def _chance(percent):
    return "" if percent >= 100 else f"numgen random mod 1000 < {int(percent * 10)}"
