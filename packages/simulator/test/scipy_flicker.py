"""Measures 1/f noise. usage: scipy_flicker.py READS.fits OUTPUTS

READS.fits holds [reads, ny, nx] of noise alone; the samples of an output follow one another along x, row by row.
"""
import json
import sys

import numpy as np
from astropy.io import fits
from scipy import signal

reads = fits.getdata(sys.argv[1]).astype(np.float64)
outputs = int(sys.argv[2])
nreads, ny, nx = reads.shape
series = reads.reshape(nreads, ny, outputs, nx // outputs).transpose(0, 2, 1, 3).reshape(nreads, outputs, -1)

frequency, power = signal.periodogram(series, detrend=False, axis=-1)
power = power.mean(axis=(0, 1))
edges = np.geomspace(4 / series.shape[-1], 0.25, 13)
centre, level = [], []
for low, high in zip(edges[:-1], edges[1:]):
    inside = (frequency >= low) & (frequency < high)
    centre.append(np.log(frequency[inside]).mean())
    level.append(np.log(power[inside].mean()))
exponent = np.polyfit(centre, level, 1)[0]


def correlation(a, b):
    return float((a * b).mean() / np.sqrt((a**2).mean() * (b**2).mean()))


print(
    json.dumps(
        {
            "rms": float(np.sqrt((series**2).mean())),
            "exponent": float(exponent),
            "correlation": correlation(series[:, :-1], series[:, 1:]),
            "betweenReads": correlation(series[:-1], series[1:]),
        }
    )
)
