"""Image2Pipeline with numpy and astropy, files in and a synced file out, timing each run.

Requests on standard input, `run WAY SCIENCE BACKGROUND[,BACKGROUND…] DARK FLAT PRODUCT`, or the same words as arguments
for one run in a process of its own; answers on standard output, one JSON object a line.

WAY `iris_pipeline` works array by array as iris_pipeline does (background/background_sub.py, dark_current/dark_sub.py,
flatfield/flat_field.py): a model copied by each step; backgrounds and their errors stacked in float64, clipped by
astropy's sigma_clip at 3 sigma along the frames, means and sums by masked arrays. What it does to ERR is done to
VAR_POISSON and VAR_RNOISE here. WAY `lean` gives the same numbers without those copies and masked sums, as one who
writes numpy for speed would.

Variances and flags of every step, which iris_pipeline lacks, on the same planes and in the same order as the product
that this is compared with: every frame gets dark and flat, then the background is subtracted.
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


def less_dark(planes, dark, copy):
    sci, dq, poisson, rnoise, header = [p.copy() for p in planes] if copy else planes
    dark_sci, dark_dq, dark_var, dark_unknown = dark
    sci -= dark_sci
    rnoise += dark_var
    dq |= dark_dq
    dq[dark_unknown] |= UNRELIABLE_DARK | DO_NOT_USE
    return sci, dq, poisson, rnoise, header


def over_flat(planes, flat, copy):
    sci, dq, poisson, rnoise, header = [p.copy() for p in planes] if copy else planes
    flat_sci, flat_dq, flat_var, flat_bad = flat
    dq |= flat_dq
    dq[flat_bad] |= NO_FLAT_FIELD | DO_NOT_USE
    sci /= flat_sci
    square = flat_sci**2
    poisson /= square
    rnoise /= square
    return sci, dq, poisson, rnoise, sci**2 / square * flat_var, header


def calibrated(path, dark, flat, copy):
    planes = read(path, "SCI", "DQ", "VAR_POISSON", "VAR_RNOISE")
    return over_flat(less_dark(planes, dark, copy), flat, copy)


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


def stack_of(skies, plane):
    stack = np.zeros((len(skies),) + skies[0][plane].shape)
    for i, sky in enumerate(skies):
        stack[i] = sky[plane]
    return stack


def background_as_there(skies):
    """Mean of what sigma_clip leaves, and the variances of that mean."""
    data, *variances = [stack_of(skies, plane) for plane in (0, 2, 3)]
    clipped = sigma_clip(data, sigma=3.0, maxiters=None, axis=0)
    masked = [np.ma.masked_array(variance, mask=clipped.mask) for variance in variances]
    mean = clipped.mean(axis=0).filled(np.nan).astype(np.float32)
    return mean, [m.sum(axis=0).data / (len(skies) - m.mask.sum(axis=0)) ** 2 for m in masked]


def background_lean(skies):
    clipped = sigma_clip(stack_of(skies, 0), sigma=3.0, maxiters=None, axis=0)
    used = ~np.ma.getmaskarray(clipped)
    count = used.sum(axis=0)
    mean = clipped.mean(axis=0).filled(np.nan).astype(np.float32)
    return mean, [
        np.sum([np.where(use, sky[k], np.float32(0)) for use, sky in zip(used, skies)], axis=0) / count**2
        for k in (2, 3)
    ]


def reduce(way, science, backgrounds, dark, flat, product):
    copy = way == "iris_pipeline"
    background = background_as_there if copy else background_lean
    dark, flat = open_dark(dark), open_flat(flat)
    skies = [calibrated(path, dark, flat, copy) for path in backgrounds]
    mean, variances = background(skies)
    usable = (np.bitwise_or.reduce([sky[1] for sky in skies]) & DO_NOT_USE) == 0
    level = np.median(mean[usable])
    sci, dq, poisson, rnoise, var_flat, header = calibrated(science, dark, flat, copy)
    # One flat, one relative error: it is that of the difference.
    relative = np.divide(
        var_flat + skies[0][4], sci**2 + skies[0][0] ** 2, out=np.zeros_like(sci), where=sci != 0
    )
    if copy:
        sci, dq, poisson, rnoise = (p.copy() for p in (sci, dq, poisson, rnoise))
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
    way, science, backgrounds, dark, flat, product = words
    start = time.perf_counter()
    reduce(way, science, backgrounds.split(","), dark, flat, product)
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
