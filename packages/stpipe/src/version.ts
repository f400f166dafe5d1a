/** Version of the software, as products carry it in CAL_VER; equal to that of package.json. */
export const VERSION = '0.1.0';
