/** The configuration files of iris_pipeline 0.2.0's manual, chapters 2.4 and 2.5, word for word. */
export const SEED_TEXTS: Readonly<Record<string, string>> = {
  'image2_iris.cfg': `name = "Image2Pipeline"
class = "iris_pipeline.pipeline.Image2Pipeline"
save_results = True
[steps]
  [[bkg_subtract]]
  [[assign_wcs]]
    skip = True
  [[flat_field]]
    config_file = flat_field.cfg
  [[photom]]
    skip = True
  [[resample]]
    skip = True
`,
  'flat_field.cfg': `name = "flat_field"
class = "jwst.flatfield.FlatFieldStep"
# Optional filename suffix for output flats (only for MOS data).
flat_suffix = None
override_flat = 'flat.fits'
`,
  'asn_subtract_bg_flat.json': `{
  "asn_rule": "Asn_Lv2Image",
  "asn_pool": "pool",
  "asn_type": "image2",
  "products": [
    {
      "name": "test_iris_subtract_bg_flat",
      "members": [
        {
          "expname": "raw_science_frame_sci.fits",
          "exptype": "science"
        },
        {
          "expname": "raw_background_frame_cal.fits",
          "exptype": "background"
        }
      ]
    }
  ]
}
`,
};
