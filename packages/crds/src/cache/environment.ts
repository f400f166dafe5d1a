/** True when CRDS_IGNORE_MAPPING_CHECKSUM asks to load mappings whatever their sha1sum says. */
export const checksumsIgnored = (): boolean =>
  /^(?:1|true|yes|on)$/i.test(process.env.CRDS_IGNORE_MAPPING_CHECKSUM ?? '');
