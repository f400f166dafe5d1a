"""iris_pipeline's Image2Pipeline with numpy and astropy, files in and a synced file out, timing each run.

Requests on standard input, `run SCIENCE BACKGROUND[,BACKGROUND…] DARK FLAT PRODUCT`, or the same words as arguments for
one run in a process of its own; answers on standard output, one JSON object a line.

What iris_pipeline computes (background/background_sub.py, dark_current, flatfield): the mean of the backgrounds after
astropy's sigma_clip at 3 sigma along the frames in float64, as there; the dark; the flat. Variances and flags of every
step, which iris_pipeline lacks, on the same planes and in the same order as the product that this is compared with:
every frame gets dark and flat, then the background is subtracted.
"""
import json
import os
import sys
import time

import numpy as np
from astropy import __version__ as astropy_version
from astropy.io import fits
from astropy.stats import sigma_clip

DO_NOT_USE, NO_FLAT_FIELD, UNRELIABLE_DARK = np.uint32(1), np.uint32(2**18), np.uint32(2**23)


def read(path, *names):
    """Planes of a file in the machine's byte order, and its primary header."""
    with fits.open(path) as file:
        planes = [file[name].data for name in names]
        return [p.astype(p.dtype.newbyteorder("=")) for p in planes] + [file[0].header.copy()]


def calibrated(path, dark, flat):
    sci, dq, poisson, rnoise, header = read(path, "SCI", "DQ", "VAR_POISSON", "VAR_RNOISE")
    dark_sci, dark_dq, dark_var, dark_unknown = dark
    flat_sci, flat_dq, flat_var, flat_bad = flat
    sci -= dark_sci
    rnoise += dark_var
    dq |= dark_dq
    dq[dark_unknown] |= UNRELIABLE_DARK | DO_NOT_USE
    dq |= flat_dq
    dq[flat_bad] |= NO_FLAT_FIELD | DO_NOT_USE
    sci /= flat_sci
    square = flat_sci**2
    poisson /= square
    rnoise /= square
    return sci, dq, poisson, rnoise, sci**2 / square * flat_var, header


def open_dark(path):
    sci, dq, err, _ = read(path, "SCI", "DQ", "ERR")
    unknown = np.isnan(sci)
    sci[unknown] = 0
    err[unknown] = 0
    return sci, dq, err**2, unknown


def open_flat(path):
    sci, dq, err, _ = read(path, "SCI", "DQ", "ERR")
    bad = ~(sci > 0) | ((dq & NO_FLAT_FIELD) != 0)
    sci[bad] = 1
    err[bad] = 0
    return sci, dq, err**2, bad


def reduce(science, backgrounds, dark, flat, product):
    dark, flat = open_dark(dark), open_flat(flat)
    skies = [calibrated(path, dark, flat) for path in backgrounds]
    stack = np.empty((len(skies),) + skies[0][0].shape)
    for i, sky in enumerate(skies):
        stack[i] = sky[0]
    clipped = sigma_clip(stack, sigma=3.0, maxiters=None, axis=0)
    used = ~np.ma.getmaskarray(clipped)
    count = used.sum(axis=0)
    mean = clipped.mean(axis=0).filled(np.nan).astype(np.float32)
    usable = (np.bitwise_or.reduce([sky[1] for sky in skies]) & DO_NOT_USE) == 0
    level = np.median(mean[usable])
    variances = [
        np.sum([np.where(use, sky[k], np.float32(0)) for use, sky in zip(used, skies)], axis=0) / count**2
        for k in (2, 3)
    ]
    sci, dq, poisson, rnoise, var_flat, header = calibrated(science, dark, flat)
    # One flat, one relative error: it is that of the difference.
    relative = np.divide(
        var_flat + skies[0][4], sci**2 + skies[0][0] ** 2, out=np.zeros_like(sci), where=sci != 0
    )
    sci -= mean
    poisson += variances[0].astype(np.float32)
    rnoise += variances[1].astype(np.float32)
    var_flat = relative * sci**2
    for sky in skies:
        dq |= sky[1]
    err = np.sqrt(poisson + rnoise + var_flat)
    header["BKGLEVEL"] = float(level)
    planes = {
        "SCI": sci, "DQ": dq, "VAR_POISSON": poisson, "VAR_RNOISE": rnoise, "VAR_FLAT": var_flat, "ERR": err
    }
    hdus = [fits.PrimaryHDU(header=header)] + [fits.ImageHDU(data, name=name) for name, data in planes.items()]
    with open(product, "wb") as file:
        fits.HDUList(hdus).writeto(file, checksum=False)
        file.flush()
        os.fsync(file.fileno())


def run(words):
    science, backgrounds, dark, flat, product = words
    start = time.perf_counter()
    reduce(science, backgrounds.split(","), dark, flat, product)
    return time.perf_counter() - start


def answer(**fields):
    print(json.dumps(fields), flush=True)


if len(sys.argv) > 1:
    answer(seconds=run(sys.argv[1:]))
else:
    answer(name=f"astropy {astropy_version}")
    for line in sys.stdin:
        try:
            answer(seconds=run(line.split()[1:]))
        except Exception as error:
            answer(error=str(error))
