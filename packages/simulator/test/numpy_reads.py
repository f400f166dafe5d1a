"""Checks simulated reads against an independent simulation with numpy, astropy and scipy.

usage: numpy_reads.py READS.fits PLANES.fits SKY(e-/s)

READS.fits is a simulated exposure of many ramps; PLANES.fits holds the true detector, one image for each
property. Prints a JSON object of the measures that the test judges.
"""
import json
import sys

import numpy as np
from astropy.io import fits
from scipy import optimize, stats

with fits.open(sys.argv[1], checksum=True) as hdus:
    hdus.verify("exception")
    reads = hdus["SCI"].data.astype(np.float64)
    dtype = str(hdus["SCI"].data.dtype)
    times = hdus["TIMES"].data[0]
    header = dict(hdus[0].header)
with fits.open(sys.argv[2]) as hdus:
    true = {hdu.name: hdu.data.astype(np.float64) for hdu in hdus[1:]}
sky = float(sys.argv[3])

ramps, nreads, ny, nx = reads.shape
rate = true["RESPONSE"] * sky + true["DARK"]


def inverse(signal, c1, c2):
    """x with x (1 + c1 x + c2 x^2) = signal, by bracketing."""
    if signal <= 0:
        return signal
    return optimize.brentq(lambda x: x * (1 + c1 * x + c2 * x * x) - signal, 0, signal * 1.001, xtol=1e-9)


inverse = np.vectorize(inverse)

# What a read is in the mean, and how far it scatters, to first order in the noise.
signal = rate[None] * times[:, None, None] / true["GAIN"]
measured = inverse(signal, true["C1"], true["C2"])
slope = 1 + 2 * true["C1"] * measured + 3 * true["C2"] * measured**2
below = measured < true["FULLWELL"] * 0.98
expected = true["BIAS"] + measured
variance = (rate[None] * times[:, None, None] / true["GAIN"] ** 2) / slope**2 + true["READNOISE"] ** 2 + 1 / 12

mean = reads.mean(axis=0)
spread = reads.var(axis=0, ddof=1)
pulls = ((mean - expected) / np.sqrt(variance / ramps))[below]

# Reads of one pixel differ by independent Poisson numbers: the covariance of two reads is the variance of
# what was there at the first.
first, last = reads[:, 0], reads[:, -1]
covariance = ((first - first.mean(0)) * (last - last.mean(0))).sum(0) / (ramps - 1)
shared = rate * times[0] / true["GAIN"] ** 2 / slope[0] / slope[-1]

# A whole simulation of its own; the two samples of the last read's pulls must be of one law.
rng = np.random.default_rng(7)
electrons = rng.poisson(np.broadcast_to(rate * times[-1], (ramps, ny, nx)))
own = inverse(electrons / true["GAIN"], true["C1"], true["C2"])
own = np.rint(true["BIAS"] + own + true["READNOISE"] * rng.standard_normal(own.shape))
scale = np.sqrt(variance[-1])
ours = ((reads[:, -1] - expected[-1]) / scale)[:, below[-1]].ravel()
theirs = ((own - expected[-1]) / scale)[:, below[-1]].ravel()

print(
    json.dumps(
        {
            "dtype": dtype,
            "shape": list(reads.shape),
            "detector": header["DETECTOR"],
            "largestRead": float(reads.max()),
            "pixels": int(below[-1].sum()),
            "meanPull": float(pulls.mean()),
            "pullSigma": float(pulls.std()),
            "varianceRatio": float((spread / variance)[below].mean()),
            "covarianceRatio": float(covariance.sum() / shared.sum()),
            "nonlinearity": float(((signal - measured) / signal)[-1].max()),
            "ksProbability": float(stats.ks_2samp(ours, theirs).pvalue),
        }
    )
)
