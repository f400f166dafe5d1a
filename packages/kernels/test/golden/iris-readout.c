/*
 * Makes iris-readout.json: what oirlab/iris_readout's C makes of a random, non-square ramp.
 *
 *   git clone https://github.com/oirlab/iris_readout   (made with commit d6a45775bb35)
 *   printf 'typedef void fitsfile;\n' > fitsio.h        (the functions used here read no FITS)
 *   cc -O1 -I. -Iiris_readout/src iris-readout.c iris_readout/src/drsrop.c -lm -o make && ./make > iris-readout.json
 *
 * nonlin_corr is called pixel by pixel: on frames it takes coefficients transposed and at a fixed stride of 2048.
 * uptheramp gives slope × (last time − first time), mcds a difference of means, both in DN.
 */
#include <stdio.h>
#include <stdlib.h>
#include "drsrop.h"

enum { NX = 13, NY = 7, READS = 6, N = NX * NY };

static unsigned state = 20240717;
static double uniform(void) { state = state * 1664525u + 1013904223u; return (state >> 8) / 16777216.0; }

static void ints(const char *name, const int *v, int n) {
  printf("\"%s\":[", name);
  for (int i = 0; i < n; i++) printf("%s%d", i ? "," : "", v[i]);
  printf("],\n");
}
static void floats(const char *name, const float *v, int n, const char *end) {
  printf("\"%s\":[", name);
  for (int i = 0; i < n; i++) printf("%s%.9g", i ? "," : "", v[i]);
  printf("]%s\n", end);
}

int main(void) {
  static int reads[READS * N], time[READS] = {0, 2, 3, 7, 8, 12};
  static float c[5][N], corrected[READS * N];
  for (int p = 0; p < N; p++) {
    double bias = 1000 + 3000 * uniform(), rate = 4500 * uniform();
    for (int r = 0; r < READS; r++) reads[r * N + p] = (int)(bias + rate * time[r] + 60 * uniform());
    c[0][p] = 0.02 * (uniform() - 0.5);
    c[1][p] = 2e-6 * (uniform() - 0.5);
    c[2][p] = 3e-11 * (uniform() - 0.5);
    c[3][p] = 5e-16 * (uniform() - 0.5);
    c[4][p] = 8e-21 * (uniform() - 0.5);
  }
  for (int p = 0; p < N; p++) {
    int x[READS];
    for (int r = 0; r < READS; r++) x[r] = reads[r * N + p];
    float *y = nonlin_corr(x, time, READS, 1, 1, 0, 0, &c[0][p], &c[1][p], &c[2][p], &c[3][p], &c[4][p]);
    for (int r = 0; r < READS; r++) corrected[r * N + p] = y[r];
  }
  printf("{\"generator\":\"iris-readout.c with oirlab/iris_readout d6a45775bb35\",\"shape\":[%d,%d],\n", NY, NX);
  ints("times", time, READS);
  ints("reads", reads, READS * N);
  for (int i = 0; i < 5; i++) { char name[3] = {'c', (char)('0' + i), 0}; floats(name, c[i], N, ","); }
  floats("corrected", corrected, READS * N, ",");
  floats("uptheramp", uptheramp(reads, time, READS, NY, NX), N, ",");
  floats("mcds1", mcds(reads, time, READS, NY, NX, 1), N, ",");
  floats("mcds2", mcds(reads, time, READS, NY, NX, 2), N, ",");
  floats("mcds3", mcds(reads, time, READS, NY, NX, 3), N, "}");
  return 0;
}
