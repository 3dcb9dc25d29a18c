// Adds the rows of a block of samples to its sums in double precision, one after the other and a thread a component, so that the order is always the same.
// Blocks have so many rows, but for the last one.
extern "C" __global__ void __launch_bounds__(128) add_rows(const T* rows, int count, int of_block, int width, double* sums) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= width) return;
    const int first = blockIdx.y * of_block, after = first + of_block < count ? first + of_block : count;
    double* to = sums + (size_t)blockIdx.y * width + i;
    double sum = *to;
    for (int row = first; row < after; ++row) sum += double(rows[(size_t)row * width + i]);
    *to = sum;
}
