// Ways to draw a subset.
enum Way { EXCHANGE, INSERTION, REPETITION };

// The training sets and test points of trials, a thread a trial: numbers below `points`. `marks` are `points` numbers for each thread, which are 0 when the kernel begins. What is drawn of a trial
// lies as far apart as there are trials; `positions` are the words of its stream that were read.
extern "C" __global__ void __launch_bounds__(64) draw(const u32* key, u32 first, u32 first_high, int trials, u32 points, int trains, u32* train, int tests, u32* test, int way, u32* marks, u64* positions) {
    SHARED_MEMORY(shared);
    const int own = blockIdx.x * blockDim.x + threadIdx.x, all = gridDim.x * blockDim.x;
    u32* mark = marks + (size_t)own * points;
    for (int trial = own; trial < trials; trial += all) {
        Stream stream(key, (u64(first_high) << 32 | first) + trial, 0, (u32*)shared + threadIdx.x, blockDim.x);
        for (int i = 0; i < trains; ++i) train[(size_t)i * trials + trial] = stream.below(points);
        if (way == EXCHANGE)
            for (u32 i = 0; i < points; ++i) mark[i] = i;
        for (int i = 0; i < tests; ++i) {
            u32 chosen;
            if (way == EXCHANGE) {
                const u32 other = u32(i) + stream.below(points - u32(i));
                chosen = mark[other];
                mark[other] = mark[i];
            } else if (way == INSERTION) {
                const u32 largest = points - u32(tests) + u32(i);
                chosen = stream.below(largest + 1);
                for (int j = 0; j < i; ++j) {
                    if (test[(size_t)j * trials + trial] == chosen) {
                        test[(size_t)j * trials + trial] = largest;
                        break;
                    }
                }
            } else {
                do chosen = stream.below_unbiased(points);
                while (mark[chosen] == u32(trial) + 1);
                mark[chosen] = u32(trial) + 1;
            }
            test[(size_t)i * trials + trial] = chosen;
        }
        positions[trial] = stream.at;
    }
}

// The beginning of trials at a learning rate: the orders of their training sets, which is null if they never change, and where their streams are.
extern "C" __global__ void __launch_bounds__(64) begin(int trials, int trains, u32* order, const u64* drawn, u64* positions) {
    for (int trial = blockIdx.x * blockDim.x + threadIdx.x; trial < trials; trial += gridDim.x * blockDim.x) {
        for (int i = 0; order && i < trains; ++i) order[(size_t)i * trials + trial] = i;
        positions[trial] = drawn[trial];
    }
}
