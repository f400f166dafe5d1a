"""What astropy.wcs, which wraps wcslib, makes of headers, as JSON on standard output.

truth.py FILE...          headers of .hdr, .fits and .fits.gz files, every coordinate description in them
truth.py --headers FILE   headers of a JSON file [{"name", "cards": [[keyword, value]...], "key"?, "count"?}...]
truth.py --tables DIR     files with lookup tables (-TAB axes), which are made in that directory

Result: [{name, header (80-column cards), key, axes, pixel, world, sky, skyPixel, error}...]; pixel and world are
lists of points, 0-based, null where there is no solution.
"""
import json
import sys
import warnings

import numpy as np
from astropy import log
from astropy.io import fits
from astropy.wcs import WCS

warnings.simplefilter("ignore")
log.setLevel("ERROR")


def points(header, axes, rng, count, span):
    """Pixels inside, on the edges of and around the image, and the reference pixel."""
    size = [span or max(int(header.get(f"NAXIS{i + 1}", 0) or 0), 0) for i in range(axes)]
    size = np.array([n if n > 1 else (256 if header.get("NAXIS", 0) < axes or n == 0 else 1) for n in size], float)
    inside = rng.uniform(-0.5, size - 0.5, (count, axes))
    around = rng.uniform(-0.75 * size, 1.75 * size, (count // 2, axes))
    whole = np.floor(rng.uniform(0, size, (count // 2, axes)))
    edges = rng.uniform(-0.5, size - 0.5, (count // 4, axes))
    for row in edges:
        axis = rng.integers(axes)
        row[axis] = rng.choice([-0.5, size[axis] - 0.5, 0, size[axis] - 1])
    return np.vstack([inside, around, whole, edges])


def sky(wcs, rng):
    """A graticule with poles, but hardly on limbs, on celestial axes with a projection; the others at CRVAL."""
    lng, lat = wcs.wcs.lng, wcs.wcs.lat
    if lng < 0 or lat < 0 or wcs.wcs.axis_types[lng] // 100 % 10 != 2:
        return None
    lon, la = np.meshgrid(np.arange(0, 360, 30.0), np.linspace(-90, 90, 14))
    out = np.tile(np.array(wcs.wcs.crval), (lon.size, 1))
    out[:, lng] = lon.ravel()
    out[:, lat] = la.ravel()
    return out


def clean(array):
    return [[None if not np.isfinite(v) else float(v) for v in row] for row in array]


def describe(name, header, key=" ", fobj=None, seed=1, count=160, text=None, span=0):
    out = {"name": name, "key": key.strip(), "header": text or header.tostring(endcard=False, padding=False)}
    rng = np.random.default_rng(seed)
    try:
        wcs = WCS(header, key=key, fobj=fobj)
        axes = wcs.wcs.naxis
        pixel = points(header, axes, rng, count, span)
        if not key.strip() or wcs.wcs.ctype[0].endswith("-SIP"):
            world = wcs.all_pix2world(pixel, 0)
        else:
            world = wcs.wcs_pix2world(pixel, 0)
        back = wcs.wcs_world2pix(np.where(np.isfinite(world), world, 0.0), 0) if wcs.sip is None else None
        out.update(
            axes=axes,
            sip=wcs.sip is not None,
            lng=int(wcs.wcs.lng),
            lat=int(wcs.wcs.lat),
            units=[str(u) for u in wcs.wcs.cunit],
            radesys=wcs.wcs.radesys,
            equinox=None if np.isnan(wcs.wcs.equinox) else wcs.wcs.equinox,
            specsys=wcs.wcs.specsys,
            pixel=clean(pixel),
            world=clean(world),
            back=None if back is None else clean(back),
        )
        # The inverse of distortions is found near the image only.
        distorted = wcs.sip is not None or any("TPV" in str(header[k]) for k in header if k[:5] == "CTYPE")
        grid = None if distorted else sky(wcs, rng)
        if grid is not None:
            out.update(sky=clean(grid), skyPixel=clean(wcs.wcs_world2pix(grid, 0)))
    except Exception as error:
        out["error"] = f"{type(error).__name__}: {error}".split("\n")[0]
    return out


def keys_of(header):
    codes = {k[len(k.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")):] for k in header if k[:5] in ("CTYPE", "CRVAL", "CRPIX")}
    return [" "] + sorted(code for code in codes if len(code) == 1)


def of_file(path):
    if path.endswith(".hdr"):
        with open(path, "rb") as f:
            text = f.read().decode("latin1")
        text = text.rstrip("\n")
        separator = "\n" if "\n" in text else ""
        header = fits.Header.fromstring(text, sep=separator)
        cards = "".join(line[:80].ljust(80) for line in text.split("\n")) if separator else text
        return [describe(path, header, key, text=cards) for key in keys_of(header)]
    with fits.open(path) as hdus:
        return [
            describe(f"{path}#{i}", hdu.header, key, hdus)
            for i, hdu in enumerate(hdus)
            for key in keys_of(hdu.header)
        ]


def table_file(path, cards, columns):
    """An image of one pixel with a table of one row; columns: {name: (array in FITS order reversed, TDIM?)}."""
    image = fits.PrimaryHDU(np.zeros((1,) * cards["NAXIS"], np.uint8))
    for keyword, value in cards.items():
        if not keyword.startswith("NAXIS"):
            image.header[keyword] = value
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name=name, format=f"{array.size}D", array=array[np.newaxis], dim=str(array.shape[::-1]))
            for name, array in columns.items()
        ],
        name="LOOKUP",
    )
    fits.HDUList([image, table]).writeto(path)
    with fits.open(path) as hdus:
        return describe(path, hdus[0].header, " ", hdus, count=200, span=120)


def make_tables(directory):
    rng = np.random.default_rng(5)
    one = {"NAXIS": 1, "CTYPE1": "WAVE-TAB", "CUNIT1": "m", "CRPIX1": 3.0, "CRVAL1": 3.0, "CDELT1": 0.05}
    one |= {"PS1_0": "LOOKUP", "PS1_1": "COORDS"}
    rising = np.cumsum(rng.uniform(0.5, 2, 9))
    cube = {"NAXIS": 3, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 30.0, "CRVAL2": 5.0}
    cube |= {"CDELT1": -0.01, "CDELT2": 0.01, "CTYPE3": "AWAV-TAB", "CRVAL3": 2.0, "CDELT3": 0.07, "PS3_0": "LOOKUP"}
    cube |= {"PS3_1": "COORDS", "PS3_2": "INDEX", "PV3_1": 1, "PV3_3": 1}
    two = {"NAXIS": 2, "CTYPE1": "WAVE-TAB", "CTYPE2": "TIME-TAB", "CRPIX1": 1.0, "CRPIX2": 1.0, "CRVAL1": 1.0}
    two |= {"CRVAL2": 1.0, "CDELT1": 0.02, "CDELT2": 0.015, "PS1_0": "LOOKUP", "PS2_0": "LOOKUP"}
    two |= {"PS1_1": "COORDS", "PS2_1": "COORDS", "PV1_3": 1, "PV2_3": 2}
    y, x = np.mgrid[0:4, 0:5]
    sheet = np.stack([1e-6 * (1 + x + 0.1 * y + 0.02 * x * y), 100 + 7.0 * y - 0.8 * x], axis=-1)
    index = {"PS1_2": "INDEX"}
    wave = 1e-6 * rising[:, np.newaxis]
    files = [
        ("plain", one, {"COORDS": wave}),
        ("falling", one, {"COORDS": wave[::-1]}),
        ("index", one | index | {"CRVAL1": 10.0, "CDELT1": 0.4}, {"COORDS": wave, "INDEX": 5 + 10 * np.cumsum(rising)}),
        ("falling-index", one | index | {"CRVAL1": 60.0, "CDELT1": 0.6}, {"COORDS": wave, "INDEX": 90.0 - 9 * rising}),
        ("repeated-index", one | index, {"COORDS": wave, "INDEX": np.array([1.0, 2, 3, 3, 4, 5, 6, 6, 8])}),
        ("single", one | {"CDELT1": 0.001, "CRVAL1": 1.0}, {"COORDS": wave[:1]}),
        ("cube", cube, {"COORDS": wave, "INDEX": np.arange(1.0, 10)}),
        ("sheet", two, {"COORDS": sheet}),
        ("sheet-swapped", two | {"PV1_3": 2, "PV2_3": 1}, {"COORDS": sheet[..., ::-1]}),
    ]
    return [table_file(f"{directory}/{name}.fits", cards, columns) for name, cards, columns in files]


def main(args):
    if args[0] == "--tables":
        result = make_tables(args[1])
    elif args[0] == "--headers":
        with open(args[1]) as f:
            specs = json.load(f)
        result = []
        for i, spec in enumerate(specs):
            header = fits.Header([tuple(card) for card in spec["cards"]])
            result.append(describe(spec["name"], header, spec.get("key", " "), None, i, spec.get("count", 60)))
    else:
        result = [truth for path in args for truth in of_file(path)]
    json.dump(result, sys.stdout)


main(sys.argv[1:])
