/** Filters and gratings of IRIS by name, upper case, after the tables of liger_iris_sim (oirlab). */

const words = (text: string): string[] => text.toUpperCase().split(' ');

/** What a reference of all of them, or of none, says. */
const ANY = ['ANY', 'N/A', 'CLEAR', 'NONE'];

export const FILTERS: readonly string[] = [
  ...words(
    'Zbb Ybb Jbb Hbb Kbb Z Y J H Ks K ZN1 ZN2 ZN3 ZN4 YN1 YN2 YN3 YN4 JN1 JN2 JN3 JN4 HN1 HN2 HN3 HN4 HN5 KN1 KN2 KN3 KN4 KN5 CaIIw PaBetaw FeIIw Br_Gammaw COw HeI Jcont PaBeta Hcont FeII H2one Kcont Br_Gamma H2two CO KN45 YJ HK',
  ),
  ...ANY,
];

export const GRATINGS: readonly string[] = [
  ...words(
    'Z4000 Y4000 J4000 H4000 K4000 HK4000 YJ4000 Z8000 Y8000 J8000 H8000 K8000 Z10000 Y10000 J10000 H10000 K10000',
  ),
  ...ANY,
];
