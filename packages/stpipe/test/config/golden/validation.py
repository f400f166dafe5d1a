"""What ConfigObj's validation makes of configurations under specs, and how stpipe words it."""

try:
    from configobj import ConfigObj, flatten_errors, get_extra_values
    from configobj.validate import Validator
except ImportError:
    from astropy.extern.configobj.configobj import ConfigObj, flatten_errors, get_extra_values
    from astropy.extern.configobj.validate import Validator

BASIC = """
i = integer(default=3)
im = integer(1, 5, default=2)
f = float(min=0.5, max=2.5, default=1)
b = boolean(default=off)
s = string(min=2, max=4, default=None)
q = string(default='None')
t = tuple(min=1, max=2, default=list(a))
l = list(default=list())
il = int_list(min=2, max=3, default=list(1,2))
fl = float_list(default=list(1.0, 2))
bl = bool_list(default=list(yes, no))
sl = string_list(default=list("a, b", 'c'))
ip = ip_addr(default=127.0.0.1)
ipl = ip_addr_list(default=list(1.2.3.4))
ml = mixed_list('integer', 'string', 'boolean', default=list(1, x, on))
o = option('mean', 'median', default='median')
fo = force_list(default=list('x'))
p = pass(default=anything)
"""
STEPS = """
needed = string()
[steps]
[[x]]
skip = boolean(default=False)
r = integer
[[y]]
m = float(default=None)
"""

BASIC_TEXTS = [
    "", "i = 4", "i = 4.0", "i = +4", "i = ' 4 '", "i = 1_000", "i = 1__0", "i = 0x10", "i = 12345678901234567890123", "i = None", "i = ", "i = 1, 2",
    "im = 0", "im = 6", "im = -1", "im = 5", "f = 0.5", "f = 0.1", "f = 1e-5", "f = 3", "f = 1e22", "f = inf", "f = nan", "f = .7", "f = 1.", "f = 1_0.5", "f = x", "f = ' 2 '",
    "b = yes", "b = ON", "b = 1", "b = 2", "b = TrUe", "b = off, on", "b = ''", "s = a", "s = abcde", "s = abc", "s = None", "s = a, b", "s = ''",
    "q = None", "t = a, b, c", "t = a,", "t = x", "l = a", "l = a,", "l = ,", "l = 1, 'b c'", "il = 1,", "il = 1, 2, 3, 4", "il = 1, x", "il = 1, 2.5", "il = 7, 8",
    "fl = 1, x", "fl = 1, 2e3", "fl = 1", "bl = yes, maybe", "bl = yes, no, 1", "sl = a", "sl = a, b", "ip = 1.2.3.4", "ip = 1.2.3.256", "ip = x", "ip = 1.2, 3",
    "ipl = 1.2.3.4, 5.6.7.8", "ipl = 1.2.3.4, x", "ml = 1, a, yes", "ml = 1, a", "ml = 1, a, yes, 2", "ml = x, a, yes", "ml = abc", "o = mean", "o = MEAN", "o = max", "o = mean, median",
    "fo = a", "fo = a, b", "fo = ,", "p = 1, 2", "p = ''", "zzz = 1", "[other]\na = 1", "[DEFAULT]\na = 1", "i = %(j)s\n[DEFAULT]\nj = 12",
    "i = x\nf = y\nb = z\nzzz = 1\nyyy = 2",
]
STEPS_TEXTS = [
    "", "needed = 1", "needed = 1\n[steps]\n[[x]]\nr = 1", "[steps]\n[[x]]\nskip = yes\nr = q\n[[y]]\nm = 1.5", "[steps]\n[[z]]\nskip = True", "needed = 1\n[steps]\nq = 1",
    "steps = 1", "needed = 1\n[steps]\nx = 1", "needed = 1\n[steps]\n[[x]]\nr = 1\n[[[more]]]\na = 1", "needed = 1\nextra = 2\n[steps]\n[[x]]\nr = 1\nother = 3",
    "needed = 1\n[steps]\n[[x]]\nr = 1\n[[y]]\nm = None", "[needed]\na = 1", "needed = 1\n[steps]\n[[x]]\nr = 1\n[[DEFAULT]]\na = 1",
]


def messages(config, spec):
    """The lines that stpipe's config_parser.validate puts into its error."""
    config.configspec = spec
    result = config.validate(Validator(), preserve_errors=True)
    lines = []
    if result is not True:
        for sections, key, error in flatten_errors(config, result):
            sections.append(key if key is not None else "[missing section]")
            lines.append(f"Config parameter {'/'.join(sections)!r}: {'missing' if error is False else error}")
    extra = get_extra_values(config)
    if extra:
        sections, name = extra[0]
        lines.append(f"Extra value {name!r} in {'/'.join(sections) if sections else 'root'}")
    return lines


def case(spec_text, text):
    out = {"spec": spec_text, "text": text}
    spec = ConfigObj(spec_text.strip().split("\n"), list_values=False, raise_errors=True)
    config = ConfigObj(text.split("\n"), raise_errors=True)
    try:
        out["messages"] = messages(config, spec)
        out["ok"] = values(config)
    except Exception as error:
        out["error"], out["message"] = type(error).__name__, str(error)
    return out


def values(section):
    """JSON has no tuples, infinities or long integers that survive every reader: those become texts."""
    def plain(value):
        if isinstance(value, dict):
            return values(value)
        if isinstance(value, (list, tuple)):
            return [plain(one) for one in value]
        if isinstance(value, float) and (value != value or abs(value) == float("inf")):
            return f"float {value}"
        if isinstance(value, int) and abs(value) > 2**53:
            return f"int {value}"
        return value

    return {key: plain(section[key]) for key in section.scalars + section.sections}


def validation_cases():
    return [case(BASIC, text) for text in BASIC_TEXTS] + [case(STEPS, text) for text in STEPS_TEXTS]
