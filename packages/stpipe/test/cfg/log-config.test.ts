import { describe, expect, it } from 'vitest';
import { type LogRecord, parseLogConfig, parseLogFormat } from '../../src/index.ts';

describe('a log configuration', () => {
  it('is that of the manual', () => {
    const [rule, ...others] = parseLogConfig('[*]\nlevel = INFO\nhandler = file:myrun.log\n');
    expect(others).toEqual([]);
    expect(rule).toMatchObject({
      handlers: [{ kind: 'file', path: 'myrun.log', append: false }],
      level: 20,
      breakLevel: Number.POSITIVE_INFINITY,
      format: '%(asctime)s - %(name)s - %(levelname)s - %(message)s',
    });
    expect(rule!.matches('stpipe.Image2Pipeline.flat_field')).toBe(true);
  });

  it('has several handlers, quoted or as a list, a level by number, a level that ends the run', () => {
    const text = `[.]
handler = "append:/a b/c.log, stdout"
level = 15
break_level = error
format = '%(message)s'
[*.dark_current]
handler = stderr, null
`;
    const [root, dark] = parseLogConfig(text);
    expect(root).toMatchObject({
      handlers: [{ kind: 'file', path: '/a b/c.log', append: true }, { kind: 'stdout' }],
      ...{ level: 15, breakLevel: 40, format: '%(message)s' },
    });
    expect(dark!.handlers).toEqual([{ kind: 'stderr' }, { kind: 'null' }]);
  });

  it.each([
    ['[*]', ['stpipe', 'stpipe.rop', 'stpipe.rop.jump'], [] as string[]],
    ['[rop]', ['stpipe.rop', 'stpipe.rop.jump'], ['stpipe.ropes', 'stpipe']],
    ['[stpipe.r?p]', ['stpipe.rop'], ['stpipe.roop']],
    ['[*.jump]', ['stpipe.rop.jump', 'stpipe.rop.jump.pre_hook0'], ['stpipe.rop', 'stpipe.rop.jumps']],
    ["['r[aeo]p']", ['stpipe.rop'], ['stpipe.rip', 'stpipe.Rop']],
    ["['r[!o]p']", ['stpipe.rip'], ['stpipe.rop']],
  ])('%s is the business of the loggers that it names and those below them', (head, fits, others) => {
    const [rule] = parseLogConfig(`${head}\n`);
    expect(fits.filter((name) => !rule!.matches(name))).toEqual([]);
    expect(others.filter((name) => rule!.matches(name))).toEqual([]);
  });

  it.each([
    ['[*]\nhandler = logging.handlers.SysLogHandler', "can't parse handler 'logging.handlers.SysLogHandler'"],
    ['[*]\nhandler = file:', "can't parse handler 'file:'"],
    ['[*]\nlevel = LOUD', `Config parameter '*/level': the value "LOUD" is of the wrong type.`],
    ['[*]\ncolour = red', "Extra value 'colour' in *"],
    ['level = INFO', "Extra value 'level' in root"],
    ['', 'no section'],
    ['[*]\nformat = %(lineno)d', 'there is no attribute lineno here'],
    ['[*]\nformat = %(name)d', 'but name is a text'],
    ['[*]\nformat = 100 %', 'a % that begins no'],
    ['[*', 'Invalid line'],
  ])('%j is refused with what is wrong', (text, message) => {
    expect(() => parseLogConfig(text)).toThrow(message);
  });
});

describe('a log format', () => {
  const record: LogRecord = {
    ...{ name: 'stpipe.rop', levelNumber: 20, levelName: 'INFO', message: '100 %(name)s' },
    time: new Date(2019, 9, 4, 17, 59, 48, 57),
  };

  it.each([
    [
      '%(asctime)s - %(name)s - %(levelname)s - %(message)s',
      '2019-10-04 17:59:48,057 - stpipe.rop - INFO - 100 %(name)s',
    ],
    [
      '[%(levelname)-8s|%(levelname)6s|%(levelname).2s] %(levelno)03d %(msecs)03d %%',
      '[INFO    |  INFO|IN] 020 057 %',
    ],
    ['%(created).3f', (record.time.getTime() / 1000).toFixed(3)],
  ])('%s is filled as Python does', (format, line) => {
    expect(parseLogFormat(format)(record)).toBe(line);
  });
});
