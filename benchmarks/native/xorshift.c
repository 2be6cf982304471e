/* The plainest compute loop: 200 million steps of a 64-bit generator, each of which needs the one before. */
#include <stdint.h>
#include <stdio.h>

int main(void) {
    uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
    for (uint32_t step = 0; step < 200000000; step++) {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
    }
    printf("%016llx\n", (unsigned long long)state);
    return 0;
}
