// Steps of gradient descent with a term that imitates noise: with the sums of gradients A and B over the halves of a training set, `theta -= rate · M (A + B + strength · Σ ±H M (A - B))`.
extern "C" __global__ void __launch_bounds__(TRIAL_BOUNDS) steps(LANDSCAPE, T* weights, const T* start, const T* metric, int trials, int first, int after, const u32* key, u32 stream_number, u32 stream_high, u64* positions, const u32* train, u32* order, int trains, T rate, T strength) {
    LISTS;
    LIST(theta);
    LIST(total);
    LIST(difference);
    LIST(direction);
    TRIALS(trials) {
        EACH(i) theta[i] = first ? WEIGHT(trial, i) : start[i];
        WAIT(gdc_start);
        for (int step = first; step < after; ++step) {
            if (order) SHUFFLE_EPOCH;
            // Others add to the lists when all have waited in the forward pass.
            EACH(i) total[i] = difference[i] = 0;
            for (int place = 0; place < trains; ++place) {
                const int sample = sample_at(train, order, trials, trial, place);
                ADD_GRADIENT(theta, sample, (place < trains / 2 ? T(1) : T(-1)), total, difference);
            }
            EACH(i) direction[i] = times_metric(metric, difference, i);
            WAIT(gdc_direction);
            for (int place = 0; place < trains; ++place) {
                const int sample = sample_at(train, order, trials, trial, place);
                ADD_PRODUCT(theta, direction, sample, (place < trains / 2 ? strength : -strength), total);
            }
            EACH(i) theta[i] -= rate * times_metric(metric, total, i);
            WAIT(gdc_step);
        }
        EACH(i) WEIGHT(trial, i) = theta[i];
    }
}
