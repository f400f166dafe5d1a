"""Write images of every BITPIX with every combination of scale, zero and BLANK (argv: directory)."""
import itertools
import sys

import numpy as np
from astropy.io import fits

rng = np.random.default_rng(5)
bitpixes = {8: "u1", 16: "i2", 32: "i4", 64: "i8", -32: "f4", -64: "f8"}
scalings = [None, (1, 1000.5), (0.01, 0), (-3.7e-3, 12345.678), (2, 3), "unsigned", "almost-unsigned"]
hdus = [fits.PrimaryHDU()]
for (bitpix, dtype), scaling, blank in itertools.product(bitpixes.items(), scalings, [None, 7]):
    if bitpix > 0:
        info = np.iinfo(dtype)
        data = rng.integers(info.min, info.max, 60, dtype=dtype, endpoint=True)
        data[:4] = 7, info.min, info.max, 0
    else:
        data = rng.normal(0, 1e4, 60).astype(dtype)
        data[:4] = np.nan, np.inf, -np.inf, 7
    hdu = fits.ImageHDU(data.reshape(3, 4, 5))
    unsigned = {8: -128, 16: 2**15, 32: 2**31, 64: 2**63, -32: 2**31, -64: 2**63}[bitpix]
    scale, zero = {None: (1, 0), "unsigned": (1, unsigned), "almost-unsigned": (2, unsigned)}.get(scaling, scaling)
    if scaling is not None:
        hdu.header["BSCALE"], hdu.header["BZERO"] = scale, zero
    # A BLANK beside an unsigned convention: astropy casts NaN to an integer, so there is nothing to compare with.
    if blank is not None and bitpix > 0 and scaling != "unsigned":
        hdu.header["BLANK"] = blank
    hdus.append(hdu)
# Write the stored numbers as they are, with the keywords beside them.
with open(sys.argv[1], "wb") as out:
    for hdu in hdus:
        out.write(hdu.header.tostring().encode("ascii"))
        if hdu.data is not None:
            raw = hdu.data.astype(hdu.data.dtype.newbyteorder(">")).tobytes()
            out.write(raw + b"\0" * (-len(raw) % 2880))
