"""Dark subtraction and flat division with variances and flags in float32 numpy, timing each run.

Requests on standard input, `run NY NX` or `probe NY NX`; answers on standard output, one JSON object a line.
`run` works on frames that are kept, `probe` on new ones and answers with some of the pixels. The frames are those
of calib.ts of the benchmark: planes of hash(index, plane) and a few bad pixels, the same in both languages.
"""
import json
import sys
import time
from types import SimpleNamespace

import numpy as np

DO_NOT_USE, NO_FLAT_FIELD = np.uint32(1), np.uint32(262144)


def plane(shape, number):
    """Pseudo-random numbers in [0, 1)."""
    index = np.arange(shape[0] * shape[1], dtype=np.uint64)
    bits = (index * 2654435761 + number * 1013904223) % 2**32
    bits = (bits ^ (bits >> 15)) * 2246822519 % 2**32
    return (bits / 2**32).astype(np.float32).reshape(shape)


def frames(shape):
    u = [plane(shape, number) for number in range(8)]
    frame = SimpleNamespace(
        sci=10 + u[0],
        dq=np.where(u[0] < 0.01, np.uint32(4), np.uint32(0)),
        var_poisson=1 + u[1],
        var_rnoise=1 + u[2],
    )
    dark = SimpleNamespace(sci=u[3], dq=np.where(u[3] < 0.01, np.uint32(2048), np.uint32(0)), var=u[4])
    dark.sci[u[5] < 0.002] = np.nan
    flat = SimpleNamespace(
        sci=np.float32(0.5) + u[6], dq=np.where(u[7] < 0.01, NO_FLAT_FIELD, np.uint32(0)), var=u[7]
    )
    flat.sci[u[5] > 0.998] = 0
    return frame, dark, flat


def subtract_dark(frame, dark):
    known = ~np.isnan(dark.sci)
    frame.sci -= np.where(known, dark.sci, np.float32(0))
    frame.var_rnoise += np.where(known, dark.var, np.float32(0))
    frame.dq |= dark.dq


def divide_flat(frame, flat):
    bad = np.isnan(flat.sci) | (flat.sci == 0) | ((flat.dq & NO_FLAT_FIELD) != 0)
    response = np.where(bad, np.float32(1), flat.sci)
    frame.dq |= flat.dq
    frame.dq[bad] |= NO_FLAT_FIELD | DO_NOT_USE
    frame.sci /= response
    square = response**2
    frame.var_poisson /= square
    frame.var_rnoise /= square
    frame.var_flat = frame.sci**2 / square * flat.var
    frame.var_flat[bad] = 0


def calibrate(frame, dark, flat):
    subtract_dark(frame, dark)
    divide_flat(frame, flat)


def answer(**fields):
    print(json.dumps(fields), flush=True)


answer(name=f"numpy {np.__version__}")
kept = None
for line in sys.stdin:
    what, ny, nx = line.split()
    shape = int(ny), int(nx)
    if what == "probe":
        made = frames(shape)
        calibrate(*made)
        frame = made[0]
        planes = frame.sci, frame.var_poisson, frame.var_rnoise, frame.var_flat, frame.dq
        answer(seconds=0, values=[[float(v) for v in p.ravel()[::97][:2000]] for p in planes])
        continue
    if kept is None or kept[0].sci.shape != shape:
        kept = frames(shape)
    start = time.perf_counter()
    calibrate(*kept)
    answer(seconds=time.perf_counter() - start)
