import { expect, it } from 'vitest';
import { mappingJson } from '../src/index.ts';

it('a mapping as JSON keeps tuples as lists, the order of rules, and numbers that JSON cannot hold as text', () => {
  const text = `header = {'a' : (1, 2.5, True, None), '__proto__' : 99999999999999999999, 'c' : {}}
comment = 'hello'
selector = Match({('X', 'Y') : UseAfter({'2020-01-01 00:00:00' : 'x.fits'}), 'Z' : 'N/A'})
`;
  expect(JSON.stringify(mappingJson(text, 'x.rmap'))).toBe(
    '{"header":{"a":[1,2.5,true,null],"__proto__":"99999999999999999999","c":{}},"comment":"hello",' +
      '"selector":{"selector":"Match","rules":[[["X","Y"],{"selector":"UseAfter","rules":' +
      '[["2020-01-01 00:00:00","x.fits"]]}],["Z","N/A"]]}}',
  );
  expect(() => mappingJson('selector = {}', 'x.rmap')).toThrow('x.rmap has no header');
});
