/** 1234567 → `1.2 MB`. */
export const byteText = (bytes: number): string => {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
};

export interface TransferLine {
  begin(name: string): void;
  add(bytes: number): void;
  end(): void;
}

const EVERY_MS = 200;

/** On a terminal one line that is written over: which file, how much of all of it. Elsewhere nothing. */
export const transferLine = (stream: NodeJS.WriteStream, total: number): TransferLine => {
  let [name, done, shown, isShown] = ['', 0, 0, false];
  const show = (): void => {
    if (!stream.isTTY) return;
    shown = Date.now();
    isShown = true;
    const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
    const text = `drs: ${percent} % of ${byteText(total)}, ${name}`;
    stream.write(`\r\u001b[K${text.slice(0, Math.max(1, (stream.columns || 80) - 1))}`);
  };
  return {
    begin(next) {
      name = next;
      show();
    },
    add(bytes) {
      done += bytes;
      if (Date.now() - shown >= EVERY_MS) show();
    },
    end() {
      if (isShown) stream.write('\r\u001b[K');
    },
  };
};
