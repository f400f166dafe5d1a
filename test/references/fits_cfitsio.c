/* Reads and writes a 2-D float32 image with cfitsio, timing each run. Build: cc -O2 fits_cfitsio.c -lcfitsio
 *
 * Requests on standard input, one a line; answers on standard output, one JSON object a line:
 *   read PATH                        open, header, all pixels into a buffer that is reused, close
 *   write PATH CHECKSUM FSYNC NY NX  create, all pixels, CHECKSUM and DATASUM if 1, close, fsync if 1
 *   read16 PATH                      the first image, packed or not, as uint16 into a buffer that is reused
 *   rice PATH SOURCE                 the uint16 image of SOURCE, which is read untimed, written RICE_1 packed
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <fitsio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static float *pixels;
static long capacity;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void reserve(long count) {
  if (count <= capacity) return;
  free(pixels);
  pixels = malloc(count * sizeof *pixels);
  if (!pixels) exit(1);
  for (long i = 0; i < count; i++) pixels[i] = 1000.0f + (float)(i % 4093);
  capacity = count;
}

static int read_image(const char *path) {
  fitsfile *file;
  int status = 0, bitpix, naxis;
  long axes[2] = {0, 0}, count = 0;
  fits_open_diskfile(&file, path, READONLY, &status);
  fits_get_img_param(file, 2, &bitpix, &naxis, axes, &status);
  if (status == 0) {
    count = axes[0] * axes[1];
    reserve(count);
    fits_read_img(file, TFLOAT, 1, count, NULL, pixels, NULL, &status);
  }
  fits_close_file(file, &status);
  return status;
}

static int write_image(const char *path, int checksum, int sync, long ny, long nx) {
  fitsfile *file;
  int status = 0;
  long axes[2] = {nx, ny};
  fits_create_diskfile(&file, path, &status);
  fits_create_img(file, FLOAT_IMG, 2, axes, &status);
  fits_write_img(file, TFLOAT, 1, nx * ny, pixels, &status);
  if (checksum) fits_write_chksum(file, &status);
  fits_close_file(file, &status);
  if (status == 0 && sync) {
    int fd = open(path, O_RDWR);
    if (fd < 0 || fsync(fd) != 0) status = WRITE_ERROR;
    if (fd >= 0) close(fd);
  }
  return status;
}

static unsigned short *shorts;
static long short_capacity;

static int read_shorts(const char *path, long axes[2]) {
  fitsfile *file;
  int status = 0, bitpix, naxis;
  fits_open_image(&file, path, READONLY, &status);
  fits_get_img_param(file, 2, &bitpix, &naxis, axes, &status);
  if (status == 0) {
    long count = axes[0] * axes[1];
    if (count > short_capacity) {
      free(shorts);
      shorts = malloc(count * sizeof *shorts);
      if (!shorts) exit(1);
      memset(shorts, 0, count * sizeof *shorts);
      short_capacity = count;
    }
    fits_read_img(file, TUSHORT, 1, count, NULL, shorts, NULL, &status);
  }
  fits_close_file(file, &status);
  return status;
}

static int write_rice(const char *path, long axes[2]) {
  fitsfile *file;
  int status = 0;
  fits_create_diskfile(&file, path, &status);
  fits_set_compression_type(file, RICE_1, &status);
  fits_create_img(file, USHORT_IMG, 2, axes, &status);
  fits_write_img(file, TUSHORT, 1, axes[0] * axes[1], shorts, &status);
  fits_close_file(file, &status);
  return status;
}

int main(void) {
  char line[8400], path[4096], source[4096];
  float version;
  fits_get_version(&version);
  printf("{\"name\":\"cfitsio %.4g\"}\n", version);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    int checksum, sync, status;
    long ny, nx, axes[2];
    double start, value = -1;
    if (sscanf(line, "read16 %4095s", path) == 1) {
      start = now();
      status = read_shorts(path, axes);
      value = shorts ? shorts[short_capacity - 1] : -1;
    } else if (sscanf(line, "rice %4095s %4095s", path, source) == 2) {
      status = read_shorts(source, axes);
      start = now();
      if (status == 0) status = write_rice(path, axes);
      value = shorts ? shorts[short_capacity - 1] : -1;
    } else if (sscanf(line, "read %4095s", path) == 1) {
      start = now();
      status = read_image(path);
    } else if (sscanf(line, "write %4095s %d %d %ld %ld", path, &checksum, &sync, &ny, &nx) == 5) {
      reserve(ny * nx);
      start = now();
      status = write_image(path, checksum, sync, ny, nx);
    } else {
      return 2;
    }
    if (status) {
      char text[FLEN_STATUS];
      fits_get_errstatus(status, text);
      printf("{\"error\":\"cfitsio: %s\"}\n", text);
    } else {
      printf("{\"seconds\":%.9f,\"value\":%.9g}\n", now() - start, value < 0 ? pixels[capacity - 1] : value);
    }
    fflush(stdout);
  }
  return 0;
}
