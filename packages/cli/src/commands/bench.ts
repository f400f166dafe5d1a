export const usage = 'bench';
export const summary = '';
export const run = async (): Promise<number> => 0;
