"""What ConfigObj itself makes of hand-written and random texts: writes configobj.json beside this file.

    python3 make.py [RANDOM_CASES [OUTPUT]]

Needs ConfigObj: Debian's python3-configobj, or the copy inside astropy.
"""

import json
import pathlib
import random
import sys

try:
    from configobj import ConfigObj, ConfigObjError, __version__
except ImportError:
    from astropy.extern.configobj.configobj import ConfigObj, ConfigObjError, __version__

HERE = pathlib.Path(__file__).parent

HAND = [
    "",
    "a = 1\n[s]\nb = 2\n[[t]]\nc = 3\n[u]\nd = 4",
    "[a]\n[[b]]\n[[[c]]]\n[d]\n[[[e]]]",
    "[a]\nx = 1\n[a]\nx = 2\ny\n[[[b]]]",
    "a = 1\na = 2\n[a]\n",
    "[a]\n[[b]]\n[c]\n[[b]]\nx = 1",
    "[]", "[ ]", "[[]", "[[ ]", "[ [ ]", "[[]]", "[]]", "[a]]", "[[a]", "['a]", '["a"]', '["a" ]',
    '[" "]', '["" ]', '[""]', '[[" "]', "[a] # c", "[a # b]", "[a] b]", "[a]#]", '["a]"]', "[a 'b]",
    " = x", "=x", "\t=1", " '=1", "'a=1", "'a'=1", "'a' b=1", "'a''b'=1", '"a=b" = c', '""=1', " =", "a==", "'a' 'b' = 1",
    "a = ,", "a = ,,", "a = , # c", "a = x,", "a = x,,", "a = x, ,y", "a = , x", "a = 'x',", "a = 'x' , ",
    "a = 'x, 'y', z", "a = 'x' y, z", "a = \"x', 'y\", z", 'a = x, "y', "a = x, 'y, z", 'a = "x" "y", "z"', "a = x 'y, z'",
    "a = 'a' # c, d", "a = x # 'y', z", "a = x,# c", "a = #", "a = 'x'#c", "a = 'x' c", "a = ''", "a = '", "a = \"'\"",
    "a = '''x'''", "a = '''x''' # c", "a = '''x''' c", "a = '''x'''' # c", "a = '''\nx\n'''", "a = '''x\n# y\n  z''' # c",
    "a = '''x\ny''' z\nb = 1", "a = '''x\ny", 'a = """x\'\'\'y"""', "a = ''''''", "a = '''''''", "a = \"\"\"x\n\"\"\" y \"\"\"",
    "a = '''x\nb = '''\nc = 1", "a = '''x ''' y '''z'''", "a = '''\nb = '''y'''\nc = 2",
    "a = %(b)s\nb = %(c)s\nc = x", "[s]\na = %(b)s\n[[t]]\nb = 1", "b = 1\n[s]\n[[t]]\na = %(b)s",
    "[DEFAULT]\nb = 1\n[s]\na = %(b)s\n[[DEFAULT]]\nb = 2\n[[t]]\na = %(b)s",
    "a = x, %(b)s\nb = y", "a = %(b)s\nb = x, y", "a = %(b)s\n[b]\nx = 1", "DEFAULT = 1\n[s]\na = %(b)s",
    "DEFAULT = 1, 2\na = %(b)s", "a = %(a)s", "a = %(b)s\n[DEFAULT]\nb = %(a)s", "a = %%(b)s\nb = 1", "a = %(b)\nb = 1",
    "a = %()s\n'' = 1", "a = %(b)s%(b)s\nb = %(c)s-\nc = x", "a = %(b c)s\nb c = 1", "a = %(%(b)s)s\nb = c\n%(b = 1",
    "x = %(y)s\n[a]\ny = %(x)s\n[[a]]\nz = %(x)s", "a = '''\n%(b)s\n'''\nb = 1", "[s]\na = %(b)s\nb = 1\n[[s]]\nb = %(a)s",
    "a = caf\u00e9\n\u03b1 = 1\n[\u03b2]\n", "a\u00a0=\u00a0b\u00a0", "\u2028a = 1", "a = x\u2028y", "a = x\x0cy", "a\x1c= b\x1c",
    "\ufeffa = 1", "nonsense \u200b \U0001f600 \x01", "it's nonsense", "it's \"nonsense\"", "tab\there \\ there",
    "a = 1\r\nb = 2\r\n", "a = 1\rb = 2", "a = 1\n\r\nb = 2", "\n\n# only a comment\n", "a = 1\n\n# end", "# start\n\na = 1",
    "  a = 1\n [s]\n   # c\n   b = 2 # d", "a = None\nb = True\nc = 1e3", "__proto__ = 1\nconstructor = 2\n[toString]\n1 = x\n0 = y",
    'name = "Image2Pipeline"\nclass = "iris_pipeline.pipeline.Image2Pipeline"\nsave_results = True\n[steps]\n  [[bkg_subtract]]\n'
    "  [[assign_wcs]]\n    skip = True\n  [[flat_field]]\n    config_file = flat_field.cfg\n",
    'name = "flat_field"\nclass = "jwst.flatfield.FlatFieldStep"\n# Only for MOS data.\nflat_suffix = None\noverride_flat = \'flat.fits\'\n',
]

VALUE = ["'", '"', ",", "#", " ", "a", "b c", "=", "[", "]", "%(k)s", "'''", '"""', "\t", "\u00a0", "%", "(", ")", "\\", "1.5"]
LINE = ["[", "]", "[[", "]]", "'", '"', "=", " = ", "#", " ", "k", "s", "d", ",", "'''", "%(k)s", "\t", "\u2003", "\x1f", "\n"]
WHOLE = [
    "[s]", "[[t]]", "[[[u]]]", "[DEFAULT]", "k = 1", "j = x, y", "i = '''", "h = \"\"\"", "'''", '"""', "# c", "", "bad", "g = %(k)s",
    "f = %(g)s %(k)s", "k = 2", "[[DEFAULT]]", "[s] # c", "e = 'it''s', \"so\" # c", "d = '''a'''", "  c = 1", "[[t]", "b = 'x",
]


def random_texts(count, seed=20310714):
    rng = random.Random(seed)

    def some(tokens, most):
        return "".join(rng.choice(tokens) for _ in range(rng.randint(0, most)))

    for index in range(count):
        kind = index % 4
        if kind == 0:
            yield "k = " + some(VALUE, 9)
        elif kind == 1:
            yield some(LINE, 9)
        elif kind == 2:
            yield "\n".join(rng.choice(WHOLE) for _ in range(rng.randint(1, 9)))
        else:
            yield "k = z\n" + "\n".join(rng.choice(["a", "b", "[s]", " c", "'d'"]) + " = " + some(VALUE, 5) for _ in range(3))


def lines_of(text):
    """As `open(file, 'rb').readlines()` gives them."""
    return [line + b"\n" for line in text.encode("utf-8").split(b"\n")][: -1 if text.endswith("\n") else None]


def parse(text):
    case = {"text": text}
    try:
        config = ConfigObj(lines_of(text))
    except ConfigObjError as error:
        case["error"], case["message"] = type(error).__name__, str(error)
        case["all"] = [str(one) for one in error.errors]
        return case
    try:
        case["ok"] = config.dict()
    except Exception as error:
        case["error"], case["message"] = type(error).__name__, str(error)
    return case


def plain(text):
    """As stpipe reads a spec: lists off, comments kept apart."""
    try:
        config = ConfigObj(lines_of(text), list_values=False, interpolation=False, raise_errors=True)
    except ConfigObjError as error:
        return {"text": text, "error": type(error).__name__, "message": str(error)}
    return {"text": text, "ok": config.dict(), "comments": {k: v or "" for k, v in config.inline_comments.items()}}


PLAIN = [
    "a = integer(default=3) # help", "a = string(default='#x') # help", "a = 'b' # c", "a = 'b' c", "a = \"x", "a = b, c # d # e",
    "a = option('x', 'y', default='x')#none", "a = # only", "a =", "a = list(default=list(1,2))\n[steps]\n[[s]]\nskip = boolean() # h",
    "a = '''b''' # c", "a = 'b'#'c'",
]

QUOTED = [
    "", "x", "a b", " x", "x ", "a,b", "a#b", "it's", 'say "x"', "'x'", "a = b", "[x]", "1.5", "a\\b", "a'b,c", 'a"b#c', "a\tb", "\tx",
    [], ["x"], ["x", "y"], ["a,b", "c"], [" x"], ["it's", 'say "x"'], [""], ["", "x"], [1, 2.5, True, None], 1, 2.5, 1e-7, 1e22, True, False, None,
]


def quoted(value):
    """How ConfigObj writes a value."""
    config = ConfigObj({"k": value})
    return {"value": value, "text": config.write()[0].removeprefix("k = ")}


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "configobj.json"
    from validation import validation_cases

    golden = {
        "configobj": __version__,
        "parse": [parse(text) for text in [*HAND, *random_texts(count)]],
        "plain": [plain(text) for text in PLAIN],
        "quoted": [quoted(value) for value in QUOTED],
        "validation": validation_cases(),
    }
    out.write_text("{\n" + ",\n".join(
        f'"{key}": ' + (json.dumps(value) if isinstance(value, str) else "[\n" + ",\n".join(json.dumps(v) for v in value) + "\n]")
        for key, value in golden.items()) + "\n}\n")
