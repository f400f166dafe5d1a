"""Open a file of ours with astropy, checksums verified, and compare it with a JSON of what was written (argv: file, json)."""
import json
import sys

import numpy as np
from astropy.io import fits

with open(sys.argv[2]) as file:
    expected = json.load(file)


def same(found, values):
    found = [v.rstrip() if isinstance(v, str) else v for v in np.asarray(found).ravel().tolist()]
    values = [float("nan") if v == "NaN" else int(v) if isinstance(v, str) and v.lstrip("-").isdigit() else v for v in values]
    assert len(found) == len(values), (len(found), len(values))
    for a, b in zip(found, values):
        assert a == b or (a != a and b != b), (a, b)


with fits.open(sys.argv[1], checksum=True) as hdus:
    assert len(hdus) == len(expected), len(hdus)
    for hdu, truth in zip(hdus, expected):
        assert "CHECKSUM" in hdu.header and "DATASUM" in hdu.header
        for key, value in truth.get("keywords", {}).items():
            found = hdu.header[key]
            assert found == (int(value[:-1]) if isinstance(value, str) and value.endswith("n") else value), (key, found)
        if "dtype" in truth:
            assert hdu.data.dtype.newbyteorder("=").name == truth["dtype"], hdu.data.dtype
            assert list(hdu.data.shape) == truth["shape"], hdu.data.shape
            same(hdu.data, truth["data"])
        for name, values in truth.get("columns", {}).items():
            column = hdu.data.field(name)
            if column.dtype.kind == "c":
                column = np.ascontiguousarray(column).view(column.real.dtype)
            same(column, values)
print("ok")
