"""The short set of the fault table: one seed, few faults, laboratories shared by rows that need the same. `make fault` runs the whole."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import namespace  # noqa: E402

_WHY_NOT = namespace.enter()

from laboratory import Laboratory  # noqa: E402
from rows import ROWS  # noqa: E402
from table import run_row  # noqa: E402

_SEED = 1


def _case(setup, rows):
    """Tests in one laboratory, in the order of the table."""

    @unittest.skipIf(_WHY_NOT, _WHY_NOT)
    class ShortTest(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.laboratory = Laboratory(setup, short=True).__enter__()
            cls.addClassCleanup(cls.laboratory.__exit__, None)

    for row in rows:
        setattr(ShortTest, f"test_row_{row.number:02}_{row.name}", _test(row))
    return ShortTest


def _test(row):
    def test(self):
        run_row(row, self.laboratory, _SEED)

    test.__doc__ = row.fault
    return test


for _number, _setup in enumerate(dict.fromkeys(row.setup for row in ROWS if row.short)):
    _made = _case(_setup, [row for row in ROWS if row.short and row.setup == _setup])
    _made.__name__ = _made.__qualname__ = f"ShortTest{_number + 1}"
    globals()[_made.__name__] = _made
    del _made


if __name__ == "__main__":
    unittest.main(verbosity=2)
