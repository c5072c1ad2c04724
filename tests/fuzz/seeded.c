/* Runs a fuzz target without libFuzzer: every type with every boundary value, then bytes of a
 * seeded generator. With CORPUS it writes the boundary values into a folder instead, a file for
 * each type, for libFuzzer to begin with. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 0x9E3779B97F4A7C15u;
static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

enum { KINDS = 24, TYPES = 30, RANDOM = 300000, LONGEST = 64 };

static const uint64_t boundaries[] = {
    0,
    1,
    0x7F,
    0x80,
    0x7FFF,
    0x8000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    0x7FFFFFFFFFFFFFFF,
    0x8000000000000000,
    0xFFFFFFFFFFFFFFFF,
    0x8000000000000001,
    0x7FEFFFFFFFFFFFFF, /* the largest double */
    0x7FF0000000000000,
    0x7FF8000000000001,
    86399999999,
    86400000000,
    2932896, /* 9999-12-31 */
    106751991,
    252455615999999999,
};

enum { BOUNDARIES = sizeof boundaries / sizeof *boundaries };

#ifdef CORPUS
static const char *folder;

/* One value of each kind and type, another for the next: libFuzzer mixes them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[4096];
    if (size != 4 + 16 || data[3] != (data[0] * 7 + data[2]) % BOUNDARIES) return 0;
    snprintf(path, sizeof path, "%s/%02x-%02x", folder, data[0], data[2]);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) exit(1);
    return 0;
}
#endif

/* The value in both orders of bytes, and in front of, between and behind zeros. */
static void run(uint8_t *input, uint64_t value) {
    for (int shape = 0; shape < 8; shape++) {
        uint8_t *p = input + 4;
        memset(p, shape & 4 ? 0xFF : 0, LONGEST);
        uint64_t bytes = shape & 1 ? __builtin_bswap64(value) : value;
        memcpy(p + (shape & 2 ? 4 : 0), &bytes, 8);
        for (size_t size = 0; size <= 20; size++) LLVMFuzzerTestOneInput(input, size + 4);
    }
}

int main(int argc, char **argv) {
    uint8_t input[LONGEST + 4];
#ifdef CORPUS
    if (argc != 2) return 64;
    folder = argv[1];
#else
    (void)argc, (void)argv;
#endif
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned type = 0; type < TYPES; type++)
            for (size_t i = 0; i < BOUNDARIES; i++) {
                input[0] = (uint8_t)kind;
                input[1] = (uint8_t)(kind + i);
                input[2] = (uint8_t)type;
                input[3] = (uint8_t)i;
                run(input, boundaries[i]);
            }
#ifndef CORPUS
    for (long i = 0; i < RANDOM; i++) {
        for (size_t at = 0; at < sizeof input; at += 4) {
            uint32_t word = (uint32_t)next();
            if (next() % 4 == 0) word = next() % 2 ? 0 : 0xFFFFFFFF;
            memcpy(input + at, &word, sizeof word);
        }
        LLVMFuzzerTestOneInput(input, 4 + next() % (LONGEST + 1));
    }
#endif
    return 0;
}
