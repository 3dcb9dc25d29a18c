// Tables over tuples of samples: which rows tuples read, dot products, products, and sums over axes. All sums are in double precision, in an order that depends on sizes alone.

// The row of a table that each tuple of a box reads. A box has e0 · e1 · e2 tuples, of which the last axis counts first; it begins at a row, from which each axis goes on by so many.
extern "C" __global__ void __launch_bounds__(128) places(u32* rows, int count, int e1, int e2, int first, int s0, int s1, int s2) {
    const int tuple = blockIdx.x * 128 + threadIdx.x;
    if (tuple >= count) return;
    rows[tuple] = first + tuple / e2 / e1 * s0 + tuple / e2 % e1 * s1 + tuple % e2 * s2;
}

// The dot product of two rows for each tuple, by a block of threads, whose parts are added in pairs.
extern "C" __global__ void __launch_bounds__(128) dots(const T* left, const u32* left_rows, const T* right, const u32* right_rows, int count, int width, double* results) {
    SHARED_MEMORY(shared);
    double* parts = (double*)shared;
    for (int tuple = blockIdx.x; tuple < count; tuple += gridDim.x) {
        const T* a = left + (size_t)left_rows[tuple] * width;
        const T* b = right + (size_t)right_rows[tuple] * width;
        double part = 0;
        for (int i = threadIdx.x; i < width; i += 128) part += double(a[i]) * double(b[i]);
        parts[threadIdx.x] = part;
        BARRIER(dot_parts);
        for (int half = 64; half > 0; half /= 2) {
            if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
            BARRIER(dot_halves);
        }
        // The first thread alone reads and writes the first part before the next barrier.
        if (threadIdx.x == 0) results[tuple] = parts[0];
    }
}

// The dot product of two short rows for each tuple, by a thread.
extern "C" __global__ void __launch_bounds__(128) short_dots(const T* left, const u32* left_rows, const T* right, const u32* right_rows, int count, int width, double* results) {
    const int tuple = blockIdx.x * 128 + threadIdx.x;
    if (tuple >= count) return;
    const T* a = left + (size_t)left_rows[tuple] * width;
    const T* b = right + (size_t)right_rows[tuple] * width;
    double sum = 0;
    for (int i = 0; i < width; ++i) sum += double(a[i]) * double(b[i]);
    results[tuple] = sum;
}

// Multiplies the number of each tuple by one of a table, or takes it as it is if it is the first factor.
extern "C" __global__ void __launch_bounds__(128) multiply(double* results, int count, const double* table, const u32* rows, int is_first) {
    const int tuple = blockIdx.x * 128 + threadIdx.x;
    if (tuple < count) results[tuple] = (is_first ? 1.0 : results[tuple]) * table[rows[tuple]];
}

// Adds up rows: `groups` times `summed` of them, in blocks of so many one after the other, a thread a component. There is a sum for each group and block, which begins at 0 or, with `goes_on`, at what
// is there. Without a list, the rows are those that follow each other.
template <class N>
DEV void add_up(const N* from, const u32* rows, int groups, int summed, int of_block, int width, int goes_on, double* to) {
    const size_t at = (size_t)blockIdx.x * 128 + threadIdx.x;
    const int blocks = (summed + of_block - 1) / of_block, i = at % width;
    const size_t group = at / width / blocks;
    if (group >= groups) return;
    const int first = at / width % blocks * of_block, after = summed - first < of_block ? summed : first + of_block;
    double sum = goes_on ? to[at] : 0;
    for (int s = first; s < after; ++s) {
        const size_t tuple = group * summed + s;
        sum += double(from[(rows ? rows[tuple] : tuple) * width + i]);
    }
    to[at] = sum;
}
extern "C" __global__ void __launch_bounds__(128) add_rows(const T* from, const u32* rows, int groups, int summed, int of_block, int width, int goes_on, double* to) {
    add_up(from, rows, groups, summed, of_block, width, goes_on, to);
}
extern "C" __global__ void __launch_bounds__(128) add_numbers(const double* from, const u32* rows, int groups, int summed, int of_block, int width, int goes_on, double* to) {
    add_up(from, rows, groups, summed, of_block, width, goes_on, to);
}

// Sums divided by how many there are, rounded.
extern "C" __global__ void __launch_bounds__(128) average(const double* sums, int count, double number, T* to) {
    const int i = blockIdx.x * 128 + threadIdx.x;
    if (i < count) to[i] = T(sums[i] / number);
}
