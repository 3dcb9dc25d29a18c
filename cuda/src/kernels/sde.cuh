// The words of the signs of a sub-step: two for 64 points. Where the stream is stays in memory from one sub-step to the next.
DEV void draw_signs(const u32* key, u64 number, u64* position, u32* signs, size_t apart, int words) {
    const u64 first = *position, blocks = (first + words + 15) / 16;
    for (u64 block = first / 16 + WORKER; block < blocks; block += WORKERS) {
        u32 drawn[16];
        keystream(key, number, block, drawn);
        UNROLL for (int i = 0; i < 16; ++i) {
            const u64 at = block * 16 + i;
            if (at >= first && at < first + words) signs[(at - first) * apart] = drawn[i];
        }
    }
    WAIT(signs);
    if (WORKER == 0) *position = first + words;
}
// The bits of the signs from a multiple of 64 on. The last ones are the highest of theirs.
DEV u64 bits_from(const u32* signs, size_t apart, int first, int points) {
    const u64 bits = u64(signs[(size_t)(first / 32 + 1) * apart]) << 32 | signs[(size_t)(first / 32) * apart];
    return points - first < 64 ? bits >> (64 - (points - first)) : bits;
}
// Whether the sign of a point is positive, as `bits_from` has it.
DEV bool is_positive(const u32* signs, size_t apart, int point, int points) {
    const int first = point / 64 * 64, bit = points - first < 64 ? point + 64 - (points - first) : point;
    return signs[(size_t)(bit / 32) * apart] >> (bit % 32) & 1;
}
// Sub-steps of the stochastic differential equation: `theta += M Σ w g` over all points, where a point's weight is `drift + noise · (sign - mean of the signs)`.
extern "C" __global__ void __launch_bounds__(TRIAL_BOUNDS) steps(LANDSCAPE, T* weights, const T* start, const T* metric, int trials, int first, int after, const u32* key, u32 stream_number, u32 stream_high, u64* positions, u32* signs, int points, double drift, double noise) {
    LISTS;
    LIST(theta);
    LIST(total);
    const size_t apart = SIGNS_APART;
    signs += SIGNS_FIRST;
    TRIALS(trials) {
        EACH(i) {
            theta[i] = first ? WEIGHT(trial, i) : start[i];
            total[i] = 0;
        }
        for (int step = first; step < after; ++step) {
            draw_signs(key, (u64(stream_high) << 32 | stream_number) + trial, positions + trial, signs, apart, (points + 63) / 64 * 2);
            int positive = 0;
            for (int at = 0; at < points; at += 64) positive += __popcll(bits_from(signs, apart, at, points));
            const double mean = 2.0 * positive / points - 1.0;
            const T shift = T(drift - noise * mean);
            for (int sample = 0; sample < points; ++sample) {
                const T by = shift + (is_positive(signs, apart, sample, points) ? T(noise) : -T(noise));
                ADD_GRADIENT(theta, sample, by, total);
            }
            EACH(i) theta[i] += times_metric(metric, total, i);
            if (METRIC == FULL) WAIT(sde_matrix);
            EACH(i) total[i] = 0;
        }
        EACH(i) WEIGHT(trial, i) = theta[i];
    }
}
