/* Reads 16-bit samples, 8,000 in a second, and prints each key with the sample at which spandsp saw it change:
 * "5 on 320", "5 off 640". It is fed 102 samples at a time, its own block. */

#include <stdint.h>
#include <stdio.h>
#include <spandsp.h>

static long at;
static int sounding;

static void changed(void *user, int key, int level, int delay) {
    if (key)
        printf("%c on %ld\n", key, at);
    else
        printf("%c off %ld\n", sounding, at);
    sounding = key;
}

int main(void) {
    int16_t samples[102];
    size_t count;
    dtmf_rx_state_t *receiver = dtmf_rx_init(NULL, NULL, NULL);
    dtmf_rx_set_realtime_callback(receiver, changed, NULL);
    while ((count = fread(samples, sizeof *samples, 102, stdin)) > 0) {
        at += count;
        dtmf_rx(receiver, samples, count);
    }
    return dtmf_rx_free(receiver);
}
