"""Reads and writes a 2-D float32 image with astropy, timing each run; requests and answers as fits_cfitsio.c.

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


def answer(**fields):
    print(json.dumps(fields), flush=True)


answer(name=f"astropy {astropy.__version__}")
pixels = None
for line in sys.stdin:
    what, path, *numbers = line.split()
    try:
        if what == "read":
            start = time.perf_counter()
            image = read(path)
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
