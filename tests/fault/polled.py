"""What printers see of those who ask them."""

import re
import time


def requests(fleet):
    """{number: how many requests it has had}."""
    lines = fleet.tell("status all").splitlines()
    return {int(line.split()[0]): int(re.search(r" requests=(\d+)", line)[1]) for line in lines}


class Unpolled:
    """For how long the printer that was asked longest ago was not asked. `but`: numbers of printers that don't count."""

    def __init__(self, lab, but=()):
        self._lab = lab
        self._but = set(but)
        self._last = {}

    def longest(self):
        """In seconds, as of now."""
        now = time.monotonic()
        for number, count in requests(self._lab.parts.fleet).items():
            if number not in self._but and self._last.get(number, (-1, 0))[0] != count:
                self._last[number] = (count, now)
        return max(now - since for _, since in self._last.values())
