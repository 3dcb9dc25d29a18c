// Steps of stochastic gradient descent: `theta -= rate · M Σ g`, where the sum is over a batch. `order` is null if it never changes.
extern "C" __global__ void __launch_bounds__(TRIAL_BOUNDS) steps(LANDSCAPE, T* weights, const T* start, const T* metric, int trials, int first, int after, const u32* key, u32 stream_number, u32 stream_high, u64* positions, const u32* train, u32* order, int trains, int batch, T rate) {
    LISTS;
    LIST(theta);
    LIST(total);
    TRIALS(trials) {
        EACH(i) {
            theta[i] = first ? WEIGHT(trial, i) : start[i];
            total[i] = 0;
        }
        WAIT(sgd_start);
        const int batches = trains / batch;
        for (int step = first; step < after; ++step) {
            const int place = step % batches * batch;
            if (order && place == 0) SHUFFLE_EPOCH;
            for (int b = 0; b < batch; ++b) {
                const int sample = sample_at(train, order, trials, trial, place + b);
                ADD_GRADIENT(theta, sample, T(1), total);
            }
            EACH(i) theta[i] -= rate * times_metric(metric, total, i);
            if (METRIC == FULL) WAIT(sgd_matrix);
            EACH(i) total[i] = 0;
            WAIT(sgd_step);
        }
        EACH(i) WEIGHT(trial, i) = theta[i];
    }
}
