// Adds the loss of a point, with the penalty that is the last number, to the sum and that of squares at test points, or to the sum at training points.
DEV void add_measure(double* kept, double loss, bool tested) {
    loss += kept[3];
    if (tested) {
        kept[0] += loss;
        kept[1] += loss * loss;
    } else {
        kept[2] += loss;
    }
}

// What is measured of the weights at which trials end, four numbers for each: the sum of the losses at test points, that of their squares, the sum of the losses at training points, and the
// displacement along the probe. Points are counted through, first test points and then training points; those from `first` to `after` are added to what is there. `test` is null if all points of the
// population are test points, and `probe` if there is none.
extern "C" __global__ void __launch_bounds__(TRIAL_BOUNDS) measure(LANDSCAPE, const T* weights, const T* start, const T* probe, int trials, int first, int after, const u32* test, int tests, const u32* train, double* measures) {
    LISTS;
    LIST(theta);
    TRIALS(trials) {
        double penalty = 0, moved = 0;
        EACH(i) {
            const T weight = WEIGHT(trial, i);
            theta[i] = weight;
            penalty += 0.5 * double(penalty_of(i)) * double(weight) * double(weight);
            if (probe) moved += double(probe[i]) * (double(weight) - double(start[i]));
        }
        penalty = TOTAL(penalty);
        moved = TOTAL(moved);
        double* own = measures + (size_t)trial * 4;
        SUMS(kept, 4);
        if (WORKER == 0) {
            kept[0] = first ? own[0] : 0;
            kept[1] = first ? own[1] : 0;
            kept[2] = first ? own[2] : 0;
            kept[3] = penalty;
            own[3] = moved;
        }
        for (int at = first; at < after; ++at) {
            const int sample = at >= tests ? train[(size_t)(at - tests) * trials + trial] : test ? test[(size_t)at * trials + trial] : at;
            const double loss = double(LOSS(theta, sample));
            if (WORKER == 0) add_measure(kept, loss, at < tests);
        }
        if (WORKER == 0) {
            own[0] = kept[0];
            own[1] = kept[1];
            own[2] = kept[2];
        }
    }
}
