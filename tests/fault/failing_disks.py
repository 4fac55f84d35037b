"""Disks of services that fail: EIO, short and torn writes under a folder (failing_disk.cc, preloaded)."""

import struct

_WORDS = struct.Struct("=8Q")
_FAULTS = {3: "EIO", 4: "short write", 5: "torn write", 6: "fsync failed"}  # By word.


class FailingDisk:
    """The disk of one service: its control file is `control`, the folder whose files fail `folder`."""

    def __init__(self, library, control, folder):
        self._library, self._control, self._folder = library, control, folder
        control.write_bytes(bytes(_WORDS.size))

    @property
    def environment(self):
        """What the service is started with."""
        return {
            "LD_PRELOAD": str(self._library),
            "PLATEN_FAILING_DISK": f"{self._folder}/",
            "PLATEN_FAILING_DISK_CONTROL": str(self._control),
        }

    def arm(self, one_in, seed):
        """From now on one call in so many fails, as the seed says."""
        self._set(0, 0)
        self._set(1, seed)
        self._set(0, one_in)

    def mend(self):
        """The disk is well again. Returns what it did so far, by name."""
        self._set(0, 0)
        return self.faults()

    def faults(self):
        """What it did so far, by name."""
        words = _WORDS.unpack(self._control.read_bytes())
        return {name: words[number] for number, name in _FAULTS.items()}

    def _set(self, word, value):
        # In place: the service has it mapped.
        with open(self._control, "r+b") as file:
            file.seek(8 * word)
            file.write(struct.pack("=Q", value))
