// What kernels of trials have in common. Before this is written what depends on the landscape, and how the work is divided:
//
// - A trial has WORKERS threads, of which this is the one with the number WORKER; `WAIT(name)` lets them wait for each other. `TRIALS(count)` visits the numbers of trials that this thread has part in.
// - `LIST(name)` is a list of P numbers of this trial. A worker touches those whose index is WORKER modulo WORKERS, unless it waits before; `EACH(i)` visits them.
// - `WEIGHT(trial, i)` is where a weight of a trial is kept between launches.
// - `ADD_GRADIENT(theta, sample, by, total)` adds a multiple of a sample's gradient to a list; with two lists, the gradient to the first and a multiple to the second.
//   `ADD_PRODUCT(theta, u, sample, by, total)` adds a multiple of its Hessian's product with a direction. Both wait when they are done. `LOSS(theta, sample)` is its loss, for every worker.
// - `TOTAL(number)` is the sum of a number over the workers, in their order.
// - `OWN_WORDS` is memory for the words of a stream, OWN_WORDS_APART.
// - LANDSCAPE are the first parameters of a kernel: what functions of the landscape read. They are given on as OF_LANDSCAPE.
// - TRIAL_THREADS is the number of threads of a block.
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

// A new order at the beginning of an epoch, by one worker.
DEV void shuffle_epoch(Stream& stream, u32* order, int trials, int trial, int trains) {
    if (WORKER == 0) stream.shuffle(order + trial, trials, trains);
    WAIT(shuffle);
}
