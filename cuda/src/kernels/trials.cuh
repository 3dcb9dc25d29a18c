// What kernels of trials have in common. Before this is written what depends on the landscape, and how the work is divided:
//
// - A trial has WORKERS threads, of which this is the one with the number WORKER; `WAIT(name)` lets them wait for each other. `TRIALS(count)` visits the numbers of trials that this thread has part in.
// - `LIST(name)` is a list of P numbers of this trial. A worker touches those whose index is WORKER modulo WORKERS, unless it waits before; `EACH(i)` visits them.
// - `WEIGHT(trial, i)` is where a weight of a trial is kept between launches.
// - `ADD_GRADIENT(theta, sample, by, total)` adds a multiple of a sample's gradient to a list; with two lists, the gradient to the first and a multiple to the second.
//   `ADD_PRODUCT(theta, u, sample, by, total)` adds a multiple of its Hessian's product with a direction. Both wait when they are done. `LOSS(theta, sample)` is its loss, for every worker.
// - `TOTAL(number)` is the sum of a number over the workers, in their order.
// - `SUMS(name, count)` is a list of at most four numbers that the worker 0 keeps from one sample to the next.
// - `OWN_WORDS` is memory for the words of a stream, OWN_WORDS_APART.
// - LANDSCAPE are the first parameters of a kernel: what functions of the landscape read. They are given on as OF_LANDSCAPE.
// - TRIAL_BOUNDS are the number of threads of a block and, but for some kernels, the blocks that a multiprocessor must have room for.
// - METRIC says by what gradients are multiplied: nothing, a diagonal, or a matrix.

// The component of a gradient times the matrix of a learning rate.
DEV T times_metric(const T* metric, const T* list, int i) {
    if (METRIC == SCALAR) return list[i];
    if (METRIC == DIAGONAL) return metric[i] * list[i];
    T sum = 0;
    for (int j = 0; j < P; ++j) sum += metric[(size_t)i * P + j] * list[j];
    return sum;
}

// The sample at a place of a trial's training set, in the order of the present epoch if there is one.
DEV int sample_at(const u32* train, const u32* order, int trials, int trial, int place) {
    const int at = order ? order[(size_t)place * trials + trial] : place;
    return train[(size_t)at * trials + trial];
}

// A new order at the beginning of an epoch, by one worker. Where the stream is stays in memory from one epoch to the next, and not in registers: those that live through the samples between would have
// to leave them for functions that are called.
DEV void shuffle_epoch(const u32* key, u64 number, u64* position, u32* words, int words_apart, u32* order, int trials, int trains) {
    if (WORKER == 0) {
        Stream stream(key, number, *position, words, words_apart);
        stream.shuffle(order, trials, trains);
        *position = stream.at;
    }
    WAIT(shuffle);
}
#define SHUFFLE_EPOCH shuffle_epoch(key, (u64(stream_high) << 32 | stream_number) + trial, positions + trial, OWN_WORDS, OWN_WORDS_APART, order + trial, trials, trains)
