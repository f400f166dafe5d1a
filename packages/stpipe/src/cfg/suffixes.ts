/**
 * Suffixes that give way to a new one in a file name: those of jwst's products, the names and class names of its
 * steps and pipelines (jwst/lib/suffix.py, 1.16), and flt and spx of our own products.
 */
const PRODUCTS = `
  ami amiavg aminorm ami-oi aminorm-oi blot bsub bsubints c1d cal calints cat crf crfints dark i2d mbsub median phot
  psf-amiavg psfalign psfstack psfsub ramp rate rateints s2d s3d segm snr uncal wfscmb whtlt x1d x1dints
  flt spx
`;

const STEPS = `
  align_refs ami_analyze ami_normalize assign_mtwcs assign_wcs background badpix_selfcal barshadow
  charge_migration combine_1d cube_build cube_skymatch dark_current dq_init emicorr engdblog extract_1d extract_2d
  firstframe flat_field fringe gain_scale group_scale guider_cds hlsp imprint ipc jump klip lastframe linearity
  master_background mrs_imatch msaflagopen nsclean outlier_detection pathloss persistence photom pixel_replace
  ramp_fit refpix resample resample_spec reset residual_fringe rscd saturation skymatch source_catalog
  spectral_leak srctype stackrefs straylight superbias tso_photometry tweakreg wavecorr wfscombine white_light
`;

const CLASSES = `
  alignrefsstep amianalyzestep amiaveragestep aminormalizestep assignmtwcsstep assignwcsstep backgroundstep
  badpixselfcalstep badpixelselfcalstep barshadowstep chargemigrationstep combine1dstep cubebuildstep
  cubeskymatchstep darkcurrentstep dqinitstep emicorrstep extract1dstep extract2dstep firstframestep flatfieldstep
  fringestep gainscalestep groupscalestep guidercdsstep hlspstep imprintstep ipcstep jumpstep klipstep lastframestep
  linearitystep masterbackgroundstep masterbackgroundmosstep mrsimatchstep msaflagopenstep nscleanstep
  outlierdetectionstep pathlossstep persistencestep photomstep pixelreplacestep rampfitstep refpixstep resamplestep
  resamplespecstep resetstep residualfringestep rscdstep saturationstep skymatchstep sourcecatalogstep
  sourcetypestep spectralleakstep stackrefsstep straylightstep superbiasstep tsophotometrystep tweakregstep
  wavecorrstep wfscombinestep wfsscontamstep whitelightstep
  ami3pipeline coron3pipeline darkpipeline detector1pipeline guiderpipeline image2pipeline image3pipeline
  spec2pipeline spec2nrslamp spec3pipeline tso3pipeline
  calwebb_image2 calwebb_image3 calwebb_spec2 calwebb_spec3 calwebb_detector1
`;

const words = (text: string): string[] => text.trim().split(/\s+/);

export const KNOWN_SUFFIXES: ReadonlySet<string> = new Set([PRODUCTS, STEPS, CLASSES].flatMap(words));
