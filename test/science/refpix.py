"""Offsets of outputs from reference pixels, in numpy: an independent twin of the step's."""
import json, sys
import numpy as np
from astropy.io import fits

ramp, bias, mask, outputs, border, window = sys.argv[1:]
outputs, border, window = int(outputs), int(border), int(window)
reads = fits.getdata(ramp, 'SCI').astype(float).reshape(-1, *fits.getdata(ramp, 'SCI').shape[-2:])
level = fits.getdata(bias, 'SCI').astype(float)
bad = (fits.getdata(mask, 'DQ').astype(np.int64) & (1 | 131072)) != 0


def clipped(values):
    values = values[np.isfinite(values)]
    while values.size:
        keep = np.abs(values - values.mean()) <= 3 * values.std()
        if keep.all():
            return values.mean()
        values = values[keep]
    return np.nan


columns, rows = [], []
for read in reads:
    x = np.where(bad, np.nan, read - level)
    offset = np.zeros(x.shape[1])
    for cols in np.split(np.arange(x.shape[1]), outputs):
        for parity in (0, 1):
            at = cols[cols % 2 == parity]
            if at.size:
                offset[at] = np.nanmean([clipped(x[:border][:, at].ravel()), clipped(x[-border:][:, at].ravel())])
    columns.append(offset.tolist())
    x = x - offset
    padded = np.pad(x, ((window // 2, window // 2), (0, 0)), mode='symmetric')
    sides = []
    for part in (padded[:, :border], padded[:, -border:]):
        windows = np.lib.stride_tricks.sliding_window_view(part, window, axis=0)
        sides.append(np.nanmedian(windows.reshape(x.shape[0], -1), axis=1))
    row = np.nanmean(sides, axis=0)
    rows.append((row - np.median(row)).tolist())
json.dump({'columns': columns, 'rows': rows}, sys.stdout)
