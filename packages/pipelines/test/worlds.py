"""Frames as other software writes them, and what astropy finds in ours. Arguments: make DIRECTORY, or look FILE."""
import hashlib
import json
import sys

import numpy as np
from astropy.io import fits

SHAPE = (6, 8)
PIXELS = np.arange(48, dtype=np.float32).reshape(SHAPE)


def primary(**keywords):
    hdu = fits.PrimaryHDU()
    keywords = {"DATE-OBS": "2019-10-04", "TIME-OBS": "17:00:00.000", "SUBARRAY": "FULL", **keywords}
    hdu.header.update(keywords)
    return hdu


def asdf():
    """An ASDF tree as jwst's data models embed it: the only cell of a table."""
    tree = b"#ASDF 1.0.0\n#ASDF_STANDARD 1.5.0\n%YAML 1.1\n--- !core/asdf-1.1.0\nmeta: {filename: a.fits}\n...\n"
    column = fits.Column("ASDF_METADATA", f"{len(tree)}B", array=np.frombuffer(tree, np.uint8).reshape(1, -1))
    return fits.BinTableHDU.from_columns([column], name="ASDF")


def image(data, name, unit=None):
    hdu = fits.ImageHDU(data, name=name)
    if unit:
        hdu.header["BUNIT"] = unit
    return hdu


def wcs(hdu):
    hdu.header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0, "CRPIX1": 4.0,
                       "CRPIX2": 3.0, "CDELT1": -1e-6, "CDELT2": 1e-6})  # fmt: skip
    return hdu


def make(directory):
    zeros = np.zeros(SHAPE, np.float32)
    flags = np.zeros(SHAPE, np.uint32)
    flags[1, 2] = 256  # UNRELIABLE_ERROR of jwst 0.17
    iris = primary(TELESCOP="TMT", INSTRUME="IRIS", DETECTOR="IRIS1", DATAMODL="IRISImageModel", CAL_VER="0.17.1",
                   EXPTIME=10.0, EXP_TYPE="IRIS_IMAGE")  # fmt: skip
    fits.HDUList([
        iris, wcs(image(1000 + PIXELS * 10, "SCI", "DN")), image(zeros + 20, "ERR"), image(flags, "DQ"),
        image(zeros + 100, "VAR_POISSON"), image(zeros + 300, "VAR_RNOISE"), asdf(),
    ]).writeto(f"{directory}/iris_rate.fits")  # fmt: skip
    liger = primary(TELESCOP="Keck", INSTRUME="Liger", DETECTOR="IMG", DATAMODL="ImagerModel", EXPTIME=10.0)
    flags = np.zeros(SHAPE, np.uint32)
    flags[1, 2] = 4
    fits.HDUList([liger, image(100 + PIXELS, "DATA", "DN/s"), image(zeros + 2, "ERR"), image(flags, "DQ")]).writeto(
        f"{directory}/liger_rate.fits"
    )
    jwst = primary(TELESCOP="JWST", INSTRUME="NIRCAM", DETECTOR="NRCA1", DATAMODL="ImageModel", CAL_VER="1.15.1",
                   XPOSURE=10.0, S_DQINIT="COMPLETE")  # fmt: skip
    fits.HDUList([
        jwst, wcs(image(100 + PIXELS, "SCI", "DN/s")), image(zeros + 2, "ERR"), image(flags, "DQ"),
        image(zeros, "AREA"), image(zeros + 1, "VAR_POISSON"), image(zeros + 3, "VAR_RNOISE"),
        image(zeros, "VAR_FLAT"), asdf(),
    ]).writeto(f"{directory}/jwst_rate.fits")  # fmt: skip


def look(path):
    found = {"hdus": [], "checksums": "good"}
    with fits.open(path, checksum=True) as file:
        for hdu in file:
            found["hdus"].append(hdu.name)
            if hdu.name in ("SCI", "DQ", "ERR", "VAR_POISSON", "VAR_RNOISE"):
                assert hdu.data.shape == SHAPE, hdu.name
                kind = "uint32" if hdu.name == "DQ" else "float32"
                assert hdu.data.dtype.newbyteorder("=") == np.dtype(kind), (hdu.name, hdu.data.dtype)
        found["sci"] = [float(file["SCI"].data[0, 0]), float(file["SCI"].data[5, 7])]
        found["err"] = float(file["ERR"].data[0, 0])
        found["flag"] = int(file["DQ"].data[1, 2])
        found["unit"] = file["SCI"].header.get("BUNIT")
        found["ctype"] = file["SCI"].header.get("CTYPE1")
    # Extensions of others, header and data, byte for byte.
    with fits.open(path) as file:
        for name in ("ASDF", "AREA"):
            if name in file:
                info = file[name].fileinfo()
                with open(path, "rb") as raw:
                    raw.seek(info["hdrLoc"])
                    found[name] = hashlib.sha256(raw.read(info["datLoc"] - info["hdrLoc"] + info["datSpan"])).hexdigest()
    return found


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    print(json.dumps(look(sys.argv[2])))
