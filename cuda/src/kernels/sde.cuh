// The words of the signs of a sub-step: two for 64 points.
DEV void draw_signs(Stream& stream, u32* signs, size_t apart, int words) {
    const u64 blocks = (stream.at + words + 15) / 16;
    for (u64 block = stream.at / 16 + WORKER; block < blocks; block += WORKERS) {
        u32 drawn[16];
        keystream(stream.key, stream.number, block, drawn);
        UNROLL for (int i = 0; i < 16; ++i) {
            const u64 at = block * 16 + i;
            if (at >= stream.at && at < stream.at + words) signs[(at - stream.at) * apart] = drawn[i];
        }
    }
    stream.at += words;
    WAIT(signs);
}
// The bits of the signs from a multiple of 64 on. The last ones are the highest of theirs.
DEV u64 bits_from(const u32* signs, size_t apart, int first, int points) {
    const u64 bits = u64(signs[(size_t)(first / 32 + 1) * apart]) << 32 | signs[(size_t)(first / 32) * apart];
    return points - first < 64 ? bits >> (64 - (points - first)) : bits;
}
// Sub-steps of the stochastic differential equation: `theta += M Σ w g` over all points, where a point's weight is `drift + noise · (sign - mean of the signs)`.
extern "C" __global__ void __launch_bounds__(TRIAL_THREADS) steps(LANDSCAPE, T* weights, const T* start, const T* metric, int trials, int first, int after, const u32* key, u32 stream_number, u32 stream_high, u64* positions, u32* signs, int points, double drift, double noise) {
    LISTS;
    LIST(theta);
    LIST(total);
    const size_t apart = SIGNS_APART;
    signs += SIGNS_FIRST;
    TRIALS(trials) {
        Stream stream(key, (u64(stream_high) << 32 | stream_number) + trial, positions[trial], OWN_WORDS, OWN_WORDS_APART);
        EACH(i) {
            theta[i] = first ? WEIGHT(trial, i) : start[i];
            total[i] = 0;
        }
        for (int step = first; step < after; ++step) {
            draw_signs(stream, signs, apart, (points + 63) / 64 * 2);
            int positive = 0;
            for (int at = 0; at < points; at += 64) positive += __popcll(bits_from(signs, apart, at, points));
            const double mean = 2.0 * positive / points - 1.0;
            const T shift = T(drift - noise * mean);
            u64 bits = 0;
            for (int sample = 0; sample < points; ++sample, bits >>= 1) {
                if (sample % 64 == 0) bits = bits_from(signs, apart, sample, points);
                ADD_GRADIENT(theta, sample, shift + (bits & 1 ? T(noise) : -T(noise)), total);
            }
            EACH(i) theta[i] += times_metric(metric, total, i);
            if (METRIC == FULL) WAIT(sde_matrix);
            EACH(i) total[i] = 0;
        }
        EACH(i) WEIGHT(trial, i) = theta[i];
        if (WORKER == 0) positions[trial] = stream.at;
    }
}
