"""Running tailbit, and reading what it writes."""

import array
import ast
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path


class Problem(Exception):
    """What ends the command with a message."""


class Tailbit:
    def __init__(self, program, work):
        self.program, self.work = str(Path(program).resolve()), work

    def __call__(self, *arguments, folder="."):
        """stdout of the program, run in a folder of `work`."""
        command = [self.program, "--log-level", "error", *map(str, arguments)]
        done = subprocess.run(command, cwd=self.work / folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Problem(f"tailbit {' '.join(command[3:])}: exit {done.returncode}\n{done.stderr}")
        return done.stdout


def round_numbers(path, digits=10):
    """What a fit left in a file, to fewer digits: the last bits of a fit are those of the machine's library of functions. Returns the file's content."""
    content = json.loads(path.read_text(), parse_float=lambda text: float(f"{float(text):.{digits}g}"))
    path.write_text(json.dumps(content, indent=1) + "\n")
    return content


def read_csv(text):
    return list(csv.DictReader(text.splitlines()))


def read_npy(path):
    """Columns of a matrix of float64 in C order."""
    data = path.read_bytes()
    if data[:8] != b"\x93NUMPY\x01\x00":
        raise Problem(f"{path}: not an array of NumPy 1.0")
    begin = 10 + int.from_bytes(data[8:10], "little")
    header = ast.literal_eval(data[10:begin].decode("latin-1"))
    if header["descr"] != "<f8" or header["fortran_order"]:
        raise Problem(f"{path}: {header}")
    values = array.array("d", data[begin:])
    if sys.byteorder == "big":
        values.byteswap()
    columns = header["shape"][1]
    return [values[k::columns] for k in range(columns)]


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_text('{"a": [0.12345678901234567, 3, "x"]}')
        assert round_numbers(path) == {"a": [0.123456789, 3, "x"]} == json.loads(path.read_text())
        path = Path(folder) / "a.npy"
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }".ljust(117) + b"\n"
        values = array.array("d", [1, 2, 3, 4, 5, 6])
        if sys.byteorder == "big":
            values.byteswap()
        path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + values.tobytes())
        assert [list(column) for column in read_npy(path)] == [[1, 4], [2, 5], [3, 6]]
