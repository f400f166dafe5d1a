"""Reads and writes a 2-D float32 image with astropy, timing each run; requests and answers as fits_cfitsio.c.

`map NY NX` works out the sky coordinates of every pixel of a TAN-SIP frame, whose header comes as JSON on that line.

Read gives an array in the byte order of the machine, as numpy computes fastest on.
"""
import json
import os
import sys
import time
import warnings

import astropy
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

warnings.simplefilter("ignore")


def read(path):
    with fits.open(path) as file:
        return file[0].data.astype(np.float32)


def write(path, pixels, checksum, sync):
    fits.writeto(path, pixels, checksum=checksum)
    if sync:
        fd = os.open(path, os.O_RDWR)
        os.fsync(fd)
        os.close(fd)


def read16(path):
    with fits.open(path) as file:
        image = next(hdu for hdu in file if hdu.data is not None)
        return image.data.astype(np.uint16)


READERS = {"read": read, "read16": read16}


def sky(header, ny, nx):
    wcs = WCS(fits.Header(list(header.items())))
    y, x = np.mgrid[0:ny, 0:nx].reshape(2, -1).astype(float)
    start = time.perf_counter()
    ra, dec = wcs.all_pix2world(x, y, 0)
    return time.perf_counter() - start, float(dec[-1])


def answer(**fields):
    print(json.dumps(fields), flush=True)


answer(name=f"astropy {astropy.__version__}")
pixels = None
for line in sys.stdin:
    what, path, *numbers = line.split()
    try:
        if what == "map":
            seconds, value = sky(json.loads("".join(numbers[1:])), int(path), int(numbers[0]))
        elif what in READERS:
            start = time.perf_counter()
            image = READERS[what](path)
            seconds = time.perf_counter() - start
            value = float(image[-1, -1])
            del image
        else:
            checksum, sync, ny, nx = map(int, numbers)
            if pixels is None or pixels.shape != (ny, nx):
                pixels = (1000 + np.arange(ny * nx) % 4093).astype(np.float32).reshape(ny, nx)
            start = time.perf_counter()
            write(path, pixels, bool(checksum), bool(sync))
            seconds = time.perf_counter() - start
            value = float(pixels[-1, -1])
        answer(seconds=seconds, value=value)
    except (OSError, ValueError) as error:
        answer(error=f"astropy: {error}")
