"""Tables with variable-length columns of every type and 64-bit descriptors, strings with TDIM, bits (argv: file)."""
import sys

import numpy as np
from astropy.io import fits

rng = np.random.default_rng(8)
lengths = [3, 0, 1, 17, 9]


def ragged(make):
    out = np.empty(len(lengths), dtype=object)
    for i, n in enumerate(lengths):
        out[i] = make(n)
    return out


integers = {"B": "u1", "I": "i2", "J": "i4", "K": "i8"}
columns = []
for letter in "PQ":
    for code, dtype in integers.items():
        info = np.iinfo(dtype)
        make = lambda n: rng.integers(info.min, info.max, n, dtype=dtype, endpoint=True)
        columns.append(fits.Column(name=f"{letter}{code}", format=f"{letter}{code}()", array=ragged(make)))
    for code, dtype in {"E": "f4", "D": "f8", "C": "c8", "M": "c16"}.items():
        make = lambda n: (rng.normal(size=n) + 1j * rng.normal(size=n)).astype(dtype)
        columns.append(fits.Column(name=f"{letter}{code}", format=f"{letter}{code}()", array=ragged(make)))
    make = lambda n: rng.integers(0, 2, n).astype(bool)
    columns.append(fits.Column(name=f"{letter}L", format=f"{letter}L()", array=ragged(make)))
words = np.array([["one", "two", "three"], ["", "a b", "c"], ["x", "y", "z"], ["1", "22", "333"], ["p", "q", "r"]])
columns.append(fits.Column(name="WORDS", format="15A", dim="(5,3)", array=words))
columns.append(fits.Column(name="CUBE", format="6I", dim="(3,2)", array=np.arange(30, dtype="i2").reshape(5, 2, 3)))
columns.append(fits.Column(name="BITS", format="11X", array=rng.integers(0, 2, (5, 11)).astype(bool)))
fits.BinTableHDU.from_columns(columns, name="T").writeto(sys.argv[1], overwrite=True)
